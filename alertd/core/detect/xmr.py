"""The XmR chart: limits from the mean moving range of a baseline, for any figure that varies about a level.

Sources: Wheeler, "Understanding Variation" (1993): limits lie 2.66 mean moving ranges from the mean; NHSRplotthedots for
`screen`, which leaves out moving ranges of 3.267 times their mean or more, once.

A block is judged some thousand series at a time, which then stay in the processor's cache; what few series need (outliers
in the baseline, gaps, patterns) is done for those few alone. Neither changes a verdict: sums run down each series.
"""

from collections.abc import Callable

import numpy as np

from alertd.core.detect.base import Look, Rows, Signals
from alertd.core.detect.baselines import Plan, one_segment, plan, window
from alertd.core.detect.means import Means, means
from alertd.core.detect.promising import promising
from alertd.core.detect.runs import pattern_signals, runs_on_one_side, slack
from alertd.core.parameters.baseline import Window
from alertd.core.parameters.spc import Spc
from alertd.core.series import Bools, Floats

SIGMAS_OF_MOVING_RANGE = 2.66 / 3
ABSORBED_RUN = 7
"""A run this long on one side stays in a rolling baseline, so that a new level becomes the usual one."""
SERIES_AT_ONCE = 32_768
"""Lines and signals of so many series stay in the second-level cache; fewer cost more calls than they save."""


