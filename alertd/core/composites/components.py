"""What rules that join others (`all_of`, `any_of`) are made of: their components, the series and the grain they share.

Light: config checks load it. The judging itself is in `join`.
"""

from collections.abc import Iterator, Mapping, Sequence

from alertd.core.measures import Improvement, Measure
from alertd.core.periods import Grain
from alertd.core.rules import Rule

_GRAINS = tuple(Grain)


def leaves(rule: Rule, rules: Mapping[str, Rule]) -> Iterator[Rule]:
    """The rules with a detector of their own that a rule comes down to, itself where it joins none; each once, in order.

    Raises `KeyError` for a component that is not there, and `RecursionError` where rules join each other in a circle.
    """
    found: dict[str, Rule] = {}
    for name in rule.components:
        found |= {leaf.id: leaf for leaf in leaves(rules[name], rules)}
    yield from found.values() if rule.components else (rule,)


def measures_needed(rule: Rule, rules: Mapping[str, Rule]) -> tuple[str, ...]:
    """The measures whose figures a rule is judged from, each once, in the order of its components."""
    return tuple(dict.fromkeys(name for leaf in leaves(rule, rules) for name in (leaf.measure, *leaf.beside)))


def shared_by(columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The columns that every component is by, in the order of the first."""
    first, *others = columns
    return tuple(column for column in first if all(column in other for other in others))


def measure_of(rule: Rule, rules: Mapping[str, Rule], measures: Mapping[str, Measure]) -> Measure:
    """The measure that a rule judges; of a rule that joins others, the measure that leads it, as the rule sees it.

    That is the measure of the first component with the rule's `measure`, by the columns that all components share and by
    the coarsest of their grains. Its `statement` holds what every component is, so that a change to one of them is a
    change to the whole; so does that of a measure that is held against another. Raises as `leaves` does.
    """
    lead = measures[rule.measure]
    if rule.beside:
        return lead.model_copy(update={"statement": _text(rule, lead) + _held_against(rule, measures)})
    if not rule.components:
        return lead
    parts = [measure_of(rules[name], rules, measures) for name in rule.components]
    by = shared_by([part.series_by for part in parts])
    joined = list(leaves(rule, rules))
    changed: dict[str, object] = {
        "by": tuple(column for column in by if column in lead.by or column != "quantile"),
        "grain": max((part.grain for part in parts), key=_GRAINS.index),
        "improvement": Improvement.NEITHER if all(_neither(leaf, measures) for leaf in joined) else lead.improvement,
        "statement": "\n".join(_text(leaf, measures[leaf.measure]) + _held_against(leaf, measures) for leaf in joined),
    }
    if lead.quantile is not None and "quantile" not in by:
        changed["quantile"] = lead.quantile.model_copy(update={"at": lead.quantile.at[:1]})
    return lead.model_copy(update=changed)


def only_changes(rule: Rule, rules: Mapping[str, Rule], measures: Mapping[str, Measure]) -> bool:
    """Whether none of a rule's components can be better or worse, so that the rule tells a change (R3)."""
    return all(_neither(leaf, measures) for leaf in leaves(rule, rules))


def _neither(leaf: Rule, measures: Mapping[str, Measure]) -> bool:
    if leaf.judged_now or leaf.forecast is not None:  # a concern, whichever way the measure improves
        return False
    return measures[leaf.measure].improvement is Improvement.NEITHER


def _held_against(rule: Rule, measures: Mapping[str, Measure]) -> str:
    return "".join(measures[name].model_dump_json() + (measures[name].statement or "") for name in rule.beside)


def _text(rule: Rule, measure: Measure) -> str:
    return rule.model_dump_json(by_alias=True) + measure.model_dump_json() + (measure.statement or "")
