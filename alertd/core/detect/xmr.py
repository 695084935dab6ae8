"""The XmR chart: limits from the mean moving range of a baseline, for any figure that varies about a level.

Sources: Wheeler, "Understanding Variation" (1993): limits lie 2.66 mean moving ranges from the mean; NHSRplotthedots for
`screen`, which leaves out moving ranges of 3.267 times their mean or more, once.
"""

import numpy as np

from alertd.core.detect.base import Look, Rows, Signals
from alertd.core.detect.baselines import Plan, plan, window
from alertd.core.detect.runs import pattern_signals, runs_on_one_side, slack
from alertd.core.parameters.baseline import Window
from alertd.core.parameters.spc import Spc
from alertd.core.series import Bools, Floats

SIGMAS_OF_MOVING_RANGE = 2.66 / 3
SCREEN = 3.267
ABSORBED_RUN = 7
"""A run this long on one side stays in a rolling baseline, so that a new level becomes the usual one."""


def judge_xmr(spc: Spc, look: Look) -> Signals:
    """Judge a block's figures by an XmR chart.

    Each row is judged by one set of limits, those of its own baseline, for every point of a pattern that ends there.
    """
    usable, segment, rule_set = look.usable, look.known.segment, spc.rule_set
    chosen = plan(spc, look.block.grain)
    wanted = spc.signals or rule_set.signals
    found = Signals.blank(len(look.rows), usable.shape[1])
    for index, row in enumerate(look.rows.tolist()):
        centre, sigma, learning = _limits(spc, chosen, usable, segment, row, look.block.first, look.measure.least_step)
        found.centre[index] = centre
        found.lower[index] = centre - spc.multiplier * sigma
        found.upper[index] = centre + spc.multiplier * sigma
        found.learning[index] = learning
        found.missing[index] = np.isnan(usable[row])
        recent = recent_figures(usable, segment, row, rule_set.longest)
        high, low = pattern_signals(recent, centre, spc.multiplier * sigma, spc.multiplier * sigma, rule_set, wanted)
        with np.errstate(invalid="ignore", divide="ignore"):
            beyond = np.abs(recent[-1] - centre) / sigma - spc.multiplier
        excess = np.where(beyond > 0, beyond, 0.0)
        judged = ~learning & ~found.missing[index]
        found.high[index] = np.where(judged, high, 0)
        found.low[index] = np.where(judged, low, 0)
        found.excess[index] = np.where(judged, excess, 0.0)
    return found


def recent_figures(usable: Floats, segment: Rows, row: int, length: int) -> Floats:
    """The last `length` figures up to a row, NaN before the block or before the series' present segment."""
    start = max(0, row - length + 1)
    recent = np.where(segment[start : row + 1] == segment[row], usable[start : row + 1], np.nan)
    if len(recent) == length:
        return recent
    return np.concatenate([np.full((length - len(recent), usable.shape[1]), np.nan), recent])


def _limits(
    spc: Spc, chosen: Plan, usable: Floats, segment: Rows, row: int, first_slot: int, least_step: float | None
) -> tuple[Floats, Floats, Bools]:
    """Centre line, sigma, and where there are too few usable figures (both then NaN)."""
    inside = window(chosen, usable, segment, row, first_slot)
    count = np.count_nonzero(~np.isnan(inside), axis=0)
    seen = (
        usable.shape[0]
        if chosen.window is Window.ALL
        else max(row - (chosen.gap if chosen.window is Window.LAST else 1) + 1, 0)
    )
    past = np.where(segment[:seen] == segment[row], usable[:seen], np.nan)
    centre, moving_range = centre_and_moving_range(inside, screen=spc.screen)
    moving_range = _floored(moving_range, past, least_step)
    if chosen.window is Window.LAST:
        trimmed = _without_outliers(inside, centre, SIGMAS_OF_MOVING_RANGE * moving_range, spc.multiplier)
        new_centre, new_range = centre_and_moving_range(trimmed, screen=spc.screen)
        new_range = _floored(new_range, past, least_step)
        better = ~np.isnan(new_range)
        centre, moving_range = np.where(better, new_centre, centre), np.where(better, new_range, moving_range)
    learning = (count < chosen.min_points) | np.isnan(moving_range) | np.isnan(centre)
    sigma = SIGMAS_OF_MOVING_RANGE * moving_range
    return np.where(learning, np.nan, centre), np.where(learning, np.nan, sigma), learning


def centre_and_moving_range(inside: Floats, *, screen: bool = False) -> tuple[Floats, Floats]:
    """The mean of each column and its mean moving range; NaN where there is none.

    Moving ranges join neighbouring periods only: a missing period spans nothing (R11).
    """
    here = ~np.isnan(inside)
    count = here.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(here, inside, 0.0).sum(axis=0) / np.where(count == 0, np.nan, count)
        ranges = np.abs(np.diff(inside, axis=0))
        mean = _mean(ranges)
        if screen:
            mean = _mean(np.where(ranges >= SCREEN * mean, np.nan, ranges))
    return centre, mean


def _mean(ranges: Floats) -> Floats:
    there = ~np.isnan(ranges)
    count = there.sum(axis=0)
    total: Floats = np.where(there, ranges, 0.0).sum(axis=0)
    return total / np.where(count == 0, np.nan, count)


def _floored(moving_range: Floats, past: Floats, least_step: float | None) -> Floats:
    """A mean moving range of zero becomes the smallest step that means anything, or that the past has seen; else NaN."""
    columns = np.flatnonzero(moving_range == 0)
    if not len(columns):
        return moving_range
    floored = moving_range.copy()
    if least_step is not None:
        floored[columns] = least_step
        return floored
    steps = np.abs(np.diff(past[:, columns], axis=0))
    smallest = np.where(steps > 0, steps, np.inf).min(axis=0, initial=np.inf)
    floored[columns] = np.where(np.isinf(smallest), np.nan, smallest)
    return floored


def _without_outliers(inside: Floats, centre: Floats, sigma: Floats, multiplier: float) -> Floats:
    """A rolling baseline less the figures beyond its own limits: one stateless pass, so that outliers leave and re-enter.

    A run of seven or more on one side stays, so that a new level is absorbed in time (statistics of the default baseline:
    docs/adr).
    """
    with np.errstate(invalid="ignore"):
        beyond = np.abs(inside - centre) > multiplier * sigma + slack(centre, sigma)
    columns = np.flatnonzero(beyond.any(axis=0))
    if not len(columns):
        return inside
    trimmed = inside.copy()
    part = inside[:, columns]
    leaving = beyond[:, columns] & ~runs_on_one_side(part, centre[columns], sigma[columns], ABSORBED_RUN)
    trimmed[:, columns] = np.where(leaving, np.nan, part)
    return trimmed
