"""What is wrong with a home's files: where, what, and what to write instead; and how a person reads it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from alertd.core.errors import UsageError

_WIDEST = 160
"""Longer source lines are shown as a window around the caret."""
_SECRETS = (
    re.compile(r"(?<=://)[^\s/@]*:([^\s@]+)(?=@)"),
    re.compile(r"(?i)(?:password|passwd|secret|token|api_?key)[\"']?\s*[:=]\s*(?!\{)([^\s,}][^,}]*)"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in one place."""

    code: str
    """`A1xx` is an error, `W2xx` a warning; stable, each with a page."""
    file: str
    """The path from the home, or `environment`."""
    line: int
    """From 1; 0 where the place is no line of a file."""
    column: int
    """From 1, in characters."""
    length: int
    """How many characters are meant."""
    message: str
    """What is wrong and what was found."""
    hint: str = ""
    """What to write instead, short: it stands beside the caret."""
    note: str = ""
    """Why it matters, or what may stand there."""
    source_line: str = ""
    """The line as it stands in the file, with any secret blotted out."""

    @property
    def severity(self) -> Literal["error", "warning"]:
        """`warning` for W-codes."""
        return "warning" if self.code.startswith("W") else "error"

    @property
    def place(self) -> str:
        """`file:line:column`, or the file alone."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class ConfigError(UsageError):
    """One or more errors in a home's files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        errors = sum(problem.severity == "error" for problem in problems)
        super().__init__(f"the home has {counted(errors, 'error')}\n\n{render_problems(problems)}")


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems by file, line and column, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda one: (one.file, one.line, one.column, one.code)))


def render_problems(problems: Iterable[Problem]) -> str:
    """Every problem in the form of a compiler's message, with a blank line between."""
    return "\n\n".join(_render(problem) for problem in problems)


def blot_secrets(line: str) -> str:
    """A line with passwords and tokens blotted out, as long as before."""
    for pattern in _SECRETS:
        line = pattern.sub(_blotted, line)
    return line


def _blotted(found: re.Match[str]) -> str:
    start, end = found.start(1) - found.start(), found.end(1) - found.start()
    return found[0][:start] + "*" * (end - start) + found[0][end:]


def _render(problem: Problem) -> str:
    gutter = " " * len(str(problem.line or ""))
    lines = [f"{problem.severity}[{problem.code}]: {_printable(problem.message)}"]
    lines.append(f"{gutter or ' '}--> {_printable(problem.place)}")
    if problem.line and problem.source_line.strip():
        shown, column = _window(_printable(problem.source_line), problem.column)
        carets = "^" * max(1, min(problem.length, len(shown) - column + 1))
        lines.append(f"{gutter} |")
        lines.append(f"{problem.line} | {shown}")
        lines.append(f"{gutter} | {' ' * (column - 1)}{carets} {_printable(problem.hint)}".rstrip())
    elif problem.hint:
        lines.append(f"{gutter} = help: {_printable(problem.hint)}")
    if problem.note:
        lines.append(f"{gutter} = note: {_printable(problem.note)}")
    return "\n".join(lines)


def _window(line: str, column: int) -> tuple[str, int]:
    if len(line) <= _WIDEST:
        return line, column
    start = max(0, min(column - _WIDEST // 3, len(line) - _WIDEST))
    return line[start : start + _WIDEST], column - start


def _printable(text: str) -> str:
    """A tab is as wide as a space here, so that carets stand right; control characters reach no terminal."""
    return "".join(" " if one.isspace() else one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
