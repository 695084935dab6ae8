"""The run chart: a median, and whether figures cross it too seldom or stay on one side of it too long.

Source: Anhøj and Olesen, "Run charts revisited" (PLoS ONE 9(11), 2014), as in the R package qicharts2: of n figures off
the median, the longest run may have round(log2 n) + 3, and there must be as many crossings as the 5% quantile of a
binomial with n - 1 trials.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from alertd.core.detect.base import Look, Signals
from alertd.core.detect.baselines import Plan, one_segment, plan, window
from alertd.core.detect.runs import slack
from alertd.core.parameters.baseline import Window
from alertd.core.parameters.spc import Spc
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools, Floats, Ints

_RUN_LENGTH = np.uint32(signal_bit("run_length"))
_CROSSINGS = np.uint32(signal_bit("crossings"))
_PROBABILITY = 0.05
_Sides = NDArray[np.int8]


def longest_run_allowed(useful: Ints) -> Ints:
    """The longest run that so many useful figures may have: round(log2 n) + 3, halves to even; 0 where there are none."""
    rounded: Ints = np.rint(np.log2(np.maximum(useful, 1))).astype(np.int64) + 3
    return np.where(useful > 0, rounded, 0)


def fewest_crossings_allowed(chances: Ints) -> Ints:
    """The fewest crossings that so many chances to cross may have: the 5% quantile of Binomial(chances, 1/2)."""
    return _quantiles(int(chances.max(initial=0)))[chances]


@lru_cache(maxsize=16)
def _quantiles(most: int) -> Ints:
    found = np.zeros(most + 1, dtype=np.int64)
    for chances in range(1, most + 1):
        found[chances] = np.searchsorted(bdtr(np.arange(chances + 1.0), chances, 0.5), _PROBABILITY)
    return found


def judge_run(spc: Spc, look: Look) -> Signals:
    """Judge a block's figures by a run chart: the centre line is the median of the baseline, and there are no limits.

    The runs test at a row takes the figures from the first period of the row's baseline up to the row itself, in the
    row's segment: a rolling baseline forgets old shifts, a frozen one keeps testing all since its start, and `all` at
    the last row is the textbook's chart. Figures on the median are passed over, as the source has it. A missing period
    ends a run, and crossings are not counted over it, so there is one chance less to cross.

    `run_length` is on the side of the longest run, the later one of equals; `crossings` goes with it where both hold,
    since it is the same shift seen twice, and else is on both sides, since it has none.
    """
    usable, segment = look.usable, look.known.segment
    chosen = plan(spc, look.block.grain)
    wanted = spc.signals or spc.rule_set.signals
    found = Signals.blank(len(look.rows), usable.shape[1])
    for index, row in enumerate(look.rows.tolist()):
        inside = window(chosen, usable, segment, row, look.block.first)
        centre, count = _median(inside)
        learning = count < chosen.min_points
        found.centre[index] = np.where(learning, np.nan, centre)
        found.learning[index] = learning
        found.missing[index] = np.isnan(usable[row])
        tested = _tested(chosen, usable, segment, row, look.block.first)
        high, low = _signals(_sides(tested, centre), wanted)
        judged = ~learning & ~found.missing[index]
        found.high[index] = np.where(judged, high, 0)
        found.low[index] = np.where(judged, low, 0)
    return found


def _tested(chosen: Plan, usable: Floats, segment: NDArray[np.int64], row: int, first_slot: int) -> Floats:
    """The figures from the first period of a row's baseline to the row, NaN outside the row's segment."""
    match chosen.window:
        case Window.LAST:
            start = max(0, row - chosen.gap - chosen.length + 1)
        case Window.FIXED:
            start = min(max(0, chosen.first_slot - first_slot), row)
        case _:
            start = min(int(segment[row].min(initial=row)), row)
    figures: Floats = usable[start : row + 1]
    begun = segment[start : row + 1]
    if one_segment(begun):
        return figures
    same: Bools = begun == segment[row]
    return figures if same.all() else np.where(same, figures, np.nan)


def _median(inside: Floats) -> tuple[Floats, Ints]:
    """The median of each column's figures, NaN where there is none, and how many figures there are."""
    ordered = np.sort(inside, axis=0)  # NaN sorts last
    count: Ints = inside.shape[0] - np.count_nonzero(np.isnan(inside), axis=0)
    if not len(ordered):
        return np.full(inside.shape[1], np.nan), count
    below, above = np.maximum(count - 1, 0) // 2, count // 2
    columns = np.arange(inside.shape[1])
    above = np.minimum(above, len(ordered) - 1)
    return (ordered[below, columns] + ordered[above, columns]) / 2, count


def _sides(tested: Floats, centre: Floats) -> _Sides:
    """For every figure +1 above the centre line, -1 below it, 0 on it; 2 where a period is missing."""
    near = slack(centre, np.zeros_like(centre))
    with np.errstate(invalid="ignore"):
        away = tested - centre
        sides = (away > near).astype(np.int8) - (away < -near).astype(np.int8)
    sides[np.isnan(away)] = 2
    return sides


def _signals(sides: _Sides, wanted: tuple[str, ...]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Masks for the upper and the lower side, from the sides of figures (periods x series) in order of time."""
    series = sides.shape[1]
    side = np.zeros(series, dtype=np.int8)  # of the run that is going on; 0 where none is
    length, useful, crossings, chances = (np.zeros(series, dtype=np.int32) for _ in range(4))
    longest_high, longest_low = np.zeros(series, dtype=np.int32), np.zeros(series, dtype=np.int32)
    later_is_high = np.zeros(series, dtype=np.bool_)
    for now in sides:
        off = (now == 1) | (now == -1)
        crossed = off & (side == -now)
        chances += off & (side != 0)
        crossings += crossed
        useful += off
        length = np.where(off, np.where(side == now, length + 1, 1), np.where(now == 2, 0, length)).astype(np.int32)
        side = np.where(off, now, np.where(now == 2, 0, side)).astype(np.int8)
        np.maximum(longest_high, np.where(side == 1, length, 0), out=longest_high)
        np.maximum(longest_low, np.where(side == -1, length, 0), out=longest_low)
        later_is_high = np.where(off & (length >= np.maximum(longest_high, longest_low)), side == 1, later_is_high)
    too_long = np.maximum(longest_high, longest_low) > longest_run_allowed(useful.astype(np.int64))
    too_few = crossings < fewest_crossings_allowed(chances.astype(np.int64))
    too_long &= "run_length" in wanted
    too_few &= "crossings" in wanted
    up = np.where(too_long & later_is_high, _RUN_LENGTH, 0) | np.where(
        too_few & (later_is_high | ~too_long), _CROSSINGS, 0
    )
    down = np.where(too_long & ~later_is_high, _RUN_LENGTH, 0) | np.where(
        too_few & (~later_is_high | ~too_long), _CROSSINGS, 0
    )
    return up.astype(np.uint32), down.astype(np.uint32)
