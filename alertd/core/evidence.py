"""From a transition to a finding: the figures, the chart and the plain facts that a notice is written from."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from alertd.core.back_to_usual import back_to_usual
from alertd.core.baseline_rows import baseline_rows, ends_of
from alertd.core.calendar import Calendar
from alertd.core.cases import Transition, TransitionKind
from alertd.core.caveats import caveats_of
from alertd.core.charting import chart_of, line_at, or_none
from alertd.core.data_faults import Trouble
from alertd.core.disclosure import Disclosed, disclosed, may_repeat
from alertd.core.findings import Finding, Written
from alertd.core.measures import Measure, SmallNumbers
from alertd.core.methods import method_line
from alertd.core.parameters.condition import Condition
from alertd.core.periods import Period
from alertd.core.rare import as_judged, gap_kind
from alertd.core.rule_changes import rule_version
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import Verdict, Verdicts
from alertd.core.written import written_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a notice asks of its recipient, and what follows."""

    reply_by: date | None = None
    told_next: str | None = None
    told_next_on: date | None = None
    also_told: tuple[str, ...] = ()
    tier: str | None = None
    """The title of the tier of governance that it was passed on to."""
    first_number: str | None = None
    """The number of the case's first notice."""
    version: str | None = None
    """The version of the rule as it is authored; None where it is judged so."""
    explains: tuple[str, ...] = ()
    """Places below whose exceptions are held back, as this one explains them."""


def notice_number(transition: Transition) -> str:
    """A number that is the same however often the same notice is made, and short enough to read out."""
    case = transition.case
    text = "/".join((case.id, transition.kind, str(case.told_period), str(case.version)))
    return "N-" + hashlib.sha256(text.encode()).hexdigest()[:8].upper()


def finding_of(
    transition: Transition,
    verdict: Verdict,
    rule: Rule,
    measure: Measure,
    block: SeriesBlock,
    history: Verdicts,
    calendar: Calendar,
    small_numbers: SmallNumbers | None,
    asked: Asked,
    components: Sequence[str] = (),
) -> Finding:
    """Gather what one notice tells of one series.

    `block` and `history` hold that series alone, `history` judged at every period. `components` is what the rules that
    are joined say of it.
    """
    rows = baseline_rows(rule, measure, block, calendar, verdict.period)
    seen = disclosed(verdict, rule, measure, history, rows, small_numbers)
    read, ends = as_judged(rule, measure, verdict), ends_of(block, rows)
    line = line_at(block, verdict.period.slot - block.first)
    return Finding(
        **_of_case(transition),
        **_of_rule(rule, measure, verdict, asked.version),
        **_of_measure(read),
        **_judgement(verdict, rule),
        **_figures(seen, verdict, rule, read),
        **_figure_before(transition, measure, small_numbers),
        **_only_of_some_detectors(rule, measure, verdict, block, history),
        **_of_data(block),
        **_asks(asked),
        told_signals=transition.case.told_signals,
        baseline_from=ends[0],
        baseline_to=ends[1],
        components=tuple(components),
        written=Written() if rule.freshness else written_of(verdict, measure, block, small=seen.small is not None),
        caveats=() if rule.components else caveats_of(measure, block, verdict),
        chart=chart_of(seen.verdict, rule, read, history, calendar, small_numbers, ends, line),
    )


def data_finding(
    transition: Transition,
    measure: Measure,
    new: Sequence[Trouble],
    block: SeriesBlock,
    asked: Asked,
) -> Finding:
    """What a data steward is told: the faults that were not told before, at most ten of them spelled out."""
    case = transition.case
    return Finding(
        **_of_case(transition),
        **_of_measure(measure),
        **_of_data(block),
        **_asks(asked),
        rule=case.rule,
        rule_version="-",
        detector="data",
        method="Checks that every row passes before any rule sees it.",
        series={},
        period=str(case.told_period),
        faults=tuple(trouble.sentence for trouble in new[:10]),
        faults_in_all=len(new),
    )


def withdrawn_finding(transition: Transition, last: Finding) -> Finding:
    """What those who were told of an exception are told when its rule is withdrawn: the last notice, without its asks."""
    return last.model_copy(
        update={
            "number": notice_number(transition),
            "transition": TransitionKind.WITHDRAWN,
            "reason": transition.reason,
            "told_number": last.told_number or last.number,
            "reply_by": None,
            "told_next": None,
            "told_next_on": None,
            "advice": None,
            "written": Written(),
            "chart": None,
        }
    )


def capacity_of(verdict: Verdict, block: SeriesBlock) -> Period | None:
    """The period that the capacity of a forecast's verdict is the figure of; None where it holds none against demand."""
    if not verdict.ahead or block.capacity is None:
        return None
    _, of = block.capacity.known_at(verdict.period.slot - block.first, np.array([verdict.ahead]))
    return Period(block.grain, int(of[0, 0]))


def _of_case(transition: Transition) -> dict[str, object]:
    return {
        "number": notice_number(transition),
        "case": transition.case.id,
        "transition": transition.kind,
        "reason": transition.reason,
        "direction": transition.case.direction,
    }


