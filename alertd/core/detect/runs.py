"""Patterns on a control chart: points beyond a limit, and runs of points, each on its own side of the centre line.

A signal holds at a period when its trailing pattern is complete there; a pattern that is asked for whole (two of three,
four of five) needs all its periods, and the newest is one of those that count. A missing period is in no pattern and breaks
every run. Lines belong to nobody: a point on the centre line is on no side, one on a limit or a zone's edge is not beyond
it, and a step of nothing neither rises nor falls. Comparisons allow for the rounding of sums, so that a point that lies on
a line is never beyond it.

Patterns of too little or too much variation (stratified, alternating, eight outside) have no side of their own. They stand
on both, so that they count as a concern whichever way is better, and never as an improvement alone.
"""

from collections.abc import Collection

import numpy as np

from alertd.core.detect.base import how_many
from alertd.core.rulesets import RuleSet, signal_bit
from alertd.core.series import Bools, Floats
from alertd.core.verdicts import Masks

_CLOSE = 1e-12


def pattern_signals(
    recent: Floats, centre: Floats, up: Floats, down: Floats, rule_set: RuleSet, wanted: Collection[str]
) -> tuple[Masks, Masks]:
    """The signals that hold at the last row of `recent` (periods x series): masks for the upper and the lower side.

    `centre` is the centre line, `up` and `down` are the distances from it to the limits, for each series or for each point;
    zones are thirds of them. A limit that is NaN or infinite is never passed.
    """
    series = recent.shape[1]
    high, low = np.zeros(series, dtype=np.uint32), np.zeros(series, dtype=np.uint32)
    if "astronomical" in wanted:
        newest = _Points(recent[-1:], *(_last(lines, 1) for lines in (centre, up, down)))
        _set(high, newest.beyond(3)[0], "astronomical")
        _set(low, newest.beneath(3)[0], "astronomical")
    length = min(rule_set.periods_of(wanted), len(recent))
    if length < 2:
        return high, low
    recent = recent[-length:]
    points = _Points(recent, *(_last(lines, length) for lines in (centre, up, down)))
    if "shift" in wanted and length >= rule_set.shift:
        _set(high, points.beyond(0)[-rule_set.shift :].all(axis=0), "shift")
        _set(low, points.beneath(0)[-rule_set.shift :].all(axis=0), "shift")
    if "two_in_three" in wanted and length >= 3:
        _two_in_three(high, low, points, near_points_only=rule_set.near_points_only)
    if "four_in_five" in wanted and length >= 5:
        known = ~np.isnan(recent[-5:]).any(axis=0)
        _set(high, _some_and_newest(points.beyond(1)[-5:], 4) & known, "four_in_five")
        _set(low, _some_and_newest(points.beneath(1)[-5:], 4) & known, "four_in_five")
    _steps(high, low, recent, rule_set, wanted)
    _spread(high, low, points, rule_set, wanted)
    return high, low


class _Points:
    """Points of a pattern and the lines about them; masks (periods x series) of those beyond a third of the way, or more."""

    def __init__(self, figures: Floats, centre: Floats, up: Floats, down: Floats) -> None:
        with np.errstate(invalid="ignore"):
            self.away: Floats = figures - centre
            # The slack about the centre must stay small where a limit is infinite or missing.
            widest = np.fmax(np.where(np.isfinite(up), up, 0.0), np.where(np.isfinite(down), down, 0.0))
            self.near = slack(centre, widest)
        self.up, self.down = up, down

    def beyond(self, thirds: int) -> Bools:
        """Above the line so many thirds of the way from the centre line (0) to the upper limit (3)."""
        with np.errstate(invalid="ignore"):
            found: Bools = self.away > (thirds / 3 * self.up + self.near if thirds else self.near)
        return found

    def beneath(self, thirds: int) -> Bools:
        """Below the line so many thirds of the way from the centre line (0) to the lower limit (3)."""
        with np.errstate(invalid="ignore"):
            found: Bools = -self.away > (thirds / 3 * self.down + self.near if thirds else self.near)
        return found


