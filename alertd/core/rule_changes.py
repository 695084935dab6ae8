"""How a rule reads, and what tells two readings of it apart: what is judged, who is told, or words alone (decision 8)."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from alertd.core.calendar import Calendar, Effect
from alertd.core.composites.components import leaves, measure_of, measures_needed
from alertd.core.measures import Measure
from alertd.core.rules import Rule

_RULE_WORDS = frozenset(("accept_noise", "advice", "priority", "review_by"))
_RULE_ADDRESS = frozenset(("route", "to"))
_MEASURE_WORDS = frozenset(
    (
        *(
            "analyst",
            "assessed_by",
            "assessed_on",
            "dpia",
            "finding",
            "framework",
            "marking",
            "maximum",
            "minimum",
            "name",
        ),
        *("reference", "review_by", "schedule", "small_numbers", "sql", "supports", "unit"),
    )
)
_MEASURE_ADDRESS = frozenset(("owner",))
_WORDS = _RULE_WORDS | {f"measure.{key}" for key in _MEASURE_WORDS}
_ADDRESS = _RULE_ADDRESS | {f"measure.{key}" for key in _MEASURE_ADDRESS}


class RuleChange(StrEnum):
    """What the difference between two readings of a rule amounts to."""

    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    READDRESSED = "readdressed"
    """It judges as before, and from its next notice on tells somebody else."""
    REWORDED = "re-worded"
    """It judges as before and tells the same people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReading:
    """How a rule read at some time, without any of its words."""

    version: str
    """The version that its notices name."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """A digest of each of its keys, of its measure's keys (`measure.value`) and of what else it is judged by; empty where
    that was not kept."""

    def judges_as(self, other: "RuleReading") -> bool:
        """Whether nothing that decides a verdict differs."""
        return self == other or not any(_kind_of(key) is RuleChange.CHANGED for key in _keys(self, other))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDifference:
    """A rule that reads differently from before."""

    rule: str
    change: RuleChange
    keys: tuple[str, ...] = ()
    """What differs; empty for a rule that is new or gone, and where earlier readings were not kept key by key."""
    before: str | None = None
    """Its version before; None where there was none."""
    after: str | None = None


def rule_version(rule: Rule, measure: Measure) -> str:
    """A short digest of everything that decides how a rule judges."""
    text = rule.model_dump_json(by_alias=True) + measure.model_dump_json() + (measure.statement or "")
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def reading_of(
    rule: Rule,
    rules: Mapping[str, Rule],
    measures: Mapping[str, Measure],
    calendar: Calendar,
    *,
    tells_improvement: bool,
) -> RuleReading:
    """How a rule reads now; `tells_improvement` is what its route, or it itself, says of improvement."""
    measure = measure_of(rule, rules, measures)
    named = set(measures_needed(rule, rules))
    parts = _own_parts(rule, measures[rule.measure] if rule.needs_others else measure)
    for name in rule.beside:
        capacity = {key: text for key, text in _of_measure(measures[name]).items() if _judged(key)}
        parts[f"measure {name}"] = _digest(capacity)
    for leaf in leaves(rule, rules) if rule.components else ():
        judged = {key: text for key, text in _own_parts(leaf, measures[leaf.measure]).items() if _judged(key)}
        parts[f"rule {leaf.id}"] = _digest(judged)
    rebases = {
        name: one.model_dump(mode="json", exclude={"reason", "agreed_by"})
        for name, one in calendar.annotations.items()
        if one.effect is Effect.REBASE and named & set(one.measures)
    }
    left_out = {
        name: one.model_dump(mode="json", exclude={"reason"})
        for name, one in calendar.suppressions.items()
        if named & set(one.measures)
    }
    around = {"annotations": rebases, "suppressions": left_out, "improvement": tells_improvement}
    parts |= {key: _digest(value) for key, value in around.items() if value}
    return RuleReading(version=rule_version(rule, measure), parts=parts)


def differences(before: Mapping[str, RuleReading], after: Mapping[str, RuleReading]) -> tuple[RuleDifference, ...]:
    """Every rule that reads differently, by id."""
    return tuple(_differences(before, after))


def ids_by_change(found: Collection[RuleDifference]) -> dict[str, list[str]]:
    """The rules among some differences by what happened to them (`added`, `changed`, `withdrawn`, ...), all kinds named."""
    return {change.value.replace("-", ""): [one.rule for one in found if one.change is change] for change in RuleChange}


def _differences(before: Mapping[str, RuleReading], after: Mapping[str, RuleReading]) -> Iterator[RuleDifference]:
    for rule in sorted(before.keys() | after.keys()):
        old, new = before.get(rule), after.get(rule)
        if old is None and new is not None:
            yield RuleDifference(rule=rule, change=RuleChange.ADDED, after=new.version)
        elif new is None and old is not None:
            yield RuleDifference(rule=rule, change=RuleChange.WITHDRAWN, before=old.version)
        elif old is not None and new is not None and (found := _keys(old, new)):
            kinds = {_kind_of(key) for key in found}
            order = (RuleChange.CHANGED, RuleChange.READDRESSED, RuleChange.REWORDED)
            yield RuleDifference(
                rule=rule,
                change=next(kind for kind in order if kind in kinds),
                keys=tuple(key for key in found if key),
                before=old.version,
                after=new.version,
            )


def _keys(old: RuleReading, new: RuleReading) -> list[str]:
    """The keys that differ, the rule's own first; one without a name where only the versions are known."""
    if not old.parts or not new.parts:
        return [""] if old.version != new.version else []
    found = [key for key in old.parts.keys() | new.parts.keys() if old.parts.get(key) != new.parts.get(key)]
    return sorted(found, key=lambda key: ("." in key, key))


def _kind_of(key: str) -> RuleChange:
    if key in _WORDS:
        return RuleChange.REWORDED
    return RuleChange.READDRESSED if key in _ADDRESS else RuleChange.CHANGED


def _judged(key: str) -> bool:
    return _kind_of(key) is RuleChange.CHANGED


def _own_parts(rule: Rule, measure: Measure) -> dict[str, str]:
    """A digest of each key of a rule and of its measure; keys that say what holds anyway have none."""
    # Without defaults, so that a key that a later alertd knows changes no rule that does not write it.
    own = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"id", "enabled", "improvement"})
    return {key: _digest(value) for key, value in own.items()} | _of_measure(measure)


def _of_measure(measure: Measure) -> dict[str, str]:
    """A digest of each key of a measure."""
    of_measure = measure.model_dump(mode="json", exclude_defaults=True, exclude={"id"})
    parts = {f"measure.{key}": _digest(value) for key, value in of_measure.items()}
    if measure.statement is not None:
        parts["measure.sql text"] = _digest(measure.statement)
    if measure.unit == "percent":
        parts["measure.percent"] = _digest("0 to 100")
    return parts


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:8]
