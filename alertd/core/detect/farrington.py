"""The flexible Farrington detector: surges above what the same season of earlier years makes usual.

A quasi-Poisson model of several years, in seasonal parts and with a trend where it is significant, gives the figure that is
expected now and an upper bound for it. The judged period is compared with the same period of earlier years and `half_window`
periods on either side (its own season); the rest of each year is split into `noperiods` - 1 further seasons, and the newest
`exclude_recent` periods are left out. A second fit gives figures that stood out (earlier surges) less weight. Only the upper
side is judged, at a one-sided alpha.

Sources: Farrington et al. (1996), J. R. Statist. Soc. A 159, 547-563; Noufaily et al. (2013), Statist. Med. 32, 1206-1222;
`farringtonFlexible` of the R package surveillance, with one deliberate difference: after reweighting, the dispersion is the
model's own. The package takes the surge weights for the working weights of the fit, which makes standard errors far too
small, so that chance trends are kept.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri, stdtr

from alertd.core.detect.base import Look, Rows, Signals
from alertd.core.detect.quasipoisson import (
    Design,
    Fit,
    dispersion,
    fit,
    predict,
    surge_weights,
)
from alertd.core.detect.seasons import LEAST_FREEDOM, Shape, fits_trend, shape_of
from alertd.core.detect.surge_bounds import Bound, delta, muan, nb_plugin
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools, Floats

_ALPHA = 0.01
_FITS_AT_ONCE = 256
"""So that the arrays of a fit stay in the processor's cache."""


class Expectation(NamedTuple):
    """What a model expects of the judged period: one entry a column."""

    mean: Floats
    log_variance: Floats
    """Of the mean's logarithm, with the model's own dispersion."""
    phi: Floats
    """The dispersion, at least 1."""
    slope: Floats
    """The trend a period on the log scale; 0 where none was kept."""


def design_of(shape: Shape) -> Design:
    """The past periods that are used, each with its season: the same for every judged period.

    The judged season is the last; the others follow it in time, the first ones a period longer where a year does not split
    evenly.
    """
    season = np.full(shape.reach + 1, shape.seasons - 1)
    between = np.full(shape.year - 2 * shape.half_window - 1, -1)
    if shape.seasons > 1:
        parts = np.array_split(np.arange(len(between)), shape.seasons - 1)
        between = np.repeat(np.arange(shape.seasons - 1), [len(part) for part in parts])
    for year in range(shape.years):
        first = year * shape.year + shape.half_window + 1
        season[first : first + len(between)] = between[::-1]
    offsets = np.arange(len(season))
    used = offsets[(offsets > shape.exclude_recent) & (season >= 0)]
    _, number = np.unique(season[used], return_inverse=True)
    order = np.argsort(number, kind="stable")
    number = number[order]
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    offsets = used[order]
    return Design(offsets, number, starts, -offsets[:, None].astype(np.float64), int(number.max()))


def judge_farrington(seasonal: Seasonal, look: Look) -> Signals:
    """Judge a block's counts, or counts over their denominators, for surges.

    `learning` until the years that are looked back over are there since the series or its last rebase began, where half of
    them is missing, or where fewer than two figures of the judged season or five degrees of freedom are left. With fewer
    events than `limit54` asks for no bound applies.
    """
    counts, exposure = _events(look)
    found = Signals.blank(len(look.rows), counts.shape[1])
    found.missing[:] = np.isnan(counts[look.rows])
    found.learning[:] = True
    try:
        shape = shape_of(seasonal, look.block.grain)
    except ValueError:  # the check of a home says so; here there is nothing to compare with
        return found
    design = design_of(shape)
    begun = look.rows[:, None] - shape.reach >= look.known.segment[look.rows]
    where = np.nonzero(begun)
    for start in range(0, len(where[0]), _FITS_AT_ONCE):
        at, series = (numbers[start : start + _FITS_AT_ONCE] for numbers in where)
        row = look.rows[at]
        past = row[None, :] - design.offsets[:, None]
        expected = expect(seasonal, design, counts[past, series], exposure[past, series], exposure[row, series])
        bound = _bound(seasonal, counts[row, series], expected)
        unit = look.measure.factor / exposure[row, series] if look.block.denominator is not None else 1.0
        found.learning[at, series] = np.isnan(expected.mean) & ~np.isnan(exposure[row, series])
        found.centre[at, series] = unit * expected.mean
        found.upper[at, series] = unit * bound.upper
        surge = counts[row, series] > bound.upper
        found.high[at, series] = np.where(surge, signal_bit("surge"), 0)
        found.excess[at, series] = np.where(surge, bound.sigmas + ndtri(seasonal.alpha or _ALPHA), 0.0)
    few = ~_enough_events(counts, look.rows, seasonal.limit54)
    found.upper[few] = np.nan
    found.high[few] = 0
    found.excess[few] = 0.0
    return found


