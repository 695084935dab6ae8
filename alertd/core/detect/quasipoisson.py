"""Quasi-Poisson regression on seasons and a time trend, for many series at once.

The model is log(mean) = level of the season + slope * time + log(exposure). Its normal equations are an arrow (a diagonal
of seasons bordered by the trend), so each step of iteratively reweighted least squares is solved by sums over seasons
alone: no matrix is formed, and none can be singular that the data do not make so. Steps begin and end as in R's `glm`
(start at the figure + 0.1; end when the deviance changes by less than 1e-8 of itself), so that fits equal published ones.

Sources: McCullagh and Nelder, "Generalized Linear Models" (1989), 2.5 and 9.2; Farrington, Andrews, Beale and Catchpole
(1996), J. R. Statist. Soc. A 159, 547-563, for the weights of past surges.
"""

from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Rows
from alertd.core.series import Bools, Floats

_STEPS = 25
_TOLERANCE = 1e-8
_LEAST_FREE = 1e-9
_LEAST_MEAN = float(np.finfo(np.float64).eps)


class Design(NamedTuple):
    """Which past periods a model is fitted to, in order of season; the judged period is at time 0."""

    offsets: Rows
    """How many periods before the judged one each lies."""
    season: Rows
    """The season of each, from 0."""
    starts: Rows
    """The first place of each season."""
    time: Floats
    """Minus the offsets, as a column."""
    judged: int
    """The season of the judged period."""

    def sums(self, figures: Floats) -> Floats:
        """Figures (places x series) summed over each season (seasons x series)."""
        total: Floats = np.add.reduceat(figures, self.starts, axis=0)
        return total


class Fit(NamedTuple):
    """Fitted models: one a column of whatever was given."""

    level: Floats
    """The log mean of each season at time 0 (seasons x series)."""
    slope: Floats
    """The trend a period; 0 where none was fitted."""
    mean: Floats
    """The fitted figures (places x series)."""
    weight: Floats
    """The weights of the last step (places x series)."""
    season_weight: Floats
    """Their sums over each season, and (below) the weighted mean time of each."""
    season_time: Floats
    trend_weight: Floats
    """The information on the slope, seasons apart: one over its variance at dispersion 1; infinite without a trend."""
    freedom: Floats
    """Degrees of freedom that are left."""
    settled: Bools
    """Whether the steps came to an end."""


def fit(design: Design, counts: Floats, exposure: Floats, weight: Floats, *, trend: bool) -> Fit:
    """Fit the model to counts over exposures (places x series), each with a weight of its own, 0 for a missing one."""
    used = weight > 0
    seasons = np.count_nonzero(design.sums(used.astype(np.float64)) > 0, axis=0)
    width = counts.shape[1]
    out = Fit(
        level=np.full((len(design.starts), width), np.nan),
        slope=np.zeros(width),
        mean=np.full(counts.shape, np.nan),
        weight=np.zeros(counts.shape),
        season_weight=np.zeros((len(design.starts), width)),
        season_time=np.zeros((len(design.starts), width)),
        trend_weight=np.full(width, np.inf),
        freedom=(used.sum(axis=0) - seasons - int(trend)).astype(np.float64),
        settled=np.zeros(width, dtype=np.bool_),
    )
    going = np.arange(width)
    offset = np.log(exposure)
    mean = counts + 0.1
    linear = np.log(mean) - offset
    deviance = _deviance(counts, mean, weight)
    with np.errstate(all="ignore"):
        for _ in range(_STEPS):
            here = _step(design, counts, offset, weight, mean, linear, trend=trend)
            mean, linear = here.mean, np.log(here.mean) - offset
            now = _deviance(counts, mean, weight)
            done = np.abs(now - deviance) < _TOLERANCE * (np.abs(now) + 0.1)
            lost = ~np.isfinite(now) | ~np.isfinite(here.slope)
            _keep(out, here._replace(settled=done & ~lost), going)
            on = ~(done | lost)
            if not on.any():
                break
            deviance = now
            if not on.all():
                going, deviance = going[on], now[on]
                counts, offset, weight = counts[:, on], offset[:, on], weight[:, on]
                mean, linear = mean[:, on], linear[:, on]
    return out


