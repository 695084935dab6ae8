"""Everything that is planted, what of it a force has, and the table that says so."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from alertd.demo.star import (
    plan_communities,
    plan_crime,
    plan_faults,
    plan_policing,
    plan_qualitative,
    plan_vulnerable,
)
from alertd.demo.star.forces import NOT_LOCATED, Force
from alertd.demo.star.long import listed
from alertd.demo.star.planted import FAULTS, Plant
from alertd.demo.star.schema import ALL, TABLES

PLAN: tuple[Plant, ...] = (
    *plan_policing.PLAN,
    *plan_crime.PLAN,
    *plan_vulnerable.PLAN,
    *plan_communities.PLAN,
    *plan_qualitative.PLAN,
    *plan_faults.PLAN,
)
_EVERYWHERE = frozenset({"shock", "recording_change", "settling", "season"})
_PLACES = ("division", "district", "team")


def is_everywhere(one: Plant) -> bool:
    """Whether every force has it."""
    nowhere = not any(name in one.where for name in _PLACES)
    return nowhere and (one.kind in _EVERYWHERE or one.kind in FAULTS)


def planted_in(force: Force) -> tuple[Plant, ...]:
    """What is planted in a force: all of it in the first one, as far as it has the places; in others what is everywhere."""
    if force.number:
        return tuple(one for one in PLAN if is_everywhere(one))
    there = {
        NOT_LOCATED,
        "Brunfrod",
        *force.divisions,
        *(one.name for one in force.districts),
        *(one.name for one in force.teams),
    }
    return tuple(one for one in PLAN if all(one.where[name] in there for name in _PLACES if name in one.where))


def by_table(plants: Sequence[Plant]) -> dict[str, tuple[Plant, ...]]:
    """Plants by the table that holds them."""
    found: dict[str, tuple[Plant, ...]] = {}
    for one in plants:
        found[one.table] = (*found.get(one.table, ()), one)
    return found


def grain_of(one: Plant) -> str:
    """The grain of a plant's periods: of its table, or of what is written."""
    grain = ALL[one.table].grain
    if grain in ("event", "row"):
        return "quarter" if "Q" in one.first else "day"
    return grain


def truth(force: Force) -> pa.Table:
    """The rows of the table `truth`."""
    rows = [_row(number, one, force) for number, one in enumerate(planted_in(force), start=1)]
    return listed(TABLES["truth"], {column: [row[column] for row in rows] for column in rows[0]})


def _row(number: int, one: Plant, force: Force) -> Mapping[str, object]:
    column, category = one.category or ("", "")
    return {
        "truth_id": number,
        "framework": one.framework,
        "component": one.component,
        "table_name": one.table,
        "column_name": one.column,
        "force": "" if is_everywhere(one) else force.name,
        **{name: one.where.get(name, "") for name in _PLACES},
        "category_column": column,
        "category": category,
        "series": ";".join(f"{name}={value}" for name, value in one.where.items()),
        "from": one.first,
        "to": one.last,
        "grain": grain_of(one),
        "kind": one.kind,
        "factor": one.factor,
        "expected": one.expected,
        "direction": one.direction,
        "note": one.note,
    }


def planted_lines() -> list[str]:
    """The section of the page that lists what is planted."""
    lines = [
        "## What is planted",
        "",
        "As in `truth`. Empty where: the whole force, or every series. `factor` is how many times the usual level, of shares",
        "of their odds.",
        "In `small` what names other places than its own is left out.",
        "",
        "| row | table, column | where | from, to | kind | factor | expected | note |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in PLAN:
        where = ", ".join(one.where.values())
        when = one.first if one.first == one.last else f"{one.first}, {one.last}"
        factor = "" if one.factor is None else f"{one.factor:g}"
        told = one.expected + (f", {one.direction}" if one.direction else "")
        cells = (one.framework, f"`{one.table}`, `{one.column}`", where, when, one.kind, factor, told, one.note)
        lines.append(f"| {' | '.join(cells)} |")
    return lines
