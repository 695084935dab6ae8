"""`alertd init`: from nothing to a first letter in four commands."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from alertd.cli import COMMANDS
from tests.journeys.starts import afresh, forked


def _run(cwd: Path, *arguments: str, start: Any = forked) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ALERTD_")}
    return start(arguments, cwd=cwd, environ=environ)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = _run(tmp_path, "init", "home")
    assert made.returncode == 0, made.stderr
    return tmp_path / "home"


def test_a_new_home_passes_check_with_its_warehouse(tmp_path: Path) -> None:
    assert _run(tmp_path, "init", "home", start=afresh).returncode == 0
    checked = _run(tmp_path, "check", "--home", "home", start=afresh)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_new_home_writes_one_letter_and_then_falls_silent(home: Path) -> None:
    """R20, R21: the sample has one exception at its newest month, so one person is told of it, once."""
    first = _run(home.parent, "run", "--once", "--home", "home", start=afresh)
    assert first.returncode == 0, first.stdout + first.stderr
    letters = list((home / "mail").rglob("*.eml"))
    assert len(letters) == 1
    assert b"moorside@example.org" in letters[0].read_bytes()
    assert b"sample" in letters[0].read_bytes().lower()
    second = _run(home.parent, "run", "--once", "--home", "home")
    assert second.returncode == 0, second.stdout + second.stderr
    assert list((home / "mail").rglob("*.eml")) == letters


def test_it_prints_what_to_do_next(tmp_path: Path) -> None:
    made = _run(tmp_path, "init", "home")
    for step in ("alertd check", "alertd evaluate", "alertd run --once", "warehouse.url"):
        assert step in made.stdout
    assert all(line.split()[1] in COMMANDS for line in made.stdout.splitlines() if line.startswith("  alertd "))


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("mine", encoding="utf-8")
    refused = _run(tmp_path, "init", ".")
    assert refused.returncode == 2
    assert "keep.txt" in refused.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["keep.txt"]


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file", encoding="utf-8")
    refused = _run(tmp_path, "init", "home")
    assert refused.returncode == 2
    assert "is a file" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("command", [("init",), ("init", "--framework"), ("demo", "--dir")])
def test_a_place_that_cannot_be_written_is_named_without_a_traceback(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("a file", encoding="utf-8")
    refused = _run(tmp_path, *command, "file/home")
    assert refused.returncode == 2
    assert "file/home cannot be written" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    assert _run(tmp_path, "init", "home").returncode == 0


def test_the_framework_can_be_started_from_too(tmp_path: Path) -> None:
    started = _run(tmp_path, "init", "--framework", "force")
    assert started.returncode == 0
    assert "export ALERTD_AS_OF=2023-04-10 " in started.stdout, "its figures end there, and every feed is late after it"
    checked = _run(tmp_path, "check", "--no-replay", "--home", "force")  # two hundred rules over six years take long
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_tests_of_a_new_home_pass_and_leave_no_rule_untested(home: Path) -> None:
    tried = _run(home.parent, "test", "--coverage", "--exit-code", "--home", "home", start=afresh)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert tried.stdout.endswith("3 of 3 rules tested\n\n6 passed, 0 failed\n")


def test_a_day_in_the_environment_is_taken_for_today_by_every_command(tmp_path: Path) -> None:
    pinned = {name: value for name, value in os.environ.items() if not name.startswith("ALERTD_")}
    pinned["ALERTD_AS_OF"] = "2024-03-20"

    def run(*arguments: str, code: int = 0) -> str:
        done = forked(arguments, cwd=tmp_path, environ=pinned)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    run("init", "home")
    assert "2024-02" in run("evaluate", "--home", "home")
    assert "to 20 March 2024: " in run("backtest", "calls-trend", "--home", "home")
    run("check", "--home", "home")
    assert "the daemon goes by the clock" in run("run", "--home", "home", code=2)
    pinned["ALERTD_AS_OF"] = "yesterday"
    for command in (("noise", "--home", "home"), ("evaluate", "--home", "home"), ("init", "other")):
        assert "ALERTD_AS_OF" in run(*command, code=2)


def test_every_command_works_where_it_alone_is_loaded(home: Path) -> None:
    """Most journeys fork a process that has loaded all of alertd, which would hide what a command forgets to load."""
    framework = "framework:\n  quadrants: {1: One}\n  rows: {M1: {title: Calls, kind: measure, quadrant: 1}}\n"
    (home / "config" / "framework.yaml").write_text(framework, encoding="utf-8")
    tried = {
        "backtest": ("calls-trend", "--from", "2026-01"),
        "db": ("upgrade",),
        "evaluate": (),
        "exceptions": ("list",),
        "explain": ("calls-trend",),
        "framework": (),
        "noise": ("calls-trend", "--years", "6"),
        "outbox": ("list",),
        "preview": ("calls-trend",),
        "record": ("list",),
        "schema": (),
        "status": (),
    }
    elsewhere = {
        "check",
        "init",
        "run",
        "test",
    }  # above; the others in test_demo, test_demo_warehouse and test_police_uk
    assert tried.keys() | elsewhere | {"demo", "demo-warehouse", "load"} == COMMANDS.keys()
    for command, arguments in tried.items():
        done = _run(home, command, *arguments, start=afresh)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
