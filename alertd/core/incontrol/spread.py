"""How much series vary by chance: from differences between neighbours, so that neither drift nor a step counts as noise.

Half the mean squared difference of figures `lag` periods apart (the semivariogram) is a variance that a moving level hardly
touches: von Neumann, Kent, Bellinson and Hart (1941), Annals of Mathematical Statistics 12, 153-162. How it grows with the
lag tells the autocorrelation: Cressie, "Statistics for Spatial Data" (1993), 2.4. Spreads of few figures are drawn towards
what the other series of the measure have, as far as series are alike: Smyth (2004), Statistical Applications in Genetics
and Molecular Biology 3, article 3.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import polygamma

from alertd.core.detect.runs import runs_on_one_side, slack
from alertd.core.detect.xmr import ABSORBED_RUN
from alertd.core.series import Bools, Floats, Ints

FEWEST_POINTS = 6
"""With fewer figures a series borrows its spread from the others."""
MOST_AUTOCORRELATION = 0.6
LEAST_AUTOCORRELATION = 0.05
_FAR_LAGS = (3, 4)
_CHUNKS = 9
"""The history is cut into so many pieces, left out one after the other, to tell how sure the autocorrelation is."""
_SURE = 2.5  # standard errors, with so few pieces
_WITHIN = 0.9733
"""The variance of a normal figure that lies within three sigma: what is left when those beyond have left."""
_MEAN_RANGE = 2 / math.sqrt(math.pi)  # of two normal figures, in standard deviations


class Spreads(NamedTuple):
    """Variances of each series, NaN where there is nothing to tell them from, and how sure they are."""

    variance: Floats
    freedom: Floats
    """How many independent squares say as much."""


def outstanding(figures: Floats, stride: int, least: float | Floats) -> Bools:
    """Figures that are no noise: three sigma from the median, of no run of seven on one side (periods x series).

    As the rolling baseline leaves them out, but that the run lies half a sigma away, so that it is a new level and no chance.
    Sigma is the mean moving range's, and `least` at least; moving ranges are smaller where neighbours are alike.
    """
    centre = median(figures)
    alike = autocorrelation(figures, stride)
    ranges = np.abs(_differences(figures, stride))
    there = ~np.isnan(ranges)
    with np.errstate(invalid="ignore", divide="ignore"):
        sigma = np.where(there, ranges, 0.0).sum(axis=0) / there.sum(axis=0) / (_MEAN_RANGE * math.sqrt(1 - alike))
        sigma = np.fmax(sigma, least)
        far: Bools = np.abs(figures - centre) > 3 * sigma + slack(centre, sigma)
        if not far.any():
            return far
        away = figures - centre
        away -= np.clip(away, -sigma / 2, sigma / 2)
    nought = np.zeros_like(sigma)
    for start in range(stride):
        far[start::stride] &= ~runs_on_one_side(away[start::stride], nought, nought, ABSORBED_RUN)
    return far


def spreads(figures: Floats, stride: int) -> Spreads:
    """The variance of each series as neighbours differ; where few stand together, as figures differ from their mean.

    Of figures without those that stand out, three sigma away.
    """
    halves = _differences(figures, stride) ** 2 / 2
    pairs = np.count_nonzero(~np.isnan(halves), axis=0)
    points = np.count_nonzero(~np.isnan(figures), axis=0)
    by_pairs = pairs >= FEWEST_POINTS - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        near = np.where(np.isnan(halves), 0.0, halves).sum(axis=0) / pairs
        about = figures - np.where(np.isnan(figures), 0.0, figures).sum(axis=0) / points
        whole = np.where(np.isnan(about), 0.0, about**2).sum(axis=0) / (points - 1)
    # Neighbouring differences share a figure: their mean square is as sure as two thirds as many independent squares.
    freedom = np.where(by_pairs, pairs * 2 / 3, np.maximum(points - 1, 0))
    variance = np.where(by_pairs, near, np.where(points >= 2, whole, np.nan))
    return Spreads(variance / _WITHIN, freedom)


def autocorrelation(figures: Floats, stride: int) -> float:
    """The autocorrelation between neighbours that all series have in common; 0 where it is not significant.

    For an autoregression of the first order the semivariogram at lag k over that at lag 1 is 1 + r + .. + r^(k-1). Every
    series counts alike, less its own straight line. What is significant is told by leaving out pieces of time, since series
    move together.
    """
    if stride > 1 or len(figures) < 3 * max(_FAR_LAGS):
        return 0.0
    figures = _without_trend(figures)
    near = _differences(figures, 1)[max(_FAR_LAGS) - 1 :] ** 2
    far = np.stack([_differences(figures, lag)[max(_FAR_LAGS) - lag :] ** 2 for lag in _FAR_LAGS])
    both = ~np.isnan(near) & ~np.isnan(far).any(axis=0)
    enough = both.sum(axis=0) >= FEWEST_POINTS
    near, far = np.where(both, near, 0.0)[:, enough], np.where(both, far.mean(axis=0), 0.0)[:, enough]
    scale = near.sum(axis=0) + far.sum(axis=0)
    moving = scale > 0
    if not moving.any():
        return 0.0
    with np.errstate(over="ignore"):
        at_one, at_far = (near[:, moving] / scale[moving]).sum(axis=1), (far[:, moving] / scale[moving]).sum(axis=1)
    pieces = np.array_split(np.arange(len(at_one)), min(_CHUNKS, len(at_one)))
    whole = _solved(at_far.sum(), at_one.sum())
    without = np.array([_solved(at_far.sum() - at_far[one].sum(), at_one.sum() - at_one[one].sum()) for one in pieces])
    error = math.sqrt((len(pieces) - 1) * float(((without - without.mean()) ** 2).mean()))
    if whole < LEAST_AUTOCORRELATION or whole < _SURE * error:
        return 0.0
    return min(whole, MOST_AUTOCORRELATION)


def _without_trend(figures: Floats) -> Floats:
    """Figures less a straight line through each series, so that no slow drift is taken for a memory."""
    there = ~np.isnan(figures)
    points = np.maximum(there.sum(axis=0), 1)
    rows = np.where(there, np.arange(len(figures))[:, None], 0.0)
    time = np.where(there, rows - rows.sum(axis=0) / points, 0.0)
    squares = (time**2).sum(axis=0)
    with np.errstate(all="ignore"):
        slope = (time * np.where(there, figures, 0.0)).sum(axis=0) / np.where(squares > 0, squares, np.inf)
        flat: Floats = figures - time * np.where(np.isfinite(slope), slope, 0.0)
    return flat


def _solved(far: float, near: float) -> float:
    """The r for which the mean of 1 + r + r^2 and 1 + r + r^2 + r^3 is far / near; between -.5 and .95."""
    if not near > 0:
        return 0.0
    wanted, low, high = far / near, -0.5, 0.95
    for _ in range(40):
        middle = (low + high) / 2
        if 1 + middle + middle**2 + middle**3 / 2 < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def drawn_together(own: Spreads, usual: Floats) -> Floats:
    """The spread of each series between its own and the usual one, as series differ more or less than chance allows.

    The usual spread has as much weight as the freedom of the prior that fits the ratios own / usual (Smyth 2004, 6.2).
    """
    ratio = own.variance / usual
    with np.errstate(invalid="ignore"):
        told = (own.freedom >= 2) & (ratio > 0) & np.isfinite(ratio)
    if np.count_nonzero(told) < 4:
        return np.where(np.isnan(own.variance) | (own.freedom < 2), usual, own.variance)
    logs, half = np.log(ratio[told]), own.freedom[told] / 2
    excess = float(np.var(logs, ddof=1) - polygamma(1, half).mean())
    prior = math.inf if excess <= 0 else 2 * _inverse_trigamma(excess)
    if math.isinf(prior):
        return usual.copy()
    variance, freedom = np.where(np.isnan(own.variance), usual, own.variance), own.freedom
    return (prior * usual + freedom * variance) / (prior + freedom)


def _inverse_trigamma(wanted: float) -> float:
    """The x at which trigamma(x) is so much, by Newton's method on 1 / trigamma (Smyth 2004, appendix)."""
    if wanted > 1e7:
        return 1 / math.sqrt(wanted)
    if wanted < 1e-6:
        return 1 / wanted
    x = 0.5 + 1 / wanted
    for _ in range(50):
        value = float(polygamma(1, x))
        change = value * (1 - value / wanted) / float(polygamma(2, x))
        x += change
        if -change / x < 1e-8:
            break
    return x