def judge_xmr(spc: Spc, look: Look) -> Signals:
    """Judge a block's figures by an XmR chart.

    Each row is judged by one set of limits, those of its own baseline, for every point of a pattern that ends there.
    """
    chosen = plan(spc, look.block.grain)
    found = Signals.blank(len(look.rows), look.usable.shape[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        for start in range(0, look.usable.shape[1], SERIES_AT_ONCE):
            here = slice(start, start + SERIES_AT_ONCE)
            usable, segment = look.usable[:, here], look.known.segment[:, here]
            for index, row in enumerate(look.rows.tolist()):
                centre, sigma, learning = xmr_limits(
                    spc, chosen, usable, segment, row, look.block.first, look.measure.least_step
                )
                if look.block.standard_error is not None:
                    error = look.block.standard_error[:, here]
                    sigma = np.fmax(sigma, _survey_error(chosen, error, usable, segment, row, look.block.first))
                reach = spc.multiplier * sigma
                found.centre[index, here] = centre
                np.subtract(centre, reach, out=found.lower[index, here])
                np.add(centre, reach, out=found.upper[index, here])
                found.learning[index, here] = learning
                np.isnan(usable[row], out=found.missing[index, here])
                _judge_row(spc, usable, segment, row, (centre, sigma, reach), found, index, start)
    return found


def _survey_error(chosen: Plan, error: Floats, usable: Floats, segment: Rows, row: int, first_slot: int) -> Floats:
    """How sure a survey's figures are: the larger of the judged one's standard error and its root mean square before.

    Less variation than that is chance, as figures of surveys cannot be steadier than their samples let them.
    """
    inside = window(chosen, np.where(np.isnan(usable), np.nan, error) ** 2, segment, row, first_slot)
    there = ~np.isnan(inside)
    squares = np.where(there, inside, 0.0).sum(axis=0) / np.count_nonzero(there, axis=0)
    larger: Floats = np.fmax(np.sqrt(squares), error[row])
    return larger


def _judge_row(
    spc: Spc,
    usable: Floats,
    segment: Rows,
    row: int,
    lines: tuple[Floats, Floats, Floats],
    found: Signals,
    index: int,
    start: int,
) -> None:
    """Add the signals of the series from column `start` on: only of those that may have one, since few have."""
    rule_set = spc.rule_set
    wanted = spc.signals or rule_set.signals
    columns = promising(usable[max(0, row - rule_set.longest + 1) : row + 1], lines[0], lines[2], rule_set, wanted)
    columns = columns[~(found.learning[index, columns + start] | found.missing[index, columns + start])]
    if not len(columns):
        return
    centre, sigma, reach = (line[columns] for line in lines)
    recent = recent_figures(usable, segment, row, rule_set.longest, columns)
    high, low = pattern_signals(recent, centre, reach, reach, rule_set, wanted)
    beyond = np.abs(recent[-1] - centre) / sigma - spc.multiplier
    columns += start
    found.high[index, columns] = high
    found.low[index, columns] = low
    found.excess[index, columns] = np.where(beyond > 0, beyond, 0.0)


def recent_figures(usable: Floats, segment: Rows, row: int, length: int, columns: Rows | None = None) -> Floats:
    """The last `length` figures up to a row, NaN before the block or before the series' present segment.

    Of all series, or only of some columns.
    """
    start = max(0, row - length + 1)
    recent, begun = usable[start : row + 1], segment[start : row + 1]
    if columns is not None:
        recent = np.ascontiguousarray(recent[:, columns])
        begun = begun if one_segment(begun) else begun[:, columns]
    if not one_segment(begun):
        recent = np.where(begun == begun[-1], recent, np.nan)
    if len(recent) == length:
        return recent
    return np.concatenate([np.full((length - len(recent), recent.shape[1]), np.nan), recent])


def xmr_limits(
    spc: Spc, chosen: Plan, usable: Floats, segment: Rows, row: int, first_slot: int, least_step: float | None
) -> tuple[Floats, Floats, Bools]:
    """Centre line, sigma, and where there are too few usable figures (both then NaN)."""

    def past(columns: Rows) -> Floats:
        gap = chosen.gap if chosen.window is Window.LAST else 1
        seen = len(usable) if chosen.window is Window.ALL else max(row - gap + 1, 0)
        return np.where(segment[:seen, columns] == segment[row, columns], usable[:seen, columns], np.nan)

    inside = window(chosen, usable, segment, row, first_slot)
    usual = means(inside, screen=spc.screen)
    centre, moving_range = usual.centre, usual.moving_range
    _raise_floor(moving_range, past, least_step)
    if chosen.window is Window.LAST:
        columns, trimmed = _without_outliers(inside, usual, spc.multiplier)
        if len(columns):
            kept = means(trimmed, screen=spc.screen)
            _raise_floor(kept.moving_range, lambda flat: past(columns[flat]), least_step)
            better = ~np.isnan(kept.moving_range)
            centre[columns[better]] = kept.centre[better]
            moving_range[columns[better]] = kept.moving_range[better]
    learning = np.isnan(moving_range)
    learning |= np.isnan(centre)
    learning |= usual.points < chosen.min_points
    centre[learning] = np.nan
    moving_range[learning] = np.nan
    moving_range *= SIGMAS_OF_MOVING_RANGE
    return centre, moving_range, learning


def _raise_floor(moving_range: Floats, past: Callable[[Rows], Floats], least_step: float | None) -> None:
    """A mean moving range of zero becomes the smallest step that means anything, or that the past has seen; else NaN.

    `past` gives the figures of some columns up to the end of the baseline; the array is changed in place.
    """
    columns = np.flatnonzero(moving_range == 0)
    if not len(columns):
        return
    if least_step is not None:
        moving_range[columns] = least_step
        return
    steps = np.abs(np.diff(past(columns), axis=0))
    smallest = np.where(steps > 0, steps, np.inf).min(axis=0, initial=np.inf)
    moving_range[columns] = np.where(np.isinf(smallest), np.nan, smallest)


def _without_outliers(inside: Floats, usual: Means, multiplier: float) -> tuple[Rows, Floats]:
    """The columns of a rolling baseline with figures beyond its own limits, and those columns less these figures.

    One stateless pass, so that outliers leave and re-enter. A run of seven or more on one side stays, so that a new level
    is absorbed in time (statistics of the default baseline: docs/adr).
    """
    sigma = SIGMAS_OF_MOVING_RANGE * usual.moving_range
    reach = multiplier * sigma
    reach += slack(usual.centre, sigma)
    farthest = np.fmax(usual.highest - usual.centre, usual.centre - usual.lowest)
    columns = np.flatnonzero(farthest > reach)
    if not len(columns):
        return columns, inside
    centre, sigma = usual.centre[columns], sigma[columns]
    trimmed = np.ascontiguousarray(inside[:, columns])  # in the order of its rows, so that sums run down them
    leaving = np.abs(trimmed - centre) > reach[columns]
    leaving &= ~runs_on_one_side(trimmed, centre, sigma, ABSORBED_RUN)
    np.copyto(trimmed, np.nan, where=leaving)
    return columns, trimmed
