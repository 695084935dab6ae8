"""Timelines in text: the figures of an example series, and what a rule should make of each.

`91*3 84 93/126 _` are six periods: 91 three times, 84, 93 of 126, and one without a figure. `...  p  F  o  C` is what is
expected of seven: quiet three times, pending, fired, open, cleared.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from alertd.core.errors import UsageError
from alertd.core.unusable import UNBOUNDED
from alertd.core.verdicts import State

MOST_PERIODS = 5_000
"""A timeline is no longer than this."""
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
_FIGURE = re.compile(rf"({_NUMBER})(?:/({_NUMBER}))?")
_WORD = re.compile(r'(?:"([^"]+)"|([^\s"*]+))(?:\*(\d+))?(?=\s|$)')
_SIGN = re.compile(rf"([{re.escape(''.join(SIGNS))}]+)(?:\*(\d+))?")


class TimelineError(UsageError):
    """A test that cannot be tried as it is written; `key` is the key of the test that is at fault."""

    def __init__(self, message: str, key: Literal["rule", "values", "expect", "starts"] = "values") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One period of a timeline: a number, a numerator and its denominator, a grade by name, or nothing."""

    number: float | None = None
    denominator: float | None = None
    grade: str | None = None

    def __str__(self) -> str:
        if self.grade is not None:
            plain = self.grade[0].isalpha() and not set(self.grade) & {"_", "*"}
            return "_".join(self.grade.split()) if plain else f'"{self.grade}"'
        if self.number is None:
            return "_"
        return _plain(self.number) + ("" if self.denominator is None else f"/{_plain(self.denominator)}")


def parse_values(text: str) -> tuple[Point, ...]:
    """The periods of a timeline of figures; raises `TimelineError` for what cannot be read.

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
        quoted, word, times = found.groups()
        point = Point(grade=" ".join(quoted.split())) if quoted is not None else _point(word)
        points += [point] * _times(times, found[0], len(points), "values")
        position = found.end()
    if not points:
        raise TimelineError("the timeline has no figure; write for example `91*3 84 88`")
    return tuple(points)


def _point(word: str) -> Point:
    if word == "_":
        return Point()
    found = _FIGURE.fullmatch(word)
    if found is not None:
        number = float(found[1])
        denominator = None if found[2] is None else float(found[2])
        if max(abs(number), abs(denominator or 0)) >= UNBOUNDED:
            raise TimelineError(f"`{word[:40]}` is without bound; no figure is that large")
        return Point(number=number, denominator=denominator)
    if not word[0].isalpha():
        raise TimelineError(f"`{word[:40]}` is no figure; write `84`, `93/126`, `_` (missing) or a grade")
    return Point(grade=" ".join(word.replace("_", " ").split()))


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
