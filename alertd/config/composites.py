"""Rules that join others: which measure leads them, and everything that keeps them from ever firing."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.sections import Entries, Entry, texts_of
from alertd.config.suggest import did_you_mean, one_of
from alertd.core.composites.components import leaves, measure_of, shared_by
from alertd.core.measures import Measure
from alertd.core.rules import COMPOSITES, Rule

NO_MEASURE = "no-measure"
"""What stands for the measure of a rule whose components have none; such a rule is never in force."""


def lead_measure(entries: Entries, rule: str) -> str | None:
    """The measure of the first component that has one, however deep; None where there is none."""
    return _lead(entries["rules"], rule, frozenset())


def _lead(rules: Mapping[str, Entry], name: str, above: frozenset[str]) -> str | None:
    if name in above or name not in rules:
        return None
    data = rules[name].data
    if not isinstance(data, dict):
        return None
    if isinstance(data.get("measure"), str):
        return str(data["measure"])
    for key in COMPOSITES:
        for component in texts_of(data.get(key)):
            found = _lead(rules, component, above | {name})
            if found is not None:
                return found
    return None


def joined_problems(parts: Parts) -> Iterator[Problem]:
    """Every rule that joins what is not there, what is out of force, itself, or what shares no series with the rest."""
    for name, entry in parts.entries["rules"].items():
        if not isinstance(entry.data, dict):
            continue
        for key in COMPOSITES:
            for number, component in enumerate(_listed(entry.data.get(key))):
                yield from _component(parts, entry, key, number, component)
        rule = parts.rules.get(name)
        if rule is not None and rule.components and _whole(parts, rule, frozenset()):
            yield from _together(parts, entry, rule)


def measure_seen(parts: Parts, rule: Rule) -> Measure | None:
    """The measure of a rule, as the rule sees it; None where that cannot be told for sure."""
    if not rule.components:
        return parts.measures.get(rule.measure)
    known = _whole(parts, rule, frozenset()) and rule.measure in parts.measures
    return measure_of(rule, parts.rules, parts.measures) if known else None


def _listed(written: object) -> list[object]:
    return written if isinstance(written, list) else []


def _component(parts: Parts, entry: Entry, key: str, number: int, component: object) -> Iterator[Problem]:
    if not isinstance(component, str):
        return
    if not parts.knows("rules", component):
        known = [name for name in parts.entries["rules"] if name != entry.id]
        hint = did_you_mean(component, known)
        note = "" if hint else one_of(known, nothing="the home has no other rules")
        yield entry.problem("A102", f"unknown rule `{component}` in {entry.what}", key, number, hint=hint, note=note)
        return
    if component in _listed(entry.data[key])[:number]:
        yield entry.problem("A121", f"{entry.what} names rule `{component}` twice", key, number, hint="remove one")
    circle = _circle(parts.entries["rules"], component, entry.id, frozenset())
    if circle:
        way = " -> ".join(f"`{name}`" for name in (entry.id, *circle))
        note = "each would need the other's verdict first"
        yield entry.problem("A121", f"{entry.what} joins itself: {way}", key, number, note=note)
    rule = parts.rules.get(component)
    if rule is not None and not rule.enabled and parts.sure("rules", component, "enabled"):
        own = parts.rules.get(entry.id)
        if own is not None and own.enabled:
            note = "a rule in `status: shadow` is judged, tells nobody, and may be joined"
            message = f"{entry.what} joins rule `{component}`, which is not in force (`enabled: false`)"
            yield entry.problem("A121", message, key, number, hint="write `status: shadow` there", note=note)


def _circle(rules: Mapping[str, Entry], name: str, goal: str, seen: frozenset[str]) -> tuple[str, ...]:
    """The way from a rule to another by what it joins; empty where there is none."""
    if name == goal:
        return (name,)
    if name in seen or name not in rules or not isinstance(rules[name].data, dict):
        return ()
    for key in COMPOSITES:
        for component in texts_of(rules[name].data.get(key)):
            found = _circle(rules, component, goal, seen | {name})
            if found:
                return (name, *found)
    return ()


def _whole(parts: Parts, rule: Rule, above: frozenset[str]) -> bool:
    """Whether everything that a rule is judged from is there, and says for sure what its series are."""
    if rule.id in above:
        return False
    if rule.components:
        found = [parts.rules.get(name) for name in rule.components]
        return all(
            one is not None
            and parts.sure("rules", one.id, "measure", "all_of", "any_of")
            and _whole(parts, one, above | {rule.id})
            for one in found
        )
    return rule.measure in parts.measures and parts.sure("measures", rule.measure, "by", "grain", "quantile")


def _together(parts: Parts, entry: Entry, rule: Rule) -> Iterator[Problem]:
    """What components have in common: a measure that leads them, and columns that name the same series."""
    made = {name: _seen(parts, name) for name in rule.components}
    needed = [leaf.measure for leaf in leaves(rule, parts.rules)]
    if rule.measure not in needed and parts.knows("measures", rule.measure):
        message = f"{entry.what}: none of the rules that it joins judges measure `{rule.measure}`"
        note = f"the figures of {one_of(dict.fromkeys(needed), nothing='')} can be shown; left out, the first"
        yield entry.problem("A121", message, "measure", note=note)
        return
    for (one, first), (other, second) in combinations(made.items(), 2):
        if first.series_by and second.series_by and not shared_by([first.series_by, second.series_by]):
            yield _strangers(entry, rule, one, first, other, second)
            return
    columns = [measure.series_by for measure in made.values()]
    shared = shared_by(columns)
    if all(columns) and not shared:
        names = list(made)
        yield _strangers(entry, rule, names[0], made[names[0]], names[-1], made[names[-1]])
        return
    for column in entry.where:
        if column not in shared and parts.all_places and column not in parts.levels:
            yield entry.problem(
                "A107",
                f"`where` of {entry.what} matches nothing: the rules that it joins do not share `{column}`",
                "where",
                column,
                key=True,
                hint=did_you_mean(column, shared),
                note=one_of(shared, nothing="they share no column: it judges one force-wide series"),
            )


def _seen(parts: Parts, name: str) -> Measure:
    return measure_of(parts.rules[name], parts.rules, parts.measures)


def _strangers(entry: Entry, rule: Rule, one: str, first: Measure, other: str, second: Measure) -> Problem:
    message = (
        f"{entry.what} joins rules that share no series: `{one}` is by {', '.join(first.series_by)}, "
        f"and `{other}` by {', '.join(second.series_by)}"
    )
    note = "rules are joined on the columns of `by` that all of their measures have"
    return entry.problem("A121", message, "all_of" if rule.all_of else "any_of", key=True, note=note)
