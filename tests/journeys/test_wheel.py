"""The wheel, built and installed where nothing else of the repository is.

So that it is quick and needs no network, the empty environment borrows the dependencies of the one that runs the tests (by a
`.pth` file), but not alertd itself, and the wheel is installed with `--no-deps`. That every dependency is declared is what
`scripts/try-docker-steps.sh` shows: it installs the locked ones and nothing else.
"""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=300)
    (built,) = target.glob("alertd-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `alertd` program of an environment with nothing in it but the wheel."""
    place = tmp_path_factory.mktemp("venv") / "env"
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(place)}, scheme="venv"))
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--no-index",
        "--quiet",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True, text=True, timeout=300)
    borrowed = site / "borrowed"
    borrowed.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "alertd" not in entry.name and entry.suffix != ".pth":
            (borrowed / entry.name).symlink_to(entry)
    (site / "borrowed.pth").write_text(f"{borrowed}\n", encoding="utf-8")
    return place / "bin" / "alertd"


def _run(program: Path, cwd: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("ALERTD_", "PYTHON"))}
    return subprocess.run([str(program), *arguments], cwd=cwd, env=environ, capture_output=True, text=True, timeout=300)


def test_the_wheel_alone_starts_a_home_checks_it_and_runs_the_demonstration(installed: Path, tmp_path: Path) -> None:
    python = installed.with_name("python")
    where = subprocess.run(
        [str(python), "-c", "import alertd; print(alertd.__file__)"], cwd=tmp_path, capture_output=True, text=True
    )
    assert str(installed.parents[1]) in where.stdout, "the test would try the checkout, not the wheel"
    for arguments in (("init", "x"), ("check", "--home", "x"), ("demo",)):
        ran = _run(installed, tmp_path, *arguments)
        assert ran.returncode == 0, f"alertd {' '.join(arguments)}: {ran.stdout}{ran.stderr}"
    assert list((tmp_path / "alertd-demo" / "mails").glob("*.eml"))


def test_the_wheel_holds_every_file_that_is_not_code(wheel: Path) -> None:
    """Templates, fonts, migrations, homes and data are read at run time; one that is left out fails only for users."""
    packed = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(["git", "ls-files", "alertd"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout, so there is no list of files to compare with")
    plain = [name for name in tracked if not (ROOT / name).is_symlink()]
    assert [name for name in plain if name not in packed] == []
    for folder in ("config", "rules", "channels", "templates"):
        for path in (ROOT / folder).rglob("*.*"):
            assert f"alertd/framework_home/{path.relative_to(ROOT)}" in packed


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    others = [name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith(("alertd/", "alertd-"))]
    assert others == []
    leftovers = [
        name for name in zipfile.ZipFile(wheel).namelist() if name.endswith((".pyc", ".duckdb", ".db", ".eml"))
    ]
    assert leftovers == []
