"""The words of `alertd test`: a failed test drawn in columns, and what the rule said there."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from alertd.core.evaluate import verdict_at
from alertd.core.measures import Measure
from alertd.core.rules import Rule
from alertd.core.summary import summary
from alertd.core.timelines import FIRES, QUIET, SIGNS
from alertd.core.trials import Outcome

_WIDEST = 78  # a line of 80 columns, set in by two
_MOST_LINES = 12  # of wrapped columns; of longer timelines those around the difference are shown
_LONGEST_LABEL = 20

Column = tuple[str, ...]
"""What is written of each measure, what was expected and what came: the cells of like periods together."""


def drawn(outcome: Outcome) -> tuple[str, ...]:
    """Values, expected and got in columns, like periods together, with a caret under the first difference.

    Long timelines are wrapped; each part then says at which period it begins.
    """
    whole = outcome.expected in (QUIET, FIRES)
    columns, first_rows, at = _columns(outcome, whole=whole)
    labels = [*_labels(outcome.figures), "expect", "got"]
    indent = max(map(len, labels)) + 2
    parts = _wrapped(columns, _WIDEST - indent)
    here = next((number for number, part in enumerate(parts) if at is not None and at in part), len(parts) - 1)
    shown = range(max(0, here - _MOST_LINES // 2), min(len(parts), here + _MOST_LINES // 2 + 1))
    lines: list[str] = []
    if shown.start:
        lines.append(f"(as expected before {outcome.verdicts.period(first_rows[parts[shown.start].start])})")
    for number in shown:
        part = parts[number]
        if len(parts) > 1:
            lines.append(f"from {outcome.verdicts.period(first_rows[part.start])}")
        widths = [max(map(len, columns[column])) for column in part]
        for place, label in enumerate(labels):
            if whole and label == "expect":
                said = outcome.expected if number == shown.start else ""
            else:
                cells = (columns[column][place].ljust(width) for column, width in zip(part, widths, strict=True))
                said = "  ".join(cells)
            if said:
                lines.append(f"{label:<{indent}}{said}".rstrip())
        if at is not None and at in part:
            before = at - part.start
            lines.append(" " * (indent + sum(widths[:before]) + 2 * before) + "^")
    if shown.stop < len(parts):
        lines.append(f"(and on to {outcome.verdicts.period(outcome.verdicts.periods - 1)})")
    return tuple(lines)


def _columns(outcome: Outcome, *, whole: bool) -> tuple[list[Column], list[int], int | None]:
    """The columns, the row that each begins with, and the one of the first difference."""
    expected = " " * len(outcome.got) if whole else outcome.expected
    rows = list(zip(*outcome.figures.values(), expected, outcome.got, strict=True))
    marked = [(row == outcome.differs, cells) for row, cells in enumerate(rows)]
    columns: list[Column] = []
    first_rows: list[int] = []
    at, row = None, 0
    for (here, cells), same in groupby(marked):
        at = len(columns) if here else at
        first_rows.append(row)
        times = len(list(same))
        row += times
        repeat = f"*{times}" if times > 1 else ""
        columns.append(tuple(cell + repeat if cell != " " else "" for cell in cells))
    return columns, first_rows, at


def _labels(figures: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for measure in figures:
        if len(figures) == 1:
            yield "values"
        else:
            yield measure if len(measure) <= _LONGEST_LABEL else measure[: _LONGEST_LABEL - 2] + ".."


def _wrapped(columns: Sequence[Column], room: int) -> list[range]:
    """The columns of each line: as many as it has room for, and one at least."""
    parts: list[range] = []
    start, used = 0, 0
    for number, column in enumerate(columns):
        width = max(map(len, column))
        if number > start and used + width > room:
            parts.append(range(start, number))
            start, used = number, 0
        used += width + 2
    parts.append(range(start, len(columns)))
    return parts


def said_there(outcome: Outcome, rule: Rule, measure: Measure) -> tuple[str, ...]:
    """What was expected and what came at the first difference, and what the rule said there, with its limits."""
    if outcome.differs is None:
        return (outcome.fault,)
    row = outcome.differs
    verdict = verdict_at(outcome.verdicts, row, 0, None)
    whole = outcome.expected in (QUIET, FIRES)
    wanted = "that the rule never fires" if whole else _meaning(outcome.expected[row])
    lines = [f"at {verdict.period}: expected {wanted}, got {_meaning(outcome.got[row])}"]
    lines.append(f"the rule said: {summary(verdict, rule, measure)}")
    figures = {name: getattr(verdict, name) for name in ("value", "centre", "lower", "upper")}
    limits = ", ".join(f"{name} {number:.6g}" for name, number in figures.items() if number == number)
    signals = "+".join(verdict.signals) or "no signal"
    lines.append(f"state {verdict.state.value}, {signals}; {limits or 'no figure and no limits'}")
    return tuple(lines)


def _meaning(sign: str) -> str:
    return f"`{sign}` {SIGNS[sign]}"
