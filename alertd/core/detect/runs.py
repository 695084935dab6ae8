"""Patterns on a control chart: points beyond a limit, and runs of points, each on its own side of the centre line.

A signal holds at a period when its trailing pattern is complete there. A missing period is in no pattern and breaks every
run. Comparisons allow for the rounding of sums, so that a point that lies on a line is never beyond it.
"""

from collections.abc import Collection

import numpy as np

from alertd.core.rulesets import RuleSet, signal_bit
from alertd.core.series import Bools, Floats
from alertd.core.verdicts import Masks

_CLOSE = 1e-12


def pattern_signals(
    recent: Floats, centre: Floats, sigma: Floats, multiplier: float, rule_set: RuleSet, wanted: Collection[str]
) -> tuple[Masks, Masks, Floats]:
    """The signals that hold at the last row of `recent` (periods x series), all judged by one set of limits.

    Gives masks for the upper and the lower side, and how many sigma the last figure lies beyond its limit.
    """
    near = slack(centre, sigma)
    high = np.zeros(recent.shape[1], dtype=np.uint32)
    low = np.zeros(recent.shape[1], dtype=np.uint32)
    with np.errstate(invalid="ignore", divide="ignore"):
        away = recent - centre
        over, under = away > multiplier * sigma + near, -away > multiplier * sigma + near
        excess = np.where(over[-1] | under[-1], np.abs(away[-1]) / sigma - multiplier, 0.0)
        if "astronomical" in wanted:
            _set(high, over[-1], "astronomical")
            _set(low, under[-1], "astronomical")
        if "shift" in wanted:
            run = away[-rule_set.shift :]
            _set(high, (run > near).all(axis=0), "shift")
            _set(low, (run < -near).all(axis=0), "shift")
        if "trend" in wanted:
            steps = np.diff(recent[-rule_set.trend :], axis=0)
            _set(high, (steps > 0).all(axis=0), "trend")
            _set(low, (steps < 0).all(axis=0), "trend")
        if "two_in_three" in wanted:
            _set(high, _two_in_three(away[-3:], away[-3:] > 2 * multiplier / 3 * sigma + near), "two_in_three")
            _set(low, _two_in_three(away[-3:], -away[-3:] > 2 * multiplier / 3 * sigma + near), "two_in_three")
    return high, low, excess


def _two_in_three(away: Floats, beyond: Bools) -> Bools:
    """The newest point and one of the two before it; all three must be there."""
    found: Bools = beyond[2] & (beyond[1] | beyond[0]) & ~np.isnan(away).any(axis=0)
    return found


def runs_on_one_side(inside: Floats, centre: Floats, sigma: Floats, length: int) -> Bools:
    """Where points (periods x series) belong to a run of at least `length` neighbours strictly on one side."""
    near = slack(centre, sigma)
    with np.errstate(invalid="ignore"):
        return _long_runs(inside - centre > near, length) | _long_runs(inside - centre < -near, length)


def _long_runs(there: Bools, length: int) -> Bools:
    ahead = np.zeros(there.shape, dtype=np.int64)
    behind = np.zeros(there.shape, dtype=np.int64)
    count = len(there)
    for row in range(count):
        ahead[row] = np.where(there[row], (ahead[row - 1] if row else 0) + 1, 0)
        back = count - 1 - row
        behind[back] = np.where(there[back], (behind[back + 1] if row else 0) + 1, 0)
    found: Bools = there & (ahead + behind - 1 >= length)
    return found


def slack(centre: Floats, sigma: Floats) -> Floats:
    """How far beyond a line a point must lie before rounding cannot have put it there."""
    near: Floats = _CLOSE * (np.abs(centre) + sigma)
    return near


def _set(mask: Masks, where: Bools | np.bool_, name: str) -> None:
    mask[where] |= np.uint32(signal_bit(name))
