"""How long a wait for a rare event may be, and how fast four may follow each other: exact for the size of the baseline.

Time and exposure: gaps of a Poisson process are exponential, so that a further gap over the mean of m earlier ones follows
F(2, 2m), and the sum of four over four means F(8, 2m). Cases: gaps count trials up to and with the next event. Given how
many trials m + 1 (or m + 4) gaps take together, every arrangement of the events is alike; counting arrangements leaves the
unknown chance of an event out (Fisher's exact test; the wait has the beta-geometric distribution of a Beta(m, n - m + 1)).
So the false rate is right from the first gap on, which mean + 3 sigma is not (Benneyan 2001 for that g chart).

All arrays have one shape; `total` is the sum of `count` gaps of the baseline. Where `count` is 0 results are NaN.
"""

import numpy as np
from scipy.special import betainc, digamma, gammaln, ndtri

from alertd.core.series import Floats

FOUR = 4
"""How many gaps together may be too short: one alone never can, since the first quantile of a gap is next to nothing."""
_STEPS = 4  # of Newton's method, on a scale on which it all but arrives at the first
_NEVER = 1e-300


def longest_wait(total: Floats, count: Floats, tail: float, *, trials: bool) -> Floats:
    """The gap that a further one exceeds with a chance of `tail` (at most that, where gaps count trials)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        wait: Floats = total * np.expm1(-np.log(tail) / count)
        if not trials:
            return wait
        # The logarithm of the chance is all but a straight line over log(n + x - m / 2), with slope -m.
        middle = total - count / 2
        log_size = np.log(np.maximum(middle, 0.5)) - np.log(tail) / count
        for _ in range(_STEPS):
            wait = np.maximum(np.exp(log_size) - middle, 1.0)
            error = _log_chance_of_wait(wait, total, count) - np.log(tail)
            slope = (digamma(total - count + wait) - digamma(total + wait)) * (wait + middle)
            log_size = np.log(wait + middle) - error / slope
        return np.where(np.isnan(count) | (count < 1), np.nan, np.maximum(np.exp(log_size) - middle, 1.0))


def chance_of_wait(wait: Floats, total: Floats, count: Floats, *, trials: bool) -> Floats:
    """The chance that a further gap is at least as long as `wait`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if trials:
            return np.exp(np.minimum(_log_chance_of_wait(wait, total, count), 0.0))
        chance: Floats = np.exp(-count * np.log1p(wait / total))
        return chance


def chance_of_four(four: Floats, total: Floats, count: Floats, *, trials: bool) -> Floats:
    """The chance that four further gaps together are at most as long as `four`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if not trials:
            chance: Floats = betainc(float(FOUR), np.where(count < 1, np.nan, count), four / (four + total))
            return chance
        draws = np.maximum(np.rint(four), FOUR)
        # At least four of m + 3 events among the first `draws` of total + draws - 1 trials: one less the chances of 3 .. 0.
        term = np.exp(
            _log_choose(draws, 3.0) + _log_choose(total - 1, count) - _log_choose(total + draws - 1, count + 3)
        )
        fewer = np.zeros_like(term)
        for events in range(3, -1, -1):
            fewer = fewer + term
            rest = count + FOUR - events
            term = term * events / (draws - events + 1) * np.maximum(total - rest, 0.0) / rest
        return np.where(np.isnan(count) | (count < 1), np.nan, np.clip(1 - fewer, 0.0, 1.0))


def sigmas(chance: Floats) -> Floats:
    """How many sigma of a normal figure a one-sided chance stands for."""
    distance: Floats = -ndtri(np.maximum(chance, _NEVER))
    return distance


def _log_chance_of_wait(wait: Floats, total: Floats, count: Floats) -> Floats:
    chance: Floats = (
        gammaln(total - count + wait) - gammaln(total - count + 1) + gammaln(total + 1) - gammaln(total + wait)
    )
    return chance


def _log_choose(whole: Floats, part: Floats | float) -> Floats:
    """The logarithm of a binomial coefficient; -inf where the part is larger than the whole."""
    chosen: Floats = gammaln(whole + 1) - gammaln(part + 1.0) - gammaln(np.maximum(whole - part, 0.0) + 1)
    return np.where(whole < part, -np.inf, chosen)
