"""Gaps between rare events: how they come out of a block, from single events, from counts, or as figures themselves.

A clock runs from each event to the next, in days, in cases, or in units of exposure. It starts anew where a series begins or
is rebased, and after a period that is missing or excluded: what happened there is not known. A wait from such a start is no
gap between two events, so that no baseline counts it; but an event is no nearer for having been waited for, so it may be
too long like any other.
"""

from dataclasses import dataclass

import numpy as np

from alertd.core.detect.base import Look
from alertd.core.detect.waiting import FOUR
from alertd.core.measures import ExposureDenominator, Measure
from alertd.core.parameters.spc import ChartKind
from alertd.core.periods import MONTHS_IN, Grain
from alertd.core.series import Bools, Floats, Ints

_MOST_RECORDS = 10
"""Records kept of a period's evenly placed events: the first one and the last ones; the second stands for those between."""
_MOST_EVENTS = 1e15
"""More events than this in one period are a slip of a figure, and no integer would hold any slip."""
_FIRST_MONDAY = -3  # the week that holds 1 January 1970 begins three days before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """The gaps of a block's series, one record each, sorted by series and then by time; one spare record ends them.

    A record belongs to the period in which its gap closes. Arrays of records are 1-d; the others have periods x series.
    """

    gap: Floats
    """How long each gap is; one that stands for several alike is their mean."""
    whole: Bools
    """Whether it lies between two events, with every period between them known."""
    four: Floats
    """Four gaps in a row that end with this one, together; infinite where there are no four."""
    row: Ints
    """The period in which it closes."""
    at: Floats
    """The clock at the event that closes it."""
    upto: Ints
    """(periods + 1) x series: the first record of the series that closes in this period or later."""
    total: Floats
    """(periods + 1) x series: the whole gaps that have closed before this period, together."""
    count: Floats
    """How many these are."""
    start: Ints
    """The period in which the present unbroken stretch begins; the next one where a period is not known."""
    clock: Floats
    """(periods + 1) x series (or x 1): where the clock stands at the beginning of each period."""
    known: Bools
    given: bool
    """The figures are gaps themselves, so that none is ever open."""
    trials: bool
    """Gaps count cases or whole days, so that they are geometric and not exponential."""
    uncounted: float
    """1 where a gap leaves out the event that closes it (0 is possible); 0 where it counts it in."""


def counts_events(measure: Measure) -> bool:
    """Whether a measure's figures say how many events there were; others are gaps themselves."""
    return measure.figure_key in ("event", "count", "numerator")


def gaps_of(look: Look, chart: ChartKind) -> Gaps:
    """The gaps of a look's block, for a chart of the time (t) or of the cases (g) between events.

    Figures of a `value` measure are gaps themselves. Otherwise cases need a denominator; without one a g chart counts days.
    Events of which only the number in a period is known are taken to lie evenly in it.
    """
    block, measure = look.block, look.measure
    rows = np.arange(block.periods)[:, None]
    known = ~np.isnan(look.usable) & (rows >= look.known.segment)
    cases = block.value if block.numerator is None else block.numerator
    days = clock_of(block.grain, block.first, block.periods)[:, None]
    by_case = chart != "t" and block.numerator is not None and block.denominator is not None
    exposure = by_case and isinstance(measure.denominator, ExposureDenominator)
    given = not counts_events(measure)
    if given:
        known &= look.usable >= 0
    elif by_case:
        assert block.denominator is not None  # by_case says so
        known &= ~np.isnan(cases) & ~np.isnan(block.denominator)
        passed = np.cumsum(np.where(known, block.denominator, 0.0), axis=0)
        days = np.concatenate([np.zeros((1, passed.shape[1])), passed])
    start = _stretches(known, look.known.segment)
    if given:
        column, row = np.nonzero(known.T)
        at, weight, gap = row.astype(float), np.ones(len(row)), block.value[row, column]
    elif block.events is not None and not by_case:
        column, row, at = _single_events(look, days[:, 0], known)
        weight, gap = np.ones(len(at)), None
    else:
        column, row, at, weight = _evenly_placed(np.where(known, cases, 0.0), days)
        gap = None
    return _records(
        column, row, at, weight, gap, start=start, clock=days, known=known,
        given=given, trials=chart != "t" and not exposure, uncounted=0.0 if by_case else 1.0,
    )  # fmt: skip


def clock_of(grain: Grain, first_slot: int, periods: int) -> Floats:
    """The beginning of each of some consecutive periods, and the end of the last, in days since 1 January 1970."""
    slots = np.arange(first_slot, first_slot + periods + 1)
    slot: Floats = slots.astype(np.float64)
    match grain:
        case Grain.HOUR:
            return slot / 24
        case Grain.DAY:
            return slot
        case Grain.WEEK:
            return 7 * slot + _FIRST_MONDAY
        case _:
            months = (slots * MONTHS_IN[grain]).astype("datetime64[M]")
            return months.astype("datetime64[D]").astype(np.float64)


