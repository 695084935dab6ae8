"""Which words of assessors are told with a verdict, and when they are withheld (R16, R31)."""

import numpy as np

from alertd.core.findings import Entry, Written
from alertd.core.measures import Improvement, Measure
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import State, Verdict

MOST_QUOTED = 3


def written_of(verdict: Verdict, measure: Measure, block: SeriesBlock, *, small: bool) -> Written:
    """What stands beside the judged figure of a block of one series; withheld where that is too `small` a number to show.

    The worst come first (of an improvement the best), of equals the newest. Where neither way is better all are equal.
    """
    row = verdict.period.slot - block.first
    if block.entries is None or not 0 <= row < block.periods:
        return Written()
    found = block.entries.at(row, 0)
    if not found.words:
        return Written()
    if small:
        return Written(withheld=True)
    better = {Improvement.INCREASE: 1.0, Improvement.DECREASE: -1.0}.get(measure.direction, 0.0)
    if measure.grade is not None:
        better = abs(better)  # a lower grade is worse whatever else the measure says
    worst = found.figure * (-better if verdict.state is State.IMPROVEMENT else better)
    age = np.where(np.isnat(found.day), np.iinfo(np.int64).max, -found.day.astype("M8[D]").astype(np.int64))
    rank = zip(worst.tolist(), age.tolist(), found.words, found.by, strict=True)
    days, scale = found.days(), measure.scale
    entries = []
    for place, _ in sorted(enumerate(rank), key=lambda ranked: ranked[1])[:MOST_QUOTED]:
        grade = None if scale is None else scale[int(found.figure[place]) - 1]
        entries.append(Entry(words=found.words[place], by=found.by[place] or None, day=days[place], grade=grade))
    return Written(entries=tuple(entries), in_all=len(found.words))
