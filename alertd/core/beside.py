"""Figures of another measure that a rule holds its own against: each series with those of its own place."""

from dataclasses import replace
from hashlib import sha256

import numpy as np

from alertd.core.series import Capacity, Floats, SeriesBlock


def held_against(block: SeriesBlock, other: SeriesBlock, ahead: int = 0) -> SeriesBlock:
    """A block with the figures of another of the same grain as its capacity, each as it stands until a newer one.

    The other's columns are the block's or fewer of them, and what it says then counts for each series that it means; a
    series that it has no figure for, or none yet, has NaN. With `ahead` the other's figures of so many coming periods are
    plans that are known beforehand; without it nothing of a later period is taken.
    """
    periods = block.periods + ahead
    begin = min([block.first, *(one.first for one in (other, other.plan) if one is not None and one.periods)])
    figures = np.full((block.first + periods - begin, len(block.keys)), np.nan)
    for one in (other, other.plan):
        if one is not None and one.periods and one.keys:
            _put(figures, begin, block, one)
    rows = np.where(np.isnan(figures), 0, np.arange(len(figures))[:, None])
    newest = np.maximum.accumulate(rows, axis=0)
    carried: Floats = np.take_along_axis(figures, newest, axis=0)
    version = sha256(f"{block.data_version}/{other.data_version}".encode()).hexdigest()[:12]
    last = slice(len(figures) - periods, None)
    return replace(
        block, capacity=Capacity(figures=carried[last], of=newest[last] + begin, ahead=ahead), data_version=version
    )


def _put(figures: Floats, begin: int, block: SeriesBlock, other: SeriesBlock) -> None:
    """Write the other's figures down for the series of a block that they mean, from the slot `begin` on."""
    column = {key: j for j, key in enumerate(other.keys)}
    at = [block.by.index(name) for name in other.by]
    chosen = [column.get(tuple(key[j] for j in at)) for key in block.keys]
    there = np.array([j for j, one in enumerate(chosen) if one is not None], dtype=np.int64)
    picked = np.array([one for one in chosen if one is not None], dtype=np.int64)
    first = other.first - begin
    count = max(0, min(other.periods, len(figures) - first))
    given = other.value[:count][:, picked]
    rows = np.arange(first, first + count)
    figures[np.ix_(rows, there)] = np.where(np.isnan(given), figures[np.ix_(rows, there)], given)
