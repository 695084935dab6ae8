"""A home for the feed's warehouse: measures and rules that ship, with places and posts of the forces that were loaded."""

import os
import re
from collections.abc import Collection
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from alertd.core.errors import UsageError
from alertd.feeds.police_uk_layout import NOT_LOCATED, STOPS, STREET
from alertd.feeds.police_uk_tables import OUTSIDE

_URL = "duckdb:///warehouse.duckdb"
_PLAIN = re.compile(r"[A-Z][A-Za-z -]*[a-z]")
_RULES = {STREET: "crime.yaml", STOPS: "stop-and-search.yaml"}
"""By kind of file, the rules over it; they are written where there are figures of it."""
_PLACES = """\
# yaml-language-server: $schema=../schemas/config.json
# Districts as the feed names them, under the force that reports most of their crimes. Written by `alertd load police-uk`.
places:
"""
_OWNERS = """\
# yaml-language-server: $schema=../schemas/config.json
# Who is told. The addresses are made up: write those of the people who hold the posts, and since when.
owners:
  data_steward: {email: steward@example.org}
  force_lead: {email: force.lead@example.org}
  district_lead:
    by: district
    fallback: force_lead              # also of what is judged for the whole force
    posts:
"""


def begin(home: Path, kinds: Collection[str]) -> None:
    """Make the folder; raises `UsageError` where it holds more than a warehouse, or cannot be made.

    `kinds` are those of the files that will be loaded.
    """
    if not _RULES.keys() & set(kinds):
        raise UsageError(
            "there are no rules over outcomes alone; load street or stop-and-search files too, or leave --init out"
        )
    if home.is_file() or (home.is_dir() and any(not entry.name.startswith("warehouse.") for entry in home.iterdir())):
        raise UsageError(
            f"{home} is there already; name a folder that does not exist yet, or load anew with --into and its warehouse"
        )
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{home} cannot be written: {error.strerror or error}; name a folder that you may write to"
        ) from error


def finish(home: Path, warehouse: Path) -> None:
    """Write the home's files over a warehouse that was loaded; raises `UsageError` where they cannot be written."""
    import duckdb  # noqa: PLC0415 - heavy; `--help` must not wait for it

    with duckdb.connect(str(warehouse), read_only=True) as connection:
        query = """SELECT place, arg_max(force, crimes) FROM police_uk_places WHERE of_force GROUP BY place ORDER BY place"""
        parents: dict[str, str] = dict(connection.execute(query).fetchall())
        loads = connection.execute("SELECT DISTINCT force, kind FROM police_uk_loads WHERE counted > 0").fetchall()
    forces, kinds = sorted({force for force, _ in loads}), {kind for _, kind in loads}
    try:
        _copy(files("alertd.feeds") / "home", home)
        for kind, name in _RULES.items():
            if kind not in kinds:
                (home / "rules" / name).unlink()
        (home / ".gitignore").write_text("warehouse.duckdb\nstate.db*\nmail/\n", encoding="utf-8")
        settings = home / "config" / "alertd.yaml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace(_URL, _url(home, warehouse)), encoding="utf-8")
        (home / "config" / "places.yaml").write_text(_places(parents, forces), encoding="utf-8")
        (home / "config" / "owners.yaml").write_text(_owners(list(parents)), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{home} cannot be written: {error.strerror or error}; name a folder that you may write to"
        ) from error


def _url(home: Path, warehouse: Path) -> str:
    inside = Path(os.path.relpath(warehouse.absolute(), home.absolute()))
    here = inside if ".." not in inside.parts else warehouse.absolute()
    return f"duckdb:///{here.as_posix()}"


def _places(parents: dict[str, str], forces: list[str]) -> str:
    lines = [f"  {_quoted(name)}: {{level: force}}" for name in forces]
    lines += [f"  {_quoted(place)}: {{level: district, parent: {_quoted(force)}}}" for place, force in parents.items()]
    return f"{_PLACES}{chr(10).join(lines)}\nunallocated: [{NOT_LOCATED}, {OUTSIDE}]\n"


def _owners(places: list[str]) -> str:
    posts = [
        f"      {_quoted(place)}: [{{name: {_quoted(f'Commander {place}')}, email: {_address(place)}, from: 2010-12-01}}]"
        for place in places
    ]
    return _OWNERS + ("\n".join(posts) if posts else "      {}") + "\n"


def _address(place: str) -> str:
    return f"{re.sub('[^a-z0-9]+', '.', place.casefold()).strip('.') or 'district'}@example.org"


def _quoted(text: str) -> str:
    """A text as YAML reads it back whatever is in it."""
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"


def _copy(source: Traversable, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        if entry.is_dir():
            _copy(entry, target / entry.name)
        else:
            (target / entry.name).write_bytes(entry.read_bytes())
