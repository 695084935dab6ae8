"""What is drawn beneath the figures: chance with a memory, and levels that vary with it."""

import numpy as np

from alertd.core.series import Floats

_LARGE = 1e6
"""From so many cases on a Poisson number is as good as normal."""
_NO_MORE_THAN_CHANCE = 1e9
"""A gamma shape so large that its level does not vary."""


def noise(rng: np.random.Generator, size: tuple[int, int], memory: float | Floats, stride: int) -> Floats:
    """Standard normal figures (periods x series): an autoregression of the first order from its stationary beginning.

    With a `stride` above 1 each is the mean of that many neighbouring ones, scaled: what figures share that each cover
    several periods.
    """
    periods, series = size
    if stride > 1:
        drawn = rng.standard_normal((periods + stride - 1, series))
        summed = np.cumsum(np.concatenate([np.zeros((1, series)), drawn]), axis=0)
        moving: Floats = (summed[stride:] - summed[:-stride]) / np.sqrt(stride)
        return moving
    drawn = rng.standard_normal((periods, series))
    if np.any(memory):
        drawn[1:] *= np.sqrt(1 - np.square(memory))
        for row in range(1, periods):
            drawn[row] += memory * drawn[row - 1]
    return drawn


def levels(
    rng: np.random.Generator, shape: Floats, size: tuple[int, int], memory: float | Floats, stride: int
) -> Floats:
    """Gamma figures of mean 1 and variance 1 / `shape`, with a memory: by a Gaussian copula.

    Where there is a memory a gamma quantile is that of Wilson and Hilferty (1931), Proceedings of the National Academy of
    Sciences 17, 684-688, whose mean and variance are right within 1 percent from a shape of 1 on; below, the figure is one
    of a shape larger by 1 times a power of a uniform one, which is exact and has no memory.
    """
    shape = np.broadcast_to(np.clip(shape, 1e-3, _NO_MORE_THAN_CHANCE), size)
    if stride == 1 and not np.any(memory):
        drawn: Floats = rng.standard_gamma(shape) / shape
        return drawn
    small = shape < 1
    larger = np.where(small, shape + 1, shape)
    ninth = 1 / (9 * larger)
    cube = np.maximum(1 - ninth + np.sqrt(ninth) * noise(rng, size, memory, stride), 0.0) ** 3
    if not small.any():
        return cube
    return np.where(small, cube * larger / shape * rng.random(size) ** (1 / shape), cube)


def counted(rng: np.random.Generator, mean: Floats) -> Floats:
    """Poisson numbers, as floats; NaN where the mean is."""
    known = np.where(mean > 0, mean, 0.0)
    small = rng.poisson(np.minimum(known, _LARGE)).astype(np.float64)
    if bool((known > _LARGE).any()):
        small = np.where(known > _LARGE, np.rint(known + np.sqrt(known) * rng.standard_normal(mean.shape)), small)
    return np.where(np.isnan(mean), np.nan, small)