def _of_rule(rule: Rule, measure: Measure, verdict: Verdict, authored: str | None) -> dict[str, object]:
    """What the rule says of itself; `authored` is its version where it is judged otherwise than it was written."""
    return {
        "rule": rule.id,
        "rule_version": authored or rule_version(rule, measure),
        "detector": rule.kind,
        "method": method_line(rule, measure, gap=verdict.gap),
        "priority": rule.priority,
        "advice": rule.advice,
        "condition": rule.threshold and Condition(**rule.threshold.model_dump()),
        "lasted_for": None if rule.for_ is None else str(rule.for_),
    }


def _of_measure(measure: Measure) -> dict[str, object]:
    return {
        "measure": measure.id,
        "measure_name": measure.name,
        "framework": measure.framework,
        "dpia": None if measure.dpia is None else measure.dpia.words,
        "group_floor": measure.floor,
        "supports": measure.supports,
        "unit": measure.unit,
        "counted": measure.is_whole,
        "improvement": measure.direction,
        "marking": measure.marking,
        "analyst": measure.analyst,
        "grain": measure.grain,
    }


def _judgement(verdict: Verdict, rule: Rule) -> dict[str, object]:
    """What was judged, and how it came out."""
    return {
        "series": verdict.series,
        "period": str(verdict.period),
        "high": verdict.high,
        "low": verdict.low,
        "since": None if verdict.since is None else str(verdict.since),
        "lasting": verdict.lasting,
        "severity": _severity(verdict, rule),
    }


def _figures(seen: Disclosed, verdict: Verdict, rule: Rule, measure: Measure) -> dict[str, object]:
    """The figure, its usual range and what would bring it back, as far as they may be shown."""
    shown, bounded = seen.verdict, not (rule.drift or rule.components)
    nearest, units = back_to_usual(shown, rule, measure)
    return {
        "value": or_none(shown.value),
        "gap": gap_kind(verdict),
        "numerator": or_none(shown.numerator),
        "denominator": or_none(shown.denominator),
        "centre": or_none(shown.centre),
        "lower": or_none(shown.lower) if bounded else None,
        "upper": or_none(shown.upper) if bounded else None,
        "range_rounded": seen.rounded and not rule.components,
        "nearest_usual": nearest,
        "units_to_usual": units,
        "small": seen.small,
        "small_rest": seen.small_rest,
    }


def _figure_before(transition: Transition, measure: Measure, small_numbers: SmallNumbers | None) -> dict[str, object]:
    """The figure of the same case's last notice, where it may be repeated."""
    before = transition.before
    if before is None:
        return {}
    repeated = may_repeat(before.told_value, measure, small_numbers)
    return {
        "told_value": or_none(before.told_value) if repeated else None,
        "told_period": str(before.told_period),
    }


def _severity(verdict: Verdict, rule: Rule) -> float:
    """How far beyond its limit: sigma for a chart, a share of the limit for a threshold, so that places compare."""
    if math.isnan(verdict.excess):
        return 0.0
    limits = [abs(limit) for limit in (verdict.lower, verdict.upper) if not math.isnan(limit) and limit != 0]
    return verdict.excess / max(limits) if (rule.threshold or rule.forecast) is not None and limits else verdict.excess


def _only_of_some_detectors(
    rule: Rule, measure: Measure, verdict: Verdict, block: SeriesBlock, history: Verdicts
) -> dict[str, object]:
    """What only some detectors tell: the figure compared with, the scale of grades and the grade before."""
    if rule.forecast is not None:
        of = capacity_of(verdict, block)
        if of is None:
            return {"confidence": rule.forecast.confidence}
        return {
            "expected_in": str(verdict.period + verdict.ahead),
            "confidence": rule.forecast.confidence,
            "capacity_of": str(of),
        }
    if rule.change is not None:
        return {"compared": rule.change.versus, "accepted_noise": rule.accept_noise}
    if rule.seasonal is not None:
        return {"recent": rule.seasonal.method.startswith("ears")}
    if rule.rating is not None:
        row = verdict.period.slot - history.first
        earlier = history.value[: max(row, 0), 0]
        known_before = earlier[~np.isnan(earlier)]
        return {
            "scale": measure.scale or (),
            "grade_before": float(known_before[-1]) if len(known_before) else None,
            "poor": None if rule.rating.share_above is None else rule.rating.share_above.grade,
        }
    return {}


def _of_data(block: SeriesBlock) -> dict[str, object]:
    """How far the figures reach, and which they were."""
    newest = str(block.period(block.periods - 1)) if block.periods else None
    return {"data_to": newest, "data_version": block.data_version}


def _asks(asked: Asked) -> dict[str, object]:
    return {
        "told_number": asked.first_number,
        "reply_by": asked.reply_by,
        "told_next": asked.told_next,
        "told_next_on": asked.told_next_on,
        "also_told": asked.also_told,
        "tier": asked.tier,
        "explains": asked.explains,
    }
