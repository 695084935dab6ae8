"""The mathematics of a funnel: how far places differ beyond chance, and the limits that a place of some size may reach.

Sources: D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24 (2005),
and Spiegelhalter and others, "Statistical methods for healthcare regulation", JRSS A 175 (2012). Arrays are one figure a
place. Counts are taken as counts: binomial for a share, Poisson for a rate.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import betaincc, gammaincc, ndtri

from alertd.core.series import Bools, Floats

_PUBLISHED = {10.0: 0.68}
"""The variance of winsorised z-scores where a rounded one is in use: exactly it is 0.6787."""
_TOLD_APART = 1e15
"""Beyond this, neighbouring counts are one and the same number to the machine, and no search would end."""


class Scale(NamedTuple):
    """A scale on which the standard error of numerator over denominator n is 1 / (2 sqrt n), whatever the figure is."""

    to: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]
    """The way back, where the scale's end stands for all that lies beyond it."""


def _arcsine(share: Floats) -> Floats:
    angle: Floats = np.arcsin(np.sqrt(np.clip(share, 0, 1)))
    return angle


def _from_arcsine(angle: Floats) -> Floats:
    share: Floats = np.sin(np.clip(angle, 0, np.pi / 2)) ** 2
    return share


def _root(rate: Floats) -> Floats:
    root: Floats = np.sqrt(rate)
    return root


def _from_root(root: Floats) -> Floats:
    rate: Floats = np.maximum(root, 0) ** 2
    return rate


SHARE = Scale(_arcsine, _from_arcsine)
"""For a part of a whole. An angle below zero is 0: its sine squared would rise again."""
RATE = Scale(_root, _from_root)
"""For a count over an exposure, or over the count that was expected."""


class Spread(NamedTuple):
    """How much places differ: `phi` times as much as chance makes them, by a standard deviation between them of `tau`."""

    phi: float
    tau_squared: float


def z_limit(percent: float) -> float:
    """How many standard errors hold so many percent of a normal distribution, both sides together."""
    return float(ndtri(0.5 + percent / 200))


def winsorised(z: Floats, percent: float) -> Floats:
    """Scores whose outermost so many percent, at either end, are drawn in to the quantiles there (linear, R's type 7)."""
    if percent == 0:
        return z
    first, last = np.quantile(z, [percent / 100, 1 - percent / 100])
    drawn_in: Floats = np.clip(z, first, last)
    return drawn_in


def winsorised_variance(percent: float) -> float:
    """The variance of standard normal scores that were winsorised by so many percent: what `phi` is without overdispersion.

    With a the quantile that is drawn in to and q the share beyond it, (1 - 2q) - 2 a phi(a) + 2 q a^2. At 10% that is
    0.6787, and 0.68 is what is published and used.
    """
    if percent == 0:
        return 1.0
    if percent in _PUBLISHED:
        return _PUBLISHED[percent]
    beyond = percent / 100
    quantile = float(ndtri(1 - beyond))
    density = math.exp(-(quantile**2) / 2) / math.sqrt(2 * math.pi)
    return (1 - 2 * beyond) - 2 * quantile * density + 2 * beyond * quantile**2


def spread(z: Floats, s: Floats, variance: float = 1.0) -> Spread:
    """How much places differ beyond chance, from their (winsorised) scores and their standard errors.

    tau^2 is DerSimonian and Laird's, with phi over its expected `variance`: FunnelPlotR leaves that at 1, which finds too
    little after winsorising.
    """
    count = len(z)
    weight = 1 / s**2
    total = float(weight.sum())
    phi = float(np.square(z).sum()) / count
    room = float((weight * (1 - weight / total)).sum())  # sum w - sum w^2 / sum w
    return Spread(phi, max(0.0, (count * phi / variance - (count - 1)) / room) if room > 0 else 0.0)