def _stretches(known: Bools, segment: Ints) -> Ints:
    """The period in which the unbroken stretch of each period begins; the next one where a period is not known."""
    start = np.where(known, segment, np.arange(1, len(known) + 1)[:, None])
    for row in range(1, len(start)):
        np.maximum(start[row - 1], start[row], out=start[row])
    return start


def _single_events(look: Look, days: Floats, known: Bools) -> tuple[Ints, Ints, Floats]:
    """Series, period and time of the events that lie in known periods."""
    events = look.block.events
    assert events is not None  # the caller has looked
    row = np.searchsorted(days, events.at, side="right") - 1
    inside = (row >= 0) & (row < len(known))
    inside[inside] = known[row[inside], events.column[inside]]
    return events.column[inside], row[inside], events.at[inside]


def _evenly_placed(cases: Floats, clock: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Series, period, place on the clock and weight of a record for each event: the n of a period lie at (i + 1/2) / n.

    Of many events in a period only the first and the last ones have a record each; the second then stands for the gaps
    between, all of which are alike, and its weight says how many.
    """
    whole = np.rint(np.minimum(cases, _MOST_EVENTS)).astype(np.int64).T
    column, row = np.nonzero(whole > 0)
    inside = whole[column, row]
    kept = np.minimum(inside, _MOST_RECORDS)
    place = np.arange(kept.sum()) - np.repeat(np.cumsum(kept) - kept, kept)
    column, row, inside, kept = (np.repeat(part, kept) for part in (column, row, inside, kept))
    number = np.where(place == 0, 0, inside - kept + place)
    weight = np.where(place == 1, number, 1).astype(float)
    begin, end = _at(clock, row, column), _at(clock, row + 1, column)
    return column, row, begin + (number + 0.5) / inside * (end - begin), weight


def _records(
    column: Ints, row: Ints, at: Floats, weight: Floats, gap: Floats | None, *,
    start: Ints, clock: Floats, known: Bools, given: bool, trials: bool, uncounted: float,
) -> Gaps:  # fmt: skip
    """Put the records of the events together: each gap, and what is summed over periods."""
    shape = periods, series = start.shape
    begun = start[row, column]
    if gap is None:
        joined = np.zeros(len(row), dtype=np.bool_)
        joined[1:] = (column[1:] == column[:-1]) & (row[:-1] >= begun[1:])
        before = np.concatenate([[0.0], at[:-1]])[: len(at)]
        gap = at - np.where(joined, before, _at(clock, begun, column))
    else:
        joined = np.ones(len(row), dtype=np.bool_)
    cell = row * series + column
    size = periods * series
    here = np.bincount(cell, minlength=size).reshape(shape)
    first = np.concatenate([[0], np.cumsum(here.sum(axis=0))[:-1]])[:series]
    total = np.bincount(cell, weights=np.where(joined, gap, 0.0), minlength=size).reshape(shape)
    count = np.bincount(cell, weights=np.where(joined, weight, 0.0), minlength=size).reshape(shape)
    gap = gap / weight
    return Gaps(
        gap=np.append(gap, np.nan),
        whole=np.append(joined, False),
        four=np.append(_four(column, row, begun, gap, joined & (weight == 1)), np.inf),
        row=np.append(row, 0),
        at=np.append(at, np.nan),
        upto=first + _before(here),
        total=_before(total),
        count=_before(count),
        start=start,
        clock=clock,
        known=known,
        given=given,
        trials=trials,
        uncounted=uncounted if trials else 0.0,
    )


def _four(column: Ints, row: Ints, begun: Ints, gap: Floats, single: Bools) -> Floats:
    """Each gap and the three before it, together; infinite where there are not so many in one stretch."""
    together = np.full(len(gap), np.inf)
    back = FOUR - 1
    if len(gap) <= back:
        return together
    unbroken = (column[back:] == column[:-back]) & (row[:-back] >= begun[back:])
    together[back:] = np.where(unbroken, 0.0, np.inf)
    for lag in range(FOUR):
        part = slice(back - lag, len(gap) - lag)
        together[back:] += np.where(single[part], gap[part], np.inf)
    return together


def _before(of_each: np.ndarray) -> np.ndarray:
    """What has come together before each period, and after the last."""
    summed = np.zeros((len(of_each) + 1, of_each.shape[1]), dtype=of_each.dtype)
    for row in range(len(of_each)):  # row by row, which is many times faster than a cumulative sum along the first axis
        np.add(summed[row], of_each[row], out=summed[row + 1])
    return summed


def _at(clock: Floats, row: Ints, column: Ints) -> Floats:
    """Where the clock stands at the beginning of some periods; one clock may serve every series."""
    there: Floats = clock[row, 0 if clock.shape[1] == 1 else column]
    return there
