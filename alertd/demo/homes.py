"""Writes homes: the simulated force's, for the demonstration, and the small commented one that `alertd init` starts."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from alertd.core.errors import UsageError
from alertd.demo.sample import build_sample
from alertd.demo.star import SEED
from alertd.demo.star.build import build as build_county
from alertd.demo.warehouse import build_warehouse

MARKER = ".alertd-demo"
MADE_BY_DEMO = (
    "config", "rules", "channels", "templates", "schemas", "mails", "warehouse.duckdb", "warehouse.duckdb.wal",
    "state.db", "state.db-wal", "state.db-shm", "state.db.delivering", MARKER,
)  # fmt: skip
_IGNORED = """\
warehouse.duckdb
state.db*
mail/
# what `preview`, `explain --chart` and `backtest --html` write
preview/
/*.svg
/*.png
/*.html
"""


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{target} cannot be written: {reason}; name a folder that you may write to") from error


def write_starter(target: Path, today: date) -> None:
    """Write the small, commented home and its sample warehouse, whose newest month ended before `today`."""
    with _writing(target):
        _require_empty(target)
        _copy(files("alertd") / "starter", target)
        (target / ".gitignore").write_text(_IGNORED, encoding="utf-8")
        build_sample(target / "warehouse.duckdb", today)


def write_framework(target: Path) -> None:
    """Write the 12x12 framework's home, over the warehouse of a simulated county force."""
    with _writing(target):
        _require_empty(target)
        _copy(files("alertd") / "framework_home", target)
        build_county(target / "warehouse.duckdb", "county", SEED, replace=False, watch=iter)


def write_demo(target: Path) -> None:
    """Write the demonstration's home, replacing what an earlier demonstration made and nothing else.

    Raises `UsageError` where the folder holds something that no demonstration made.
    """
    with _writing(target):
        if target.exists() and any(target.iterdir()):
            if not (target / MARKER).exists():
                raise UsageError(
                    f"{target} is not empty and was not made by `alertd demo`; choose another folder with --dir"
                )
            for name in MADE_BY_DEMO:
                made = target / name
                if made.is_dir() and not made.is_symlink():
                    shutil.rmtree(made)
                else:
                    made.unlink(missing_ok=True)
        target.mkdir(parents=True, exist_ok=True)
        (target / MARKER).write_text("Made by `alertd demo`, which replaces it when it runs again.\n", encoding="utf-8")
        _copy(files("alertd.demo") / "home", target)
        build_warehouse(target / "warehouse.duckdb")


def _require_empty(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file; name a folder that does not exist yet, or an empty one")
    if target.exists() and any(target.iterdir()):
        found = ", ".join(sorted(entry.name for entry in target.iterdir())[:3])
        raise UsageError(
            f"{target} is not empty (it holds {found}); name a folder that does not exist yet, or an empty one"
        )


def _copy(source: Traversable, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        if entry.name in {"__pycache__", "__init__.py"}:
            continue
        if entry.is_dir():
            _copy(entry, target / entry.name)
        else:
            (target / entry.name).write_bytes(entry.read_bytes())
