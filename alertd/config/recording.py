"""Measures of recorded entries: the columns that they name are those of the kind of entry, and keys that cannot go with it."""

from collections.abc import Iterator

from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.suggest import did_you_mean, one_of
from alertd.core.measures import Measure
from alertd.core.recording import WRITTEN, Kind, columns_of


def recording_problems(parts: Parts) -> Iterator[Problem]:
    """Everything by which a measure of recorded entries could never have a figure (A129)."""
    for name, measure in parts.measures.items():
        if measure.recorded is not None and parts.sure("measures", name, "recorded", "by"):
            yield from _columns(parts, measure, measure.recorded)
            yield from _keys(parts, measure, measure.recorded)


def _columns(parts: Parts, measure: Measure, kind: Kind) -> Iterator[Problem]:
    entry, there = parts.entries["measures"][measure.id], columns_of(kind)
    for steps, column in measure.written_columns():
        if column is None:  # said already
            continue
        if steps[0] == "by":
            if column in there:
                message = (
                    f"`by` of {entry.what}: `{column}` is a column that every {kind.words} has, and names no series"
                )
                note = "`by` names the columns that `alertd record --where` gives, such as district or team"
                yield entry.problem("A129", message, *steps, note=note)
            elif column in WRITTEN:
                message = f"`by` of {entry.what}: `{column}` is what `alertd record` calls something else"
                note = f"no column of `by` can be named {', '.join(WRITTEN)}"
                yield entry.problem("A129", message, *steps, note=note)
        elif column not in there:
            message = f"{entry.what}: an entry of kind `{kind.value}` has no column `{column}`"
            hint = did_you_mean(column, there)
            yield entry.problem("A129", message, *steps, hint=hint, note=one_of(there, nothing=""))


def _keys(parts: Parts, measure: Measure, kind: Kind) -> Iterator[Problem]:
    entry = parts.entries["measures"][measure.id]
    if measure.at_age is not None:
        message = f"{entry.what}: entries that people record have no age"
        yield entry.problem("A129", message, "at_age", key=True, hint="write `settles_after`")
    if kind is Kind.ACTION and measure.aggregate is None and parts.sure("measures", measure.id, "aggregate"):
        message = f"{entry.what} lacks `aggregate: rows`: an action has a row of its own for each month"
        note = "write `period: month`, `count: overdue` and `aggregate: rows`: how many are overdue at the month's end"
        yield entry.problem("A129", message, "recorded", note=note)
    if kind is Kind.SELF_ASSESSMENT and measure.grade is None and parts.sure("measures", measure.id, "grade"):
        message = f"{entry.what}: what is judged of a self-assessment is its grade"
        note = "write `grade: grade` and its `scale`; a rule with `rating: {overdue: 30 days}` then tells what did not come"
        yield entry.problem("A129", message, "recorded", note=note)
