"""Blocks with known parameters, and their fitted models, for the tests of in-control models."""

from dataclasses import replace
from typing import Any

import numpy as np

from alertd.core.calendar import Calendar
from alertd.core.incontrol import InControl, fit
from alertd.core.known import known_of
from alertd.core.measures import Measure
from alertd.core.periods import Grain, parse_period
from alertd.core.series import Floats, SeriesBlock


def series_of(value: Floats, grain: Grain = Grain.MONTH, first: str = "2015-01", **more: Any) -> SeriesBlock:
    """A block of periods x series, whose series are named P0000 and so on."""
    start = parse_period(first)
    assert start.grain is grain
    keys = tuple((f"P{column:04d}",) for column in range(value.shape[1]))
    block = SeriesBlock(
        measure="m", grain=grain, by=("place",), keys=keys, first=start.slot, value=value, numerator=None,
        denominator=None, present=~np.isnan(value),
    )  # fmt: skip
    return replace(block, **more)


def divided(of: Measure, numerator: Floats, denominator: Floats) -> SeriesBlock:
    """A block of shares or rates."""
    return series_of(numerator * of.factor / denominator, numerator=numerator, denominator=denominator)


def fitted(of: Measure, block: SeriesBlock, calendar: Calendar | None = None, settled: int | None = None) -> InControl:
    """The model of a block, all of whose rows are settled unless it is said how many are."""
    known = known_of(of, block, calendar or Calendar())
    return fit(of, block, known, block.periods if settled is None else settled)


def autoregression(rng: np.random.Generator, periods: int, series: int, memory: float) -> Floats:
    """Standard normal figures, each as like the one before as `memory` says."""
    drawn = rng.standard_normal((periods, series))
    for row in range(1, periods):
        drawn[row] = memory * drawn[row - 1] + np.sqrt(1 - memory**2) * drawn[row]
    return drawn
