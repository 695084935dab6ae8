"""What a table of the demonstration warehouse is: its columns with their meaning, its grain, its key, and whom it serves."""

from dataclasses import dataclass

GRAINS = ("hour", "day", "week", "month", "quarter", "year", "event", "row")

SHARED: dict[str, tuple[str, str]] = {
    "hour": (
        "TIMESTAMP",
        "first moment of the hour, local clock: the hour that autumn repeats has two rows, spring's has none",
    ),
    "day": ("DATE", "the day"),
    "week": ("DATE", "Monday of the week"),
    "month": ("DATE", "first day of the month"),
    "quarter": ("VARCHAR", "calendar quarter as text, `2022-Q4`"),
    "year": ("VARCHAR", "calendar year as text, `2022`"),
    "force": ("VARCHAR", "name of the force"),
    "division": ("VARCHAR", "name of the division"),
    "district": ("VARCHAR", "name of the district"),
    "neighbourhood": ("VARCHAR", "name of the neighbourhood"),
    "team": ("VARCHAR", "name of the team"),
    "department": ("VARCHAR", "Response, Neighbourhood, Investigation, Contact, Custody, Public protection, Support"),
    "rank": ("VARCHAR", "Constable, Sergeant, Inspector and above, PCSO, Police staff"),
    "role": ("VARCHAR", "kind of post or person"),
    "grade": ("VARCHAR", "Grade 1 (immediate), Grade 2 (priority), Grade 3 (planned)"),
    "crime_type": (
        "VARCHAR",
        "Violence, Burglary, Vehicle crime, Theft, Robbery (D5: these), Criminal damage, Drugs, Public order, Sexual offences, "
        "Other crime",
    ),
    "residents": ("INTEGER", "residents of the place: an exposure for rates"),
    "complete_to": ("DATE", "up to this day, inclusive, the feed holds every event; the same on every row"),
    "loaded_at": (
        "TIMESTAMP",
        "when the row's period first reached the warehouse, local time; later corrections are in `revisions`",
    ),
}
"""Columns that many tables have: type and meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table, or a view where `select` is given."""

    name: str
    about: str
    """In words, what one row says."""
    serves: str
    """The catalogue row, `M2`, or empty for what serves all of them."""
    component: str
    """The catalogue's component, in its words."""
    grain: str
    keys: tuple[str, ...]
    """What names a row, the period first; empty where nothing does."""
    columns: tuple[Column, ...]
    select: str = ""
    """The query of a view."""

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that name a series."""
        return self.keys[1:] if self.grain not in ("event", "row") else ()

    @property
    def period(self) -> str:
        """The column of the period."""
        return self.keys[0]


def column(line: str) -> Column:
    """A column of `name TYPE meaning`, or of a shared column's name with, perhaps, another meaning after a colon."""
    name, _, rest = line.strip().partition(" ")
    name = name.strip('"')
    if name.endswith(":") or not rest:
        shared = SHARED[name.rstrip(":")]
        return Column(name=name.rstrip(":"), type=shared[0], meaning=rest or shared[1])
    kind, _, meaning = rest.partition(" ")
    return Column(name=name, type=kind, meaning=meaning)


def table(
    name: str,
    serves: str,
    component: str,
    about: str,
    keys: str,
    figures: str = "",
    *,
    grain: str = "",
    loaded: bool = True,
) -> Table:
    """A table whose key columns are shared ones unless `figures`, one `name TYPE meaning` a line, says otherwise."""
    names = tuple(keys.split())
    written = [column(line) for line in figures.strip().splitlines()]
    known = {one.name: one for one in written}
    columns = [known.get(key) or column(key) for key in names] + [one for one in written if one.name not in names]
    if loaded and "loaded_at" not in known:
        columns.append(column("loaded_at"))
    found = grain or next((one for one in GRAINS if names and one == names[0]), "row")
    return Table(
        name=name, about=about, serves=serves, component=component, grain=found, keys=names, columns=tuple(columns)
    )


def view(base: Table, name: str, component: str, about: str, drop: str, where: str, *, serves: str = "") -> Table:
    """A view of a table: without some of its columns, of the rows that meet a condition."""
    dropped = drop.split()
    return Table(
        name=name,
        about=about,
        serves=serves or base.serves,
        component=component,
        grain=base.grain,
        keys=tuple(key for key in base.keys if key not in dropped),
        columns=tuple(one for one in base.columns if one.name not in dropped),
        select=f"SELECT * EXCLUDE ({', '.join(dropped)}) FROM {base.name} WHERE {where}",
    )
