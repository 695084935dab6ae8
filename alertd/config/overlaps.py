"""Rules that tell the same leader of one fact twice: two on one measure, where whatever fires one fires the other."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from alertd.config.advice import samples_of
from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.core.control_charts import default_chart
from alertd.core.measures import Measure
from alertd.core.parameters.condition import ForPeriods
from alertd.core.parameters.spc import Spc
from alertd.core.rules import DETECTORS, Rule

_ONCE = ForPeriods(need=1, of=1)


def overlap_problems(parts: Parts) -> Iterator[Problem]:
    """Each pair of live rules of which one fires whenever the other does, over series that both judge."""
    by_measure: dict[str, list[Rule]] = {}
    for name, rule in parts.rules.items():
        sure = parts.sure(
            "rules", name, *DETECTORS, "measure", "where", "at", "for_", "to", "route", "status", "enabled"
        )
        single = sum(getattr(rule, kind) is not None for kind in DETECTORS) == 1
        if sure and single and rule.enabled and rule.status == "live" and not rule.components:
            by_measure.setdefault(rule.measure, []).append(rule)
    for measure_id, rules in by_measure.items():
        measure = parts.measures.get(measure_id)
        if measure is None or len(rules) > _MOST:
            continue
        for one, other in combinations(rules, 2):
            if (
                one.kind != other.kind
                or (one.to, one.route) != (other.to, other.route)
                or not _meet(one, other, measure)
            ):
                continue
            first, second = _implies(one, other, measure), _implies(other, one, measure)
            if first or second:
                yield _told(parts, one, other, both=first and second, narrower=one if first else other)


_MOST = 50
"""More rules on one measure are made by a program, and comparing every pair would take too long."""


def _told(parts: Parts, one: Rule, other: Rule, *, both: bool, narrower: Rule) -> Problem:
    later, earlier = other, one
    if not both and narrower is one:
        later, earlier = one, other
    entry = parts.entries["rules"][later.id]
    place = parts.entries["rules"][earlier.id]
    mark = place.document.mark(place.path, key=True)
    at = f"{place.document.source.file}:{mark.line}:{mark.column}"
    if both:
        message = f"{entry.what} judges the same as rule `{earlier.id}` ({at})"
    else:
        message = f"whenever {entry.what} fires, rule `{earlier.id}` ({at}) fires too"
    note = (
        "the same leader gets two notices of one fact; keep one, part them by `where`, or send one another way by `to` "
        "or `route`"
    )
    return entry.problem("W215", message, later.kind, key=True, note=note)


def _meet(one: Rule, other: Rule, measure: Measure) -> bool:
    """Whether there may be a series that both judge."""
    if (one.at or other.at) and set(one.at or measure.by).isdisjoint(other.at or measure.by):
        return False  # levels of the hierarchy that have no place in common
    return all(
        not {value.casefold() for value in values}.isdisjoint(value.casefold() for value in other.where[column])
        for column, values in one.where.items()
        if column in other.where
    )


def _implies(one: Rule, other: Rule, measure: Measure) -> bool:
    """Whether the other rule fires at every period at which the one does."""
    if not _lasts(one.for_ or _ONCE, other.for_ or _ONCE):
        return False
    if one.threshold is not None and other.threshold is not None:
        figures = samples_of(one.threshold, other.threshold)
        return all(other.threshold.holds(figure) for figure in figures if one.threshold.holds(figure))
    if one.spc is not None and other.spc is not None:
        fewer = set(one.spc.signals or one.spc.rule_set.signals)
        more = set(other.spc.signals or other.spc.rule_set.signals)
        return fewer <= more and _chart(one.spc, measure) == _chart(other.spc, measure)
    if one.funnel is not None and other.funnel is not None:
        wider = one.funnel.limits >= other.funnel.limits
        return wider and _plain(one.funnel, "limits") == _plain(other.funnel, "limits")
    return bool(getattr(one, one.kind) == getattr(other, other.kind))


def _lasts(one: ForPeriods, other: ForPeriods) -> bool:
    """Whether what holds as often as the one asks holds as often as the other asks."""
    if one.need == one.of and other.need == other.of:
        return one.need >= other.need
    return one.need - max(0, one.of - other.of) >= other.need


def _chart(spc: Spc, measure: Measure) -> dict[str, Any]:
    """Everything that decides where limits lie and how long patterns are."""
    rules = spc.rule_set
    lengths = {key: value for key, value in _fields(rules).items() if key not in ("name", "signals")}
    return {**_plain(spc, "signals", "rules"), "chart": spc.chart or default_chart(measure), "lengths": lengths}


def _fields(rules: object) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in getattr(rules, "__slots__", ())}


def _plain(detector: Any, *without: str) -> dict[str, Any]:
    dumped: dict[str, Any] = detector.model_dump(exclude=set(without))
    return dumped
