"""Limits of small samples: whole counts beyond which a tail is rare, with the baseline's own uncertainty counted in.

The share or rate is unknown, so what the baseline saw (with Jeffreys' half a case more) is averaged over: a further sample
is beta-binomial or, for rates and counts, gamma-Poisson (negative binomial). Gelman et al., "Bayesian Data Analysis"
(2013), sections 2.4 and 2.6. The counts are small, so each distribution is summed term by term from nought, for all series
at once; that is an order of magnitude faster than inverting it.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import betaincinv, gammaincinv, gammaln, ndtr, ndtri

from alertd.core.detect.base import Rows
from alertd.core.series import Floats

THREE_SIGMA_TAIL = 0.00135
_PRIOR = 0.5
_MOST_TERMS = 1000
"""Beyond so many cases the sum is left, for the spread of the rate and that of counts about it, taken together."""

_LEAST = 1e-250
"""A smaller chance of nought leaves nothing to sum from."""

_Step = Callable[[int, Floats], Floats]


def tail_of(multiplier: float) -> float:
    """The chance of lying beyond a limit on one side: .00135 for three sigma, else that of the normal distribution."""
    return THREE_SIGMA_TAIL if multiplier == 3 else float(ndtr(-multiplier))


def share_limits(sample: Floats, cases: Floats, whole: Floats, tail: float) -> tuple[Floats, Floats]:
    """The smallest and the largest number of cases that are not rare in a sample of a share.

    `sample` is the size of each sample, `cases` of `whole` what the baseline saw; all arrays of one shape, NaN where
    unknown. Fewer than the lower limit, and more than the upper one, each have a chance of at most `tail` under
    BetaBinomial(sample, cases + 1/2, whole - cases + 1/2). Sizes that are no whole numbers are rounded.
    """
    size = np.maximum(np.rint(sample), 1.0)
    rest = np.maximum(whole - cases, 0.0)
    mirrored = cases > rest  # count what is less, so that there are few terms
    few, many = np.where(mirrored, rest, cases) + _PRIOR, np.where(mirrored, cases, rest) + _PRIOR
    with np.errstate(invalid="ignore"):
        first = np.exp(gammaln(many + size) - gammaln(many) - gammaln(few + many + size) + gammaln(few + many))

    def step(term: int, parameters: Floats) -> Floats:
        size, few, many = parameters
        ratio: Floats = (size - term) * (few + term) / ((term + 1) * (many + size - (term + 1)))
        return ratio

    lower, upper, endless = _summed(first, step, np.stack([size, few, many]), tail)
    if len(endless):
        size_there, few, many = size[endless], few[endless], many[endless]
        usual = few / (few + many)
        ends = tuple(size_there * betaincinv(few, many, chance) for chance in (tail, 1 - tail))
        low, high = _of_large_counts(size_there * usual, ends, size_there * usual * (1 - usual), tail)
        lower[endless], upper[endless] = np.maximum(low, 0.0), np.minimum(high, size_there)
    return np.where(mirrored, size - upper, lower), np.where(mirrored, size - lower, upper)


def rate_limits(sample: Floats, cases: Floats, exposure: Floats, tail: float) -> tuple[Floats, Floats]:
    """The smallest and the largest number of cases that are not rare in so much exposure.

    `sample` is the exposure of each sample, `cases` in `exposure` what the baseline saw; all arrays of one shape, NaN
    where unknown. The tails are those of NegativeBinomial(cases + 1/2, exposure / (exposure + sample)).
    """
    shape = cases + _PRIOR
    with np.errstate(invalid="ignore", divide="ignore"):
        more = sample / (exposure + sample)
        first = np.exp(shape * np.log1p(-more))

    def step(term: int, parameters: Floats) -> Floats:
        shape, more = parameters
        ratio: Floats = (shape + term) * more / (term + 1)
        return ratio

    lower, upper, endless = _summed(first, step, np.stack([shape, more]), tail)
    if len(endless):
        relative, shape = sample[endless] / exposure[endless], shape[endless]
        ends = tuple(relative * gammaincinv(shape, chance) for chance in (tail, 1 - tail))
        low, high = _of_large_counts(relative * shape, ends, relative * shape, tail)
        lower[endless], upper[endless] = np.maximum(low, 0.0), high
    return lower, upper


def _of_large_counts(mean: Floats, ends: tuple[Floats, ...], variance: Floats, tail: float) -> tuple[Floats, Floats]:
    """Limits where counts are large: how far the rate may lie (`ends`), and the spread of counts about it, at right angles."""
    spread = ndtri(tail) ** 2 * variance
    low: Floats = np.floor(mean - np.sqrt((mean - ends[0]) ** 2 + spread))
    high: Floats = np.ceil(mean + np.sqrt((ends[1] - mean) ** 2 + spread))
    return low, high


def _summed(first: Floats, step: _Step, parameters: Floats, tail: float) -> tuple[Floats, Floats, Rows]:
    """Lower and upper limits of distributions over 0, 1, 2, ..., and the places of those that never came to an end.

    `first` (one axis) is the chance of 0, and `step(k, parameters)` the chance of k + 1 over that of k.
    """
    lower, upper = np.full(first.shape, np.nan), np.full(first.shape, np.nan)
    vanishing = np.flatnonzero(first < _LEAST)
    place = np.flatnonzero(first >= _LEAST)
    chance, parameters = first[place], parameters[:, place]
    so_far = chance.copy()
    below, above = np.zeros(len(place)), np.zeros(len(place))
    for term in range(_MOST_TERMS):
        below += so_far <= tail
        goes_on = 1 - so_far > tail
        above += goes_on
        left = np.count_nonzero(goes_on)
        if 2 * left <= len(place):  # drop those that are done, not at every term: copying costs too
            done = ~goes_on
            lower[place[done]], upper[place[done]] = below[done], above[done]
            place, chance, so_far = place[goes_on], chance[goes_on], so_far[goes_on]
            below, above, parameters = below[goes_on], above[goes_on], parameters[:, goes_on]
            if not left:
                break
        chance *= step(term, parameters)
        so_far += chance
    return lower, upper, np.concatenate([vanishing, place])
