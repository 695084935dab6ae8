"""docs/tutorial.md does what it says: every command is run, every output compared, in an empty folder with a real git repository.

Where a line is stale, the failure names it; `python scripts/write_tutorial.py` writes the outputs and the pictures anew.
"""

import re
import shlex
from pathlib import Path

import pytest

from scripts.write_tutorial import (
    PAGE,
    PICTURES,
    Command,
    Edit,
    Reader,
    StaleError,
    agrees,
    difference,
    follow,
    rewritten,
    steps,
)
from tests.journeys.starts import forked


class Quick(Reader):
    """Forks each `alertd` from a process that has its modules loaded, for two seconds a command would be a minute in all."""

    def execute(self, text: str, folder: Path, environ: dict[str, str]) -> tuple[int, str]:
        program, *arguments = shlex.split(text)
        if program != "alertd" or re.search(r"[|<>&;*$]", text):
            return super().execute(text, folder, environ)
        done = forked(arguments, cwd=folder, environ=environ, merged=True)
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_every_command_of_the_tutorial_prints_what_the_page_shows(page: str, tmp_path: Path) -> None:
    reader = Quick(tmp_path)
    done = follow(page, reader)
    stale = [difference(command, printed) for command, printed in done if not agrees(command.shown, printed)]
    assert not stale, "docs/tutorial.md is stale; python scripts/write_tutorial.py writes it anew:\n\n" + "\n\n".join(
        stale
    )
    assert (reader.folder / "riverside.svg").read_text() == (PICTURES / "riverside.svg").read_text(), "an old picture"
    assert all((PAGE.parent / name).exists() for name in re.findall(r"\]\(([\w./-]+)\)", page)), "a link leads nowhere"


def test_the_tutorial_shows_each_command_of_the_workbench(page: str) -> None:
    used = {
        step.text.split()[1]
        for step in steps(page.splitlines())
        if isinstance(step, Command) and step.text.startswith("alertd ")
    }
    assert {"init", "check", "evaluate", "explain", "test", "backtest", "noise", "preview", "run", "exceptions"} <= used


def _one(text: str) -> Command:
    (command,) = (step for step in steps(text.splitlines()) if isinstance(step, Command))
    return command


def test_a_stale_line_is_named_with_its_place_and_both_versions() -> None:
    command = _one("Words.\n\n```console\n$ count\none\ntwo\nthree\n```")
    assert agrees(command.shown, ("one", "two", "three"))
    assert not agrees(command.shown, ("one", "zwei", "three"))
    said = difference(command, ("one", "zwei", "three"))
    assert said.startswith("docs/tutorial.md:6: stale, of `count`")
    assert "-two" in said
    assert "+zwei" in said


def test_three_dots_stand_for_any_lines_and_nothing_else() -> None:
    shown = ("one", "...", "five", "...", "nine")
    assert agrees(shown, ("one", "two", "five", "six", "nine"))
    assert agrees(shown, ("one", "five", "nine"))
    assert not agrees(shown, ("one", "two", "six", "nine"))
    assert not agrees(shown, ("one", "five", "nine", "ten"))
    assert not agrees(shown, ("zero", "one", "five", "nine"))
    assert not agrees(("one", "..."), ())
    assert agrees(("one", "..."), ("one", "two"))
    assert rewritten(shown, ("uno", "two", "fives", "six", "nein")) == ["uno", "...", "fives", "...", "nein"]


def test_digests_may_differ_and_figures_may_not() -> None:
    assert agrees(
        ("Notice N-7C5FD471.", "Against main (6833a9e): 1"), ("Notice N-00000000.", "Against main (1234567): 1")
    )
    assert agrees(("719bf6925816  calls-trend",), ("7da3ebeb4697  calls-trend",))
    assert agrees(("719bf6925816  calls-trend",), ("708364152736  calls-trend",)), "by chance of digits alone"
    assert not agrees(("usual level 87.67019667%",), ("usual level 87.67019668%",))
    assert not agrees(("2026-06",), ("2026-07",))


def test_a_change_that_fits_no_line_or_two_lines_is_named(tmp_path: Path) -> None:
    (edit,) = (step for step in steps("In `a.yaml`\n\n```diff\n-old\n+new\n```".splitlines()) if isinstance(step, Edit))
    reader = Reader(tmp_path)
    for text in ("other\n", "old\nold\n", "very old\n"):
        (reader.folder / "a.yaml").write_text(text)
        with pytest.raises(StaleError, match=r"docs/tutorial.md:4: these lines are not in a.yaml exactly once"):
            reader.edit(edit)
    (reader.folder / "a.yaml").write_text("first\nold\n")
    reader.edit(edit)
    assert (reader.folder / "a.yaml").read_text() == "first\nnew\n"


def test_a_block_that_would_change_no_file_is_refused() -> None:
    with pytest.raises(StaleError, match="no `File:`"):
        list(steps(["```yaml", "a: 1", "```"]))
