"""Levels of the hierarchy: a measure by place, added up to the divisions and the force that its places belong to (R25, R27)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from alertd.core.measures import Measure
from alertd.core.places import Places
from alertd.core.rules import Rule
from alertd.core.series import Bools, Events, Floats, Ints, SeriesBlock

_NOWHERE = -1


def place_column(measure: Measure, places: Places) -> str | None:
    """The column of a measure that names its places: the first of `by` that is a level; None where there is none."""
    return next((column for column in measure.by if column in places.levels), None)


def levels_above(measure: Measure, places: Places) -> tuple[str, ...]:
    """The levels that a measure's places can be added up to, the nearest first."""
    column = place_column(measure, places)
    found: list[str] = []
    level = column
    while level is not None:
        parents = {
            places.places[place.parent].level
            for place in places.places.values()
            if place.level == level and place.parent in places.places
        }
        level = next((one for one in sorted(parents) if one not in (column, *found)), None)
        if level is not None:
            found.append(level)
    return tuple(found)


def levels_of(rule: Rule, measure: Measure, places: Places) -> tuple[str | None, ...]:
    """The levels that a rule is judged at, the highest first; None alone where it names none."""
    if rule.at is None or rule.components:
        return (None,)
    every = (place_column(measure, places), *levels_above(measure, places))
    return tuple(level for level in reversed(every) if level in rule.at)


def cannot_add_up(measure: Measure) -> str:
    """Why a measure's places cannot be added up to a level above; empty where they can."""
    if measure.quantile is not None or (measure.value is not None and measure.denominator is None):
        return "a value or a quantile of a whole is not the sum of those of its places"
    if measure.grade is not None:
        return "grades cannot be added up"
    if measure.ratio is not None:
        return "a ratio of ratios cannot be added up"
    if measure.standard_error is not None or measure.pool is not None or measure.window is not None:
        return "figures of a survey or of pooled periods cannot be added up"
    return ""


def measure_at(measure: Measure, level: str | None, places: Places) -> Measure:
    """A measure as it is at a level: by that level in place of its places; by neither where the level has one place alone.

    As it is without a level.
    """
    column = place_column(measure, places)
    if level is None or column is None or level == column:
        return measure
    alone = sum(place.level == level for place in places.places.values()) == 1
    by = tuple(level if one == column else one for one in measure.by if one != column or not alone)
    # A line agreed for a place says nothing of a sum over places; for a share or a rate it does.
    reference = measure.reference if measure.denominator is not None else None
    return measure.model_copy(update={"by": by, "reference": reference})


def rule_at(rule: Rule, measure: Measure) -> Rule:
    """A rule as it judges a measure at a level: its `where` chose among the places before they were added up."""
    where = {name: values for name, values in rule.where.items() if name in measure.series_by}
    return rule.model_copy(update={"where": where})


def block_at(block: SeriesBlock, measure: Measure, level: str, places: Places) -> SeriesBlock:
    """The series of a level: numerators, denominators and counts of its places added up, period by period.

    A place counts to what it belongs to on the first day of a period. A sum is missing where a place lacks its figure
    while it is on the roster, or between its own first and last figure: what is missing is never zero (R11).
    """
    column = place_column(measure, places)
    if column is None or level == column:
        return block
    there = measure_at(measure, level, places)
    belongs, keys = _belongs(block, block.by.index(column), level, level in there.by, places)
    missing = _expected(block, block.by.index(column), measure, places) & np.isnan(block.value)

    def added(figures: Floats) -> Floats:
        summed = _summed(np.nan_to_num(figures), belongs, len(keys))
        counted = _summed((~np.isnan(figures)).astype(np.float64), belongs, len(keys))
        summed[(counted == 0) | (_summed(missing.astype(np.float64), belongs, len(keys)) > 0)] = np.nan
        return summed

    numerator = None if block.numerator is None else added(block.numerator)
    denominator = None if block.denominator is None else added(block.denominator)
    if numerator is None or denominator is None:
        value = added(block.value)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.where(denominator > 0, numerator * measure.factor / denominator, np.nan)
    return replace(
        block,
        by=there.series_by,
        keys=keys,
        value=value,
        numerator=numerator,
        denominator=denominator,
        present=_summed(block.present.astype(np.float64), belongs, len(keys)) > 0,
        events=None if block.events is None else _events(block.events, block, belongs),
        reference=None,
        faults=(),
    )


