"""What to bear in mind about the figures that a notice tells, in words."""

import math

from alertd.core.measures import Measure
from alertd.core.periods import in_sentence
from alertd.core.series import SeriesBlock
from alertd.core.summary import survey_interval
from alertd.core.verdicts import Verdict

_LOOKED_BACK = 24  # periods whose gaps are worth a caveat


def caveats_of(measure: Measure, block: SeriesBlock, verdict: Verdict) -> tuple[str, ...]:
    """What to bear in mind about the data: gaps within the chart, and periods that are not settled yet."""
    remarks = []
    interval = survey_interval(measure, block, verdict.period)
    if interval:
        remarks.append(f"It is estimated from a survey: the true figure probably lies in the range {interval}.")
    newest = verdict.period.slot - block.first
    rows = range(max(0, newest - _LOOKED_BACK), min(newest, block.periods))
    # Where rows come when they come, a period without one is no gap.
    gaps = [block.period(row) for row in rows if measure.is_fed and math.isnan(block.value[row, 0])]
    if len(gaps) == 1:
        remarks.append(f"There are no figures for {in_sentence(gaps[0])}.")
    elif gaps:
        remarks.append(f"{len(gaps)} {measure.grain.words}s before it have no figures.")
    if measure.settles_after is not None and block.last > verdict.period.slot:
        remarks.append(f"Figures after {in_sentence(verdict.period)} are still being entered.")
    return tuple(remarks)
