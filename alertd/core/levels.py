"""Levels of the hierarchy: which a rule is judged at, and what its measure is there (R25). Light: config checks load it."""

from collections.abc import Mapping, Sequence

from alertd.core.measures import Measure
from alertd.core.places import Places
from alertd.core.rules import Rule


def place_column(measure: Measure, places: Places) -> str | None:
    """The column of a measure that names its places: the first of `by` that is a level; None where there is none."""
    return next((column for column in measure.by if column in places.levels), None)


def levels_above(measure: Measure, places: Places) -> tuple[str, ...]:
    """The levels that a measure's places can be added up to, the nearest first."""
    column = place_column(measure, places)
    found: list[str] = []
    level = column
    while level is not None:
        parents = {
            places.places[parent].level
            for place in places.places.values()
            for parent in place.parents
            if place.level == level and parent in places.places
        }
        level = next((one for one in sorted(parents) if one not in (column, *found)), None)
        if level is not None:
            found.append(level)
    return tuple(found)


def levels_of(rule: Rule, measure: Measure, places: Places) -> tuple[str | None, ...]:
    """The levels that a rule is judged at, the highest first; None alone where it names none."""
    if rule.at is None or rule.components:
        return (None,)
    every = (place_column(measure, places), *levels_above(measure, places))
    return tuple(level for level in reversed(every) if level in rule.at)


def cannot_add_up(measure: Measure) -> str:
    """Why a measure's places cannot be added up to a level above; empty where they can."""
    if measure.quantile is not None or (measure.value is not None and measure.denominator is None):
        return "a value or a quantile of a whole is not the sum of those of its places"
    if measure.grade is not None:
        return "grades cannot be added up"
    if measure.ratio is not None:
        return "a ratio of ratios cannot be added up"
    if measure.standard_error is not None or measure.pool is not None or measure.window is not None:
        return "figures of a survey or of pooled periods cannot be added up"
    return ""


def measure_at(measure: Measure, level: str | None, places: Places) -> Measure:
    """A measure as it is at a level: by that level in place of its places; by neither where the level has one place alone.

    As it is without a level.
    """
    column = place_column(measure, places)
    if level is None or column is None or level == column:
        return measure
    alone = sum(place.level == level for place in places.places.values()) == 1
    by = tuple(level if one == column else one for one in measure.by if one != column or not alone)
    # A line agreed for a place says nothing of a sum over places; for a share or a rate it does.
    reference = measure.reference if measure.denominator is not None else None
    return measure.model_copy(update={"by": by, "reference": reference})


def rule_at(rule: Rule, measure: Measure) -> Rule:
    """A rule as it judges a measure at a level: its `where` chose among the places before they were added up."""
    where = {name: values for name, values in rule.where.items() if name in measure.series_by}
    return rule.model_copy(update={"where": where})


def below(places: Places, level: str, names: Sequence[str], column: str) -> tuple[str, ...]:
    """The places of the level `column` that have ever belonged to one of some places of a level above."""
    return tuple(
        name
        for name, place in places.places.items()
        if place.level == column
        and any(one in names and places.places[one].level == level for one in places.ever_above(name))
    )


def where_at_places(
    where: Mapping[str, tuple[str, ...]], measure: Measure, places: Places
) -> dict[str, tuple[str, ...]]:
    """A `where` by levels above a measure's places (`division: West`) as one by the places themselves."""
    column = place_column(measure, places)
    above = [name for name in where if name not in measure.series_by and name in places.levels]
    if column is None or not above:
        return dict(where)
    chosen = {name: values for name, values in where.items() if name not in above}
    for name in above:
        within = below(places, name, where[name], column)
        chosen[column] = tuple(one for one in chosen[column] if one in within) if column in chosen else within
    return chosen
