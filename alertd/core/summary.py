"""One verdict in one sentence, for lists and explanations."""

import math
from collections.abc import Mapping

from alertd.core.measures import Measure
from alertd.core.parameters.condition import Condition
from alertd.core.parameters.forecast import Forecast
from alertd.core.periods import Period, in_sentence
from alertd.core.rare import as_judged
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock, series_words
from alertd.core.verdicts import State, Verdict

_SIGNALS: Mapping[str, str] = {
    "astronomical": "beyond its usual range",
    "shift": "a run of periods on one side of its usual level",
    "trend": "a run of periods that all moved one way",
    "two_in_three": "two of three periods near or beyond the edge of its usual range",
    "limit": "beyond the agreed level",
    "four_in_five": "four of five periods well away from its usual level",
    "stratified": "a run of periods that vary less than usual",
    "alternating": "a run of periods that go up and down in turn",
    "eight_outside": "a run of periods, none of them near its usual level",
    "run_length": "an unusually long run of periods on one side of its usual level",
    "crossings": "it crosses its usual level more seldom than chance would have it",
    "drift": "small moves to one side that add up",
    "surge": "above what the season makes usual",
    "outlier": "outside the range of its peers",
    "change": "a change against the one figure that it is compared with",
    "grade": "its grade",
    "overdue": "a new grade is overdue",
    "failed": "it failed",
    "all_of": "every rule that it joins has fired",
    "any_of": "a rule that it joins has fired",
    "capacity": "expected to pass its capacity",
    "late": "the figures are late",
    "missing": "no row where others have one",
    "shrunk": "far fewer series than usual have a row",
}
_GAP_TOO_SHORT = "the last ones followed each other faster than usual"
_GAP_TOO_LONG = "unusually long without one"
RANGED = frozenset(("spc", "seasonal", "funnel"))
"""Detectors whose limits are a range for the figure itself."""
LEVELS: Mapping[str, str] = {
    "spc": "usual level",
    "drift": "usual level",
    "seasonal": "expected",
    "funnel": "all together",
    "change": "compared with",
    "forecast": "expected",
}
"""What the centre line of a detector is called."""
LOWEST: Mapping[str, str] = {"forecast": "expected at least"}
HIGHEST: Mapping[str, str] = {"forecast": "capacity"}
"""What the lower and the upper limit of a detector are called, where they are no limits of the figure."""
_STATES: Mapping[State, str] = {
    State.QUIET: "quiet",
    State.LEARNING: "still learning what is usual",
    State.PENDING: "the condition holds, and has not held long enough",
    State.EXCEPTION: "an exception",
    State.IMPROVEMENT: "an improvement",
    State.CHANGED: "changed",
    State.UNKNOWN: "unknown, for want of a usable figure",
    State.MUTED: "muted or left out",
    State.UNSETTLED: "not settled yet",
}


def figure(value: float, measure: Measure) -> str:
    """A figure as people write it, with its unit."""
    if measure.scale is not None:
        return "no grade" if math.isnan(value) else measure.scale[min(max(int(value), 1), len(measure.scale)) - 1]
    if math.isnan(value):
        return "no figure"
    digits = 0 if float(value).is_integer() else (1 if abs(value) >= 10 else 3)
    text = f"{value:,.{digits}f}"
    if measure.unit == "percent":
        return text + "%"
    unit = "day" if measure.unit == "days" and text == "1" else measure.unit
    return f"{text} {unit}" if unit else text


def usual_range(verdict: Verdict, measure: Measure) -> str:
    """The usual range that a verdict was judged by, in words, within what the measure can be; empty where there is none."""
    return range_words(verdict.lower, verdict.upper, measure)


def range_words(lower: float, upper: float, measure: Measure) -> str:
    """A usual range in words, from limits that are NaN where there is none; empty where there is neither."""
    low, high = (figure(limit, measure) for limit in limits_within(lower, upper, measure))
    return between_words("" if math.isnan(lower) else low, "" if math.isnan(upper) else high)


def between_words(low: str, high: str) -> str:
    """Two written limits as one range: `80% to 99%`, `up to 99%`, `80% or more`; empty ones are not there."""
    if low and high:
        return f"{low} to {high}"
    return f"{low} or more" if low else f"up to {high}" if high else ""