def adjusted_limits(scale: Scale, target: float, s: Floats, z: float, tau_squared: float) -> tuple[Floats, Floats]:
    """The limits of a random-effects funnel: the target, give or take z times sqrt(s^2 + tau^2), on a scale and back."""
    middle = scale.to(np.asarray(target))
    reach = z * np.sqrt(s**2 + tau_squared)
    return scale.back(middle - reach), scale.back(middle + reach)


def binomial_limits(target: float, n: Floats, percent: float) -> tuple[Floats, Floats]:
    """Limits for a share of n by chance alone: interpolated binomial quantiles (Spiegelhalter 2005, appendix A.1.1)."""

    def below(count: Floats, size: Floats) -> Floats:
        """P(X <= count), for counts from -1 to the size."""
        known = betaincc(np.maximum(count, 0) + 1, np.maximum(size - count, 1e-300), target)
        found: Floats = np.where(count < 0, 0.0, np.where(count >= size, 1.0, known))
        return found

    sizes, where = np.unique(n, return_inverse=True)
    mean = sizes * target
    lower, upper = _quantiles(below, sizes, mean, mean * (1 - target), 1 - 2 * target, sizes, percent)
    return np.clip(lower / sizes, 0, target)[where], np.clip(upper / sizes, target, 1)[where]


def poisson_limits(target: float, n: Floats, percent: float) -> tuple[Floats, Floats]:
    """Limits for a rate over an exposure n by chance alone: interpolated Poisson quantiles.

    They predict a count where so many are expected. The chi-square limits that FunnelPlotR calls exact are the interval
    for an expected count where so many were seen, and their tails are far from the nominal ones at small counts.
    """

    def below(count: Floats, expected: Floats) -> Floats:
        """P(X <= count), for counts from -1."""
        found: Floats = np.where(count < 0, 0.0, gammaincc(np.maximum(count, 0) + 1, expected))
        return found

    sizes, where = np.unique(n, return_inverse=True)
    mean = sizes * target
    lower, upper = _quantiles(below, mean, mean, mean, 1.0, np.full(sizes.shape, np.inf), percent)
    return np.clip(lower / sizes, 0, target)[where], np.maximum(upper / sizes, target)[where]


def _quantiles(
    below: Callable[[Floats, Floats], Floats],
    size: Floats,
    mean: Floats,
    variance: Floats,
    skew: float,
    most: Floats,
    percent: float,
) -> tuple[Floats, Floats]:
    """The interpolated quantiles at either end: r - (F(r) - p) / (F(r) - F(r - 1)), r the smallest count with F(r) >= p.

    `below` is F, of a count and the place's own size. The search begins at the Cornish-Fisher expansion.
    """
    ends = []
    for p in (0.5 - percent / 200, 0.5 + percent / 200):
        z = float(ndtri(p))
        guess = np.clip(np.floor(mean + z * np.sqrt(variance) + skew * (z**2 - 1) / 6), 0, np.floor(most))
        count, here, before = _smallest(below, guess, size, most, p)
        ends.append(count - (here - p) / np.maximum(here - before, 1e-300))
    return ends[0], ends[1]


def _smallest(
    below: Callable[[Floats, Floats], Floats], count: Floats, size: Floats, most: Floats, p: float
) -> tuple[Floats, Floats, Floats]:
    """The smallest counts whose cumulative share is p, with that and the one before, from a guess a step or two off."""
    here, before = below(count, size), below(count - 1, size)
    here[count > _TOLD_APART], before[count > _TOLD_APART] = p, -np.inf  # the guess is as near as can be
    while len(short := np.flatnonzero((here < p) & (count < most))):
        count[short] += 1
        before[short], here[short] = here[short], below(count[short], size[short])
    while len(far := np.flatnonzero(before >= p)):
        count[far] -= 1
        here[far], before[far] = before[far], below(count[far] - 1, size[far])
    return count, here, before


def beyond(figure: Floats, lower: Floats, upper: Floats) -> tuple[Bools, Bools]:
    """Where figures lie strictly above or below their limits, by more than rounding could have put them there."""
    near = 1e-12 * np.maximum(np.abs(lower), np.abs(upper))
    return figure > upper + near, figure < lower - near
