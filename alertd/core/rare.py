"""Rare events: what is judged is the gap between them, and so that is what is shown."""

from alertd.core.measures import Measure
from alertd.core.rules import Rule
from alertd.core.verdicts import Verdict

_COUNTED = ("count", "numerator", "denominator", "event", "reference", "maximum", "resolution")


def as_judged(rule: Rule, measure: Measure, verdict: Verdict) -> Measure:
    """The measure as a verdict's figure is to be read: a gap is a plain figure, in days or, by a denominator, in cases."""
    if not verdict.gap or rule.spc is None:
        return measure
    by_case = measure.denominator is not None and rule.spc.chart != "t"
    unit = "cases" if by_case else "days"
    return measure.model_copy(update={**dict.fromkeys(_COUNTED), "value": "gap", "unit": unit, "minimum": 0.0})


def gap_kind(verdict: Verdict) -> str | None:
    """`open` where no event fell in the period, `closed` where one did; None where the figure is no gap."""
    if not verdict.gap:
        return None
    return "closed" if verdict.numerator > 0 else "open"
