"""Signals of detectors that are no control charts, in plain words: (at the end of a sentence, in three words)."""

from alertd.core.findings import Finding
from alertd.core.periods import in_sentence
from alertd.rendering.clean import clean
from alertd.rendering.figures import known, number
from alertd.rendering.grades import grade_name
from alertd.rendering.judged import style_of
from alertd.rendering.phrases import read_period

_NOT_YET = ("not yet back to usual", "not yet back")


def own_signs(finding: Finding) -> tuple[str, str] | None:
    """The phrases of a finding by a detector that has its own; None for charts and thresholds."""
    if finding.gap:
        return _gap(finding)
    match finding.detector:
        case "seasonal" if "surge" in finding.high and finding.recent:
            before = f"the {finding.grain.words}s just before it"
            return f"far above {before}", f"far above recent {finding.grain.words}s"
        case "seasonal" if {"surge", "astronomical"} & {*finding.high, *finding.low}:
            side = "above" if {"surge", "astronomical"} & set(finding.high) else "below"
            return f"{side} what is usual for the time of year", f"{side} usual for season"
        case "drift":
            return _drift(finding)
        case "funnel":
            return _funnel(finding)
        case "change":
            return _change(finding)
        case "rating":
            return _rating(finding)
        case "forecast":
            return _forecast(finding)
        case "all_of" | "any_of":
            return _joined(finding)
    return None


def _gap(finding: Finding) -> tuple[str, str] | None:
    """Rare events; runs and the like are said as on any chart."""
    if "astronomical" in finding.high:
        return "more often than usual", "more often than usual"
    if "astronomical" in finding.low:
        return "unusually long without one", "unusually long without one"
    return None


def _drift(finding: Finding) -> tuple[str, str]:
    if not (finding.high or finding.low):
        return _NOT_YET
    if finding.high and finding.low:
        return "drifting away from its usual level, by turns up and down", "drifting from usual"
    way = "up" if finding.high else "down"
    return f"drifting {way} from its usual level, by small moves that add up", f"drifting {way}"


def _funnel(finding: Finding) -> tuple[str, str]:
    if not (finding.high or finding.low):
        return "not yet back in the range of the others", "not yet back"
    side = "above" if finding.high else "below"
    return f"{side} the range in which places of its size lie", f"{side} other places"


def _change(finding: Finding) -> tuple[str, str]:
    value, before = known(finding.value), known(finding.centre)
    if value is None or before is None or finding.small is not None:
        return "changed from the earlier figure", "changed"
    if not (finding.high or finding.low):
        return "no longer so far from the earlier figure", "not yet back"
    away = abs(value - before)
    share = f", {number(100 * away / abs(before), 0)}%" if before else ""
    style = style_of(finding)
    versus = "the same period last year" if finding.compared == "same period last year" else "the period before"
    way = "up" if value > before else "down"
    return f"{way} {style.say(away)} on {versus} ({style.say(before)}{share})", f"{way} on {versus}"


def _forecast(finding: Finding) -> tuple[str, str]:
    coming = read_period(finding.expected_in or "", finding.grain)
    if not finding.high or coming is None:
        return "still expected to pass its capacity", "not yet back"
    when, capacity = f"in {in_sentence(coming)}", known(finding.upper)
    if finding.small is not None or capacity is None:
        return f"expected to pass its capacity {when}", f"over capacity {when}"
    return f"expected to pass its capacity of {style_of(finding).say(capacity)} {when}", f"over capacity {when}"


def _rating(finding: Finding) -> tuple[str, str]:
    if "overdue" in finding.low:
        return "a new grade is overdue", "overdue"
    if "failed" in finding.low:
        return "", (grade_name(finding, finding.value) or "not passed").lower()
    if finding.poor is not None and finding.low:
        part, whole = known(finding.numerator), known(finding.denominator)
        if part is None or whole is None:
            return "too large a share of poor grades", "poor grades"
        count = f"{number(part, 0)} of {number(whole, 0)}"
        return f"{count} grades at or below {clean(finding.poor, 40)}", f"{count} grades poor"
    before, now = grade_name(finding, finding.grade_before), known(finding.value)
    fell = finding.grade_before is not None and now is not None and now < finding.grade_before
    if not finding.low and not finding.high:
        return "not yet back", "not yet back"
    grade = clean(grade_name(finding, finding.value) or "", 40)
    return (f"down from {before}", f"down to {grade}") if fell and before else ("a poor grade", grade or "a poor grade")


def _joined(finding: Finding) -> tuple[str, str]:
    if finding.detector == "all_of":
        return "several things at once", "several things at once"
    return "one of the things watched together stands out", "stands out"
