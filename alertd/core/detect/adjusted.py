"""XmR charts of seasonally adjusted figures: each figure over what its season usually makes of one.

The season's factor of a judged period comes from the complete years just before it (three at least, the newest five at
most): the sum of the figures of that season over the sum of their level, which runs in straight lines from the middle of one
year to the middle of the next, so that a trend is no season. Every figure of those years is adjusted by the factor that
the *other* years give its season. Its own would take part of its variation away, limits would be too narrow (by 1.4 times
with three years), and a recent shift would hide itself. What stands out from its season tells nothing of it (`odd_seasons.py`).
Then an XmR chart judges the adjusted figures; its lines are shown in the measure's unit, times the factor of the judged
period.

Series with negative figures have additive seasons: figure less factor. Classical decomposition by ratios; see for example
Hyndman and Athanasopoulos, "Forecasting: Principles and Practice" (2021), 3.4.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Look, Rows, Signals
from alertd.core.detect.odd_seasons import standing_out
from alertd.core.detect.seasons import PERIODS_A_YEAR, misfit
from alertd.core.detect.xmr import judge_xmr
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.parameters.spc import Spc
from alertd.core.periods import Grain
from alertd.core.series import Floats

_FEWEST_YEARS = 3
_MOST_YEARS = 5
_COMPLETE = 0.9
"""The share of a year's periods that must have a figure: 11 of 12 months, all quarters."""
_ROUNDS = 12
"""How often several factors are fitted in turn; one factor needs one round."""
_LEVEL_ROUNDS = 2
"""How often the level of years with holes is worked out anew, from what the factors make of the figures that are there."""
_SERIES_AT_ONCE = 1_024
_EPOCH = 719_163
"""The ordinal of 1 January 1970."""


class Season(NamedTuple):
    """Factors of a block for one judged period: figures less `plus`, over `times`, are adjusted (periods x series).

    Both are NaN where a season has no usable factor.
    """

    times: Floats
    plus: Floats

    @classmethod
    def unknown(cls, figures: Floats) -> "Season":
        """No factors for figures of that shape."""
        return cls(np.full(figures.shape, np.nan), np.full(figures.shape, np.nan))


def judge_adjusted(seasonal: Seasonal, look: Look) -> Signals:
    """Judge a block's figures, seasonally adjusted, by an XmR chart with the newest `mdc` rules, or some of their signals.

    `learning` until there are three complete years before the judged period, since the series or its last rebase began.
    """
    found = Signals.blank(len(look.rows), look.usable.shape[1])
    found.missing[:] = np.isnan(look.usable[look.rows])
    if misfit(seasonal, look.block.grain) is not None:  # the check of a home says so; here nothing can be compared
        found.learning[:] = True
        return found
    for start in range(0, look.usable.shape[1], _SERIES_AT_ONCE):
        columns = np.arange(start, min(start + _SERIES_AT_ONCE, look.usable.shape[1]))
        part = look if len(columns) == look.usable.shape[1] else look.take(columns)
        for index in range(len(look.rows)):
            _judge_row(seasonal, part, index, found, slice(start, start + _SERIES_AT_ONCE))
    return found


def _judge_row(seasonal: Seasonal, look: Look, index: int, found: Signals, columns: slice) -> None:
    row = int(look.rows[index])
    codes = season_codes(seasonal, look)
    season = season_of(look.usable, look.known.segment, row, codes, PERIODS_A_YEAR[look.block.grain])
    # Neighbouring figures that share data say nothing by their runs.
    signals = ("astronomical",) if look.measure.overlapping else seasonal.signals
    spc = Spc(
        chart="xmr",
        baseline=seasonal.baseline,
        gap=seasonal.gap,
        min_baseline=seasonal.min_baseline,
        signals=signals,
        multiplier=seasonal.multiplier,
    )
    error = look.block.standard_error
    with np.errstate(invalid="ignore"):
        adjusted = (look.usable - season.plus) / season.times
        errors = None if error is None else error / season.times
    block = replace(look.block, value=adjusted, standard_error=errors)
    judged = judge_xmr(
        spc, Look(measure=look.measure, block=block, known=look.known, rows=look.rows[index : index + 1])
    )
    times, plus = season.times[row], season.plus[row]
    for name in ("centre", "lower", "upper"):
        getattr(found, name)[index, columns] = getattr(judged, name)[0] * times + plus
    for name in ("high", "low", "excess"):
        getattr(found, name)[index, columns] = getattr(judged, name)[0]
    found.learning[index, columns] = judged.learning[0] | np.isnan(times)


