"""Models of figures that are measured and not counted: means, times, ratios, survey estimates."""

from typing import NamedTuple

import numpy as np

from alertd.core.incontrol.counted import Fitted
from alertd.core.incontrol.model import Family
from alertd.core.incontrol.past import Past, added_by, seasons_in
from alertd.core.incontrol.spread import FEWEST_POINTS, autocorrelation, median, outstanding, spreads
from alertd.core.measures import Measure
from alertd.core.series import Bools, Floats, Ints

_SKEW_ERROR = 1.3
"""How unsure the skewness of n figures is, times the root of n (by simulation)."""
_NEIGHBOURS = 3
_MOST_DECIMALS = 4
_EXACT_TO = 1e9


class Valued(NamedTuple):
    """A fitted model of values."""

    fitted: Fitted
    family: Family
    lowest: float
    highest: float
    step: float | None


def fit_values(measure: Measure, past: Past) -> Valued:
    """Values of a level and a standard deviation of their own: normal, or skewed where none is below nought."""
    usable = np.where(past.usable, past.value, np.nan)
    unit = _units(usable)
    figures = usable / unit
    positive = (measure.minimum is None or measure.minimum >= 0) and not bool((figures < 0).any())
    swing = np.sqrt(np.nan_to_num(spreads(figures, past.stride).variance))
    seasons = seasons_in(past, _index(figures, None if positive else swing))
    added = added_by(seasons, past.slots)[:, None]
    recent = np.where(past.recent, figures, np.nan)
    plain = recent / np.exp(added) if positive else recent - added * swing
    family = _family(plain, past) if positive else Family.NORMAL
    stable = plain
    if family is Family.LOGNORMAL:
        stable = np.log(plain)
    elif family is Family.GAMMA:
        stable = np.cbrt(plain)
    kept = past.recent & ~outstanding(stable, past.stride, 0.0)
    level, sd, together, points = _moments(np.where(kept, plain, np.nan), past.stride)
    sd, borrowed = _borrowed(level * unit, sd * unit, points, by_ratio=positive)
    error = past.block.standard_error
    if error is not None:  # figures cannot be steadier than their samples let them
        squares = np.where(kept, np.nan_to_num(error[: len(kept)]), 0.0) ** 2
        sd = np.fmax(sd, np.sqrt(squares.sum(axis=0) / points))
    lowest = measure.minimum if measure.minimum is not None else (0.0 if positive else -np.inf)
    highest = measure.maximum if measure.maximum is not None else np.inf
    fitted = Fitted(level * unit, sd, together, seasons, points, borrowed, None if positive else swing * unit)
    return Valued(fitted, family, float(lowest), float(highest), measure.resolution or _step(usable[past.recent]))


def fit_ratios(past: Past) -> Fitted:
    """Ratios on the log scale: the level of each series and its standard deviation there."""
    given = past.block.log_value
    logs = np.log(past.value) if given is None else given[: len(past.value)]
    usable = np.where(past.usable & np.isfinite(logs), logs, np.nan)
    about = usable - median(usable)
    seasons = seasons_in(past, median(about.T))
    plain = np.where(past.recent, usable - added_by(seasons, past.slots)[:, None], np.nan)
    kept = ~np.isnan(plain) & ~outstanding(plain, past.stride, 0.0)
    level, sd, together, points = _moments(np.where(kept, plain, np.nan), past.stride)
    sd, borrowed = _borrowed(level, sd, points, by_ratio=False)
    return Fitted(level, sd, together, seasons, points, borrowed)


def _moments(figures: Floats, stride: int) -> tuple[Floats, Floats, float, Ints]:
    """Mean, standard deviation and autocorrelation of some figures, and how many there are."""
    points: Ints = np.count_nonzero(~np.isnan(figures), axis=0)
    level = np.where(np.isnan(figures), 0.0, figures).sum(axis=0) / points
    together = autocorrelation(figures, stride)
    return level, np.sqrt(spreads(figures, stride).variance / (1 - together)), together, points


def _borrowed(level: Floats, sd: Floats, points: Ints, *, by_ratio: bool) -> tuple[Floats, Bools]:
    """Standard deviations, those of too few figures replaced by what is usual: in proportion to the level, where it can be."""
    few: Bools = points < FEWEST_POINTS
    with np.errstate(over="ignore"):
        told = ~few & np.isfinite(sd) & ((level > 0) | (not by_ratio))
        size = level if by_ratio else np.ones_like(level)
        usual = np.median(sd[told] / size[told]) * size if told.any() else np.full_like(sd, np.nan)
    return np.where(few, usual, sd), few


def _units(figures: Floats) -> Floats:
    """A power of two near the largest figure of each series, so that squares stay within bounds."""
    largest = np.fmax.reduce(np.abs(figures), axis=0, initial=0.0)
    unit: Floats = np.exp2(np.ceil(np.log2(np.where(largest > 0, largest, 1.0))))
    return np.clip(unit, 1e-300, 1e300)


def _index(figures: Floats, swing: Floats | None) -> Floats:
    """One figure a period for all series: the median of the logarithm of figures over their levels.

    With a `swing`, of how far they lie from their levels, counted in it.
    """
    level = median(figures)
    if swing is None:
        ratio = median((figures / np.where(level > 0, level, np.nan)).T)
        return np.log(np.where(ratio > 0, ratio, np.nan))
    return median(((figures - level) / np.where(swing > 0, swing, np.nan)).T)


def _family(figures: Floats, past: Past) -> Family:
    """Normal, unless the figures of all series together are skewed to the right by their tenths (Kelly's measure).

    Each is held against its neighbours, so that a new level is no skewness.
    """
    about = figures - _around(figures, past.stride)
    sigma = np.sqrt(spreads(figures, past.stride).variance)
    pooled = (about / np.where(sigma > 0, sigma, np.nan)).ravel()
    pooled = pooled[np.isfinite(pooled)]
    if len(pooled) < 2 * FEWEST_POINTS:
        return Family.NORMAL
    low, middle, high = np.quantile(pooled, (0.1, 0.5, 0.9))
    if not high > low or (high + low - 2 * middle) / (high - low) < 2 * _SKEW_ERROR / np.sqrt(len(pooled)):
        return Family.NORMAL
    return Family.GAMMA if bool((figures <= 0).any()) else Family.LOGNORMAL


def _around(figures: Floats, stride: int) -> Floats:
    """The mean of the three figures before each and the three after it; NaN where one is missing."""
    mean = np.full_like(figures, np.nan)
    reach = _NEIGHBOURS * stride
    inner = len(figures) - 2 * reach
    if inner > 0:
        steps = [reach + sign * k * stride for k in range(1, _NEIGHBOURS + 1) for sign in (-1, 1)]
        mean[reach : reach + inner] = sum(figures[step : step + inner] for step in steps) / len(steps)
    return mean


def _step(figures: Floats) -> float | None:
    """The decimals that all figures are rounded to; None where there are more than four."""
    if not len(figures) or float(np.abs(figures).max()) > _EXACT_TO:
        return None
    for decimals in range(_MOST_DECIMALS + 1):
        if np.allclose(figures, np.round(figures, decimals), rtol=0, atol=1e-9):
            return float(10.0**-decimals)
    return None
