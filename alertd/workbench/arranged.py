"""The framework arranged otherwise than by row: by commitment, priority, supporting plan or role (R42, R47, R48, R51)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from alertd.core.verdicts import Verdict
from alertd.workbench.framework import JudgedRule, Standings

Arrangement = Literal["commitment", "priority", "plan", "role"]
ARRANGEMENTS: tuple[str, ...] = get_args(Arrangement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One commitment, priority, plan or role, with what stands out on it now."""

    id: str
    title: str
    rows: tuple[str, ...]
    measures: tuple[str, ...]
    """The measures that tell of it."""
    owner: str | None
    """Of a role, who has it."""
    inferred: bool
    """Whether what belongs to it was inferred."""
    watched: bool
    """Whether a rule in force judges any of its measures."""
    exceptions: tuple[tuple[JudgedRule, Verdict], ...]
    errors: int
    """How many of its rows have a measure that could not be read."""


def arranged(standings: Standings, by: Arrangement) -> tuple[Group, ...]:
    """Everything of one kind, in the order of the framework; one measure may tell of several."""
    framework = standings.home.framework
    match by:
        case "commitment":
            found = [_of_rows(standings, name, one.title, one.rows) for name, one in framework.commitments.items()]
        case "priority":
            found = [
                _of_rows(standings, name, one.title, one.rows, inferred=one.inferred)
                for name, one in framework.priorities.items()
            ]
        case "role":
            found = [
                _of_rows(standings, name, one.title, one.rows, one.measures, owner=one.owner)
                for name, one in framework.roles.items()
            ]
        case "plan":
            found = [
                _group(
                    standings, name, one.title, (), [*_supporting(standings, name, one.title)], inferred=one.inferred
                )
                for name, one in framework.plans.items()
            ]
    return tuple(found)


def _of_rows(
    standings: Standings,
    name: str,
    title: str,
    rows: Collection[str],
    more: Collection[str] = (),
    *,
    owner: str | None = None,
    inferred: bool = False,
) -> Group:
    """What rows, and `more` measures that are not the whole of a row, tell of."""
    of_rows = [measure.id for tile in standings.tiles if tile.id in rows for measure in tile.measures]
    return _group(standings, name, title, tuple(rows), (*of_rows, *more), owner=owner, inferred=inferred)


def _supporting(standings: Standings, name: str, title: str) -> Iterator[str]:
    """The measures that name a plan, by its id or its title."""
    for tile in standings.tiles:
        for measure in tile.measures:
            if {name.casefold(), title.casefold()} & {one.casefold() for one in measure.supports}:
                yield measure.id


def _group(
    standings: Standings,
    name: str,
    title: str,
    rows: tuple[str, ...],
    measures: Collection[str],
    *,
    owner: str | None = None,
    inferred: bool = False,
) -> Group:
    own = dict.fromkeys(measures)
    tiles = [tile for tile in standings.tiles if any(measure.id in own for measure in tile.measures)]
    return Group(
        id=name,
        title=title,
        rows=rows or tuple(tile.id for tile in tiles),
        measures=tuple(own),
        owner=owner,
        inferred=inferred,
        watched=any(rule.measure in own for tile in tiles for rule in tile.rules),
        exceptions=tuple(one for tile in tiles for one in tile.exceptions if one[0].rule.measure in own),
        errors=sum(bool(tile.errors) for tile in tiles),
    )
