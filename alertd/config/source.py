"""A file's text and the places in it."""

import re
from dataclasses import dataclass

from alertd.config.problems import Problem, blot_secrets

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML counts as the end of a line


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of one line; line and column count from 1."""

    line: int
    column: int
    length: int = 1


START = Mark(1, 1)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's lines, under the name by which problems call it."""

    file: str
    lines: tuple[str, ...]

    @classmethod
    def of(cls, file: str, text: str) -> "Source":
        """The source of a file's text."""
        return cls(file, tuple(_BREAK.split(text)))

    def line(self, number: int) -> str:
        """The line of that number; empty beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def problem(self, code: str, mark: Mark, message: str, *, hint: str = "", note: str = "") -> Problem:
        """A problem at a mark of this file."""
        return Problem(
            code=code,
            file=self.file,
            line=mark.line,
            column=mark.column,
            length=mark.length,
            message=message,
            hint=hint,
            note=note,
            source_line=blot_secrets(self.line(mark.line)),
        )
