"""Upper bounds for a count that a model expects, and how far beyond the expected it lies in sigmas.

`delta` is Farrington et al. (1996): the 2/3 power makes counts nearly normal; the variance of the expected count is added.
`nb_plugin` and `muan` are Noufaily et al. (2013), Statist. Med. 32, 1206-1222: a quantile of a negative binomial with the
expected count as its mean, or with an upper quantile of that mean (so `muan` spends alpha twice). All are one-sided.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import betainc, gammainc, gammaincc, ndtri

from alertd.core.series import Floats

_LEAST_CHANCE = 1e-300
_MOST_SIGMAS = -float(ndtri(_LEAST_CHANCE))
_MOST_EXPECTED = 1e12
"""Above this, whole counts are no longer told apart, and there is no bound."""

_UNPINNED = 50.0
"""A variance of a logarithm that only seasons without events have: one event has about one."""


class Bound(NamedTuple):
    """An upper bound, and the figure's place above the expected one in sigmas of a normal distribution."""

    upper: Floats
    """NaN where there is none."""
    sigmas: Floats
    """The quantile of a normal distribution with the same chance above it as there is of such a figure or a greater one."""


def delta(counts: Floats, expected: Floats, log_variance: Floats, phi: Floats, alpha: float) -> Bound:
    """Bound on the 2/3 power scale; `log_variance` is that of the log of the expected count, `phi` the dispersion."""
    with np.errstate(all="ignore"):
        sigma = np.sqrt(4 / 9 * np.cbrt(expected) * (phi + log_variance * expected))
        middle = np.cbrt(expected) ** 2
        upper = (middle - ndtri(alpha) * sigma) ** 1.5
        return Bound(upper, np.minimum((np.cbrt(counts) ** 2 - middle) / sigma, _MOST_SIGMAS))


def nb_plugin(counts: Floats, expected: Floats, phi: Floats, alpha: float) -> Bound:
    """Bound at the quantile 1 - alpha of a negative binomial (at phi 1: Poisson) of that mean and dispersion."""
    sound = (expected < _MOST_EXPECTED) & (phi < _MOST_EXPECTED)
    mean, spread = np.where(sound, expected, 1.0), np.where(sound, phi, 1.0)
    upper = _quantile(mean, spread, 1 - alpha)
    chance = np.clip(_at_least(counts, mean, spread), _LEAST_CHANCE, 1.0)
    return Bound(np.where(sound, upper, np.nan), np.where(sound, -ndtri(chance), np.nan))


def muan(counts: Floats, expected: Floats, log_variance: Floats, phi: Floats, alpha: float) -> Bound:
    """As `nb_plugin`, about the quantile 1 - alpha of the expected count itself.

    A season that never had an event pins no mean from above; there the expected count is taken as it stands.
    """
    with np.errstate(all="ignore"):
        spread = np.where(log_variance < _UNPINNED, log_variance, 0.0)
        higher = expected * np.exp(-ndtri(alpha) * np.sqrt(spread))
    return nb_plugin(counts, higher, phi, alpha)


def _at_most(counts: Floats, mean: Floats, phi: Floats) -> Floats:
    """The chance of a count of at most `counts`, -1 and more."""
    whole = np.maximum(counts, 0.0)
    wide = phi > 1
    spread = np.where(wide, phi, 2.0)
    negative_binomial = betainc(np.maximum(mean, 1e-300) / (spread - 1), whole + 1, 1 / spread)
    chance: Floats = np.where(wide, negative_binomial, gammaincc(whole + 1, mean))
    return np.where(counts < 0, 0.0, chance)


def _at_least(counts: Floats, mean: Floats, phi: Floats) -> Floats:
    """The chance of a count of at least `counts`, exact also where it is tiny."""
    some = np.where(counts > 0, counts, 1.0)
    wide = phi > 1
    spread = np.where(wide, phi, 2.0)
    negative_binomial = betainc(some, np.maximum(mean, 1e-300) / (spread - 1), 1 - 1 / spread)
    chance: Floats = np.where(wide, negative_binomial, gammainc(some, mean))
    return np.where(counts > 0, chance, 1.0)


def _quantile(mean: Floats, phi: Floats, level: float) -> Floats:
    """The smallest whole count with a chance of at least `level` of not being passed.

    It begins at the Cornish-Fisher approximation, widens until the count is between two bounds, then halves.
    """
    z = float(ndtri(level))
    guess = np.floor(mean + z * np.sqrt(phi * mean) + (2 * phi - 1) * (z * z - 1) / 6)
    low = np.maximum(guess - 1, 0.0) - 1  # passed too often, once the first loop ends
    high = np.maximum(guess, 0.0) + 1  # not passed too often, once the second loop ends
    step = np.ones_like(mean)
    while (short := _at_most(low, mean, phi) >= level).any():
        low, step = np.where(short, np.maximum(low - step, -1.0), low), 2 * step
    step = np.ones_like(mean)
    while (short := _at_most(high, mean, phi) < level).any():
        high, step = np.where(short, high + step, high), 2 * step
    while (apart := high - low > 1).any():
        middle = np.floor((low + high) / 2)
        enough = _at_most(middle, mean, phi) >= level
        high = np.where(apart & enough, middle, high)
        low = np.where(apart & ~enough, middle, low)
    return high
