"""From a transition to a finding: the figures, the chart and the plain facts that a notice is written from."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from alertd.core.back_to_usual import back_to_usual
from alertd.core.calendar import Calendar
from alertd.core.cases import Transition, TransitionKind
from alertd.core.charting import chart_of, or_none
from alertd.core.data_faults import Trouble
from alertd.core.detect.baselines import plan, span
from alertd.core.disclosure import disclosed, may_repeat
from alertd.core.findings import Finding, Written
from alertd.core.known import known_of
from alertd.core.measures import Measure, SmallNumbers
from alertd.core.methods import method_line
from alertd.core.parameters.condition import Condition
from alertd.core.periods import Period, in_sentence
from alertd.core.rare import as_judged, gap_kind
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.summary import survey_interval
from alertd.core.verdicts import Verdict, Verdicts
from alertd.core.written import written_of

_LOOKED_BACK = 24  # periods whose gaps are worth a caveat


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


def rule_version(rule: Rule, measure: Measure) -> str:
    """A short digest of everything that decides how a rule judges."""
    text = rule.model_dump_json(by_alias=True) + measure.model_dump_json() + (measure.statement or "")
    return hashlib.sha256(text.encode()).hexdigest()[:8]


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
    shown, before = seen.verdict, transition.before
    first, last = _ends(block, rows)
    line = line_at(block, verdict.period.slot - block.first)
    read = as_judged(rule, measure, verdict)
    nearest, units = back_to_usual(shown, rule, read)
    repeat = before is not None and may_repeat(before.told_value, measure, small_numbers)
    return Finding(
        number=notice_number(transition),
        case=transition.case.id,
        transition=transition.kind,
        reason=transition.reason,
        direction=transition.case.direction,
        rule=rule.id,
        rule_version=asked.version or rule_version(rule, measure),
        detector=rule.kind,
        method=method_line(rule, measure, gap=verdict.gap),
        priority=rule.priority,
        advice=rule.advice,
        **_measure_facts(read),
        series=verdict.series,
        period=str(verdict.period),
        value=or_none(shown.value),
        gap=gap_kind(verdict),
        numerator=or_none(shown.numerator),
        denominator=or_none(shown.denominator),
        centre=or_none(shown.centre),
        lower=None if rule.drift or rule.components else or_none(shown.lower),
        upper=None if rule.drift or rule.components else or_none(shown.upper),
        high=verdict.high,
        low=verdict.low,
        condition=rule.threshold and Condition(**rule.threshold.model_dump()),
        lasted_for=None if rule.for_ is None else str(rule.for_),
        baseline_from=first,
        baseline_to=last,
        since=None if verdict.since is None else str(verdict.since),
        lasting=verdict.lasting,
        told_signals=transition.case.told_signals,
        severity=_severity(verdict, rule),
        **_told_besides(rule, measure, verdict, block, history),
        range_rounded=seen.rounded and not rule.components,
        told_value=or_none(before.told_value) if before is not None and repeat else None,
        told_period=None if before is None else str(before.told_period),
        told_number=asked.first_number,
        nearest_usual=nearest,
        units_to_usual=units,
        components=tuple(components),
        written=Written() if rule.freshness else written_of(verdict, measure, block, small=seen.small is not None),
        caveats=() if rule.components else _caveats(measure, block, verdict),
        small=seen.small,
        small_rest=seen.small_rest,
        data_to=str(block.period(block.periods - 1)) if block.periods else None,
        data_version=block.data_version,
        reply_by=asked.reply_by,
        told_next=asked.told_next,
        told_next_on=asked.told_next_on,
        also_told=asked.also_told,
        tier=asked.tier,
        explains=asked.explains,
        chart=chart_of(shown, rule, read, history, calendar, small_numbers, (first, last), line),
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
        number=notice_number(transition),
        case=case.id,
        transition=transition.kind,
        reason=transition.reason,
        direction=case.direction,
        rule=case.rule,
        rule_version="-",
        detector="data",
        method="Checks that every row passes before any rule sees it.",
        **_measure_facts(measure),
        series={},
        period=str(case.told_period),
        faults=tuple(trouble.sentence for trouble in new[:10]),
        faults_in_all=len(new),
        reply_by=asked.reply_by,
        told_number=asked.first_number,
        data_to=str(block.period(block.periods - 1)) if block.periods else None,
        data_version=block.data_version,
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


def baseline_rows(rule: Rule, measure: Measure, block: SeriesBlock, calendar: Calendar, judged: Period) -> range:
    """The rows of a block of one series that the judged period's limits come from; empty for detectors without any."""
    row = judged.slot - block.first
    if rule.limited is None or not 0 <= row < block.periods:
        return range(0)
    return rows_of(rule, measure, block, row, int(known_of(measure, block, calendar).segment[row, 0]))


def rows_of(rule: Rule, measure: Measure, block: SeriesBlock, row: int, segment: int) -> range:
    """The rows of a block that the limits of one row come from, for a series whose present segment begins at `segment`."""
    if rule.limited is None:
        return range(0)
    # Figures that share data lie apart: the periods between two of them belong to neither's baseline.
    stride, chosen = measure.stride, plan(rule.limited, measure.judged_grain)
    start = row % stride
    begun, periods = -(-(segment - start) // stride), -(-(block.periods - start) // stride)
    first, stop = span(chosen, row // stride, (block.first + start) // stride, begun, periods)
    return range(start + first * stride, start + (stop - 1) * stride + 1) if stop > first else range(0)


def capacity_of(verdict: Verdict, block: SeriesBlock) -> Period | None:
    """The period that the capacity of a forecast's verdict is the figure of; None where it holds none against demand."""
    if not verdict.ahead or block.capacity is None:
        return None
    _, of = block.capacity.known_at(verdict.period.slot - block.first, np.array([verdict.ahead]))
    return Period(block.grain, int(of[0, 0]))


def line_at(block: SeriesBlock, row: int) -> float | None:
    """Where a moving reference line of a block of one series stands: what its column says then, or said last."""
    known_so_far = () if block.reference is None else block.reference[: row + 1, 0]
    there = [float(value) for value in known_so_far if not math.isnan(value)]
    return there[-1] if there else None


def _ends(block: SeriesBlock, rows: range) -> tuple[str | None, str | None]:
    """The first and last period of some rows; None where there are none."""
    return (str(block.period(rows[0])), str(block.period(rows[-1]))) if rows else (None, None)


def _severity(verdict: Verdict, rule: Rule) -> float:
    """How far beyond its limit: sigma for a chart, a share of the limit for a threshold, so that places compare."""
    if math.isnan(verdict.excess):
        return 0.0
    limits = [abs(limit) for limit in (verdict.lower, verdict.upper) if not math.isnan(limit) and limit != 0]
    return verdict.excess / max(limits) if (rule.threshold or rule.forecast) is not None and limits else verdict.excess


def _caveats(measure: Measure, block: SeriesBlock, verdict: Verdict) -> tuple[str, ...]:
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


def _told_besides(
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


def _measure_facts(measure: Measure) -> dict[str, object]:
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
