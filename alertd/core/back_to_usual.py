"""What would have put a figure inside its usual range, in units that people count (R37)."""

import math

from alertd.core.measures import Measure
from alertd.core.rules import Rule
from alertd.core.verdicts import Verdict

_NO_SINGLE_FIGURE = frozenset(("freshness", "drift", "rating", "forecast"))
"""Detectors that no other figure of the same period would have kept quiet, or whose limits are not of the figure."""


def back_to_usual(verdict: Verdict, rule: Rule, measure: Measure) -> tuple[float | None, int | None]:
    """The nearest figure that would not have fired, and how many more of what is counted that takes (R37)."""
    value, lower, upper = verdict.value, verdict.lower, verdict.upper
    if math.isnan(value) or rule.components or rule.kind in _NO_SINGLE_FIGURE:
        return None, None
    if value < lower or (rule.threshold and verdict.low):
        nearest, sign = lower, 1
    elif value > upper or (rule.threshold and verdict.high):
        nearest, sign = upper, -1
    else:
        return None, None  # a run brought it here, and no single figure takes it back
    if math.isnan(nearest):
        return None, None
    counted = (
        verdict.numerator
        if measure.numerator_column is not None
        else (value if measure.count is not None else math.nan)
    )
    if math.isnan(counted):
        return nearest, None
    factor, whole = (measure.factor, verdict.denominator) if measure.numerator_column is not None else (1.0, 1.0)
    units = math.ceil(abs(nearest - value) * whole / factor - 1e-9)
    while rule.threshold is not None and rule.threshold.holds((counted + sign * units) * factor / whole):
        units += 1
    moved = counted + sign * units
    if moved < 0 or (measure.is_share and moved > verdict.denominator):
        return nearest, None
    return nearest, sign * units
