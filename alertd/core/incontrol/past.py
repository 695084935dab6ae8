"""What a model is fitted to: the figures of each series up to the newest settled period, and which of them count."""

from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Known
from alertd.core.incontrol.cycles import CYCLES, Season, found_in
from alertd.core.incontrol.model import Kept
from alertd.core.measures import Measure
from alertd.core.periods import Grain
from alertd.core.series import Bools, Floats, Ints, SeriesBlock

WINDOW = {
    Grain.HOUR: 672,
    Grain.DAY: 126,
    Grain.WEEK: 78,
    Grain.MONTH: 36,
    Grain.QUARTER: 18,
    Grain.HALF_YEAR: 15,
    Grain.YEAR: 15,
}
"""So many of the newest figures of a series tell its level and its spread: half as many again as a rolling baseline has."""
_REACH = 2
"""They lie in so many windows at most; a series with none in the newest window has ended."""


class Past(NamedTuple):
    """Arrays of the settled rows of a block x series."""

    block: SeriesBlock
    """As it was given; its later rows are not used."""
    slots: Ints
    value: Floats
    numerator: Floats | None
    denominator: Floats | None
    usable: Bools
    """Figures that count: of the present segment, not excluded."""
    recent: Bools
    """The newest of them, which tell level and spread."""
    lost: Floats
    """Of each series, the share of periods without a figure since it began, of those not excluded."""
    stride: int
    """How many periods lie between figures that share no data."""


def past_of(measure: Measure, block: SeriesBlock, known: Known, settled: int) -> Past:
    """The past of a block, of which the first `settled` rows are settled."""
    value = block.value[:settled]
    numerator = None if block.numerator is None else block.numerator[:settled]
    denominator = None if block.denominator is None else block.denominator[:settled]
    there = np.isfinite(value)
    if numerator is not None and denominator is not None:
        there = np.isfinite(numerator) & np.isfinite(denominator) & (there | (denominator == 0))
    begun = known.segment[settled - 1] if settled else np.zeros(value.shape[1], dtype=np.int64)
    rows = np.arange(settled)[:, None]
    counted = (rows >= begun) & ~known.excluded[:settled]
    usable = there & counted
    window = WINDOW[measure.judged_grain] * measure.stride
    near = counted & (rows >= settled - _REACH * window)
    with np.errstate(invalid="ignore", divide="ignore"):
        lost = 1 - (usable & near).sum(axis=0) / near.sum(axis=0)
    if measure.zeros:
        lost = np.zeros_like(lost)
    if denominator is not None:
        usable &= denominator > 0
    newest_first = np.cumsum(usable[::-1], axis=0)[::-1]
    recent = usable & (newest_first <= window) & (rows >= settled - _REACH * window)
    recent &= usable[max(settled - window, 0) :].any(axis=0)
    return Past(
        block=block, slots=block.first + np.arange(settled), value=value, numerator=numerator, denominator=denominator,
        usable=usable, recent=recent, lost=np.nan_to_num(lost, nan=0.0), stride=measure.stride,
    )  # fmt: skip


def seasons_in(past: Past, index: Floats) -> tuple[Season, ...]:
    """The seasons of one figure a period that stands for all series; none where figures share data with their neighbours."""
    found: list[Season] = []
    if past.stride > 1:
        return ()
    index = index.copy()
    for cycle in CYCLES[past.block.grain]:
        start = max(len(index) - cycle.window, 0)
        season = found_in(index[start:], cycle, past.block.grain, past.block.first + start)
        if season is not None:
            found.append(season)
            index -= season.at(past.slots)
    return tuple(found)


def added_by(seasons: tuple[Season, ...], slots: Ints) -> Floats:
    """What the seasons add at some slots, all together."""
    total = np.zeros(len(slots))
    for season in seasons:
        total += season.at(slots)
    return total


def kept_of(past: Past, denominator: Floats | None) -> Kept:
    """The figures that go with the recent ones, to be drawn from."""
    error = past.block.standard_error
    order = np.argsort(~past.recent, axis=0, kind="stable")
    held: Ints = past.recent.sum(axis=0)
    order = order[: int(held.max(initial=0))]

    def packed(array: Floats | None) -> Floats | None:
        return None if array is None else np.take_along_axis(array[: len(past.value)], order, axis=0)

    return Kept(held=held, denominator=packed(denominator), standard_error=packed(error))
