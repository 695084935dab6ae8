"""Figures of another measure that a rule holds its own against: each series with those of its own place."""

from dataclasses import replace
from hashlib import sha256

import numpy as np

from alertd.core.series import Floats, SeriesBlock


def held_against(block: SeriesBlock, other: SeriesBlock) -> SeriesBlock:
    """A block with the figures of another of the same grain as its capacity, as they were last known at each period.

    The other's columns are the block's or fewer of them, and what it says then counts for each series that it means; a
    series that it has no figure for, or none yet, has NaN. Nothing of a later period is taken: a plan for the coming ones
    is known once their first row is there.
    """
    column = {key: j for j, key in enumerate(other.keys)}
    at = [block.by.index(name) for name in other.by]
    chosen = [column.get(tuple(key[j] for j in at)) for key in block.keys]
    rows = np.arange(block.first, block.first + block.periods) - other.first
    capacity = np.full(block.value.shape, np.nan)
    if other.periods and other.keys:
        carried = _carried(other.value)
        known = np.flatnonzero(rows >= 0)
        there = np.array([j for j, one in enumerate(chosen) if one is not None], dtype=np.int64)
        picked = np.array([one for one in chosen if one is not None], dtype=np.int64)
        capacity[np.ix_(known, there)] = carried[np.ix_(np.minimum(rows[known], other.periods - 1), picked)]
    version = sha256(f"{block.data_version}/{other.data_version}".encode()).hexdigest()[:12]
    return replace(block, capacity=capacity, data_version=version)


def _carried(figures: Floats) -> Floats:
    """Each figure, or the last one before it where there is none."""
    rows = np.where(np.isnan(figures), 0, np.arange(len(figures))[:, None])
    carried: Floats = np.take_along_axis(figures, np.maximum.accumulate(rows, axis=0), axis=0)
    return carried
