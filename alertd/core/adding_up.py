"""The figures of places added up to the divisions and the force that they belong to."""

from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from alertd.core.levels import measure_at, place_column
from alertd.core.measures import Measure
from alertd.core.places import Places
from alertd.core.series import Bools, Events, Floats, Ints, SeriesBlock

_NOWHERE = -1
_EVERYWHERE: Mapping[str, Collection[str]] = MappingProxyType({})


def block_at(
    block: SeriesBlock,
    measure: Measure,
    level: str,
    places: Places,
    within: Mapping[str, Collection[str]] = _EVERYWHERE,
) -> SeriesBlock:
    """The series of a level: numerators, denominators and counts of its places added up, period by period.

    A place counts to what it belongs to on the first day of a period; `within` (level to places) leaves out those that
    belong to none of these on that day. A sum is missing where a place lacks its figure
    while it is on the roster, or between its own first and last figure: what is missing is never zero (R11).
    """
    column = place_column(measure, places)
    if column is None or level == column:
        return block
    there = measure_at(measure, level, places)
    secret = block.unseen
    if secret is not None:  # small groups are withheld from what is shown, and count in the sum
        block = replace(block, value=secret.value, numerator=secret.numerator, denominator=secret.denominator)
    belongs, keys = belonging(block, block.by.index(column), level, level in there.by, places, within)
    missing = _expected(block, block.by.index(column), measure, places) & np.isnan(block.value)

    def added(figures: Floats) -> Floats:
        sums = summed(np.nan_to_num(figures), belongs, len(keys))
        counted = summed((~np.isnan(figures)).astype(np.float64), belongs, len(keys))
        sums[(counted == 0) | (summed(missing.astype(np.float64), belongs, len(keys)) > 0)] = np.nan
        return sums

    numerator = None if block.numerator is None else added(block.numerator)
    denominator = None if block.denominator is None else added(block.denominator)
    if numerator is None or denominator is None:
        value = added(block.value)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.where(denominator > 0, numerator * measure.factor / denominator, np.nan)
    if secret is not None:
        hidden = np.stack([secret.above[level][key] for key in keys], axis=1) if keys else np.isnan(value)
        value = np.where(hidden, np.nan, value)
        numerator = None if numerator is None else np.where(hidden, np.nan, numerator)
        denominator = None if denominator is None else np.where(hidden, np.nan, denominator)
    return replace(
        block,
        by=there.series_by,
        keys=keys,
        value=value,
        numerator=numerator,
        denominator=denominator,
        unseen=None,
        present=summed(block.present.astype(np.float64), belongs, len(keys)) > 0,
        events=None if block.events is None else _events(block.events, block, belongs),
        reference=None,
        entries=None,
        faults=(),
    )


def belonging(
    block: SeriesBlock,
    place: int,
    level: str,
    named: bool,
    places: Places,
    within: Mapping[str, Collection[str]] = _EVERYWHERE,
) -> tuple[Ints, tuple[tuple[str, ...], ...]]:
    """For every period and series the column of what it belongs to, or -1; and the keys of those columns."""
    names = {key[place] for key in block.keys}
    belongs = np.full((block.periods, len(block.keys)), _NOWHERE, dtype=np.int64)
    parents: list[tuple[slice, dict[str, str | None]]] = []
    for rows, day in _eras(block, places):
        meant = {name for name in names if all(places.ancestor(name, one, day) in within[one] for one in within)}
        # The one place of the top level, which has no name: everything counts to it, what is located nowhere included.
        above = {name: places.ancestor(name, level, day) if named else "" for name in meant}
        parents.append((rows, {name: above.get(name) for name in names}))

    def key_of(key: tuple[str, ...], parent: str) -> tuple[str, ...]:
        return (*key[:place], *((parent,) if named else ()), *key[place + 1 :])

    found = {
        key_of(key, parent) for _, above in parents for key in block.keys if (parent := above[key[place]]) is not None
    }
    keys = tuple(sorted(found))
    column = {key: number for number, key in enumerate(keys)}
    for rows, above in parents:
        for number, key in enumerate(block.keys):
            if (parent := above[key[place]]) is not None:
                belongs[rows, number] = column[key_of(key, parent)]
    return belongs, keys


def _eras(block: SeriesBlock, places: Places) -> list[tuple[slice, date]]:
    """The rows of a block in stretches during which no place changes, each with the first day of its first period."""

    def day(row: int) -> date:
        return block.period(row).start.date()

    rows = range(block.periods)
    changes = {change for place in places.places.values() for change in place.changes}
    cuts = {bisect_left(rows, change, key=day) for change in changes} | {0}
    bounds = [*sorted(cut for cut in cuts if cut < len(rows)), len(rows)]
    return [(slice(start, stop), day(start)) for start, stop in pairwise(bounds)]


def _expected(block: SeriesBlock, place: int, measure: Measure, places: Places) -> Bools:
    """Where a series ought to have a figure: its place is on the roster, or it had figures before and after."""
    there = block.present | ~np.isnan(block.value)
    rows = np.arange(block.periods)[:, None]
    if not block.periods:  # a feed without a single row has no first figure
        return there
    any_there = there.any(axis=0)
    first = np.where(any_there, there.argmax(axis=0), block.periods)
    last = np.where(any_there, block.periods - 1 - there[::-1].argmax(axis=0), -1)
    expected: Bools = (rows >= first) & (rows <= last)
    level = measure.by[place]
    for era, day in _eras(block, places):
        roster = set(places.roster(level, day))
        on_it = np.fromiter((key[place] in roster for key in block.keys), dtype=np.bool_, count=len(block.keys))
        expected[era] |= on_it & (rows[era] >= first)
    return expected


def summed(figures: Floats, belongs: Ints, columns: int) -> Floats:
    """Figures of periods x series added up to periods x columns."""
    periods = len(figures)
    cell = belongs + np.arange(periods)[:, None] * columns
    counted = belongs != _NOWHERE
    sums = np.zeros(periods * columns)
    np.add.at(sums, cell[counted], figures[counted])
    return sums.reshape(periods, columns)


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