def _step(
    design: Design, counts: Floats, offset: Floats, prior: Floats, mean: Floats, linear: Floats, *, trend: bool
) -> Fit:
    """One step of iteratively reweighted least squares, from fitted means and their logs less the offset."""
    weight = prior * mean
    pull = linear + counts / mean - 1.0
    season_weight = design.sums(weight)
    safe = np.where(season_weight > 0, season_weight, 1.0)
    level = design.sums(weight * pull) / safe
    season_time = np.zeros_like(level)
    slope = np.zeros(level.shape[1])
    trend_weight = np.full(level.shape[1], np.inf)
    if trend:
        season_time = design.sums(weight * design.time) / safe
        away = design.time - season_time[design.season]
        pulled = weight * away
        trend_weight = (pulled * away).sum(axis=0)
        slope = (pulled * pull).sum(axis=0) / trend_weight
        level = level - slope * season_time
    fitted = level[design.season] + offset
    if trend:
        fitted += slope * design.time
    new_mean = np.maximum(np.exp(fitted), _LEAST_MEAN)
    nothing = np.empty(0)
    return Fit(
        level, slope, new_mean, weight, season_weight, season_time, trend_weight, nothing, nothing.astype(np.bool_)
    )


def _keep(out: Fit, step: Fit, going: Rows) -> None:
    """Put what a step gave into its columns of the answer."""
    for name in ("level", "slope", "mean", "weight", "season_weight", "season_time", "trend_weight", "settled"):
        getattr(out, name)[..., going] = getattr(step, name)


def _deviance(counts: Floats, mean: Floats, weight: Floats) -> Floats:
    ratio = np.maximum(counts / mean, np.finfo(np.float64).tiny)
    total: Floats = 2 * (weight * (counts * np.log(ratio) - (counts - mean))).sum(axis=0)
    return total


def dispersion(model: Fit, counts: Floats) -> Floats:
    """Pearson's estimate: the weighted squares of the working residuals by degrees of freedom (NaN where none is left)."""
    with np.errstate(all="ignore"):
        residual = counts / model.mean - 1.0
        total: Floats = (model.weight * residual**2).sum(axis=0)
        spread: Floats = np.where(model.freedom > 0, total / model.freedom, np.nan)
        return spread


def leverage(design: Design, model: Fit) -> Floats:
    """How much each figure pulls its own fitted value (the diagonal of the hat matrix, places x series)."""
    with np.errstate(all="ignore"):
        own = 1.0 / np.where(model.season_weight > 0, model.season_weight, np.inf)
        share = own[design.season]
        if np.isfinite(model.trend_weight).any():
            share = share + (design.time - model.season_time[design.season]) ** 2 / model.trend_weight
        pulls: Floats = model.weight * share
        return pulls


def surge_weights(design: Design, model: Fit, counts: Floats, phi: Floats, used: Bools, threshold: float) -> Floats:
    """Weights for a second fit: figures whose Anscombe residual is above a threshold count by its inverse square.

    They are scaled so that their sum is the number of figures used.
    """
    with np.errstate(all="ignore"):
        raw = 1.5 * (np.cbrt(counts) ** 2 * model.mean ** (-1 / 6) - np.sqrt(model.mean))
        free = 1.0 - leverage(
            design, model
        )  # a figure alone in its season is fitted exactly, and stands out from nothing
        residual = np.where(free > _LEAST_FREE, raw / np.sqrt(phi * free), 0.0)
        weight = np.where(residual > threshold, residual**-2.0, 1.0)
    weight = np.where(used, weight, 0.0)
    total = weight.sum(axis=0)
    scaled: Floats = weight * (used.sum(axis=0) / np.where(total > 0, total, 1.0))
    return scaled


def predict(design: Design, model: Fit, exposure: Floats) -> tuple[Floats, Floats]:
    """The mean of the judged period, and the variance of its log at dispersion 1."""
    with np.errstate(all="ignore"):
        mean = np.maximum(np.exp(model.level[design.judged] + np.log(exposure)), _LEAST_MEAN)
        own = 1.0 / model.season_weight[design.judged]
        return mean, own + model.season_time[design.judged] ** 2 / model.trend_weight
