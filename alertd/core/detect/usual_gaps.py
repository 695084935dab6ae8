"""What is usual of the gaps between rare events: the limits of one row, from the gaps that closed in its baseline."""

from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Look, Rows
from alertd.core.detect.baselines import Plan, one_segment, plan, span
from alertd.core.detect.exact import tail_of
from alertd.core.detect.gaps import Gaps
from alertd.core.detect.waiting import longest_wait
from alertd.core.parameters.baseline import Window
from alertd.core.parameters.spc import Spc
from alertd.core.series import Bools, Floats, Ints

FEWEST_GAPS = 6
"""The least number of closed gaps that limits come from, where the author gives none. The false rate is right with any
number; with fewer than six, a silence must be more than twice as long to be seen as it would if the rate were known."""


class UsualGaps(NamedTuple):
    """What the gaps of the baselines of one row say, by series."""

    total: Floats
    number: Floats
    earlier_total: Floats
    """Less the gaps since the first of the four that are judged together."""
    earlier_number: Floats
    learning: Bools
    centre: Floats
    upper: Floats
    median: Floats
    """What half of the gaps exceed, where that is asked for: most gaps are shorter than their mean, so that a run of these
    would say nothing."""


def usual_gaps(spc: Spc, gaps: Gaps, look: Look, row: int, first_of_four: Ints, *, textbook: bool) -> UsualGaps:
    """The limits of a row, from the whole gaps that closed in its baseline; NaN where these are too few.

    `first_of_four` is each series' first record of the four gaps that are judged together at the row.
    """
    chosen = plan(spc, look.block.grain)
    least = spc.min_baseline or FEWEST_GAPS
    if gaps.given and chosen.length:
        least = min(least, chosen.length)
    start, stop = _reach(chosen, look.known.segment, row, look.block.first)
    total, count = (_between(summed, start, stop) for summed in (gaps.total, gaps.count))
    learning = (count < least) | ~(total > 0)
    total = np.where(learning, np.nan, total + gaps.uncounted * count)
    earlier = stop
    if chosen.window is not Window.ALL:
        # The four gaps that are judged together are in no baseline of their own.
        earlier = np.minimum(stop, gaps.row[np.maximum(first_of_four, 0)])
    earlier_count = _between(gaps.count, start, np.maximum(earlier, start))
    earlier_total = _between(gaps.total, start, np.maximum(earlier, start)) + gaps.uncounted * earlier_count
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count - gaps.uncounted
        medians = textbook or "shift" in (spc.signals or spc.rule_set.signals)
        median = np.where(learning, np.nan, _medians(gaps, start, stop) if medians else np.nan)
        if textbook:
            centre = median
            upper = mean + spc.multiplier * np.sqrt(mean * (mean + 1))
        else:
            centre = mean
            upper = longest_wait(total, count, tail_of(spc.multiplier), trials=gaps.trials) - gaps.uncounted
    return UsualGaps(total, count, earlier_total, earlier_count, learning, centre, upper, median)


def _reach(chosen: Plan, segments: Rows, row: int, first_slot: int) -> tuple[Rows, Rows]:
    """The rows [start, stop) of each series whose gaps are the baseline of a row: never beyond the row's own segment."""
    periods, segment = len(segments), segments[row]
    if chosen.window is Window.FIRST:
        start, stop = segment, np.minimum(segment + chosen.length, row)
    else:
        begin, end = span(chosen, row, first_slot, 0, periods)
        start, stop = np.maximum(begin, segment), np.full(len(segment), end)
        if chosen.window is Window.ALL and not one_segment(segments):
            stop = np.count_nonzero(segments <= segment, axis=0)
    start = np.minimum(start, periods)
    return start, np.maximum(stop, start)


def _between(summed: Floats, start: Rows, stop: Rows) -> Floats:
    """What came together from one period to before another."""
    columns = np.arange(len(start))
    total: Floats = summed[stop, columns] - summed[start, columns]
    return total


def _medians(gaps: Gaps, start: Rows, stop: Rows) -> Floats:
    """The median of the whole gaps of each series that closed from one period to before another; NaN where none did."""
    columns = np.arange(len(start))
    begin, size = gaps.upto[start, columns], gaps.upto[stop, columns] - gaps.upto[start, columns]
    column = np.repeat(columns, size)
    record = np.arange(len(column)) + np.repeat(begin - (np.cumsum(size) - size), size)
    column, record = column[gaps.whole[record]], record[gaps.whole[record]]
    ordered = np.append(gaps.gap[record[np.lexsort((gaps.gap[record], column))]], np.nan)
    count = np.bincount(column, minlength=len(start))
    first = np.cumsum(count) - count
    middle = (ordered[first + np.maximum(count - 1, 0) // 2] + ordered[first + count // 2]) / 2
    return np.where(count > 0, middle, np.nan)
