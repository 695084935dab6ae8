"""A score as rows: for each row of the framework, each happening, and each exception that nothing planted explains."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from alertd.core.series import series_words
from alertd.demo.score.scoring import Outcome, Score, ScoredHappening
from alertd.demo.star.planted import DATA, NOTHING, NOTICE

Row = dict[str, Any]

COLUMNS = (
    *("row", "rules", "planned", "found", "missed", "not_asked", "delay_median", "delay_max"),
    *("exceptions", "false", "by_chance", "faults", "faults_found", "quiet", "kept_quiet"),
)
"""Of the row of one row of the framework."""
HAPPENINGS = (
    *("row", "number", "table", "column", "where", "from", "to", "kind", "expected", "direction", "outcome"),
    *("delay", "period", "rule", "told_of", "note"),
)
"""Of the row of one happening."""
STRAYS = ("row", "rule", "told_of", "period", "direction", "value", "centre", "lower", "upper")
"""Of the row of one exception that nothing explains."""


def framework_rows(found: Score, rows: Sequence[str]) -> list[Row]:
    """One row for each of some rows of the framework, in their order, and the total of all of them."""
    every = [_row(found, [row], row) for row in rows]
    return [*every, _row(found, rows, "all")] if len(rows) > 1 else every


def _row(found: Score, rows: Sequence[str], name: str) -> Row:
    scored = [one for one in found.scored if one.happening.framework in rows]
    planned, faults, quiet = (
        [one for one in scored if one.happening.expected == expected] for expected in (NOTICE, DATA, NOTHING)
    )
    delays = [one.delay for one in planned if one.outcome is Outcome.FOUND and one.delay is not None]
    chance = found.chance
    return {
        "row": name,
        "rules": sum(found.rules.get(row, 0) for row in rows),
        "planned": len(planned),
        "found": _count(planned, Outcome.FOUND),
        "missed": _count(planned, Outcome.MISSED),
        "not_asked": _count(planned, Outcome.NOT_ASKED),
        "delay_median": median(delays) if delays else None,
        "delay_max": max(delays, default=None),
        "exceptions": int(sum(found.opened.get(row, 0) for row in rows)),
        "false": sum(one.framework in rows for one in found.strays),
        "by_chance": None if chance is None else sum(chance.get(row, 0.0) for row in rows),
        "faults": len(faults),
        "faults_found": _count(faults, Outcome.FOUND),
        "quiet": len(quiet),
        "kept_quiet": _count(quiet, Outcome.KEPT_QUIET),
    }


def _count(scored: Sequence[ScoredHappening], outcome: Outcome) -> int:
    return sum(one.outcome is outcome for one in scored)


def happening_rows(found: Score) -> Iterator[Row]:
    """Each happening, and how it was taken, in the order of the table of truth."""
    for one in found.scored:
        what = one.happening
        yield {
            "row": what.framework,
            "number": what.number,
            "table": what.table,
            "column": what.column,
            "where": what.words,
            "from": str(what.first),
            "to": str(what.last),
            "kind": what.kind,
            "expected": what.expected,
            "direction": what.direction,
            "outcome": one.outcome.value,
            "delay": one.delay,
            "period": None if one.period is None else str(one.period),
            "rule": one.rule,
            "told_of": one.where,
            "note": what.note,
        }


def stray_rows(found: Score) -> Iterator[Row]:
    """Each exception that nothing planted explains, the earliest first."""
    for one in found.strays:
        verdict = one.moved.verdict
        yield {
            "row": one.framework,
            "rule": one.rule,
            "told_of": series_words(verdict.series),
            "period": str(verdict.period),
            "direction": one.moved.transition.case.direction.value,
            "value": verdict.value,
            "centre": verdict.centre,
            "lower": verdict.lower,
            "upper": verdict.upper,
        }