def _events(look: Look) -> tuple[Floats, Floats]:
    """Counts and exposures (periods x series): numerator and denominator where there are both, else the figure over 1.

    Unusable figures, and those below zero, are NaN.
    """
    figures, numerator, denominator = look.usable, look.block.numerator, look.block.denominator
    if numerator is None or denominator is None:
        return np.where(figures >= 0, figures, np.nan), np.ones_like(figures)
    usable = ~np.isnan(figures) & (numerator >= 0)
    with np.errstate(invalid="ignore"):
        return np.where(usable, numerator, np.nan), np.where(denominator > 0, denominator, np.nan)


def _enough_events(counts: Floats, rows: Rows, limit54: tuple[int, int]) -> Bools:
    """Where the last periods, the judged one among them, hold as many events as a surge must have."""
    events, periods = limit54
    running = np.concatenate([np.zeros((1, counts.shape[1])), np.nancumsum(counts, axis=0)])
    total = running[rows + 1] - running[np.maximum(rows + 1 - periods, 0)]
    found: Bools = total >= events
    return found


def expect(seasonal: Seasonal, design: Design, counts: Floats, exposure: Floats, exposure_now: Floats) -> Expectation:
    """What is expected of a judged period with some exposure, from past counts and exposures (places x series).

    NaN where the past has too few figures. Where it has not a single event, none is expected.
    """
    used = ~np.isnan(counts) & ~np.isnan(exposure)
    counts, exposure = np.where(used, counts, 0.0), np.where(used, exposure, 1.0)
    none = np.full(counts.shape[1], np.nan)
    expected = Expectation(none, none.copy(), none.copy(), none.copy())
    seasons = design.sums(used.astype(np.float64))
    freedom = used.sum(axis=0) - np.count_nonzero(seasons, axis=0) - int(fits_trend(seasonal))
    enough = (2 * used.sum(axis=0) >= len(used)) & (seasons[design.judged] >= 2) & (freedom >= LEAST_FREEDOM)
    events = counts.sum(axis=0) > 0
    for entry, value in zip(expected, (0.0, 0.0, 1.0, 0.0), strict=True):
        entry[enough & ~events] = value
    todo = np.flatnonzero(enough & events)
    for trend in (True, False):
        if not len(todo) or (trend and not fits_trend(seasonal)):
            continue
        part = slice(None) if len(todo) == counts.shape[1] else todo
        y, over, there, now = counts[:, part], exposure[:, part], used[:, part], exposure_now[part]
        model, spread = fit_reweighted(seasonal, design, y, over, there, trend=trend)
        mean, variance = predict(design, model, now)
        kept = np.ones(len(todo), dtype=np.bool_)
        if trend:
            kept = model.settled & (mean <= y.max(axis=0)) & (trend_chance(model, spread) < seasonal.trend_p)
        found = (mean, spread * variance, np.maximum(spread, 1.0), model.slope)
        for entry, values in zip(expected, found, strict=True):
            entry[todo[kept]] = values[kept]
        todo = todo[~kept]
    return expected


def fit_reweighted(
    seasonal: Seasonal, design: Design, counts: Floats, exposure: Floats, used: Bools, *, trend: bool
) -> tuple[Fit, Floats]:
    """A fit and its dispersion; with `reweight` the second one, in which figures that stood out count for less."""
    model = fit(design, counts, exposure, used.astype(np.float64), trend=trend)
    spread = dispersion(model, counts)
    if seasonal.reweight:
        weight = surge_weights(design, model, counts, np.maximum(spread, 1.0), used, seasonal.weights_threshold)
        first, model = model, fit(design, counts, exposure, weight, trend=trend)
        model = model._replace(settled=model.settled & first.settled)
        spread = dispersion(model, counts)
    return model, spread


def trend_chance(model: Fit, spread: Floats) -> Floats:
    """The two-sided p-value of each model's trend, by the t distribution."""
    with np.errstate(all="ignore"):
        t = model.slope * np.sqrt(model.trend_weight / spread)
        chance: Floats = 2 * stdtr(model.freedom, -np.abs(t))
        return chance


def _bound(seasonal: Seasonal, counts: Floats, expected: Expectation) -> Bound:
    """The upper bound by the method of the rule; where no event was ever seen, that of a mean of zero."""
    alpha = seasonal.alpha or _ALPHA
    match seasonal.threshold:
        case "delta":
            return delta(counts, expected.mean, expected.log_variance, expected.phi, alpha)
        case "nb_plugin":
            return nb_plugin(counts, expected.mean, expected.phi, alpha)
        case "muan":
            return muan(counts, expected.mean, expected.log_variance, expected.phi, alpha)
