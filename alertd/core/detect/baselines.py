"""Which periods a usual range is taken from: by default a rolling window that ends some periods before the judged one."""

from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Rows
from alertd.core.parameters.baseline import ROLLING, Baseline, Limited, Window
from alertd.core.periods import Grain, Period
from alertd.core.series import Bools, Floats


class Plan(NamedTuple):
    """A baseline with every default filled in for a grain; fixed baselines hold their first and last slot."""

    window: Window
    length: int
    gap: int
    min_points: int
    first_slot: int
    last_slot: int


def plan(limited: Limited, grain: Grain) -> Plan:
    """Fill in the defaults of a chart's baseline for a grain.

    `min_baseline` is 12, or the baseline's own length where that is shorter: a rule that could never leave `learning`
    would never fire.
    """
    length, gap = ROLLING[grain]
    first = last = 0
    authored = limited.baseline or Baseline(Window.LAST, length)
    length = authored.length
    if authored.first is not None and authored.last is not None:
        first = Period.containing(authored.first.start, grain).slot
        last = Period.containing(authored.last.last_day, grain).slot
        length = last - first + 1
    least = limited.min_baseline or (min(12, length) if length else 12)
    return Plan(authored.window, length, limited.gap or gap, least, first, last)


def span(chosen: Plan, row: int, first_slot: int, segment: int, rows: int) -> tuple[int, int]:
    """The rows [start, stop) that row `row` of a block is judged by; empty where start >= stop.

    `first_slot` is the slot of the block's row 0, `segment` the row at which the series or its last rebase begins,
    `rows` the block's length. The judged row is never among them, except for `all`.
    """
    match chosen.window:
        case Window.LAST:
            start, stop = row - chosen.gap - chosen.length + 1, row - chosen.gap + 1
        case Window.FIRST:
            start, stop = segment, min(segment + chosen.length, row)
        case Window.FIXED:
            start, stop = chosen.first_slot - first_slot, min(chosen.last_slot - first_slot + 1, row)
        case Window.ALL:
            start, stop = segment, rows
    return max(start, segment, 0), max(min(stop, rows), 0)


def window(chosen: Plan, value: Floats, segment: Rows, row: int, first_slot: int) -> Floats:
    """The baseline of row `row` as an array of periods x series, NaN where a series has no usable figure there.

    A baseline never crosses a rebase: figures of another segment are left out.
    """
    if chosen.window is Window.FIRST:
        return _frozen(chosen, value, segment, row)
    start, stop = span(chosen, row, first_slot, 0, value.shape[0])
    inside: Floats = value[start:stop]
    if one_segment(segment):
        return inside
    same: Bools = segment[start:stop] == segment[row]
    return inside if same.all() else np.where(same, inside, np.nan)


def one_segment(segment: Rows) -> bool:
    """Whether no series has more than one segment, told from the layout alone: one row that stands for every period."""
    return segment.strides[0] == 0 or len(segment) == 1


def _frozen(chosen: Plan, value: Floats, segment: Rows, row: int) -> Floats:
    """The first N periods of each series' own segment, as far as they lie before the judged row."""
    begun = segment[row]
    if begun.size and begun.min() == begun.max():
        first = int(begun[0])
        return value[first : min(first + chosen.length, row)]
    wanted = begun[None, :] + np.arange(chosen.length)[:, None]
    reached = wanted < row
    gathered: Floats = np.take_along_axis(value, np.minimum(wanted, value.shape[0] - 1), axis=0)
    return np.where(reached, gathered, np.nan)
