"""The freshness detector: fires on figures that are late, and on series without a row where there should be one."""

from collections.abc import Set
from datetime import date, datetime

import numpy as np

from alertd.core.detect.base import Rows, Signals
from alertd.core.parameters.freshness import Freshness
from alertd.core.periods import Grain, Period
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools
from alertd.core.settling import is_settled

SHRUNK = np.uint32(signal_bit("shrunk"))
_USUAL = 12  # periods whose median is the usual number of series
_FEWEST = 3  # periods without which nothing is usual yet
LATE = np.uint32(signal_bit("late"))
MISSING = np.uint32(signal_bit("missing"))


def judge_freshness(
    freshness: Freshness,
    present: Bools,
    grain: Grain,
    first_slot: int,
    rows: Rows,
    now: datetime,
    holidays: Set[date],
) -> Signals:
    """Judge which rows of a block had no figures when they were due.

    `present` (periods x series) says where the warehouse has a row; `rows` may lie beyond it, as periods that never came.
    A period of which no series has a row is late once `late_after` has passed; one that some series have and others
    lack is `missing` for those. `now` is naive local time. Both count against a concern, on the lower side.
    """
    series = present.shape[1]
    found = Signals.blank(len(rows), series)
    for index, row in enumerate(rows.tolist()):
        here = present[row] if row < present.shape[0] else np.zeros(series, dtype=np.bool_)
        period = Period(grain, first_slot + row)
        if (
            freshness.late_after is not None
            and not here.any()
            and is_settled(period, now, freshness.late_after, holidays)
        ):
            found.low[index] |= LATE
        if freshness.missing == "any" and here.any():
            found.low[index, ~here] |= MISSING
        if freshness.missing == "all" and not here.any():
            found.low[index] |= MISSING
        if freshness.shrunk_by is not None and _has_shrunk(present, row, freshness.shrunk_by):
            found.low[index] |= SHRUNK
        found.missing[index] = ~here & (found.low[index] == 0)
    return found


def _has_shrunk(present: Bools, row: int, percent: float) -> bool:
    """Whether a period has rows, and so many percent fewer of them than the periods before it usually had."""
    if row >= present.shape[0] or not present[row].any():
        return False  # a period without any row is late or missing, and that is told apart
    counts = np.count_nonzero(present[max(0, row - _USUAL) : row], axis=1)
    counts = counts[counts > 0]
    return len(counts) >= _FEWEST and int(present[row].sum()) <= float(np.median(counts)) * (1 - percent / 100)
