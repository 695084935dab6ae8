"""What is planted in a warehouse file, as its table `truth` says, and where its places and teams belong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alertd.core.errors import UsageError
from alertd.core.periods import Period, parse_period
from alertd.demo.star.planted import COUNTED

PLACES = ("force", "division", "district", "team")
_TRUTH = 'truth_id, framework, table_name, column_name, series, "from", "to", kind, factor, expected, direction, note'


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing planted."""

    number: int
    framework: str
    table: str
    column: str
    where: Mapping[str, str]
    first: Period
    last: Period
    kind: str
    factor: float | None
    expected: str
    """`notice`, `data` or `nothing`."""
    direction: str
    """`worse`, `better`, `changed`; empty where no notice is expected."""
    note: str

    @property
    def places(self) -> dict[str, str]:
        """The places that it is planted at, by level; none: the whole force."""
        return {level: self.where[level] for level in PLACES if level in self.where}

    @property
    def categories(self) -> dict[str, str]:
        """What else names its series, besides places."""
        return {name: value for name, value in self.where.items() if name not in PLACES}

    @property
    def upwards(self) -> bool | None:
        """Whether its column's figures rise; None where it moves no figure one way."""
        if self.kind in COUNTED:
            return True
        return None if self.factor is None or self.factor == 1 else self.factor > 1

    @property
    def words(self) -> str:
        """Where it is, as the page of the warehouse writes it."""
        return ", ".join(self.where.values()) or "everywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A demonstration warehouse's table of truth."""

    size: str
    seed: int
    as_at: datetime
    """When it was frozen; naive, local."""
    happenings: tuple[Happening, ...]
    above: Mapping[str, frozenset[str]]
    """Every place and team, with all that it belongs to."""

    def at(self, series: Mapping[str, str], happening: Happening) -> bool:
        """Whether a series lies at the place of a happening, in it or around it."""
        wanted = happening.places
        for level in PLACES:
            here = series.get(level)
            if here is None or not wanted:
                continue
            others = [wanted[level]] if level in wanted else wanted.values()
            if not any(self._related(here, other) for other in others):
                return False
        return True

    def _related(self, one: str, other: str) -> bool:
        return one == other or other in self.above.get(one, ()) or one in self.above.get(other, ())


def planted_in_file(path: Path) -> Planted:
    """Read the table of truth of a warehouse file; raises `UsageError` where it is none."""
    import duckdb  # noqa: PLC0415 - heavy; `--help` must not wait for it

    if not path.is_file():
        raise UsageError(f"there is no file {path}; write it with `alertd demo-warehouse build {path}`")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            return _read(connection)
    except duckdb.Error as error:
        raise UsageError(
            f"{path} is no demonstration warehouse: {str(error).splitlines()[0]}; "
            f"write one with `alertd demo-warehouse build FILE`"
        ) from error


def _read(connection: Any) -> Planted:
    as_at, size, seed = connection.execute("SELECT as_at, force_size, seed FROM about").fetchone()
    parents = dict(connection.execute("SELECT place, parent FROM dim_place").fetchall())
    for team, district, division, force in connection.execute(
        "SELECT team, district, division, force FROM dim_team"
    ).fetchall():
        parents[team] = district or division or force
    return Planted(
        size=size,
        seed=seed,
        as_at=as_at,
        happenings=tuple(_happening(row) for row in connection.execute(f"SELECT {_TRUTH} FROM truth").fetchall()),
        above={name: frozenset(_line(name, parents)) for name in parents},
    )


def _line(name: str, parents: Mapping[str, str | None]) -> list[str]:
    found: list[str] = []
    here = parents.get(name)
    while here and here not in found:
        found.append(here)
        here = parents.get(here)
    return found


def _happening(row: tuple[Any, ...]) -> Happening:
    number, framework, table, column, series, first, last, kind, factor, expected, direction, note = row
    return Happening(
        number=number,
        framework=framework,
        table=table,
        column=column,
        where=dict(pair.split("=", 1) for pair in series.split(";") if pair),
        first=parse_period(first),
        last=parse_period(last),
        kind=kind,
        factor=factor,
        expected=expected,
        direction=direction,
        note=note,
    )
