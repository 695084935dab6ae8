"""Timelines in text: the figures of an example series, and what a rule should make of each.

`91*3 84 93/126 _` are six periods: 91 three times, 84, 93 of 126, and one without a figure. `...  p  F  o  C` is what is
expected of seven: quiet three times, pending, fired, open, cleared.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal

from alertd.core.errors import UsageError
from alertd.core.unusable import UNBOUNDED
from alertd.core.verdicts import State

MOST_PERIODS = 5_000
"""A timeline is no longer than this."""
MOST_CASES = 100_000
"""A period has no more graded cases, and no more events, than this."""
SIGNS: Mapping[str, str] = {
    ".": "quiet",
    "p": "pending",
    "F": "fired",
    "o": "open",
    "C": "cleared",
    "L": "learning",
    "?": "unknown",
    "m": "muted",
    "u": "unsettled",
}
"""What each sign of an expectation means."""
QUIET, FIRES = "quiet", "fires"
"""Whole expectations: that the rule never fires, and that it fires at some period."""
_PLAIN = {
    State.PENDING: "p",
    State.LEARNING: "L",
    State.UNKNOWN: "?",
    State.MUTED: "m",
    State.UNSETTLED: "u",
}
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_FIGURE = re.compile(rf"({_NUMBER})(?:/({_NUMBER}))?(?:(?:\u00b1|\+/?-)({_NUMBER}))?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2})?", re.ASCII)
_WORD = re.compile(r'((?:"[^"]*"|[^\s"*])+)(?:\*([0-9]+))?(?=\s|$)')
_GRADE = re.compile(r'(?:"([^"]+)"|([^\s"+:]+))(?::([0-9]+))?(?=\+|$)')
_SIGN = re.compile(rf"([{re.escape(''.join(SIGNS))}]+)(?:\*([0-9]+))?")

Part = Literal[
    "rule", "values", "expect", "starts", "as_of", "finding", "told", "subject", "says", "never_says", "notice"
]


class TimelineError(UsageError):
    """A test that cannot be tried as it is written; `key` is the key of the test that is at fault."""

    def __init__(self, message: str, key: Part = "values") -> None:
        super().__init__(message)
        self.key: Part = key


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One period of a timeline, or one day with an event: a number, a part of a whole, grades, a day, or nothing."""

    number: float | None = None
    denominator: float | None = None
    error: float | None = None
    """What stands after `±`."""
    grades: tuple[tuple[str, int], ...] = ()
    """Grades by name, each with how many there are."""
    at: datetime | None = None
    """When an event happened; naive local time."""

    def __str__(self) -> str:
        if self.at is not None:
            return self.at.isoformat(timespec="minutes").removesuffix("T00:00")
        if self.grades:
            return "+".join(_graded(name, count) for name, count in self.grades)
        if self.number is None:
            return "_"
        whole = "" if self.denominator is None else f"/{_plain(self.denominator)}"
        return _plain(self.number) + whole + ("" if self.error is None else f"\u00b1{_plain(self.error)}")


def _graded(name: str, count: int) -> str:
    plain = name[0].isalpha() and not set(name) & set("_*+:")
    return ("_".join(name.split()) if plain else f'"{name}"') + ("" if count == 1 else f":{count}")


def parse_values(text: str) -> tuple[Point, ...]:
    """The periods of a timeline of figures, or the days of events; raises `TimelineError` for what cannot be read.

    Any word that is no figure is taken for a grade; an underscore in it stands for a space, unless it is in quotes.
    """
    points: list[Point] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        found = _WORD.match(text, position)
        if found is None:
            shown = text[position:].split()[0]
            raise TimelineError(
                f"`{shown[:40]}` cannot be read; write figures with spaces between them: `91*3 84`, `93/126`, "
                '`_` (missing), `Good`, `"Requires improvement"*2`'
            )
        word, times = found.groups()
        points += [_point(word)] * _times(times, found[0], len(points), "values")
        position = found.end()
    if not points:
        raise TimelineError("the timeline has no figure; write for example `91*3 84 88`")
    return tuple(points)


