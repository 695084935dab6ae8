"""Seasons that all series of a measure have in common: looked for, tested, and taken out.

One figure a period stands for all series, so that the years are what is tested and not the many series of each, which a
shock moves together. It is regressed on its seasons and a trend of straight lines; the seasons count where an F test says so
at 1 percent. Least squares with dummy variables: Hyndman and Athanasopoulos, "Forecasting: Principles and Practice" (2021),
7.4.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import fdtrc

from alertd.core.periods import Grain
from alertd.core.series import Floats, Ints

FEWEST_CYCLES = 3
_SIGNIFICANT = 0.01
_FAR = 3.5
"""Periods whose residual is so many robust standard deviations away are left out, once."""


class Cycle(NamedTuple):
    """A season that figures of a grain may have."""

    name: str
    seasons: int
    length: int
    """How many periods a cycle has."""
    window: int
    """How many periods back it is looked for."""
    knots: int
    """How many periods lie between the bends of the trend."""


CYCLES: dict[Grain, tuple[Cycle, ...]] = {
    Grain.HOUR: (Cycle("hour of the week", 168, 168, 1344, 672),),
    Grain.DAY: (Cycle("weekday", 7, 7, 364, 28), Cycle("month", 12, 365, 1830, 365)),
    Grain.WEEK: (Cycle("month", 12, 52, 261, 52),),
    Grain.MONTH: (Cycle("month", 12, 12, 60, 12),),
    Grain.QUARTER: (Cycle("quarter", 4, 4, 24, 4),),
    Grain.HALF_YEAR: (Cycle("half-year", 2, 2, 16, 4),),
    Grain.YEAR: (),
}
_MONDAY = 3  # 1 January 1970 was a Thursday


class Season(NamedTuple):
    """A season that was found."""

    cycle: Cycle
    grain: Grain
    effect: Floats
    """What each season adds: to the logarithm of a level, to the log-odds of a share, or in standard deviations."""
    chance: float
    """How likely so large a season is where there is none (the F test)."""

    def at(self, slots: Ints) -> Floats:
        """What the season adds at some slots."""
        there: Floats = self.effect[codes(self.cycle, self.grain, slots)]
        return there


def codes(cycle: Cycle, grain: Grain, slots: Ints) -> Ints:
    """The season of each slot, counted from 0: January, Monday, the first hour of Monday."""
    if grain is Grain.HOUR:
        return (slots + 24 * _MONDAY) % 168
    if grain is Grain.DAY and cycle.seasons == 7:
        return (slots + _MONDAY) % 7
    if grain in (Grain.DAY, Grain.WEEK):
        days = slots if grain is Grain.DAY else 7 * slots  # the Thursday of a week, whose month it counts to
        months: Ints = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        return months
    return slots % cycle.seasons


def found_in(index: Floats, cycle: Cycle, grain: Grain, first: int) -> Season | None:
    """The season of one figure a period (NaN where there is none), from slot `first` on; None where none is significant."""
    there = np.flatnonzero(np.isfinite(index))
    if not len(there) or there[-1] - there[0] + 1 < FEWEST_CYCLES * cycle.length:
        return None
    for attempt in range(2):
        season = codes(cycle, grain, first + there)
        dummies = np.equal.outer(season, np.arange(cycle.seasons)).astype(float)
        if (dummies.sum(axis=0) < FEWEST_CYCLES).any():
            return None
        trend = _trend(there, cycle.knots)
        both, left_both = _least_squares(np.column_stack([dummies, trend[:, 1:]]), index[there])
        if attempt == 0:
            away = np.abs(left_both - np.median(left_both))
            there = there[away <= max(_FAR * 1.4826 * float(np.median(away)), 1e-12)]
    _, left_trend = _least_squares(trend, index[there])
    more, free = cycle.seasons - 1, len(there) - cycle.seasons - trend.shape[1] + 1
    rest, explained = float(left_both @ left_both), float(left_trend @ left_trend) - float(left_both @ left_both)
    if free < cycle.seasons // 2 or not explained > 1e-12:
        return None
    chance = float(fdtrc(more, free, explained / more / max(rest / free, 1e-300)))
    if not chance < _SIGNIFICANT:
        return None
    effect = both[: cycle.seasons]
    return Season(
        cycle, grain, effect - float(effect[codes(cycle, grain, first + np.arange(len(index)))].mean()), chance
    )


def _trend(rows: Ints, knots: int) -> Floats:
    """Straight lines that bend every so many rows, as columns that add up to 1."""
    bends = np.linspace(rows[0], rows[-1], max(2, round((rows[-1] - rows[0]) / knots) + 1))
    columns: Floats = np.stack([np.interp(rows, bends, unit) for unit in np.eye(len(bends))], axis=1)
    return columns


def _least_squares(design: Floats, figures: Floats) -> tuple[Floats, Floats]:
    """Coefficients and what they leave."""
    solved: Floats = np.linalg.lstsq(design, figures, rcond=None)[0].astype(np.float64)
    left: Floats = figures - design @ solved
    return solved, left