def _two_in_three(high: Masks, low: Masks, points: _Points, *, near_points_only: bool) -> None:
    """The newest point and another of the last three beyond two thirds; how the third may lie depends on the dialect."""
    known = ~np.isnan(points.away[-3:]).any(axis=0)
    above, below = points.beyond(2)[-3:], points.beneath(2)[-3:]
    if near_points_only:
        above, below = above & ~points.beyond(3)[-3:], below & ~points.beneath(3)[-3:]
        over, under = points.beyond(0)[-3:].all(axis=0), points.beneath(0)[-3:].all(axis=0)
    else:
        over = under = known
    _set(high, _some_and_newest(above, 2) & over & known, "two_in_three")
    _set(low, _some_and_newest(below, 2) & under & known, "two_in_three")


def _steps(high: Masks, low: Masks, recent: Floats, rule_set: RuleSet, wanted: Collection[str]) -> None:
    """Patterns of steps from one period to the next: a trend, and a sawtooth."""
    if not {"trend", "alternating"} & set(wanted):
        return
    with np.errstate(invalid="ignore"):
        rising, falling = recent[1:] > recent[:-1], recent[1:] < recent[:-1]
    if "trend" in wanted and len(recent) >= rule_set.trend:
        _set(high, rising[-rule_set.trend + 1 :].all(axis=0), "trend")
        _set(low, falling[-rule_set.trend + 1 :].all(axis=0), "trend")
    if "alternating" in wanted and len(recent) >= rule_set.alternating:
        rising, falling = rising[-rule_set.alternating + 1 :], falling[-rule_set.alternating + 1 :]
        turns = (rising[1:] & falling[:-1]) | (falling[1:] & rising[:-1])
        _set_both(high, low, turns.all(axis=0), "alternating")


def _spread(high: Masks, low: Masks, points: _Points, rule_set: RuleSet, wanted: Collection[str]) -> None:
    """Patterns of distance from the centre line: all points close to it, and none close to it with both sides taken."""
    if not {"stratified", "eight_outside"} & set(wanted):
        return
    above, below = points.beyond(1), points.beneath(1)
    if "stratified" in wanted and len(above) >= rule_set.stratified:
        inside = ~(above | below) & ~np.isnan(points.away)
        _set_both(high, low, inside[-rule_set.stratified :].all(axis=0), "stratified")
    if "eight_outside" in wanted and len(above) >= rule_set.eight_outside:
        over, under = above[-rule_set.eight_outside :], below[-rule_set.eight_outside :]
        outside = (over | under).all(axis=0) & over.any(axis=0) & under.any(axis=0)
        _set_both(high, low, outside, "eight_outside")


def _some_and_newest(there: Bools, need: int) -> Bools:
    found: Bools = there[-1] & (how_many(there) >= need)
    return found


def _last(lines: Floats, length: int) -> Floats:
    """The last rows of lines that each point has of its own; lines for a whole series stay as they are."""
    return lines[-length:] if lines.ndim == 2 else lines


def runs_on_one_side(inside: Floats, centre: Floats, sigma: Floats, length: int) -> Bools:
    """Where points (periods x series) belong to a run of at least `length` neighbours strictly on one side."""
    near = slack(centre, sigma)
    with np.errstate(invalid="ignore"):
        return _long_runs(inside - centre > near, length) | _long_runs(inside - centre < -near, length)


def _long_runs(there: Bools, length: int) -> Bools:
    whole, reached = there, 1  # whole[i]: a run of `reached` begins at row i
    while reached < length:
        step = min(reached, length - reached)
        whole = whole[:-step] & whole[step:]
        reached += step
    found = np.zeros_like(there)
    if whole.any():
        for row in range(length):
            found[row : row + len(whole)] |= whole
    return found


def slack(centre: Floats, sigma: Floats) -> Floats:
    """How far beyond a line a point must lie before rounding cannot have put it there."""
    near: Floats = _CLOSE * (np.abs(centre) + sigma)
    return near


def _set_both(high: Masks, low: Masks, where: Bools | np.bool_, name: str) -> None:
    _set(high, where, name)
    _set(low, where, name)


def _set(mask: Masks, where: Bools | np.bool_, name: str) -> None:
    mask[where] |= np.uint32(signal_bit(name))
