"""Dates, places and teams."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib.resources import files
from typing import Any

import holidays
import pyarrow as pa

from alertd.core.periods import Grain, Period
from alertd.demo.star.forces import PER_HOUSEHOLD, Force
from alertd.demo.star.long import listed
from alertd.demo.star.schema import TABLES
from alertd.demo.star.spans import AS_AT, FIRST_DAY, LAST_DAY

ABOUT = (
    "SIMULATED: no figure, place or person in this file is real. Drawn from a fixed seed for demonstration and tests."
)
_BEFORE = ("North Division", "2018-03-31", "2018-04-01")
"""The division of Lunehaven before a reorganisation."""
Row = dict[str, Any]


def rows(name: str, found: Sequence[Row]) -> tuple[str, pa.Table]:
    """Rows given one by one, as a table's; a column that a row leaves out is empty."""
    table = TABLES[name]
    return name, listed(table, {one.name: [row.get(one.name) for row in found] for one in table.columns})


def dimensions(forces: Sequence[Force], size: str, seed: int) -> Iterator[tuple[str, pa.Table]]:
    """Every dimension, of all forces."""
    about = {
        "note": ABOUT,
        "force_size": size,
        "seed": seed,
        "as_at": AS_AT,
        "first_day": FIRST_DAY,
        "last_day": LAST_DAY,
    }
    yield rows("about", [about])
    yield rows("dim_date", list(_dates()))
    yield rows("dim_place", [row for force in forces for row in _places(force)])
    yield rows("place_history", [row for force in forces for row in _history(force)])
    yield rows("dim_team", [row for force in forces for row in _teams(force)])
    path = files("alertd.demo") / "data" / "supporting_plans.csv"
    yield rows("supporting_plans", [_plan(line) for line in path.read_text(encoding="utf-8").splitlines()[1:]])


def _plan(line: str) -> Row:
    number, rest = line.split(",", 1)
    plan, placement = rest.rsplit(",", 1)
    name = plan.strip('"')
    return {
        "plan": name,
        "quadrant_no": int(number),
        "placement": placement,
        "plan_owner": f"Owner of the {name} (made up)",
    }


def _dates() -> Iterator[Row]:
    """Every day from the first of 2017 to the end of 2023, so that each period is whole."""
    bank = holidays.country_holidays("GB", subdiv="ENG", years=range(2017, 2024))
    day = FIRST_DAY.replace(month=1)
    while day.year < LAST_DAY.year + 1:
        labels = {g: str(Period.containing(day, Grain(g))) for g in ("quarter", "half_year", "year")}
        april = day.year if day.month >= 4 else day.year - 1
        holiday = bank.get(day)
        yield labels | {
            "day": day,
            "week": day - timedelta(days=day.weekday()),
            "month": day.replace(day=1),
            "performance_year": f"{april}/{(april + 1) % 100:02d}",
            "weekday": day.isoweekday(),
            "weekday_name": day.strftime("%A"),
            "bank_holiday": holiday,
            "working_day": day.weekday() < 5 and holiday is None,
        }
        day += timedelta(days=1)


def _places(force: Force) -> Iterator[Row]:
    def place(name: str, level: str, parent: str | None, residents: int, **more: object) -> Row:
        homes = round(residents / PER_HOUSEHOLD)
        return {
            "place": name,
            "level": level,
            "parent": parent,
            "force": force.name,
            "expected": True,
            "residents": residents,
            "households": homes,
        } | more

    yield place(force.name, "force", None, force.residents)
    if force.number == 0:
        before, last, _ = _BEFORE
        yield place(before, "division", force.name, 0, division=before, expected=False) | {"to": _day(last)}
    for division in force.divisions:
        own = sum(one.residents for one in force.districts if one.division == division)
        yield place(division, "division", force.name, own, division=division)
    for one in force.districts:
        more = {"division": one.division, "area": one.area, "nni_weight": one.need}
        yield place(one.name, "district", one.division, one.residents, **more)
        names = force.neighbourhoods(one)
        for name in names:
            yield place(name, "neighbourhood", one.name, one.residents // len(names), **more)


def _history(force: Force) -> Iterator[Row]:
    for division in force.divisions:
        yield {"place": division, "level": "division", "parent": force.name, "from": FIRST_DAY}
    for one in force.districts:
        since: object = FIRST_DAY
        if one.name == "Lunehaven":
            before, to, since = _BEFORE
            yield {"place": one.name, "level": "district", "parent": before, "from": FIRST_DAY, "to": _day(to)}
            yield {"place": before, "level": "division", "parent": force.name, "from": FIRST_DAY, "to": _day(to)}
            since = _day(since)
        yield {"place": one.name, "level": "district", "parent": one.division, "from": since}


def _day(text: str) -> object:
    return FIRST_DAY.fromisoformat(text)


def _teams(force: Force) -> Iterator[Row]:
    for one in force.teams:
        yield {
            "team": one.name,
            "function": one.function,
            "district": one.district,
            "division": one.division,
            "force": force.name,
            "from": FIRST_DAY,
            "posts": one.posts,
        }