def _belongs(
    block: SeriesBlock, place: int, level: str, named: bool, places: Places
) -> tuple[Ints, tuple[tuple[str, ...], ...]]:
    """For every period and series the column of what it belongs to, or -1; and the keys of those columns."""
    days = [block.period(row).start.date() for row in range(block.periods)]
    names = {key[place] for key in block.keys}
    above = {name: [places.ancestor(name, level, day) for day in days] for name in names}
    if not named:  # the one place of the top level: everything counts to it, what is located nowhere included
        above = {name: [""] * len(days) for name in names}

    def key_of(key: tuple[str, ...], parent: str) -> tuple[str, ...]:
        return tuple(parent if number == place else part for number, part in enumerate(key) if named or number != place)

    found = {key_of(key, parent) for key in block.keys for parent in set(above[key[place]]) if parent is not None}
    keys = tuple(sorted(found))
    column = {key: number for number, key in enumerate(keys)}
    belongs = np.full((block.periods, len(block.keys)), _NOWHERE, dtype=np.int64)
    for number, key in enumerate(block.keys):
        for row, parent in enumerate(above[key[place]]):
            if parent is not None:
                belongs[row, number] = column[key_of(key, parent)]
    return belongs, keys


def _expected(block: SeriesBlock, place: int, measure: Measure, places: Places) -> Bools:
    """Where a series ought to have a figure: its place is on the roster, or it had figures before and after."""
    there = block.present | ~np.isnan(block.value)
    rows = np.arange(block.periods)[:, None]
    any_there = there.any(axis=0)
    first = np.where(any_there, there.argmax(axis=0), block.periods)
    last = np.where(any_there, block.periods - 1 - there[::-1].argmax(axis=0), -1)
    expected: Bools = (rows >= first) & (rows <= last)
    level = measure.by[place]
    for row in range(block.periods):
        roster = set(places.roster(level, block.period(row).start.date()))
        on_it = np.fromiter((key[place] in roster for key in block.keys), dtype=np.bool_, count=len(block.keys))
        expected[row] |= on_it & (row >= first)
    return expected


def _summed(figures: Floats, belongs: Ints, columns: int) -> Floats:
    """Figures of periods x series added up to periods x columns."""
    periods = len(figures)
    cell = belongs + np.arange(periods)[:, None] * columns
    counted = belongs != _NOWHERE
    summed: Floats = np.bincount(cell[counted], weights=figures[counted], minlength=periods * columns)
    return summed.reshape(periods, columns)


def _events(events: Events, block: SeriesBlock, belongs: Ints) -> Events:
    """Single events, under the column that each one's place belonged to when it happened."""
    epoch = np.datetime64("1970-01-01", "D")
    starts = np.array([block.period(row).start for row in range(block.periods)], dtype="M8[us]")
    days = (starts - epoch) / np.timedelta64(1, "D")
    row = np.clip(np.searchsorted(days, events.at, side="right") - 1, 0, block.periods - 1)
    column = belongs[row, events.column]
    kept = np.flatnonzero(column != _NOWHERE)
    order = kept[np.lexsort((events.at[kept], column[kept]))]
    return Events(at=events.at[order], column=column[order])


def below(places: Places, level: str, names: Sequence[str], column: str) -> tuple[str, ...]:
    """The places of the level `column` that have ever belonged to one of some places of a level above."""
    found = []
    for name, place in places.places.items():
        here: str | None = name
        seen: set[str] = set()
        while place.level == column and here is not None and here in places.places and here not in seen:
            if places.places[here].level == level and here in names:
                found.append(name)
                break
            seen.add(here)
            here = places.places[here].parent
    return tuple(found)


def where_at_places(
    where: Mapping[str, tuple[str, ...]], measure: Measure, places: Places
) -> dict[str, tuple[str, ...]]:
    """A `where` by levels above a measure's places (`division: West`) as one by the places themselves."""
    column = place_column(measure, places)
    above = [name for name in where if name not in measure.series_by and name in places.levels]
    if column is None or not above:
        return dict(where)
    chosen = {name: values for name, values in where.items() if name not in above}
    for name in above:
        within = below(places, name, where[name], column)
        chosen[column] = tuple(one for one in chosen[column] if one in within) if column in chosen else within
    return chosen
