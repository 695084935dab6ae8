"""The words of `alertd test`: a failed test drawn in columns, what the rule said there, and which rules are tested."""

from collections.abc import Sequence
from itertools import groupby

from alertd.core.evaluate import verdict_at
from alertd.core.measures import Measure
from alertd.core.rules import Rule
from alertd.core.summary import summary
from alertd.core.timelines import FIRES, QUIET, SIGNS
from alertd.core.trials import Outcome

_WIDEST = 100


def drawn(outcome: Outcome) -> tuple[str, ...]:
    """Values, expected and got in columns, like periods together, with a caret under the first difference."""
    expected = outcome.expected if outcome.expected not in (QUIET, FIRES) else " " * len(outcome.got)
    columns: list[tuple[str, str, str]] = []
    at = None
    rows = list(zip(map(str, outcome.points), expected, outcome.got, strict=True))
    marked = [(row == outcome.differs, cells) for row, cells in enumerate(rows)]
    for (here, cells), same in groupby(marked):
        if here:
            at = len(columns)
        times = len(list(same))
        repeat = f"*{times}" if times > 1 else ""
        columns.append((cells[0] + repeat, cells[1] + repeat if cells[1] != " " else "", cells[2] + repeat))
    columns, at = _window(columns, at)
    widths = [max(map(len, column)) for column in columns]
    lines = []
    for number, label in enumerate(("values", "expect", "got")):
        cells_of = (column[number].ljust(width) for column, width in zip(columns, widths, strict=True))
        whole = outcome.expected if number == 1 and outcome.expected in (QUIET, FIRES) else "  ".join(cells_of)
        lines.append(f"{label:<6}  {whole}".rstrip())
    if at is not None:
        lines.append(" " * (8 + sum(widths[:at]) + 2 * at) + "^")
    return tuple(lines)


def _window(columns: Sequence[tuple[str, str, str]], at: int | None) -> tuple[list[tuple[str, str, str]], int | None]:
    """As many columns around the caret as a line holds, with dots where others are left out."""
    middle = at if at is not None else len(columns) - 1
    first = last = middle
    room = _WIDEST - max(map(len, columns[middle]))
    while room > 0 and (first > 0 or last < len(columns) - 1):
        forward = last < len(columns) - 1 and (first == 0 or last - middle < middle - first)
        first, last = (first, last + 1) if forward else (first - 1, last)
        room -= 2 + max(map(len, columns[last if forward else first]))
    dots = ("..", "..", "..")
    shown = [*([dots] if first else []), *columns[first : last + 1], *([dots] if last < len(columns) - 1 else [])]
    return shown, None if at is None else at - first + (1 if first else 0)


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
