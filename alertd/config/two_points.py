"""Other ways to compare two figures than `change:`, which needs a reason (R1): they tell the same noise without one."""

import re
from collections.abc import Iterator

from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.sections import Entry
from alertd.core.measures import Measure
from alertd.core.rules import DETECTORS, Rule

FEWEST = 6
"""A usual range of fewer points is hardly more than the comparison of two."""

_DIFFERENCE = re.compile(
    r"(?i)(?:^|_)(?:change|changed|diff|difference|delta|growth|yoy|mom|qoq|wow|pct_change|on_year|vs_last|vs_prev\w*|versus)(?:_|$)"
)
_NEIGHBOUR = re.compile(r"(?i)\b(?:lag|lead)\s*\(")


def two_point_problems(parts: Parts) -> Iterator[Problem]:
    """Thresholds on a figure that is itself a difference of two, and usual ranges of a handful of points."""
    for name, rule in parts.rules.items():
        measure = parts.measures.get(rule.measure)
        single = sum(getattr(rule, kind) is not None for kind in DETECTORS) == 1
        if (
            measure is None
            or not single
            or rule.components
            or not rule.enabled
            or not parts.sure("rules", name, "enabled", "measure")
        ):
            continue
        entry = parts.entries["rules"][name]
        if rule.threshold is not None and parts.sure("measures", measure.id, "value"):
            yield from _difference(entry, measure)
        if rule.limited is not None and parts.sure("rules", name, rule.kind):
            yield from _few(entry, rule)


def _difference(entry: Entry, measure: Measure) -> Iterator[Problem]:
    column = measure.value
    named = column is not None and _DIFFERENCE.search(column) is not None
    if not named and (measure.statement is None or not _NEIGHBOUR.search(_code(measure.statement))):
        return
    why = f"its column `{column}` is a difference" if named else "its SQL takes figures of other periods (`LAG`)"
    message = f"{entry.what} seems to compare two periods: {why}"
    note = (
        "a difference of two figures has twice the noise of one; measure the figure itself and judge it by `spc: mdc`, "
        "or compare by `change:` and say why in `accept_noise`"
    )
    yield entry.problem("W213", message, "threshold", key=True, note=note)


def _code(statement: str) -> str:
    """SQL without its comments."""
    return re.sub(r"--[^\n]*|/\*.*?\*/", " ", statement, flags=re.DOTALL)


def _few(entry: Entry, rule: Rule) -> Iterator[Problem]:
    limited = rule.limited
    assert limited is not None
    for key, points in (
        ("min_baseline", limited.min_baseline),
        ("baseline", limited.baseline and limited.baseline.length),
    ):
        if points and points < FEWEST:
            message = f"{entry.what} judges by a usual range of {points} points"
            note = f"that is little more than a comparison of two figures; write {2 * FEWEST} or more"
            yield entry.problem("W213", message, rule.kind, key, note=note)
            return
