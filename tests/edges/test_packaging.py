"""What a fresh machine, a container and a pipeline rely on."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("runtime.txt", "dev.txt", "build.txt")


def _lock(name: str) -> str:
    return (ROOT / "requirements" / name).read_text(encoding="utf-8")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pinned(name: str) -> set[str]:
    return {
        _plain(found) for found in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", _lock(name), flags=re.MULTILINE)
    }


def _names(requirements: list[str]) -> set[str]:
    return {_plain(re.split(r"[^A-Za-z0-9._-]", requirement)[0]) for requirement in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_requirement_is_pinned_and_hashed(name: str) -> None:
    entries = [entry for entry in re.split(r"\n(?=\S)", _lock(name).strip()) if not entry.startswith("#")]
    assert len(entries) > 3
    for entry in entries:
        assert re.match(r"\S+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_names_no_host(name: str) -> None:
    """A mirror's address would tie everybody to it."""
    assert "://" not in _lock(name)
    assert "index-url" not in _lock(name)


def test_everything_that_is_declared_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["postgresql"]]
    tools = project["dependency-groups"]["dev"]
    assert _names(declared) - _pinned("runtime.txt") == set()
    assert _names([*declared, *tools]) - _pinned("dev.txt") == set()
    assert {"hatchling", "editables"} <= _pinned("build.txt")


def test_the_lock_files_agree() -> None:
    versions: dict[str, set[str]] = {}
    for name in LOCKS:
        for package, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", _lock(name), flags=re.MULTILINE):
            versions.setdefault(_plain(package), set()).add(version)
    twice = {package for package, found in versions.items() if len(found) > 1}
    forked = {
        package for package in twice if _lock("runtime.txt").count(f"\n{package}==") > 1
    }  # by Python version or system
    assert twice - forked == set()


def test_the_container_file_passes_its_linter() -> None:
    linter = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if linter is None:
        pytest.skip("hadolint is not installed")
    ran = subprocess.run([linter, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout


def test_the_container_runs_without_root_and_asks_for_health() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER (?!0)\d+", final, flags=re.MULTILINE)
    assert "HEALTHCHECK" in final
    assert "/livez" in final
    assert "--require-hashes" in text


def test_the_container_gets_what_the_wheel_needs() -> None:
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }
    needed = {
        "alertd",
        "rules",
        "channels",
        "templates",
        "config",
        "requirements",
        "pyproject.toml",
        "README.md",
        "LICENSE",
    }
    assert needed <= allowed


@pytest.mark.parametrize("script", [".ci/run", "scripts/try-docker-steps.sh"])
def test_scripts_can_be_run_and_stop_at_the_first_error(script: str) -> None:
    path = ROOT / script
    assert os.access(path, os.X_OK)
    assert "set -euo pipefail" in path.read_text(encoding="utf-8")
    assert subprocess.run(["bash", "-n", str(path)], capture_output=True).returncode == 0


def test_the_pipeline_runs_the_same_gate_as_a_person() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make check" in text
    assert "make test" in text


def test_the_help_of_every_command_loads_nothing_but_the_command_line() -> None:
    """`alertd --help` has to answer at once, so what a command works with is loaded only when it works."""
    code = """if True:
        import contextlib, io, sys
        import alertd.cli
        def ask(command, *names):
            with contextlib.redirect_stdout(io.StringIO()) as said:
                alertd.cli.cli.main([*names, "--help"], standalone_mode=False)
            assert said.getvalue().startswith("Usage:"), names
            for name, inner in getattr(command, "commands", {}).items():
                ask(inner, *names, name)
        ask(None)
        for name in alertd.cli.COMMANDS:
            ask(alertd.cli.cli.get_command(None, name), name)
        print(*sorted(sys.modules))
    """
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=300)
    loaded = set(ran.stdout.split())
    assert loaded >= {"alertd.cli.check", "alertd.cli.run", "alertd.cli.status", "alertd.cli.schema"}, ran.stderr
    own = {name for name in loaded if name.startswith("alertd.") and not name.startswith("alertd.cli")}
    light = {"alertd.core", "alertd.core.errors", "alertd.core.letters", "alertd.core.printable"}
    assert own <= light | {"alertd.demo", "alertd.demo.star"}
    heavy = {
        *("aiosmtplib", "apprise", "asyncio", "duckdb", "holidays", "jinja2", "numpy", "prometheus_client", "pyarrow"),
        *("pydantic", "rich", "ruamel", "scipy", "sqlalchemy", "sqlglot", "starlette", "structlog", "yaml"),
    }
    assert not heavy & loaded
