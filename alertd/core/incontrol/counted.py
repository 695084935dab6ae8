"""Models of what is counted: cases, rates and shares, with phi for how much more they vary than chance explains."""

from typing import NamedTuple

import numpy as np

from alertd.core.incontrol.cycles import Season
from alertd.core.incontrol.past import Past, added_by, seasons_in
from alertd.core.incontrol.spread import (
    FEWEST_POINTS,
    Spreads,
    autocorrelation,
    drawn_together,
    outstanding,
    spreads,
    usual_phi,
)
from alertd.core.series import Bools, Floats, Ints

_THREE_EIGHTHS = 0.375
"""Anscombe (1948), Biometrika 35, 246-254: with so much added, square roots of counts spread alike whatever their level."""

_ROUNDS = 3
"""Small counts that vary more than chance look like exceptions until it is known that they do."""


class Fitted(NamedTuple):
    """What is fitted to every family of figures; NaN where there is nothing to fit to."""

    level: Floats
    spread: Floats
    autocorrelation: float
    seasons: tuple[Season, ...]
    points: Ints
    borrowed: Bools
    swing: Floats | None = None
    """What seasons are counted in, where they are added to values; None where they multiply levels or odds."""


def fit_counts(past: Past, cases: Floats, *, whole: bool) -> Fitted:
    """Cases of an exposure (of one a period, where there is none): the rate of each series, and phi.

    `whole` says that cases are whole numbers, so that phi is at least 1.
    """
    exposure = np.ones_like(cases) if past.denominator is None else past.denominator
    everything = _ratio(cases, exposure, past.usable)
    index = _log_ratio(
        np.where(past.usable, cases, 0.0), np.where(past.usable, exposure * everything, 0.0), whole=whole
    )
    seasons = seasons_in(past, index)
    base = exposure * np.exp(added_by(seasons, past.slots))[:, None]
    usual = base * _ratio(cases, base, past.recent)
    if whole:
        stable = 2 * (np.sqrt(cases + _THREE_EIGHTHS) - np.sqrt(usual + _THREE_EIGHTHS))
    else:
        stable = (cases - usual) / np.sqrt(usual)
    fitted = None
    for _ in range(_ROUNDS):
        kept = _kept(past, stable, fitted, least=1.0 if whole else 0.0)
        level = _ratio(cases, base, kept)
        mean = base * level
        z = np.where(kept, (cases - mean) / np.sqrt(mean), np.nan)
        size = _mean(mean, kept)
        fitted = _with_phi(past, kept, level, z, size, size, seasons, least=1.0 if whole else 0.0)
    assert fitted is not None  # there are rounds
    return fitted


def fit_shares(past: Past, cases: Floats) -> Fitted:
    """Cases of a whole that they are part of: the share of each series, and phi at the usual size of its wholes."""
    assert past.denominator is not None  # a share has one
    whole = past.denominator
    everything = _ratio(cases, whole, past.usable)
    sums = [np.where(past.usable, array, 0.0).sum(axis=1) for array in (cases, whole, whole * everything)]
    seasons = seasons_in(past, np.where(sums[1] > 0, _log_odds(sums[0], sums[1]) - _log_odds(sums[2], sums[1]), np.nan))
    added = added_by(seasons, past.slots)[:, None]
    usual = tilted(_ratio(cases, whole, past.recent), added)
    stable = np.arcsin(np.sqrt(np.clip((cases + _THREE_EIGHTHS) / (whole + 2 * _THREE_EIGHTHS), 0, 1)))
    stable = 2 * np.sqrt(whole) * (stable - np.arcsin(np.sqrt(usual)))
    fitted = None
    for _ in range(_ROUNDS):
        kept = _kept(past, stable, fitted, least=1.0)
        level = _ratio(cases, whole, kept)
        share = tilted(level, added)
        variance = whole * share * (1 - share)
        z = np.where(kept, (cases - whole * share) / np.sqrt(variance), np.nan)
        size = np.maximum(_mean(whole, kept) - 1, 0.0)
        fitted = _with_phi(past, kept, level, z, _mean(variance, kept), size, seasons, least=1.0)
    assert fitted is not None  # there are rounds
    return fitted


def tilted(share: Floats, added: Floats) -> Floats:
    """A share with so much added to its log-odds."""
    odds = np.exp(added)
    moved: Floats = share * odds / (1 - share + share * odds)
    return moved


def _kept(past: Past, stable: Floats, fitted: Fitted | None, *, least: float) -> Bools:
    """The recent figures that do not stand out; with a first phi those that are no surprise to it come back."""
    phi = np.full(stable.shape[1], least) if fitted is None else np.nan_to_num(fitted.spread, nan=least)
    sigma = np.sqrt(phi) if least else np.zeros(len(phi))
    kept: Bools = past.recent & ~outstanding(np.where(past.recent, stable, np.nan), past.stride, sigma)
    return kept


def _with_phi(
    past: Past, kept: Bools, level: Floats, z: Floats, cases: Floats, size: Floats, seasons: tuple[Season, ...], *, least: float
) -> Fitted:  # fmt: skip
    """Phi from standardised figures `z`; `cases` is the usual variance by chance, `size` what phi may grow with."""
    z = np.where(np.isfinite(z), z, np.nan)
    own = spreads(z, past.stride)
    together = autocorrelation(z, past.stride)
    points: Ints = kept.sum(axis=0)
    # Squares of small counts are less sure than those of normal figures, by their kurtosis of 1 / mean.
    few = points < FEWEST_POINTS
    freedom = np.where(few, 0.0, own.freedom / (1 + (0.5 / np.maximum(cases, 1e-3) if least else 0.0)))
    own = Spreads(own.variance / (1 - together), np.where(np.isfinite(freedom), freedom, 0.0))
    usual = usual_phi(own, size, least)
    phi = np.maximum(drawn_together(own, usual), least)
    return Fitted(level, np.where(points > 0, phi, np.nan), together, seasons, points, few)


def _ratio(cases: Floats, base: Floats, where: Bools) -> Floats:
    """Sum over sum, a series each."""
    ratio: Floats = np.where(where, cases, 0.0).sum(axis=0) / np.where(where, base, 0.0).sum(axis=0)
    return ratio


def _log_ratio(cases: Floats, usual: Floats, *, whole: bool) -> Floats:
    """The logarithm of the cases of all series over what is usual of those that have a figure, a period each."""
    cases, usual = cases.sum(axis=1), np.where(np.isnan(usual), 0.0, usual).sum(axis=1)
    half = 0.5 if whole else 0.0
    logs: Floats = np.where(usual > 0, np.log(cases + half) - np.log(usual + half), np.nan)
    return logs


def _log_odds(cases: Floats, whole: Floats) -> Floats:
    odds: Floats = np.log((cases + 0.5) / (np.maximum(whole - cases, 0.0) + 0.5))
    return odds


def _mean(figures: Floats, where: Bools) -> Floats:
    mean: Floats = np.where(where, figures, 0.0).sum(axis=0) / where.sum(axis=0)
    return mean
