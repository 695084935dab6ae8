"""The forecast: whether the demand that is expected in the coming periods passes a capacity.

From the figures up to the judged period alone: each is adjusted for its season (factors of the complete years before, as in
`adjusted`; the other years' for the figures themselves, so that the spread is not too small); the level is the mean of the
last year, carried on along a straight line of the last three years where that line is steeper than twice its own error, and
damped by a tenth a period, as trends seldom last (Gardner and McKenzie, Management Science 31, 1985). Where the last quarter
lies plainly apart from the rest of that year, the level is that quarter's. The spread about it,
over the last two years, gives Student's t limits that allow for a new figure, for the level and for the slope; a count varies
at least as a Poisson count does. With fewer than three complete years there is neither season nor trend: the level is the
mean of the last year, and its seasons widen the limits. See Hyndman and Athanasopoulos, "Forecasting: Principles and
Practice" (2021), 5.5 and 7.6.

It fires where the one-sided lower limit at the rule's confidence lies above the capacity, in one of the coming periods.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from alertd.core.detect.adjusted import codes_of, season_of
from alertd.core.detect.base import Look, Rows, Signals
from alertd.core.detect.seasons import PERIODS_A_YEAR
from alertd.core.measures import Measure
from alertd.core.parameters.forecast import Forecast
from alertd.core.periods import Grain
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools, Floats

CAPACITY = np.uint32(signal_bit("capacity"))
PAST_YEARS = 5
"""How many years of the past are looked at."""
_PERIODS_WITHOUT_A_YEAR = 8  # what stands for a year of hours, half-years and years
_THERE = 0.9  # the share of the last year's periods that must have a figure
_DAMPED = 0.9  # how much of a trend goes on from one period to the next
_STEEP = 2.0  # how many of its own errors a slope must be, to be taken for a trend
_FAR = 3.0  # how many errors the last quarter must lie from the rest of the year, to be taken for a new level
_RANGE_IN_SIGMA = 1.128  # the mean moving range of figures whose standard deviation is 1
_RANGE_EFFICIENCY = 0.6  # how much a moving range tells of the spread, as a part of what a standard deviation does
_CLOSE = 1e-9  # figures that differ by less, relative to the capacity, are equal


class Expected(NamedTuple):
    """The demand of the coming periods: arrays of those periods x series, NaN where there is too little to expect from."""

    centre: Floats
    at_least: Floats
    """What is exceeded with the wanted confidence."""


class _Line(NamedTuple):
    """What adjusted figures are expected to go on from: one value a series."""

    level: Floats
    slope: Floats
    spread: Floats
    """The standard deviation about level and slope."""
    freedom: Floats
    slope_error: Floats
    figures: Floats
    """How many figures the level is the mean of."""
    middle: Floats
    """How many periods before the judged one they lie on average."""


def judge_forecast(forecast: Forecast, look: Look) -> Signals:
    """Judge whether demand is expected to pass the block's capacity; `learning` without a year of figures.

    The centre is the demand expected in the first period that fires, else in the one that comes nearest; the lower limit is
    what demand exceeds there with the rule's confidence, the upper one the capacity.
    """
    shape = (len(look.rows), look.usable.shape[1])
    found = replace(Signals.blank(*shape), ahead=np.zeros(shape, dtype=np.int64))
    capacity = look.block.capacity
    found.missing[:] = np.isnan(look.usable[look.rows])
    if capacity is None:
        found.missing[:] = True
        return found
    steps = np.arange(1, forecast.within + 1)
    for index, row in enumerate(look.rows.tolist()):
        there, _ = capacity.known_at(row, steps)
        found.missing[index] |= np.isnan(there[-1])
        _hold(found, index, expected_after(forecast, look, row), there)
    return found


def _hold(found: Signals, index: int, expected: Expected, capacity: Floats) -> None:
    """Write down, for one judged row, in which coming period expected demand is held against its capacity."""
    learning = np.isnan(expected.centre).any(axis=0)
    judged = ~(learning | found.missing[index])
    # Of the first coming periods there may be no capacity yet, where that of a later one is planned.
    beyond = np.where(judged, np.nan_to_num(expected.at_least - capacity, nan=-np.inf), 0.0)
    over = beyond > _CLOSE * np.maximum(1.0, np.nan_to_num(np.abs(capacity)))
    fires = over.any(axis=0)
    step = np.where(fires, over.argmax(axis=0), beyond.argmax(axis=0))
    columns = np.arange(len(step))
    for name, line in (
        ("centre", expected.centre[step, columns]),
        ("lower", expected.at_least[step, columns]),
        ("upper", capacity[step, columns]),
    ):
        getattr(found, name)[index] = np.where(judged, line, np.nan)
    found.excess[index] = np.where(fires, beyond[step, columns], 0.0)
    found.high[index, fires] |= CAPACITY
    found.learning[index] = learning & ~found.missing[index]
    assert found.ahead is not None
    found.ahead[index] = np.where(judged, step + 1, 0)


def expected_after(forecast: Forecast, look: Look, row: int) -> Expected:
    """The demand that is expected in the periods after a row, from the figures up to it."""
    grain, ahead = look.block.grain, forecast.within
    year = PERIODS_A_YEAR.get(grain, 0)
    length = year or _PERIODS_WITHOUT_A_YEAR
    begin = max(0, row + 1 - PAST_YEARS * length)
    count = row + 1 - begin
    figures = np.concatenate([look.usable[begin : row + 1], np.full((ahead, look.usable.shape[1]), np.nan)])
    since = np.maximum(look.known.segment[row] - begin, 0)
    figures[:count][np.arange(count)[:, None] < since] = np.nan
    times, plus, seasonal = _season(figures, since, count, grain, look.block.first + begin, year)
    line = _line((figures[:count] - plus[:count]) / times[:count], length, seasonal)
    steps = np.arange(1, ahead + 1, dtype=np.float64)[:, None]
    damped = np.cumsum(_DAMPED**steps, axis=0)
    with np.errstate(invalid="ignore"):
        centre = (line.level + line.slope * damped) * times[count:] + plus[count:]
        own = line.spread**2 * (1 + 1 / line.figures) + (line.slope_error * (damped + line.middle)) ** 2
        variance = own * times[count:] ** 2
        if _is_a_count(look.measure):
            variance = np.maximum(variance, centre * (1 + 1 / line.figures))
        quantile = stdtrit(line.freedom, forecast.confidence / 100)
        return Expected(centre, centre - quantile * np.sqrt(variance))


def _is_a_count(measure: Measure) -> bool:
    return measure.denominator is None and (measure.count is not None or measure.event is not None)


def _season(
    figures: Floats, since: Rows, count: int, grain: Grain, first: int, year: int
) -> tuple[Floats, Floats, Bools]:
    """By what figures are multiplied and what is added for their season, and which series have a known one."""
    if year:
        factors = ("month", "weekday") if grain is Grain.DAY else ("month",)
        slots = np.arange(first, first + len(figures))
        codes = tuple(codes_of(name, grain, slots) for name in factors)
        times, plus = season_of(figures, np.broadcast_to(since, figures.shape), count, codes, year)
    else:
        times = plus = np.full(figures.shape, np.nan)
    known: Bools = ~np.asarray(np.isnan(times).any(axis=0))
    return np.where(known, times, 1.0), np.where(known, plus, 0.0), known


def _line(adjusted: Floats, length: int, trended: Bools) -> _Line:
    """The level at the newest row, and the slope of the series that may have one."""
    when = np.arange(1 - len(adjusted), 1, dtype=np.float64)[:, None]
    slope, error = _slope(adjusted[-3 * length :], when[-3 * length :], trended)
    last, at = adjusted[-length:], when[-length:]
    there = ~np.isnan(last)
    count = np.count_nonzero(there, axis=0).astype(np.float64)
    count[count < _THERE * length] = np.nan
    level = np.where(there, last - slope * at, 0.0).sum(axis=0) / count
    middle = np.where(there, -at, 0.0).sum(axis=0) / count
    recent = adjusted[-2 * length :]
    left = recent - (level + slope * when[-2 * length :])
    freedom = np.count_nonzero(~np.isnan(recent), axis=0) - 1.0 - (slope != 0)
    with np.errstate(invalid="ignore"):
        spread = np.sqrt(np.nansum(left**2, axis=0) / np.maximum(freedom, 1.0))
    line = _Line(level, slope, spread, freedom, error, count, middle)
    return _moved(line, recent - slope * when[-2 * length :], max(length // 4, 3), length, trended)


def _moved(line: _Line, flat: Floats, quarter: int, length: int, seasonal: Bools) -> _Line:
    """The same line, with the level of the last quarter where that lies far from the rest of the year.

    `flat` are the adjusted figures of two years without their slope. How far is told by moving ranges, which a level that
    moves hardly widens. Where the season is not known a quarter differs by its season, and the year's level stays.
    """
    if not seasonal.any():
        return line
    late, early = flat[-quarter:], flat[-length:-quarter]
    some, others = (np.count_nonzero(~np.isnan(part), axis=0).astype(np.float64) for part in (late, early))
    steps = np.abs(np.diff(flat, axis=0))
    pairs = np.count_nonzero(~np.isnan(steps), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        newest = np.nansum(late, axis=0) / some
        usual = np.nansum(steps, axis=0) / pairs / _RANGE_IN_SIGMA
        error = usual * np.sqrt(1 / some + 1 / others)
        least = _FAR * error + _CLOSE * np.abs(newest)
        moved = seasonal & (some >= _THERE * quarter) & (np.abs(newest - np.nansum(early, axis=0) / others) > least)
        within = np.sqrt(np.nansum((late - newest) ** 2, axis=0) / np.maximum(some - 1, 1))
    ages = np.where(np.isnan(late), 0.0, np.arange(len(late), dtype=np.float64)[::-1, None]).sum(axis=0)
    return line._replace(
        level=np.where(moved, newest, line.level),
        spread=np.where(moved, np.maximum(usual, within), line.spread),
        freedom=np.where(moved, np.maximum(pairs * _RANGE_EFFICIENCY, 1.0), line.freedom),
        figures=np.where(moved, some, line.figures),
        middle=np.where(moved, ages / np.maximum(some, 1), line.middle),
    )


def _slope(adjusted: Floats, when: Floats, trended: Bools) -> tuple[Floats, Floats]:
    """The slope by least squares and its error; 0 and 0 where it may be chance, or there may be none."""
    there = ~np.isnan(adjusted)
    count = np.maximum(np.count_nonzero(there, axis=0), 1).astype(np.float64)
    away = np.where(there, when - np.where(there, when, 0.0).sum(axis=0) / count, 0.0)
    width = (away**2).sum(axis=0)
    figures = np.where(there, adjusted, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (away * figures).sum(axis=0) / width
        left = np.where(there, adjusted - figures.sum(axis=0) / count - slope * away, 0.0)
        error = np.sqrt((left**2).sum(axis=0) / (count - 2) / width)
        # Rounding alone makes no trend of figures that never vary.
        steep = trended & (count > 2) & (np.abs(slope) > _STEEP * error + _CLOSE * np.abs(figures).max(axis=0))
    return np.where(steep, slope, 0.0), np.where(steep, error, 0.0)