def limits_within(lower: float, upper: float, measure: Measure) -> tuple[float, float]:
    """Limits drawn in to what the measure's figures can be; NaN stays where there is none."""
    least = measure.minimum if measure.minimum is not None else (0.0 if measure.value is None else -math.inf)
    most = measure.maximum if measure.maximum is not None else (measure.factor if measure.is_share else math.inf)
    return (lower if math.isnan(lower) else max(lower, least), upper if math.isnan(upper) else min(upper, most))


def survey_interval(measure: Measure, block: SeriesBlock, period: Period) -> str:
    """Where a survey's figure of a block of one series may really lie: `59.1% to 64.9%`; empty where that is not known."""
    row = period.slot - block.first
    if block.standard_error is None or not 0 <= row < block.periods or math.isnan(block.standard_error[row, 0]):
        return ""
    value, margin = float(block.value[row, 0]), float(block.standard_error[row, 0]) * measure.standard_errors
    if math.isnan(value):
        return ""
    percent = measure.unit == "percent"
    least = measure.minimum if measure.minimum is not None else (0.0 if percent else -math.inf)
    most = measure.maximum if measure.maximum is not None else (100.0 if percent else math.inf)
    ends = (max(value - margin, least), min(value + margin, most))
    low, high = (figure(round(end, 1) if abs(end) >= 10 else end, measure) for end in ends)
    return f"{low} to {high}"


def agreed_level(condition: Condition, measure: Measure) -> str:
    """A threshold's condition in words: `below 80%`, `outside 5 to 15`."""
    given = condition.model_dump(exclude_none=True)
    return " and ".join(
        f"{name.replace('_', ' ')} "
        + (" to ".join(figure(end, measure) for end in bound) if isinstance(bound, tuple) else figure(bound, measure))
        for name, bound in given.items()
    )


def expectation(verdict: Verdict, forecast: Forecast, measure: Measure) -> str:
    """What is expected of the coming period that a forecast was judged by, and the capacity, in words."""
    when = in_sentence(verdict.period + verdict.ahead)
    capacity = f"capacity {figure(verdict.upper, measure)}"
    if math.isnan(verdict.centre):
        return f"{capacity} in {when}"
    least = f"{forecast.confidence:g}% sure of more than {figure(verdict.lower, measure)}"
    return f"{figure(round(verdict.centre, 1), measure)} expected in {when}, {least}; {capacity}"


def capacity_words(of: Period, expected_in: Period) -> str:
    """Whether the capacity of the coming period is planned, or an earlier one that is taken to last."""
    if of == expected_in:
        return f"The capacity is that planned for {in_sentence(of)}."
    return f"The capacity is that of {in_sentence(of)}, carried forward."


def signals_in_words(verdict: Verdict) -> str:
    """Why it stands out, in words; empty where nothing does."""
    words = dict(_SIGNALS)
    if verdict.gap:
        words["astronomical"] = _GAP_TOO_SHORT if "astronomical" in verdict.high else _GAP_TOO_LONG
    return "; ".join(words.get(name, name) for name in verdict.signals)


def summary(
    verdict: Verdict, rule: Rule, measure: Measure, *, shown: str | None = None, in_a_notice: bool = False
) -> str:
    """A verdict in one sentence: what, where, when, and how it stands; `shown` stands for a figure that may not be.

    In a notice, which is of an exception anyhow, what stands out is said without its state.
    """
    place = series_words(verdict.series)
    measure = as_judged(rule, measure, verdict)
    value = shown or figure(verdict.value, measure)
    why, state = signals_in_words(verdict), _STATES[verdict.state]
    stands = f"{state} ({why})" if why else state
    if in_a_notice and why and verdict.state in (State.EXCEPTION, State.CHANGED):
        stands = why
    parts = [f"{measure.name}, {place}, {verdict.period.words}: {value}, {stands}"]
    if verdict.state is State.UNKNOWN and measure.floor is not None:
        parts[0] += f" or of {measure.floor} people behind it"
    if rule.change is not None and shown is None and not math.isnan(verdict.centre):
        parts.append(f"; the {rule.change.versus} was {figure(verdict.centre, measure)}")
    if rule.forecast is not None and shown is None and verdict.ahead:
        parts.append(f"; {expectation(verdict, rule.forecast, measure)}")
    if rule.threshold is not None:
        parts.append(f"; it fires {agreed_level(rule.threshold, measure)}")
    elif rule.kind in RANGED and (limits := usual_range(verdict, measure)):
        parts.append(f"; usual range {limits}")
    if verdict.since is not None and verdict.since != verdict.period:
        parts.append(f"; since {verdict.since.words}")
    return "".join(parts) + "."
