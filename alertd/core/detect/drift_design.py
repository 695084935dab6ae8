"""What limits give a wanted interval between false alarms: exact where the usual level is known, simulated where it is not.

Tables of CUSUMs and EWMAs take the mean and sigma as known. From 24 periods they are not: a frozen chart designed for 370
periods then has a median of 115. So limits are found by letting the detector itself judge noise, with baselines of the same
length, gap and kind.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy.special import ndtr

from alertd.core.detect.baselines import Plan
from alertd.core.detect.drift_levels import levels
from alertd.core.detect.drift_sums import cusum, ewma
from alertd.core.detect.drift_table import IN_THE_FRAMEWORK, INTERVALS, SIMULATED
from alertd.core.parameters.baseline import Window
from alertd.core.series import Floats

Method = Literal["cusum", "ewma"]
_NODES = 64
_AT, _WEIGHTS = np.polynomial.legendre.leggauss(_NODES)
_SEED = 2014
_BURN_IN = 60
"""Periods from the start that do not count: a statistic that begins at 0 takes its time."""
_JUDGED = 3_000_000
"""Periods that are simulated for one limit."""
_CLOSE_ENOUGH = 0.002
"""How far the simulated false-alarm rate may be from the wanted one, as a share of it; its sampling error is larger."""


def cusum_interval(k: float, h: float, shift: float = 0.0, *, two_sided: bool = True) -> float:
    """The average periods to an alarm of a CUSUM whose level and sigma are known, after a lasting shift in sigma.

    Page's integral equation by Gauss-Legendre quadrature. Two sums, which cannot both be beyond k at once, raise alarms
    one by one (van Dobben de Bruyn, 1968), so that their rates add up.
    """
    if two_sided:
        return 1 / (
            1 / cusum_interval(k, h, shift, two_sided=False) + 1 / cusum_interval(k, h, -shift, two_sided=False)
        )
    at = np.concatenate([[0.0], (_AT + 1) * h / 2])
    kernel = np.empty((_NODES + 1, _NODES + 1))
    kernel[:, 0] = ndtr(k - at - shift)
    kernel[:, 1:] = _density(at[1:] + k - at[:, None] - shift) * _WEIGHTS * h / 2
    return _expected(kernel)


def ewma_interval(weight: float, width: float, shift: float = 0.0) -> float:
    """The average periods to an alarm of an EWMA with constant limits whose level and sigma are known.

    The integral equation of Crowder (1987) by Gauss-Legendre quadrature.
    """
    reach = width * math.sqrt(weight / (2 - weight))
    at = np.concatenate([[0.0], _AT * reach])
    kernel = np.zeros((_NODES + 1, _NODES + 1))
    kernel[:, 1:] = _density((at[1:] - (1 - weight) * at[:, None]) / weight - shift) * _WEIGHTS * reach / weight
    return _expected(kernel)


def exact_limit(method: Method, weight: float, interval: float) -> float:
    """The h of a CUSUM with k = `weight`, or the width of an EWMA, that gives an interval where all is known."""
    found: Callable[[float, float], float] = cusum_interval if method == "cusum" else ewma_interval
    low, high = (0.0, 2.0) if method == "cusum" else (0.1, 2.0)
    while found(weight, high) < interval:
        low, high = high, 2 * high
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if found(weight, middle) < interval else (low, middle)
    return (low + high) / 2


def limit_for(method: Method, weight: float, chosen: Plan, interval: int) -> float:
    """The h of a CUSUM with k = `weight`, or the width of an EWMA, for a baseline and a wanted interval of false alarms.

    The interval is that of a great many series together: in so many periods of unchanging, independent, normal figures
    there is one alarm, above or below. With a frozen baseline, a few series whose baseline lay far off have most of the
    alarms, so that short ones need wide limits and find little; a rolling one serves better. Common baselines are looked
    up; others are simulated once, in a second or two. The true interval is within about 5% of the wanted one (two standard
    errors; 2% where looked up), 10% where alarms are rarer than one in 2,000. Figures that depend on the last one give
    more alarms: one in 90 periods instead of 370 at a correlation of .2, one in 50 at .3.
    """
    periods = 0 if chosen.window is Window.ALL else chosen.length
    rolling = chosen.window is Window.LAST
    design = (method, round(weight, 6), rolling, periods, chosen.gap if rolling else 0)
    if (*design, interval) in IN_THE_FRAMEWORK:
        return IN_THE_FRAMEWORK[*design, interval]
    known = SIMULATED.get(design)
    if known is not None and INTERVALS[0] <= interval <= INTERVALS[-1]:
        return float(np.interp(math.log(interval), np.log(INTERVALS), known))
    return simulated_limit(method, weight, (periods, chosen.gap if rolling else 0), interval, rolling=rolling)


@lru_cache(maxsize=256)
def simulated_limit(
    method: Method, weight: float, baseline: tuple[int, int], interval: float, *, rolling: bool
) -> float:
    """The limit for a baseline of so many periods (0: level and sigma are known) and a gap, by simulation.

    The same call always gives the same limit.
    """
    noise = standardised_noise(*baseline, rolling=rolling)
    return limit_on(noise, method, weight, interval, exact_limit(method, weight, interval))


def limit_on(noise: Floats, method: Method, weight: float, interval: float, start: float) -> float:
    """The limit under which standardised noise (periods x series) raises an alarm in so many periods, sought from `start`."""

    def excess_of_alarms(limit: float) -> float:
        """The logarithm of the alarms that there are over those that are wanted."""
        walk = (cusum if method == "cusum" else ewma)(noise, weight, limit)
        judged = walk.side[_BURN_IN:]
        alarms = int(np.count_nonzero(judged))
        return math.log(max(alarms, 0.5) * interval / judged.size)

    return _root(excess_of_alarms, start)


def standardised_noise(length: int, gap: int, *, rolling: bool, seed: int = _SEED) -> Floats:
    """Independent normal figures as the detector sees them: periods x series, standardised by baselines of themselves."""
    rng = np.random.default_rng(seed)
    periods = 600 if rolling or not length else 160  # a frozen baseline is drawn once a series: more series
    series = _JUDGED // (periods - _BURN_IN)
    if not length:
        return rng.standard_normal((periods, series))
    if rolling and length > 30:  # long baselines take long, and vary less
        series = max(1000, series * 30 // length)
    first = length + gap - 1 if rolling else length
    chosen = Plan(Window.LAST if rolling else Window.FIRST, length, gap, length, 0, 0)
    parts = []
    for start in range(0, series, 8192):
        noise = rng.standard_normal((first + periods, min(8192, series - start)))
        segment = np.broadcast_to(np.int64(0), noise.shape)
        parts.append(levels(chosen, noise, segment, len(noise), 0).standardised(noise)[first:])
    return np.concatenate(parts, axis=1)


def _root(falling: Callable[[float], float], start: float) -> float:
    """Where a falling, nearly straight function is 0, by secants."""
    before, value_before = start, falling(start)
    now = max(start + value_before / 1.5, start / 2)
    for _ in range(12):
        value = falling(now)
        if abs(value) < _CLOSE_ENOUGH or value == value_before:
            break
        slope = (value - value_before) / (now - before)
        before, value_before = now, value
        now -= value / slope if slope < 0 else -value / 2
    return now


def _expected(kernel: Floats) -> float:
    """The expected number of steps from the first state until the chain that the kernel describes ends."""
    steps = np.linalg.solve(np.eye(len(kernel)) - kernel, np.ones(len(kernel)))
    return float(steps[0])


def _density(x: Floats) -> Floats:
    normal: Floats = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    return normal
