"""Charts of rare events: the time between them (t), the cases between them (g), and the textbook's g chart for comparison.

A gap is judged when it closes and, while it is open, at every period's end: a long silence is news before it ends. Limits
are those of a wait whose usual length is known from m gaps only (see `waiting`). One gap can hardly be too short, so four in
a row are judged together: five events within too short a time. That holds at the period in which the fifth falls, and on
until the five lie further back than that time. Source of the textbook's limits: Benneyan, Lloyd and Plsek (2003); its tail is
1.8% and not .135%, and short gaps can never be seen.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Look, Rows, Signals
from alertd.core.detect.baselines import Plan, one_segment, plan, span
from alertd.core.detect.exact import tail_of
from alertd.core.detect.gaps import Gaps, gaps_of
from alertd.core.detect.runs import slack
from alertd.core.detect.waiting import FOUR, chance_of_four, chance_of_wait, longest_wait, sigmas
from alertd.core.parameters.baseline import Window
from alertd.core.parameters.spc import Spc
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools, Floats, Ints

FEWEST_GAPS = 6
"""The least number of closed gaps that limits come from, where the author gives none. The false rate is right with any
number; with fewer than six, a silence must be more than twice as long to be seen as it would if the rate were known."""
_ASTRONOMICAL, _SHIFT = np.uint32(signal_bit("astronomical")), np.uint32(signal_bit("shift"))


class _Usual(NamedTuple):
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


class _Seen(NamedTuple):
    """What there is to judge at one row, by series; NaN or infinite where there is nothing."""

    fell: Bools
    """Whether a gap closed in the period."""
    last: Rows
    """The record of the last gap that has closed; of another series where there is none."""
    oldest: Rows
    """The first record of the series' unbroken stretch."""
    figure: Floats
    """The last gap that closed in the period, else the open one."""
    open: Floats
    longest: Floats
    """The longest gap that closed in the period or is open at its end."""
    four: Floats
    """The shortest four gaps in a row that ended in the period; where none did, the last four and the open one."""


def judge_between(spc: Spc, look: Look) -> Signals:
    """Judge a block by a t chart, a g chart or the textbook's g chart (`g_3sigma`), as `spc.chart` says.

    The figure is the last gap that closed in the period, else the open one; the one beyond the limit where there is one.
    A long gap is `low` (fewer events than usual) and short ones are `high`, except where the measure's figures are gaps
    themselves: then the sides are those of the gap. There is no lower limit, since one gap alone cannot be too short.
    """
    chart = spc.chart or "t"
    gaps = gaps_of(look, chart)
    found = Signals.blank(len(look.rows), look.usable.shape[1])
    figure = np.full(found.centre.shape, np.nan)
    if not found.centre.size:
        return replace(found, figure=figure)
    wanted = spc.signals or spc.rule_set.signals
    long_side, short_side = (found.high, found.low) if gaps.given else (found.low, found.high)
    textbook, runs = chart == "g_3sigma", "shift" in wanted
    for index, row in enumerate(look.rows.tolist()):
        known = gaps.known[row]
        seen = _seen(gaps, row)
        usual = _usual(spc, gaps, look, seen, row, textbook=textbook, medians=textbook or runs)
        with np.errstate(invalid="ignore"):
            near = slack(usual.centre, usual.upper)
            too_long = seen.longest > usual.upper + near
        judged = known & ~usual.learning
        too_short = np.zeros_like(known) if textbook else _too_short(spc, gaps, seen, usual)
        figure[index] = np.where(known, np.where(judged & too_long, seen.longest, seen.figure), np.nan)
        found.centre[index], found.upper[index] = usual.centre, usual.upper
        if textbook:
            found.lower[index] = np.where(usual.learning, np.nan, 0.0)
        found.learning[index], found.missing[index] = usual.learning, ~known
        if "astronomical" in wanted:
            long_side[index, judged & too_long] |= _ASTRONOMICAL
            short_side[index, judged & too_short] |= _ASTRONOMICAL
            found.excess[index] = _excess(
                spc, gaps, seen, usual, judged & too_long, judged & too_short, textbook=textbook
            )
        if runs:
            long_run, short_run = _runs(spc.rule_set.shift, gaps, seen, usual.median)
            long_side[index, judged & long_run] |= _SHIFT
            short_side[index, judged & short_run] |= _SHIFT
    return replace(found, figure=figure)


def _seen(gaps: Gaps, row: int) -> _Seen:
    """What has happened up to the end of a row."""
    begin, end = gaps.upto[row], gaps.upto[row + 1]
    fell, last = end > begin, end - 1
    stretch = gaps.start[row]
    oldest = np.take_along_axis(gaps.upto, stretch[None], axis=0)[0]
    began = _clock_at(gaps, stretch)
    since = np.where(end > oldest, gaps.at[last], began)
    waiting = np.full(len(end), np.nan) if gaps.given else _clock_at(gaps, np.full(len(end), row + 1)) - since
    four = np.where(fell, _extreme(np.minimum, gaps.four, begin, end), np.inf)
    with np.errstate(invalid="ignore"):
        lasting = np.where(~fell & (end > oldest), gaps.four[last] + waiting, np.inf)
    return _Seen(
        fell=fell,
        last=last,
        oldest=oldest,
        figure=np.where(fell, gaps.gap[last], waiting),
        open=waiting,
        longest=np.fmax(np.where(fell, _extreme(np.maximum, gaps.gap, begin, end), np.nan), waiting),
        four=np.where(fell, four, lasting),
    )