def _point(word: str) -> Point:
    if word == "_":
        return Point()
    if (found := _FIGURE.fullmatch(word)) is not None:
        number, denominator, error = (None if part is None else float(part) for part in found.groups())
        if max(abs(part or 0.0) for part in (number, denominator, error)) >= UNBOUNDED:
            raise TimelineError(f"`{word[:40]}` is without bound; no figure is that large")
        if error is not None and error < 0:
            raise TimelineError(f"`{word[:40]}` has a margin below zero")
        return Point(number=number, denominator=denominator, error=error)
    if _DAY.fullmatch(word):
        with suppress(ValueError):
            return Point(at=datetime.fromisoformat(word))
        raise TimelineError(f"`{word}` is no day of the calendar")
    return Point(grades=tuple(_grades(word)))


def _grades(word: str) -> Iterable[tuple[str, int]]:
    """The grades of a word, each with how many there are: `Good`, `Good:12+Inadequate:3`."""
    position = 0
    while True:
        found = _GRADE.match(word, position)
        name = "" if found is None else " ".join((found[1] or found[2].replace("_", " ")).split())
        if found is None or not name or (found[1] is None and not name[0].isalpha()):
            raise TimelineError(
                f"`{word[:40]}` is no figure; write `84`, `93/126`, `_` (missing), a grade, or several: "
                '`Good:12+Inadequate:3`; a grade with a sign in it stands in quotes: `"B+"`'
            )
        count = 1 if found[3] is None else int(found[3][:9])
        if not 1 <= count <= MOST_CASES:
            raise TimelineError(f"`{found[0][:40]}` counts no number of cases from 1 to {MOST_CASES:,}")
        yield name, count
        if found.end() == len(word):
            return
        position = found.end() + 1


def _times(written: str | None, group: str, before: int, key: Literal["values", "expect"]) -> int:
    times = 1 if written is None else int(written[:9])
    if times < 1:
        raise TimelineError(f"`{group[:40]}` is there no times; a repeat is at least `*1`", key)
    if before + times > MOST_PERIODS:
        raise TimelineError(f"the timeline has more than {MOST_PERIODS:,} periods", key)
    return times


def parse_expected(text: str) -> str:
    """What is expected: `quiet`, `fires`, or a sign a period; raises `TimelineError` for what cannot be read."""
    if text.strip() in (QUIET, FIRES):
        return text.strip()
    signs = ""
    for group in text.split():
        found = _SIGN.fullmatch(group)
        if found is None or (found[2] is not None and len(found[1]) > 1):
            known = ", ".join(f"`{sign}` {meaning}" for sign, meaning in SIGNS.items())
            apart = "; put a space before the sign that is repeated" if found is not None else ""
            raise TimelineError(f"`{group[:40]}` is no sign{apart}; write `quiet`, `fires`, or {known}", "expect")
        signs += found[1] * _times(found[2], group, len(signs) + len(found[1]) - 1, "expect")
    if not signs:
        raise TimelineError("nothing is expected; write `quiet`, `fires`, or a sign for each period", "expect")
    return signs


def written(parts: Iterable[object]) -> str:
    """Figures or signs as a timeline, repeats together: `91*3 84`."""
    counted = ((text, len(list(same))) for text, same in groupby(str(part) for part in parts))
    return " ".join(text if times == 1 else f"{text}*{times}" for text, times in counted)


def _plain(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def signs_of(states: Iterable[State]) -> str:
    """The signs of states in order: what is open stays open until a quiet period, whatever is unknown between."""
    signs, standing = [], None
    for state in states:
        if state.notable:
            signs.append("o" if state is standing else "F")
            standing = state
        elif state is State.QUIET:
            signs.append("C" if standing is not None else ".")
            standing = None
        else:
            signs.append(_PLAIN[state])
    return "".join(signs)
