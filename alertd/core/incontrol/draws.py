"""Figures drawn from an in-control model, a family of them in each function: arrays of periods x series.

`added` is what the seasons add in each period, periods x 1. Sizes and errors are drawn before, from each series' own past.
"""

import numpy as np
from scipy.special import ndtri

from alertd.core.detect.gaps import clock_of
from alertd.core.incontrol.counted import tilted
from alertd.core.incontrol.latent import counted, levels, noise
from alertd.core.incontrol.model import Family, InControl
from alertd.core.series import Events, Floats

_MOST_MEMORY = 0.95
_LEAST = 1e-9
"""Where phi is above 1 by less than this, there is nothing but chance."""
_MOST_TRIALS = 1e15
_LEAST_OF_BETA = 1e-3
"""Smaller parameters of a beta distribution are not drawn from."""


def values(model: InControl, added: Floats, error: Floats | None, rng: np.random.Generator) -> Floats:
    """Values in the measure's unit; `error` is the standard error of each, where surveys have one."""
    level, sd, stride = model.level, model.spread, model.measure.stride
    size = (len(added), len(level))
    if model.swing is None:
        level, sd = level * np.exp(added), sd * np.exp(added)
    else:
        level = level + added * model.swing
    if model.family is Family.GAMMA:
        shape = np.nan_to_num((model.level / model.spread) ** 2, nan=1.0)
        figures = level * levels(rng, shape, size, model.autocorrelation, stride)
    elif model.family is Family.LOGNORMAL:
        variance = np.log1p((sd / level) ** 2)
        figures = level * np.exp(np.sqrt(variance) * noise(rng, size, model.autocorrelation, stride) - variance / 2)
    else:
        figures = level + _of_survey(model, sd, error) * noise(rng, size, model.autocorrelation, stride)
    if model.step is not None:
        figures = np.rint(figures / model.step) * model.step
        figures = np.round(figures, 12) if model.step < 1 else figures  # three steps of 0.1 are 0.3 to the last bit
    clipped: Floats = np.clip(figures, model.lowest, model.highest)
    return clipped


def _of_survey(model: InControl, sd: Floats, error: Floats | None) -> Floats:
    """Standard deviations, with the sampling error of each figure in the place of the usual one."""
    past = model.kept.standard_error
    if error is None or past is None or not len(past):
        return sd
    there = (np.arange(len(past))[:, None] < model.kept.held) & ~np.isnan(past)
    usual = np.where(there, past, 0.0) ** 2
    mean = usual.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    deviation: Floats = np.sqrt(np.maximum(sd**2 - mean, 0.0) + np.where(np.isnan(error), mean, error**2))
    return deviation


def logs(model: InControl, added: Floats, rng: np.random.Generator) -> Floats:
    """Logarithms of ratios."""
    size = (len(added), len(model.level))
    return model.level + added + model.spread * noise(rng, size, model.autocorrelation, model.measure.stride)


def counts(model: InControl, added: Floats, exposure: Floats | None, rng: np.random.Generator) -> Floats:
    """Cases: whole numbers where the measure's are, else amounts."""
    mean = model.level * np.exp(added)
    mean = np.broadcast_to(mean, (len(added), len(model.level))) if exposure is None else mean * exposure
    stride, together = model.measure.stride, model.autocorrelation
    whole = model.family is Family.COUNT
    more = model.spread - 1 if whole else model.spread
    usual = np.nan_to_num(mean.mean(axis=0), nan=1.0)
    shape = np.where(more > _LEAST, usual / np.maximum(more, _LEAST), np.inf)
    memory = _memory(together, model.spread, more) if whole else together
    varied = mean * levels(rng, shape, mean.shape, memory, stride)
    return counted(rng, varied) if whole else varied


