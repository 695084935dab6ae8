"""Which series may show a pattern at all: a quick look that lets `runs` judge these alone, and misses none."""

from collections.abc import Collection

import numpy as np

from alertd.core.detect.base import Rows, how_many
from alertd.core.rulesets import RuleSet
from alertd.core.series import Bools, Floats

_TOLD_BY_THE_QUICK_LOOK = frozenset(("astronomical", "shift", "trend", "two_in_three"))


def promising(recent: Floats, centre: Floats, reach: Floats, rule_set: RuleSet, wanted: Collection[str]) -> Rows:
    """The columns of `recent` (periods x series) that may have one of the wanted signals at the last row.

    `reach` is the distance from the centre line to the limits. For signals that it does not know, every column may. It may
    give columns without a signal, and never leaves out one with a signal.
    """
    if not _TOLD_BY_THE_QUICK_LOOK.issuperset(wanted):
        return np.arange(recent.shape[1])
    # The newest point of two in three lies beyond two thirds of the way, and so does one beyond the limit.
    away = recent[-1] - centre
    may = np.greater(np.abs(away, out=away), 2 / 3 * reach)
    if "shift" in wanted and len(recent) >= rule_set.shift:
        may |= _alike(recent[-rule_set.shift :] > centre)
    if "trend" in wanted and len(recent) >= rule_set.trend:
        may |= _alike(recent[-rule_set.trend + 1 :] > recent[-rule_set.trend : -1])
    return np.flatnonzero(may)


def _alike(above: Bools) -> Bools:
    """Where every row says yes, or none does."""
    count = how_many(above)
    alike: Bools = (count == 0) | (count == len(above))
    return alike
