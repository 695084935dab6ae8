"""The usual level of every row, for detectors that add up figures row by row: each row has its own baseline."""

from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Rows
from alertd.core.detect.baselines import Plan
from alertd.core.detect.xmr import xmr_limits
from alertd.core.parameters.baseline import Window
from alertd.core.parameters.spc import Spc
from alertd.core.series import Bools, Floats

_PLAIN = Spc(chart="xmr")


class Levels(NamedTuple):
    """What is usual at every row: arrays of rows x series, NaN while learning."""

    centre: Floats
    sigma: Floats
    learning: Bools

    def standardised(self, usable: Floats) -> Floats:
        """How many sigma the figures of as many rows lie above their usual level; NaN where either is unknown."""
        with np.errstate(invalid="ignore", over="ignore"):
            away: Floats = (usable[: len(self.centre)] - self.centre) / self.sigma
        return away


def levels(
    chosen: Plan, usable: Floats, segment: Rows, rows: int, first_slot: int, least_step: float | None = None
) -> Levels:
    """The mean of each row's baseline and sigma from its mean moving range, for the first `rows` rows of a block.

    They are those of an XmR chart. The moving range does not grow with the slow drift that is looked for, as a standard
    deviation of the baseline would. A rolling baseline leaves out figures beyond its own limits, so that one odd month
    neither hides a drift nor looks like its end.
    """
    shape = (rows, usable.shape[1])
    found = Levels(np.full(shape, np.nan), np.full(shape, np.nan), np.ones(shape, dtype=np.bool_))
    earliest = _first_to_judge(chosen, segment)
    before: int | None = None
    with np.errstate(invalid="ignore", divide="ignore"):
        for row in range(min(earliest, rows), rows):
            if before is not None and _unchanged(chosen, segment, row, first_slot):
                for array in found:
                    array[row] = array[before]
            else:
                lines = xmr_limits(_PLAIN, chosen, usable, segment, row, first_slot, least_step)
                found.centre[row], found.sigma[row], found.learning[row] = lines
            before = row
    return found


def _first_to_judge(chosen: Plan, segment: Rows) -> int:
    """A row before which no baseline can be long enough."""
    match chosen.window:
        case Window.LAST:
            return chosen.min_points + chosen.gap - 1
        case Window.FIRST:
            return chosen.min_points + int(segment[:1].min(initial=len(segment)))
        case _:
            return 0


def _unchanged(chosen: Plan, segment: Rows, row: int, first_slot: int) -> bool:
    """Whether a row has the very baseline of the row before it: its periods lie behind both."""
    match chosen.window:
        case Window.LAST:
            return False
        case Window.FIRST:
            complete = bool((segment[row] + chosen.length < row).all())
        case Window.FIXED:
            complete = chosen.last_slot - first_slot + 1 < row
        case Window.ALL:
            complete = True
    return complete and bool((segment[row] == segment[row - 1]).all())
