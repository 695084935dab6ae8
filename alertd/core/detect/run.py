"""The run chart: a median, and whether figures cross it too seldom or stay on one side of it too long.

Source: Anhøj and Olesen, "Run charts revisited" (PLoS ONE 9(11), 2014), as in the R package qicharts2: of n figures off
the median, the longest run may have round(log2 n) + 3, and there must be as many crossings as the 5% quantile of a
binomial with n - 1 trials.
"""

from collections.abc import Collection
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
from alertd.core.verdicts import Masks

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
    return _quantiles(int(chances.max(initial=0)).bit_length())[chances]


@lru_cache(maxsize=32)
def _quantiles(bits: int) -> Ints:
    """For every number of chances of so many bits. The table doubles, so that a history which grows by a row asks for few."""
    chances = np.arange(1 << bits)
    below, found = np.full(len(chances), -1), chances.copy()  # too improbable; probable enough
    while (found - below > 1).any():
        middle = (below + found) // 2
        enough = bdtr(middle.astype(np.float64), chances, 0.5) >= _PROBABILITY
        below, found = np.where(enough, below, middle), np.where(enough, middle, found)
    found.flags.writeable = False
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
    walk, begun, level = _Walk(usable.shape[1]), -1, np.empty(0)
    for index, row in enumerate(look.rows.tolist()):
        inside = window(chosen, usable, segment, row, look.block.first)
        centre, count = _median(inside)
        learning = count < chosen.min_points
        found.centre[index] = np.where(learning, np.nan, centre)
        found.learning[index] = learning
        found.missing[index] = np.isnan(usable[row])
        start = _first_tested(chosen, segment, row, look.block.first)
        alike = start == begun and np.array_equal(centre, level, equal_nan=True)
        if index and alike and (one_segment(segment) or (segment[row] == segment[row - 1]).all()):
            walk.go_on(
                _sides(usable[row : row + 1], centre)
            )  # a frozen baseline tests one figure more, and not all anew
        else:
            walk, begun, level = _Walk(usable.shape[1]), start, centre
            walk.go_on(_sides(_tested(usable, segment, start, row), centre))
        high, low = walk.signals(wanted)
        judged = ~learning & ~found.missing[index]
        found.high[index] = np.where(judged, high, 0)
        found.low[index] = np.where(judged, low, 0)
    return found


def _first_tested(chosen: Plan, segment: NDArray[np.int64], row: int, first_slot: int) -> int:
    """The first period of a row's baseline, of whichever series has the earliest."""
    match chosen.window:
        case Window.LAST:
            return max(0, row - chosen.gap - chosen.length + 1)
        case Window.FIXED:
            return min(max(0, chosen.first_slot - first_slot), row)
        case _:
            return min(int(segment[row].min(initial=row)), row)


def _tested(usable: Floats, segment: NDArray[np.int64], start: int, row: int) -> Floats:
    """The figures from a period to the row, NaN outside the row's segment."""
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


class _Walk:
    """Runs and crossings of series, counted figure by figure in order of time."""

    def __init__(self, series: int) -> None:
        self._side = np.zeros(series, dtype=np.int8)  # of the run that is going on; 0 where none is
        self._length, self._useful, self._crossings, self._chances = np.zeros((4, series), dtype=np.int32)
        self._longest_high, self._longest_low = np.zeros((2, series), dtype=np.int32)
        self._later_is_high = np.zeros(series, dtype=np.bool_)

    def go_on(self, sides: _Sides) -> None:
        """Count further figures (periods x series), each by its side of the median."""
        for now in sides:
            off = (now == 1) | (now == -1)
            self._chances += off & (self._side != 0)
            self._crossings += off & (self._side == -now)
            self._useful += off
            longer = np.where(self._side == now, self._length + 1, 1)
            self._length = np.where(off, longer, np.where(now == 2, 0, self._length)).astype(np.int32)
            self._side = np.where(off, now, np.where(now == 2, 0, self._side)).astype(np.int8)
            np.maximum(self._longest_high, np.where(self._side == 1, self._length, 0), out=self._longest_high)
            np.maximum(self._longest_low, np.where(self._side == -1, self._length, 0), out=self._longest_low)
            newest = off & (self._length >= np.maximum(self._longest_high, self._longest_low))
            self._later_is_high = np.where(newest, self._side == 1, self._later_is_high)

    def signals(self, wanted: Collection[str]) -> tuple[Masks, Masks]:
        """Masks for the upper and the lower side, of all that was counted."""
        longest = np.maximum(self._longest_high, self._longest_low)
        too_long = longest > longest_run_allowed(self._useful.astype(np.int64))
        too_few = self._crossings < fewest_crossings_allowed(self._chances.astype(np.int64))
        too_long &= "run_length" in wanted
        too_few &= "crossings" in wanted
        high, low = np.zeros((2, len(longest)), dtype=np.uint32)
        high[too_long & self._later_is_high] |= _RUN_LENGTH
        low[too_long & ~self._later_is_high] |= _RUN_LENGTH
        high[too_few & (self._later_is_high | ~too_long)] |= _CROSSINGS
        low[too_few & (~self._later_is_high | ~too_long)] |= _CROSSINGS
        return high, low