def _clock_at(gaps: Gaps, rows: Rows) -> Floats:
    """Where each series' clock stands at the beginning of its own row."""
    return gaps.clock[rows, 0] if gaps.clock.shape[1] == 1 else gaps.clock[rows, np.arange(len(rows))]


def _extreme(which: np.ufunc, of: Floats, begin: Ints, end: Ints) -> Floats:
    """The largest or smallest record of each series from `begin` to before `end`; any record where there is none."""
    found: Floats = of[begin]
    many = np.flatnonzero(end - begin > 1)
    if len(many):
        edges = np.stack([begin[many], end[many]], axis=1).ravel()
        found[many] = which.reduceat(of, edges)[::2]
    return found


def _usual(spc: Spc, gaps: Gaps, look: Look, seen: _Seen, row: int, *, textbook: bool, medians: bool) -> _Usual:
    """The limits of a row, from the whole gaps that closed in its baseline; NaN where these are too few."""
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
        first = np.where(seen.fell, gaps.upto[row], seen.last) - (FOUR - 1)
        earlier = np.minimum(stop, gaps.row[np.maximum(first, 0)])
    earlier_count = _between(gaps.count, start, np.maximum(earlier, start))
    earlier_total = _between(gaps.total, start, np.maximum(earlier, start)) + gaps.uncounted * earlier_count
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count - gaps.uncounted
        median = np.where(learning, np.nan, _medians(gaps, start, stop)) if medians else np.full(len(start), np.nan)
        if textbook:
            centre = median
            upper = mean + spc.multiplier * np.sqrt(mean * (mean + 1))
        else:
            centre = mean
            upper = longest_wait(total, count, tail_of(spc.multiplier), trials=gaps.trials) - gaps.uncounted
    return _Usual(total, count, earlier_total, earlier_count, learning, centre, upper, median)


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


def _too_short(spc: Spc, gaps: Gaps, seen: _Seen, usual: _Usual) -> Bools:
    """Where four gaps in a row are shorter together than chance would have it."""
    close = np.flatnonzero(np.isfinite(seen.four))
    found = np.zeros(len(seen.four), dtype=np.bool_)
    found[close] = _chance_of_four(gaps, seen, usual, close) < tail_of(spc.multiplier) * (1 - 1e-12)
    return found


def _chance_of_four(gaps: Gaps, seen: _Seen, usual: _Usual, columns: Ints) -> Floats:
    four = seen.four[columns] + FOUR * gaps.uncounted
    return chance_of_four(four, usual.earlier_total[columns], usual.earlier_number[columns], trials=gaps.trials)


def _excess(
    spc: Spc, gaps: Gaps, seen: _Seen, usual: _Usual, too_long: Bools, too_short: Bools, *, textbook: bool
) -> Floats:
    """How many sigma beyond the limits, as sigma are for a normal figure of the same chance."""
    found = np.zeros(len(too_long))
    columns = np.flatnonzero(too_long)
    wait = seen.longest[columns]
    if textbook:
        mean = usual.total[columns] / usual.number[columns] - gaps.uncounted
        found[columns] = (wait - usual.upper[columns]) / np.sqrt(mean * (mean + 1))
        return found
    chance = chance_of_wait(wait + gaps.uncounted, usual.total[columns], usual.number[columns], trials=gaps.trials)
    found[columns] = sigmas(chance) - spc.multiplier
    columns = np.flatnonzero(too_short)
    found[columns] = np.fmax(found[columns], sigmas(_chance_of_four(gaps, seen, usual, columns)) - spc.multiplier)
    return np.maximum(found, 0.0)


def _runs(length: int, gaps: Gaps, seen: _Seen, median: Floats) -> tuple[Bools, Bools]:
    """Where the last gaps, so many, are all longer than the median, and all shorter.

    An open gap counts once it is longer than the median: it then belongs to a run of long ones, and ends one of short ones.
    """
    near = slack(median, median)
    with np.errstate(invalid="ignore"):
        waiting = seen.open > median + near
        longer, shorter = waiting.astype(np.int64), np.zeros(len(median), dtype=np.int64)
        all_longer, all_shorter = np.ones(len(median), dtype=np.bool_), ~waiting
        for lag in range(length):
            record = np.maximum(seen.last - lag, 0)
            there = (seen.last - lag >= seen.oldest) & gaps.whole[record]
            all_longer &= there & (gaps.gap[record] > median + near)
            all_shorter &= there & (gaps.gap[record] < median - near)
            longer, shorter = longer + all_longer, shorter + all_shorter
    return longer >= length, shorter >= length
