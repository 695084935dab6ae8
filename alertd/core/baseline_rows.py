"""Which rows of a block the limits of a judged period come from."""

from alertd.core.calendar import Calendar
from alertd.core.detect.baselines import plan, span
from alertd.core.known import known_of
from alertd.core.measures import Measure
from alertd.core.periods import Period
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock


def baseline_rows(rule: Rule, measure: Measure, block: SeriesBlock, calendar: Calendar, judged: Period) -> range:
    """The rows of a block of one series that the judged period's limits come from; empty for detectors without any."""
    row = judged.slot - block.first
    if rule.limited is None or not 0 <= row < block.periods:
        return range(0)
    return rows_of(rule, measure, block, row, int(known_of(measure, block, calendar).segment[row, 0]))


def rows_of(rule: Rule, measure: Measure, block: SeriesBlock, row: int, segment: int) -> range:
    """The rows of a block that the limits of one row come from, for a series whose present segment begins at `segment`."""
    if rule.limited is None:
        return range(0)
    # Figures that share data lie apart: the periods between two of them belong to neither's baseline.
    stride, chosen = measure.stride, plan(rule.limited, measure.judged_grain)
    start = row % stride
    begun, periods = -(-(segment - start) // stride), -(-(block.periods - start) // stride)
    first, stop = span(chosen, row // stride, (block.first + start) // stride, begun, periods)
    return range(start + first * stride, start + (stop - 1) * stride + 1) if stop > first else range(0)


def ends_of(block: SeriesBlock, rows: range) -> tuple[str | None, str | None]:
    """The first and last period of some rows; None where there are none."""
    return (str(block.period(rows[0])), str(block.period(rows[-1]))) if rows else (None, None)
