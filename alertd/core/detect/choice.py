"""Which series hold rare counts, so that the time or the cases between them are judged instead."""

import numpy as np

from alertd.core.detect.base import Look, Rows
from alertd.core.detect.baselines import plan
from alertd.core.parameters.baseline import Window
from alertd.core.parameters.spc import Spc
from alertd.core.series import Bools, Floats

RARE_BELOW = 1.0
"""Counts of fewer than this a period are rare: the time between them tells more (R9)."""


def rare_counts(spc: Spc, look: Look) -> Bools:
    """Where counts are rare, as an array of the judged rows x series.

    The first `min_baseline` usable figures of a series' segment decide, once: their mean is below 1. Until then nothing is
    rare, and the series is learning anyway, so that a later figure never changes an earlier verdict.
    """
    cases = look.block.value if look.block.numerator is None else look.block.numerator
    chosen = plan(spc, look.block.grain)
    found = np.zeros((len(look.rows), cases.shape[1]), dtype=np.bool_)
    if not cases.size:
        return found
    cases = np.where(np.isnan(look.usable), np.nan, cases)
    segments = look.known.segment
    for index, row in enumerate(look.rows.tolist()):
        if not index or not np.array_equal(segments[row], segments[row - 1]):
            decided_by, rare = _decided(cases, segments, segments[row], chosen.min_points)
        found[index] = rare if chosen.window is Window.ALL else rare & (decided_by <= row)
    return found


def _decided(cases: Floats, segments: Rows, segment: Rows, wanted: int) -> tuple[Rows, Bools]:
    """The row by which each series' segment has as many figures as are wanted, and whether those are rare.

    A row beyond the last one, and not rare, where it never has.
    """
    total, count = np.zeros(len(segment)), np.zeros(len(segment), dtype=np.int64)
    decided_by = np.full(len(segment), len(cases))
    for row in range(len(cases)):
        counted = (segments[row] == segment) & (count < wanted) & ~np.isnan(cases[row])
        np.add(total, cases[row], out=total, where=counted)
        count += counted
        decided_by[counted & (count == wanted)] = row
    return decided_by, (count == wanted) & (total < RARE_BELOW * wanted)