def shares(model: InControl, added: Floats, whole: Floats, rng: np.random.Generator) -> Floats:
    """Cases of each whole that they are part of."""
    sample = np.nan_to_num(np.rint(whole))
    share = np.broadcast_to(tilted(model.level, added), whole.shape)
    share = np.clip(np.nan_to_num(share), 0.0, 1.0)
    more = np.nan_to_num(model.spread - 1)
    within = np.clip(more / np.maximum(sample.mean(axis=0) - 1, _LEAST), 0.0, 0.99)
    varying = within > _LEAST
    if varying.any():
        both = np.where(varying, 1 / np.maximum(within, _LEAST) - 1, 1.0)
        memory = _memory(model.autocorrelation, model.spread, more)
        cases, rest = (
            part * levels(rng, np.maximum(part * both, 1e-3), whole.shape, memory, model.measure.stride)
            for part in (share, 1 - share)
        )
        share = np.where(varying & (cases + rest > 0), cases / (cases + rest), share)
    drawn = rng.binomial(np.minimum(sample, _MOST_TRIALS).astype(np.int64), share)
    found: Floats = np.where(
        sample > 0, drawn * (whole / sample), np.minimum(drawn, whole)
    )  # weighted samples are not whole
    return found


def _memory(together: float, phi: Floats, more: Floats) -> Floats:
    """The autocorrelation of levels, so that figures have theirs although chance adds to each by itself."""
    memory: Floats = np.where(more > _LEAST, together * phi / np.maximum(more, _LEAST), 0.0)
    return np.clip(np.nan_to_num(memory), 0.0, _MOST_MEMORY)


def grades(model: InControl, periods: int, rng: np.random.Generator) -> Floats:
    """The place of one grade a period on the measure's scale."""
    assert model.chances is not None  # grades have chances
    bounds = ndtri(np.clip(np.cumsum(model.chances, axis=0)[:-1], 0.0, 1.0))
    below = noise(rng, (periods, len(model.keys)), model.autocorrelation, 1)
    place: Floats = 1.0 + (below > bounds[:, None, :]).sum(axis=0)
    return place


def many_grades(model: InControl, sizes: Floats, rng: np.random.Generator) -> Floats:
    """How many grades of each kind a period has (grades x periods x series): a Dirichlet-multinomial, kind by kind."""
    assert model.chances is not None  # grades have chances
    left = np.nan_to_num(np.rint(sizes)).astype(np.int64)
    phi = float(np.nanmax(model.spread, initial=1.0))
    usual = max(float(left.mean()) if left.size else 1.0, 1.0)
    both = (usual - 1) / (phi - 1) - 1 if phi > 1 + _LEAST else np.inf
    remaining = np.ones(model.chances.shape[1])
    found = np.zeros((len(model.chances), *sizes.shape))
    for kind, chance in enumerate(model.chances):
        share = np.clip(np.nan_to_num(chance / remaining), 0.0, 1.0)
        if kind == len(model.chances) - 1:
            share = np.ones_like(share)
        elif np.isfinite(both):
            mixed = (share > 0) & (share < 1)
            rarer = np.where(mixed, np.minimum(share, 1 - share), 0.5)
            strength = np.maximum(max(both, 0.01) * remaining, _LEAST_OF_BETA / rarer)  # both at once: the mean stays
            drawn = rng.beta(
                strength * np.where(mixed, share, 0.5), strength * np.where(mixed, 1 - share, 0.5), sizes.shape
            )
            share = np.where(mixed, drawn, share)
        found[kind] = rng.binomial(left, share)
        left = left - found[kind].astype(np.int64)
        remaining = np.maximum(remaining - chance, 0.0)
    return found


def lower_median(counted: Floats) -> Floats:
    """The place of the lower median of many grades (grades x periods x series); NaN where there are none."""
    total = counted.sum(axis=0)
    place = 1.0 + (2 * np.cumsum(counted, axis=0) < total).sum(axis=0)
    return np.where(total > 0, place, np.nan)


def events(model: InControl, first: int, periods: int, rng: np.random.Generator) -> tuple[Events, Floats]:
    """Single events and how many each period has: a Poisson process of each series' own rate."""
    clock = clock_of(model.measure.grain, first, periods)
    found = counted(rng, np.diff(clock)[:, None] * model.level)
    number = np.nan_to_num(found).astype(np.int64).T
    column = np.repeat(np.arange(number.shape[0]), number.sum(axis=1))
    row = np.repeat(np.tile(np.arange(periods), number.shape[0]), number.ravel())
    at = clock[row] + rng.random(len(row)) * np.diff(clock)[row]
    if model.whole_days:
        at = np.maximum(np.floor(at), clock[row])
    order = np.lexsort((at, column))
    return Events(at=at[order], column=column[order]), found