def usual_phi(own: Spreads, size: Floats, least: float) -> Floats:
    """The phi that is usual for a series of its size: `least` and more, in a straight line with size.

    Overdispersion that is a share of the level (places that differ in how they vary) grows with the level; what is added
    to each case alike does not. Weighted least squares with both slopes at least 0, large ratios drawn in.
    """
    told = np.isfinite(own.variance) & (own.freedom >= 2) & np.isfinite(size)
    if not told.any():
        return np.full(len(size), np.nan if least == 0 else least)
    phi, scaled, freedom = own.variance[told], size[told], own.freedom[told]
    centre = max(float((freedom * phi).sum() / freedom.sum()), least)
    unit = max(float(scaled.max()), 1e-300)
    flat, slope = max(centre - least, 0.0), 0.0
    for _ in range(4):
        fitted = least + flat + slope * scaled / unit
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            weight = np.where(fitted > 0, freedom / np.maximum(fitted, 1e-12) ** 2, 0.0)
        above = np.minimum(phi, 3 * fitted) - least if least > 0 else phi
        flat, slope = _not_negative(above, scaled / unit, weight / max(float(weight.max()), 1e-300))
    return least + flat + slope * np.where(np.isfinite(size), size, 0.0) / unit


def _not_negative(figures: Floats, size: Floats, weight: Floats) -> tuple[float, float]:
    """Constant and slope of weighted least squares, neither below 0."""
    total, first, second = float(weight.sum()), float((weight * size).sum()), float((weight * size**2).sum())
    level, moment = float((weight * figures).sum()), float((weight * size * figures).sum())
    inverse = total * second - first**2
    if inverse > 1e-12 * total * second:
        flat, slope = (second * level - first * moment) / inverse, (total * moment - first * level) / inverse
        if flat >= 0 and slope >= 0:
            return flat, slope
    alone = max(level / total, 0.0) if total > 0 else 0.0
    rising = max(moment / second, 0.0) if second > 0 else 0.0
    error_flat = float((weight * (figures - alone) ** 2).sum())
    error_rising = float((weight * (figures - rising * size) ** 2).sum())
    return (alone, 0.0) if error_flat <= error_rising else (0.0, rising)


def _differences(figures: Floats, lag: int) -> Floats:
    return figures[lag:] - figures[:-lag] if lag < len(figures) else np.full((0, figures.shape[1]), np.nan)


def median(figures: Floats) -> Floats:
    """The median of each column, NaN where there is none."""
    points: Ints = np.count_nonzero(~np.isnan(figures), axis=0)
    if not len(figures):
        return np.full(figures.shape[1], np.nan)
    ordered = np.sort(figures, axis=0)  # NaN comes last
    low, high = np.maximum((points - 1) // 2, 0), points // 2
    columns = np.arange(figures.shape[1])
    middle: Floats = (ordered[low, columns] + ordered[np.minimum(high, len(figures) - 1), columns]) / 2
    return np.where(points > 0, middle, np.nan)
