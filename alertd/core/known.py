"""What the calendar knows of a block: which series a `where` means, and which periods are excluded, muted or rebased."""

from collections.abc import Mapping

import numpy as np

from alertd.core.calendar import Calendar, Effect
from alertd.core.detect.base import Known, Rows
from alertd.core.measures import Measure
from alertd.core.model import OneOrMore
from alertd.core.periods import Period
from alertd.core.series import SeriesBlock


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
    """What the calendar's annotations and suppressions say of a block's periods and series."""
    shape = block.value.shape
    excluded = np.zeros(shape, dtype=np.bool_)
    muted = np.zeros(shape, dtype=np.bool_)
    first_there = (
        np.where(block.present.any(axis=0), block.present.argmax(axis=0), 0)
        if shape[0]
        else np.zeros(shape[1], dtype=np.int64)
    )
    segment = np.broadcast_to(first_there.astype(np.int64), shape).copy()
    rows = np.arange(shape[0])
    for annotation in calendar.annotations.values():
        if annotation.effect is not Effect.REBASE or measure.id not in annotation.measures:
            continue
        row = Period.containing(annotation.from_.start, block.grain).slot - block.first
        columns = _columns(block, annotation.where)
        later = rows >= row
        segment[np.ix_(later, columns)] = np.maximum(segment[np.ix_(later, columns)], row)
    for suppression in calendar.suppressions.values():
        if measure.id not in suppression.measures:
            continue
        first = Period.containing(suppression.from_.start, block.grain).slot - block.first
        last = Period.containing(suppression.to.last_day, block.grain).slot - block.first
        columns = _columns(block, suppression.where)
        target = excluded if suppression.effect == "exclude" else muted
        target[np.ix_((rows >= first) & (rows <= last), columns)] = True
    return Known(excluded, muted, segment, calendar.holidays)


def _columns(block: SeriesBlock, where: Mapping[str, OneOrMore]) -> Rows:
    return np.array([j for j in range(len(block.keys)) if matches(block.series(j), where)], dtype=np.int64)
