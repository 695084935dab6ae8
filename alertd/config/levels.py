"""Rules that name levels of the hierarchy: whether these are there, and whether the measure adds up to them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.suggest import did_you_mean, one_of
from alertd.core.calendar import Annotation, Calendar, Suppression
from alertd.core.levels import cannot_add_up, levels_above, place_column, where_at_places
from alertd.core.measures import Measure
from alertd.core.model import Where
from alertd.core.places import Places
from alertd.core.rules import Rule


def level_problems(parts: Parts) -> Iterator[Problem]:
    """Every level under `at` that a rule could not be judged at."""
    places = parts.places
    for name, rule in parts.rules.items():
        measure = parts.measures.get(rule.measure)
        entry = parts.entries["rules"][name]
        if rule.hold_back and (rule.at is None or len(rule.at) < 2) and parts.sure("rules", name, "hold_back", "at"):
            message = f"{entry.what} holds back places below a level, and is judged at one level alone"
            yield entry.problem("A125", message, "hold_back", hint="write `at: [district, force]`")
        if rule.at is None or measure is None or not parts.sure("rules", name, "at", "measure"):
            continue
        if not parts.all_places or not parts.sure("measures", measure.id, "by"):
            continue
        if rule.needs_others or rule.judged_now:
            message = f"`at` of {entry.what} chooses nothing: a rule of `{rule.kind}` is judged as its measures are"
            yield entry.problem("A125", message, "at", key=True, hint="take it out")
            continue
        column = place_column(measure, places)
        if column is None:
            message = f"`at` of {entry.what}: measure `{measure.id}` is by no level of the hierarchy"
            note = one_of(sorted(places.levels), nothing="config/places.yaml names no places")
            yield entry.problem("A125", message, "at", note=note)
            continue
        known = (column, *levels_above(measure, places))
        for number, level in enumerate(rule.at):
            steps = ("at", number) if isinstance(entry.data.get("at"), list) else ("at",)
            if level not in known:
                message = (
                    f"`at` of {entry.what}: `{level}` is no level at or above the places of measure `{measure.id}`"
                )
                hint = did_you_mean(level, known)
                yield entry.problem("A125", message, *steps, hint=hint, note="" if hint else one_of(known, nothing=""))
            elif level != column and (why := cannot_add_up(measure)):
                message = f"`at` of {entry.what}: measure `{measure.id}` has no figure at `{level}`: {why}"
                yield entry.problem("A125", message, *steps, note="write a measure of its own for that level")


def rules_at_places(rules: Mapping[str, Rule], measures: Mapping[str, Measure], places: Places) -> dict[str, Rule]:
    """The rules, each with a `where` by levels above its measure's places written as one by these places.

    Where figures are added up the levels stay beside them, since a place that moved is meant in its time alone.
    """
    found = {}
    for name, rule in rules.items():
        where = where_at_places(rule.where, measures[rule.measure], places)
        where = where if rule.at is None else {**rule.where, **where}
        found[name] = rule if where == rule.where else rule.model_copy(update={"where": where})
    return found


def calendar_at_places(calendar: Calendar, measures: Mapping[str, Measure], places: Places) -> Calendar:
    """The calendar, each `where` by levels above places written as one by the places of the first measure that it bears on."""

    def where_of(one: Annotation | Suppression) -> dict[str, Where]:
        return {"where": where_at_places(one.where, measures[one.measures[0]], places)}

    return replace(
        calendar,
        annotations={name: one.model_copy(update=where_of(one)) for name, one in calendar.annotations.items()},
        suppressions={name: one.model_copy(update=where_of(one)) for name, one in calendar.suppressions.items()},
    )
