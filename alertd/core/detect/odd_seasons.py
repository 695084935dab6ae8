"""What no season is made of: figures of earlier years that stand out from the same season of the other years.

One spring of a pandemic is no spring. Left in, it would move the factor of its season for as long as it is looked back at,
and the years after it, which are as ever, would be told as unusual.
"""

import numpy as np

from alertd.core.detect.base import Rows
from alertd.core.series import Bools, Floats

_FAR = 4.0
"""So many standard deviations from the median of its season a figure stands out: seldom by chance."""
_SD = 1.4826
"""A normal standard deviation, in medians of absolute deviations."""
_ROUNDING = 1e-6
"""Smaller relative deviations are rounding, whatever the spread."""


def standing_out(past: Floats, level: Floats, seasons: tuple[Rows, ...], *, additive: bool) -> Bools:
    """Which figures (periods x series) lie far from the median of their season, which is the same in every one of `seasons`.

    Held against each other on a scale where chance spreads evenly, square roots where seasons multiply the `level`. Where
    more than half of a season's figures stand out none of it does: they are the season.
    """
    usual = np.full(past.shape, np.nan)
    kinds, kind = np.unique(np.stack(seasons), axis=1, return_inverse=True)
    groups = [np.flatnonzero(kind.ravel() == number) for number in range(kinds.shape[1])]
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = past - level if additive else past / level
        for group in groups:
            usual[group] = _median(relative[group])
        expected = level + usual if additive else level * usual
        off = np.abs(past - expected) if additive else np.abs(np.sqrt(past) - np.sqrt(expected))
        size = np.abs(expected) if additive else np.sqrt(expected)
        off[off <= _ROUNDING * size] = np.nan  # the middle figure is its own median, and says nothing of spread
        found: Bools = off > _FAR * _SD * _median(off)
    for group in groups:
        there = np.count_nonzero(~np.isnan(past[group]), axis=0)
        found[group] &= 2 * np.count_nonzero(found[group], axis=0) <= there
    return found


def _median(figures: Floats) -> Floats:
    """The median of each column's figures; NaN where it has none."""
    ordered = np.sort(figures, axis=0)  # NaN last
    count = np.count_nonzero(~np.isnan(figures), axis=0)
    middle = np.stack([np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(figures) - 1)])
    found: Floats = np.take_along_axis(ordered, middle, axis=0).mean(axis=0)
    return found
