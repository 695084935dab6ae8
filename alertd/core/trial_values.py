"""What is written under `values` of a test: timelines by the measure and the series that their names stand for."""

import re
from collections.abc import Collection, Mapping

from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.rules import Rule
from alertd.core.timelines import Point, TimelineError, parse_values

Timelines = str | Mapping[str, str | Mapping[str, str]]
"""As they are written: one series, several by name, or those of each measure that a rule joins, by the measure's id."""


def by_measure(rule: Rule, needed: Collection[str], values: Timelines) -> dict[str, str | Mapping[str, str]]:
    """What is written of each measure."""
    if isinstance(values, str):
        if len(needed) == 1:
            return dict.fromkeys(needed, values)
        raise TimelineError(
            f"rule `{rule.id}` is judged from {', '.join(needed)}; write a timeline for each: `{{measure: 5*3 6}}`"
        )
    if not values:
        raise TimelineError("`values` names no series")
    nested = any(not isinstance(one, str) for one in values.values())
    if len(needed) == 1 and not (nested or (rule.needs_others and set(values) == set(needed))):
        return {name: _flat(values) for name in needed}
    if set(values) != set(needed):
        found = ", ".join(values)
        raise TimelineError(
            f"`values` is by measure here, and rule `{rule.id}` is judged from {', '.join(needed)}; found {found}"
        )
    return {name: values[name] for name in needed}


def _flat(values: Mapping[str, str | Mapping[str, str]]) -> dict[str, str]:
    return {name: text for name, text in values.items() if isinstance(text, str)}


def keyed(
    written: str | Mapping[str, str], measure: Measure, where: Mapping[str, Collection[str]]
) -> dict[Key, tuple[Point, ...]]:
    """The timelines of a measure by the series that their names stand for."""
    if isinstance(written, str):
        return {_only(measure, where): parse_values(_grades_joined(written, measure))}
    if not written:
        raise TimelineError("`values` names no series")
    by = measure.series_by
    keys = {name: _key(name, by, f"measure `{measure.id}`") for name in written}
    if len(set(keys.values())) < len(keys):
        raise TimelineError("two names stand for one series")
    return {keys[name]: parse_values(_grades_joined(text, measure)) for name, text in written.items()}


def _grades_joined(text: str, measure: Measure) -> str:
    """The text with each grade of several words, as it stands in the scale, made one word; those in quotes are one."""
    for grade in sorted(measure.scale or (), key=len, reverse=True):
        if " " in grade and not set('"+:*') & set(grade):
            name = re.escape(grade).replace(r"\ ", r"\s+")
            text = re.sub(rf"(?<![^\s+]){name}(?=[\s*+:]|$)", grade.replace(" ", "_"), text, flags=re.IGNORECASE)
    return text


def _only(measure: Measure, where: Mapping[str, Collection[str]]) -> Key:
    """The series of a timeline without a name: one that the rules judge."""
    levels = () if measure.quantile is None else tuple(text for text, _ in measure.quantile.named)
    by = measure.series_by
    last = dict.fromkeys(by, "example") | ({"quantile": levels[0]} if "quantile" in by and levels else {})
    return tuple(next(iter(where[column])) if column in where else last[column] for column in by)


def _key(name: str, by: tuple[str, ...], what: str) -> Key:
    """The series that a name stands for: `Preston`, or with several columns `Preston, Burglary`."""
    parts = tuple(part.strip() for part in name.split(",")) if len(by) > 1 else (name,)
    if len(parts) != len(by):
        columns = ", ".join(by) or "no column, so that `values` is one timeline"
        raise TimelineError(f"`{name}` names no series of {what}, which is by {columns}")
    return parts
