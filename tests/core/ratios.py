"""Blocks of shares and rates for the core's tests."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from alertd.core.measures import Measure
from alertd.core.series import SeriesBlock
from tests.core.make import block

Pair = tuple[float, float] | None


def ratios(of: Measure, *series: Sequence[Pair], first: str = "2020-01") -> SeriesBlock:
    """A block of series given as pairs of numerator and denominator; None is a missing period."""
    upper, lower = (
        np.array([[np.nan if pair is None else pair[part] for pair in one] for one in series], dtype=float).T.copy()
        for part in (0, 1)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        value = upper * of.factor / lower
    made = block(*value.T.tolist(), first=first)
    return replace(made, value=value, numerator=upper, denominator=lower)
