"""How a rule judges, in one line for the small print and for `explain`."""

from alertd.core.control_charts import chart_used, choice_words
from alertd.core.detect.baselines import plan
from alertd.core.measures import Measure
from alertd.core.parameters.baseline import Limited, Window
from alertd.core.parameters.change import Change
from alertd.core.parameters.condition import Condition
from alertd.core.parameters.drift import Drift
from alertd.core.parameters.forecast import Forecast
from alertd.core.parameters.freshness import Freshness
from alertd.core.parameters.funnel import Funnel
from alertd.core.parameters.rating import Rating
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.parameters.spc import Spc
from alertd.core.parameters.threshold import Threshold
from alertd.core.rules import Rule

_SEASONAL = {
    "farrington_flexible": "Farrington flexible",
    "ears_c1": "EARS C1",
    "ears_c2": "EARS C2",
    "adjusted_xmr": "seasonally adjusted XmR chart",
}


def method_line(rule: Rule, measure: Measure, *, gap: bool | None = None) -> str:
    """How the rule judges, as one sentence; of one verdict (whose figure is a gap between events or not) by which chart."""
    if rule.components:
        joined = "all" if rule.all_of else "any"
        return f"Joins rules: {joined} of {', '.join(rule.components)}, within {_count(rule.within or 1, measure)}."
    detector = rule.detector
    base = f"; usual range from {_stretch(rule.limited, measure)}" if rule.limited is not None else ""
    match detector:
        case Threshold():
            return f"Fixed threshold: {_condition(detector)}" + (f", for {rule.for_}." if rule.for_ else ".")
        case Freshness():
            return f"Freshness of the feed: {_freshness(detector)}."
        case Spc():
            limits = "" if detector.chart == "run" else f", {detector.multiplier:g} sigma"
            return f"{_chart(detector, measure, gap)}, {detector.rule_set.name}{base}{limits}."
        case Seasonal():
            return f"{_seasonal(detector, measure)}{base}."
        case Drift():
            return f"{_drift(detector)}{base}."
        case Funnel():
            pooled = "" if detector.last == 1 else f", the last {_count(detector.last, measure)} pooled"
            wider = ", widened for overdispersion" if detector.overdispersion == "adjusted" else ""
            return f"Funnel of all series of the measure: {detector.limits:g}% limits{wider}{pooled}."
        case Change():
            return f"Two-point comparison with the {detector.versus}: {_change(detector)}."
        case Forecast():
            return f"Forecast, seasonal with three years of figures: {_forecast(detector, measure)}."
        case Rating():
            return f"Grades: {_rating(detector)}."


def _chart(spc: Spc, measure: Measure, gap: bool | None) -> str:
    return choice_words(spc, measure) if gap is None else chart_used(spc, measure, gap=gap)


def _condition(condition: Condition) -> str:
    given = condition.model_dump(exclude_none=True)
    return " and ".join(f"{name.replace('_', ' ')} {_plain(bound)}" for name, bound in given.items())


def _stretch(limited: Limited, measure: Measure) -> str:
    grain, chosen = measure.judged_grain.words, plan(limited, measure.judged_grain)
    return {
        Window.LAST: f"the {chosen.length} {grain}s that end {chosen.gap} before the one judged",
        Window.FIRST: f"the first {chosen.length} {grain}s",
        Window.FIXED: "a fixed stretch",
        Window.ALL: "all periods",
    }[chosen.window]


def _freshness(freshness: Freshness) -> str:
    parts = [f"late after {freshness.late_after}"] if freshness.late_after else []
    if freshness.missing != "none":
        parts.append(f"missing: {freshness.missing}")
    if freshness.shrunk_by is not None:
        parts.append(f"{freshness.shrunk_by:g}% fewer series than usual")
    return ", ".join(parts)


def _seasonal(seasonal: Seasonal, measure: Measure) -> str:
    name = _SEASONAL[seasonal.method]
    if seasonal.method == "adjusted_xmr":
        return f"{name}, factors by {', '.join(factor.replace('_', ' ') for factor in seasonal.factors)}"
    if seasonal.method == "farrington_flexible":
        alpha = 0.01 if seasonal.alpha is None else seasonal.alpha
        return f"{name}: {seasonal.years} years, {seasonal.threshold} bound, one-sided alpha {alpha:g}"
    alpha = 0.001 if seasonal.alpha is None else seasonal.alpha
    return f"{name}: the {_count(seasonal.window, measure)} before, nominal alpha {alpha:g}"


def _drift(drift: Drift) -> str:
    own = drift.h is not None or drift.width is not None
    every = "limits as authored" if own else f"a false alarm every {drift.false_alarm_every} periods"
    return f"{drift.method.upper()} for a shift of {drift.shift:g} sigma, {every}"


def _change(change: Change) -> str:
    parts = [f"worse by {change.worse_by}"] if change.worse_by is not None else []
    if change.and_at_least is not None:
        parts.append(f"at least {change.and_at_least}")
    return " and ".join(parts)


def _forecast(forecast: Forecast, measure: Measure) -> str:
    sure = f"{forecast.confidence:g}% sure"
    return f"{sure} of more than `{forecast.capacity}` within {_count(forecast.within, measure)}"


def _rating(rating: Rating) -> str:
    parts = []
    if rating.dropped is not None:
        parts.append(f"fell by {rating.dropped} or more")
    if rating.at_or_below is not None:
        parts.append(f"at or below {rating.at_or_below}")
    if rating.share_above is not None:
        parts.append(f"more than {100 * rating.share_above.share:g}% at or below {rating.share_above.grade}")
    if rating.failed:
        parts.append("failed")
    if rating.overdue is not None:
        parts.append(f"overdue by {rating.overdue}")
    return " and ".join(parts)


def _count(periods: int, measure: Measure) -> str:
    return f"{periods} {measure.grain.words}{'' if periods == 1 else 's'}"


def _plain(bound: object) -> str:
    if isinstance(bound, tuple):
        return " to ".join(_plain(end) for end in bound)
    return f"{bound:g}" if isinstance(bound, float) else str(bound)
