"""The two-point comparison: a figure against the one before it, or against the same period a year ago.

It mostly tells noise (R1); the notice says that it is a comparison of two figures.
"""

import numpy as np

from alertd.core.detect.base import Look, Signals
from alertd.core.detect.runs import slack
from alertd.core.detect.seasons import PERIODS_A_YEAR
from alertd.core.parameters.change import Change
from alertd.core.periods import Grain
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools, Floats

CHANGE = np.uint32(signal_bit("change"))
_YEAR = {**PERIODS_A_YEAR, Grain.HOUR: 364 * 24, Grain.HALF_YEAR: 2, Grain.YEAR: 1}
"""Periods from one year to the next: hours, days and weeks go back 52 weeks, so that like weekdays are compared."""


def judge_change(change: Change, look: Look) -> Signals:
    """Judge figures against one earlier figure each, which is the centre; the limits are where a change is told.

    `worse_by` and `and_at_least` must both hold, and a change of just that much does. A change the other way by as much
    stands on the other side. `excess` is in the measure's unit beyond the limit. Where the earlier period lies before the
    present segment the series is learning: no comparison spans a rebase.
    """
    back = 1 if change.versus == "previous period" else _YEAR[look.block.grain]
    earlier = look.rows - back
    figure = look.usable[look.rows]
    unreached = earlier[:, None] < look.known.segment[look.rows]
    compared = np.where(unreached, np.nan, look.usable[np.maximum(earlier, 0)])
    found = Signals.blank(*figure.shape)
    size = least_change(change, compared)
    found.centre[:], found.lower[:], found.upper[:] = compared, compared - size, compared + size
    found.learning[:] = unreached & ~np.isnan(figure)
    found.missing[:] = np.isnan(figure) | (np.isnan(compared) & ~unreached)
    up, down = _changed(figure, compared, size)
    found.high[up] |= CHANGE
    found.low[down] |= CHANGE
    found.excess[:] = np.where(up | down, np.maximum(np.abs(figure - compared) - size, 0.0), 0.0)
    return found


def least_change(change: Change, compared: Floats) -> Floats:
    """The smallest change that is told, in the measure's unit: the larger of the two conditions.

    A percentage is of the size of the earlier figure, whatever its sign; of zero it is nothing, so that any change from
    zero meets it, and `and_at_least` alone decides.
    """
    size = np.zeros(compared.shape)
    for amount in (change.worse_by, change.and_at_least):
        if amount is not None:
            asked = amount.size / 100 * np.abs(compared) if amount.percent else np.full(compared.shape, amount.size)
            size = np.maximum(size, asked)
    return size


def _changed(figure: Floats, compared: Floats, size: Floats) -> tuple[Bools, Bools]:
    """Where a figure rose, and where it fell, by at least so much; equal figures never did. NaN did neither."""
    with np.errstate(invalid="ignore"):
        step = figure - compared
        enough = np.abs(step) >= size - slack(figure, np.abs(compared))
        return enough & (step > 0), enough & (step < 0)
