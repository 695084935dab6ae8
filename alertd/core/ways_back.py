"""What would end an exception, in a sentence: the figure, the pattern, or the rows that it takes."""

import math

from alertd.core.back_to_usual import back_to_usual
from alertd.core.measures import Measure
from alertd.core.periods import in_sentence
from alertd.core.rules import Rule
from alertd.core.summary import agreed_level, figure
from alertd.core.verdicts import State, Verdict

_PATTERNS = frozenset(("stratified", "alternating", "eight_outside", "four_in_five", "run_length", "crossings"))


def way_back(rule: Rule, measure: Measure, verdict: Verdict) -> tuple[str, ...]:
    """What would bring a series that stands out back, as sentences; `measure` is as its figure is to be read.

    Empty where nothing stands out, and for an improvement, which nobody wants to end.
    """
    if verdict.state not in (State.EXCEPTION, State.CHANGED, State.PENDING):
        return ()
    found = [*_this_period(rule, measure, verdict), *_next_periods(rule, measure, verdict)]
    return tuple(found)


def _this_period(rule: Rule, measure: Measure, verdict: Verdict) -> list[str]:
    nearest, units = back_to_usual(verdict, rule, measure)
    if nearest is None:
        return []
    more = "" if units is None else f", {abs(units):,} {'more' if units > 0 else 'fewer'}"
    return [f"Back to usual: {figure(nearest, measure)}{more}."]


def _next_periods(rule: Rule, measure: Measure, verdict: Verdict) -> list[str]:
    if rule.clear is not None:
        return [f"It clears only {agreed_level(rule.clear, measure)}."]
    low = bool(verdict.low) and not (verdict.high and verdict.value > verdict.centre)
    said = []
    if "shift" in verdict.signals:
        side = "at or above" if low else "at or below"
        said.append(f"The run ends with a figure {side} its usual level ({figure(verdict.centre, measure)}).")
    if "trend" in verdict.signals:
        rising = "trend" in verdict.high
        turn = "not above" if rising else "not below"
        said.append(f"The trend ends with a figure {turn} this one ({figure(verdict.value, measure)}).")
    if "two_in_three" in verdict.signals:
        limit = verdict.lower if low else verdict.upper
        zone = verdict.centre + 2 / 3 * (limit - verdict.centre)
        if math.isfinite(zone):
            said.append(f"The two of three end with a figure nearer to its usual level than {figure(zone, measure)}.")
    if _PATTERNS & set(verdict.signals):
        said.append("It ends when the pattern is no longer there at the newest figure.")
    match rule.kind:
        case "drift":
            said.append("What adds up begins anew after each alarm, so that the next figure is judged afresh.")
        case "change":
            said.append("The next figure is compared with another one, and so judged afresh.")
        case "forecast":
            said.append("It ends when no coming period that is looked at is so surely expected to pass capacity.")
        case "freshness":
            said.append(_rows(verdict))
        case "rating":
            said.append(_grade(rule, measure, verdict))
        case "all_of":
            said.append(f"It ends once one of its parts has not fired for {_stretch(rule, measure)}.")
        case "any_of":
            said.append(f"It ends once none of its parts has fired for {_stretch(rule, measure)}.")
    return said


def _rows(verdict: Verdict) -> str:
    if "shrunk" in verdict.signals:
        return f"It ends when the rows that are missing for {in_sentence(verdict.period)} arrive."
    return f"It ends when the row for {in_sentence(verdict.period)} arrives."


def _grade(rule: Rule, measure: Measure, verdict: Verdict) -> str:
    assert rule.rating is not None
    if rule.rating.overdue is not None:
        return "It ends with a new grade."
    if math.isnan(verdict.lower) or measure.scale is None or int(verdict.lower) >= len(measure.scale):
        return "It ends when a new grade no longer meets the condition."
    return f"It ends with a grade of {measure.scale[int(verdict.lower)]} or better."


def _stretch(rule: Rule, measure: Measure) -> str:
    within = rule.within or 1
    return f"{within} {measure.grain.words}{'' if within == 1 else 's'}"
