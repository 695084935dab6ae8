"""What the calendar knows of a block: which series a `where` means, and which periods are excluded, muted or rebased."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from alertd.core.calendar import Calendar, Effect
from alertd.core.detect.base import Known, Rows
from alertd.core.measures import Measure
from alertd.core.model import OneOrMore
from alertd.core.periods import Period
from alertd.core.series import Bools, SeriesBlock

Array = TypeVar("Array", Bools, Rows)


def only_where(block: SeriesBlock, where: Mapping[str, OneOrMore]) -> SeriesBlock:
    """The series of a block that meet every condition of a `where`."""
    if not where:
        return block
    columns = [j for j in range(len(block.keys)) if matches(block.series(j), where)]
    return block.take(columns)


def matches(series: Mapping[str, str], where: Mapping[str, OneOrMore]) -> bool:
    """Whether a series meets every condition of a `where`."""
    return all(series.get(name) in values for name, values in where.items())


def known_of(measure: Measure, block: SeriesBlock, calendar: Calendar) -> Known:
    """What the calendar's annotations and suppressions say of a block's periods and series.

    Where they say nothing, one value or one row stands for all (a view without strides): a million series cost nothing.
    """
    shape = block.value.shape
    excluded: Bools = np.broadcast_to(np.zeros(1, dtype=np.bool_), shape)
    muted = excluded
    segment = np.broadcast_to(_first_there(block), shape)
    rows = np.arange(shape[0])
    for annotation in calendar.annotations.values():
        if annotation.effect is not Effect.REBASE or measure.id not in annotation.measures:
            continue
        row = Period.containing(annotation.from_.start, block.grain).slot - block.first
        columns = _columns(block, annotation.where)
        later = rows >= row
        segment = _writable(segment)
        segment[np.ix_(later, columns)] = np.maximum(segment[np.ix_(later, columns)], row)
    for suppression in calendar.suppressions.values():
        if measure.id not in suppression.measures:
            continue
        first = Period.containing(suppression.from_.start, block.grain).slot - block.first
        last = Period.containing(suppression.to.last_day, block.grain).slot - block.first
        columns = _columns(block, suppression.where)
        if suppression.effect == "exclude":
            target = excluded = _writable(excluded)
        else:
            target = muted = _writable(muted)
        target[np.ix_((rows >= first) & (rows <= last), columns)] = True
    return Known(excluded, muted, segment, calendar.holidays)


def _first_there(block: SeriesBlock) -> Rows:
    """The row of each series' first row or figure; 0 where it has none. Where no row means none, a figure has no row."""
    first = np.zeros(block.present.shape[1], dtype=np.int64)
    if not block.periods:
        return first
    waiting = np.flatnonzero(~block.present[0])
    for row in range(block.periods):
        if not len(waiting):
            break
        found = block.present[row, waiting] | ~np.isnan(block.value[row, waiting])
        first[waiting[found]] = row
        waiting = waiting[~found]
    return first


def _writable(array: Array) -> Array:
    return array if array.flags.writeable else array.copy()


def _columns(block: SeriesBlock, where: Mapping[str, OneOrMore]) -> Rows:
    return np.array([j for j in range(len(block.keys)) if matches(block.series(j), where)], dtype=np.int64)
