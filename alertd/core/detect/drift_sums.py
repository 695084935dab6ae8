"""CUSUM and EWMA: how far standardised figures have drifted, period by period, with a new start after each alarm.

Sources: Page, "Continuous inspection schemes" (Biometrika 41, 1954); Roberts, "Control chart tests based on geometric
moving averages" (Technometrics 1, 1959), with the limits that widen from the start, as in Montgomery's textbook.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alertd.core.series import Bools, Floats

_CLOSE = 1 + 1e-12
"""A statistic that rounding has put beyond its limit is on it."""


class Walk(NamedTuple):
    """The way of a statistic through the periods: arrays of periods x series, in sigma of the figures."""

    statistic: Floats
    limit: Floats
    """How far from 0 the statistic may be, on either side."""
    side: NDArray[np.int8]
    """+1 where an alarm is raised above, -1 where below, else 0."""


def cusum(z: Floats, k: float, h: float, restart: Bools | None = None) -> Walk:
    """A two-sided CUSUM of standardised figures (periods x series) with allowance `k` and decision limit `h`.

    The statistic is the larger of the two sums, the lower one with a minus. A missing figure (NaN) carries both sums on. They
    begin anew after an alarm, and where `restart` (periods x series) says so.
    """
    up, down = np.zeros((2, z.shape[1]))
    statistic, side = np.empty_like(z), np.zeros(z.shape, dtype=np.int8)
    for row, now in enumerate(z):
        _begin_anew(restart, row, up, down)
        gone = np.isnan(now)
        some_gone = bool(gone.any())
        for total, step in ((up, now - k), (down, -now - k)):
            if some_gone:
                step[gone] = 0.0
            total += step
            np.maximum(total, 0.0, out=total)
        statistic[row] = np.where(up >= down, up, -down)
        _raise_alarms(statistic[row], h, side[row], up, down)
    return Walk(statistic, np.broadcast_to(np.float64(h), z.shape), side)


def ewma(z: Floats, weight: float, width: float, restart: Bools | None = None) -> Walk:
    """An EWMA of standardised figures (periods x series), `weight` the newest one's, limits `width` of its own sigma wide.

    A missing figure (NaN) carries mean and limits on. Both begin anew after an alarm, and where `restart` says so.
    """
    mean, variance = np.zeros((2, z.shape[1]))
    statistic, limit, side = np.empty_like(z), np.empty_like(z), np.zeros(z.shape, dtype=np.int8)
    for row, now in enumerate(z):
        _begin_anew(restart, row, mean, variance)
        known = ~np.isnan(now)
        everywhere = bool(known.all())
        moved = mean + weight * (now - mean)
        widened = (1 - weight) ** 2 * variance + weight**2
        mean = moved if everywhere else np.where(known, moved, mean)
        variance = widened if everywhere else np.where(known, widened, variance)
        statistic[row] = mean
        np.multiply(np.sqrt(variance), width, out=limit[row])
        _raise_alarms(mean, limit[row], side[row], mean, variance)
    return Walk(statistic, limit, side)


def _begin_anew(restart: Bools | None, row: int, *sums: Floats) -> None:
    if restart is not None and restart[row].any():
        for total in sums:
            total[restart[row]] = 0.0


def _raise_alarms(statistic: Floats, limit: Floats | float, side: NDArray[np.int8], *sums: Floats) -> None:
    """Write the sides of alarms, and begin anew after them."""
    alarms = np.flatnonzero(np.abs(statistic) > limit * _CLOSE)
    if len(alarms):
        side[alarms] = np.sign(statistic[alarms]).astype(np.int8)
        for total in sums:
            total[alarms] = 0.0
