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
    recent: Floats, centre: Floats, up: Floats, down: Floats, rule_set: RuleSet, wanted: Collection[str]
) -> tuple[Masks, Masks]:
    """The signals that hold at the last row of `recent` (periods x series): masks for the upper and the lower side.

    `up` and `down` are the distances from the centre line to the limits, for each series or for each point.
    """
    near = slack(centre, np.maximum(up, down))
    high = np.zeros(recent.shape[1], dtype=np.uint32)
    low = np.zeros(recent.shape[1], dtype=np.uint32)
    with np.errstate(invalid="ignore", divide="ignore"):
        away = recent - centre
        over, under = away > up + near, -away > down + near
        if "astronomical" in wanted:
            _set(high, over[-1], "astronomical")
            _set(low, under[-1], "astronomical")
        if "shift" in wanted:
            run = away[-rule_set.shift :]
            _set(high, (run > _last(near, rule_set.shift)).all(axis=0), "shift")
            _set(low, (run < -_last(near, rule_set.shift)).all(axis=0), "shift")
        if "trend" in wanted:
            steps = np.diff(recent[-rule_set.trend :], axis=0)
            _set(high, (steps > 0).all(axis=0), "trend")
            _set(low, (steps < 0).all(axis=0), "trend")
        if "two_in_three" in wanted:
            _set(high, _two_in_three(away[-3:], (away > 2 / 3 * up + near)[-3:]), "two_in_three")
            _set(low, _two_in_three(away[-3:], (-away > 2 / 3 * down + near)[-3:]), "two_in_three")
    return high, low


def _last(lines: Floats, length: int) -> Floats:
    """The last rows of lines that each point has of its own; lines for a whole series stay as they are."""
    return lines[-length:] if lines.ndim == 2 else lines


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