def season_codes(seasonal: Seasonal, look: Look) -> tuple[Rows, ...]:
    """For each factor of a rule the season of every period of the block, as whole numbers from 0."""
    slots = np.arange(look.block.first, look.block.first + look.block.periods)
    return tuple(codes_of(name, look.block.grain, slots, look.known.holidays) for name in seasonal.factors)


def codes_of(factor: str, grain: Grain, slots: Rows, holidays: Collection[date] = ()) -> Rows:
    """The season of some slots of a grain by one factor, as whole numbers from 0."""
    if grain in (Grain.MONTH, Grain.QUARTER):
        return slots % PERIODS_A_YEAR[grain]
    days = slots if grain is Grain.DAY else 7 * slots  # the Thursday of a week, whose month it counts to
    if factor == "month":
        return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    if factor == "weekday":
        return (days + 3) % 7
    closed = np.array([day.toordinal() for day in holidays], dtype=np.int64) - _EPOCH
    return np.isin(days, closed).astype(np.int64)


def season_of(figures: Floats, segment: Rows, row: int, codes: tuple[Rows, ...], year: int) -> Season:
    """The seasonal factors by which a judged row, and every figure that it is compared with, are adjusted."""
    reach = min(row // year, _MOST_YEARS)
    start = row - reach * year
    if reach < _FEWEST_YEARS:
        return Season.unknown(figures)
    there = ~np.isnan(figures[start:row])
    complete = np.count_nonzero(there.reshape(reach, year, -1), axis=1) >= _COMPLETE * year
    complete &= (start + np.arange(reach) * year)[:, None] >= segment[row]
    kinds, kind = np.unique(np.packbits([*complete, there.all(axis=0)], axis=0)[0], return_inverse=True)
    parts = []
    for number in range(len(kinds)):
        columns = np.flatnonzero(kind == number)
        years = np.flatnonzero(complete[:, columns[0]])
        part = figures if len(kinds) == 1 else figures[:, columns]
        if len(years) < _FEWEST_YEARS:
            parts.append((columns, Season.unknown(part)))
        else:
            parts.append((columns, _factors(part, start, years, codes, year)))
    return _together(figures, parts)


def _together(figures: Floats, parts: list[tuple[Rows, Season]]) -> Season:
    """Factors of some series each, as those of the block."""
    if len(parts) == 1:
        return parts[0][1]
    season = Season.unknown(figures)
    for columns, part in parts:
        season.times[:, columns], season.plus[:, columns] = part
    return season


def _factors(figures: Floats, start: int, years: Rows, codes: tuple[Rows, ...], year: int) -> Season:
    """The factors of series that have the same complete years, numbered from row `start` on."""
    rows = (start + years[:, None] * year + np.arange(year)).ravel()
    past = figures[rows]
    level = _level(past, rows, year, np.ones_like(past))
    by_ratio = ~(past < 0).any(axis=0) & (level > 0).all(axis=0)
    parts = []
    for additive in (False, True):
        columns = np.flatnonzero(by_ratio != additive)
        if len(columns):
            every = len(columns) == len(by_ratio)
            part, line = (past, level) if every else (past[:, columns], level[:, columns])
            parts.append((columns, _one_kind(part, line, rows, codes, year, additive=additive)))
    return _together(figures, parts)


def _one_kind(past: Floats, level: Floats, rows: Rows, codes: tuple[Rows, ...], year: int, *, additive: bool) -> Season:
    """The factors of series that are all multiplicative, or all additive, by the figures that do not stand out."""
    odd = standing_out(past, level, tuple(code[rows] for code in codes), additive=additive)
    season = _fitted(past, level, rows, codes, year, additive=additive)
    columns = np.flatnonzero(odd.any(axis=0))
    if len(columns):
        kept = np.where(odd[:, columns], np.nan, past[:, columns])
        line = _level(kept, rows, year, np.ones_like(kept))
        season.times[:, columns], season.plus[:, columns] = _fitted(kept, line, rows, codes, year, additive=additive)
    return season


def _fitted(past: Floats, level: Floats, rows: Rows, codes: tuple[Rows, ...], year: int, *, additive: bool) -> Season:
    every, own = _effects(past, level, rows, codes, additive=additive)
    for _ in range(_LEVEL_ROUNDS if np.isnan(past).any() else 0):
        effect = every[rows]
        if additive:
            level = _level(past - effect, rows, year, np.ones_like(past)) + effect.mean(axis=0)
        else:
            level = _level(past, rows, year, effect)
        every, own = _effects(past, level, rows, codes, additive=additive)
    every[rows] = own
    if additive:
        return Season(np.where(np.isnan(every), np.nan, 1.0), every)
    every[~(every > 0)] = np.nan  # a season in which nothing ever happens has no ratio
    return Season(every, np.zeros_like(every))


def _level(past: Floats, rows: Rows, year: int, effect: Floats) -> Floats:
    """The level of each period: straight lines through the means of the years, at their middles, and on at both ends.

    The mean of a year with holes is that of the figures there, for as much of the season's `effect` as they stand for.
    """
    there = ~np.isnan(past)

    def by_year(figures: Floats) -> Floats:
        total: Floats = figures.reshape(-1, year, past.shape[1]).sum(axis=1)
        return total

    share = by_year(np.where(there, effect, 0.0)) / by_year(effect)
    mean = by_year(np.where(there, past, 0.0)) / (year * np.where(share > 0, share, np.nan))
    middle = rows[::year] + (year - 1) / 2
    before = np.clip(np.searchsorted(middle, rows, side="right") - 1, 0, len(middle) - 2)
    along = ((rows - middle[before]) / (middle[before + 1] - middle[before]))[:, None]
    line: Floats = (1 - along) * mean[before] + along * mean[before + 1]
    return line


def _effects(
    past: Floats, level: Floats, rows: Rows, codes: tuple[Rows, ...], *, additive: bool
) -> tuple[Floats, Floats]:
    """The joint factor of every period of the block, and that of each past figure from the other figures of its season.

    Several factors are fitted in turn, each to what the others leave.
    """
    there = ~np.isnan(past)
    joined, neutral = (np.add, 0.0) if additive else (np.multiply, 1.0)
    effects = [np.full((int(code.max()) + 1, past.shape[1]), neutral) for code in codes]
    alone = [past] * len(codes)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(_ROUNDS if len(codes) > 1 else 1):
            for number, code in enumerate(codes):
                others: Floats | float = neutral
                for other, effect in enumerate(effects):
                    if other != number:
                        others = joined(others, effect[codes[other][rows]])
                part = np.where(there, past - level - others if additive else past, 0.0)
                base = np.where(there, 1.0 if additive else level * others, 0.0)
                here = code[rows]
                sums, bases = _sums(part, here, len(effects[number])), _sums(base, here, len(effects[number]))
                effects[number] = sums / np.where(bases > 0, bases, np.nan)
                total = bases[here]
                left = total - base
                alone[number] = (sums[here] - part) / np.where(left > 1e-9 * total, left, np.nan)
        every, own = effects[0][codes[0]], alone[0]
        for code, effect, single in zip(codes[1:], effects[1:], alone[1:], strict=True):
            every, own = joined(every, effect[code]), joined(own, single)
    return every, own


def _sums(figures: Floats, code: Rows, seasons: int) -> Floats:
    """Figures (periods x series) summed over each season; 0 for one that is not among them."""
    order = np.argsort(code, kind="stable")
    found, starts = np.unique(code[order], return_index=True)
    total = np.zeros((seasons, figures.shape[1]))
    total[found] = np.add.reduceat(figures[order], starts, axis=0)
    return total
