"""One file of the feed, read line by line into counts; no row is kept, and none is lost uncounted."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TextIO

from alertd.feeds.police_uk_layout import (
    NEEDED,
    NO_OUTCOMES,
    NOT_GIVEN,
    OPTIONAL,
    OTHER,
    OUTCOME_GROUPS,
    OUTCOMES,
    STOPS,
    STREET,
    Source,
    district,
)

LISTED = 1000
"""So many bad rows of a file are listed; all are counted."""
_LONGEST = 100_000  # characters of a line; the feed's have some 300
Key = tuple[str | None, ...]
_Take = Callable[[list[str]], Key]


class _BadRowError(Exception):
    """A row that cannot be counted; the message says why without what it holds, which may be about one person."""


class _FileError(Exception):
    """A file that is not of this layout."""


@dataclass(slots=True, kw_only=True)
class Counts:
    """What a file holds: `rows` = what was counted + `copies` + `bad`."""

    rows: int = 0
    """Lines after the header that are not empty."""
    bad: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)
    """Line, counted from 1, and what is wrong there; the first `LISTED`."""
    copies: int = 0
    """Rows with a crime id that are the same in every column as an earlier one; each is left out."""
    repeated: int = 0
    """Rows with the crime id of an earlier one and something else in them; each counts."""
    unknown: int = 0
    """Outcomes in words that are not known, counted as `other`."""
    counted: Counter[Key] = field(default_factory=Counter)
    """Rows by what the kind is counted by."""
    linked: Counter[Key] = field(default_factory=Counter)
    """Of these, searches whose outcome is linked to what was searched for."""
    fault: str | None = None
    """Why the whole file could not be read; nothing of it counts then."""


def read(source: Source) -> Counts:
    """Count a file's rows: by place, category and outcome group; place and outcome group; legislation and outcome."""
    counts = Counts()
    try:
        with source.path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
            lines = _lines(file)
            columns, width = _columns(next(lines, None), source.kind)
            _count(lines, source, columns, width, counts)
    except OSError as error:
        return Counts(fault=f"cannot be read: {error.strerror or error}")
    except _FileError as error:
        return Counts(fault=str(error))
    return counts


def _lines(file: TextIO) -> Iterator[tuple[int, str]]:
    number = 0
    while line := file.readline(_LONGEST):
        number += 1
        if len(line) == _LONGEST and not line.endswith("\n"):
            raise _FileError(f"line {number} has more than {_LONGEST:,} characters: this is no CSV of this layout")
        if line := line.rstrip("\n"):
            yield number, line


def _columns(first: tuple[int, str] | None, kind: str) -> tuple[dict[str, int], int]:
    """Where each column that is read stands, and how many there are."""
    if first is None:
        raise _FileError("is empty; a file without crimes has at least the line of column names")
    try:
        names = [name.strip().casefold() for name in _fields(first[1])]
    except _BadRowError:
        names = []
    missing = [name for name in NEEDED[kind] if name.casefold() not in names]
    if missing:
        raise _FileError(f"has no column {', '.join(f'`{name}`' for name in missing)} in its first line")
    wanted = [name for name in (*NEEDED[kind], *OPTIONAL[kind]) if name.casefold() in names]
    twice = [name for name in wanted if names.count(name.casefold()) > 1]
    if twice:
        raise _FileError(f"has the column `{twice[0]}` twice")
    return {name: names.index(name.casefold()) for name in wanted}, len(names)


def _count(
    lines: Iterator[tuple[int, str]], source: Source, columns: dict[str, int], width: int, counts: Counts
) -> None:
    take = {STREET: _street, OUTCOMES: _outcome, STOPS: _stop}[source.kind](source, columns, counts)
    identity, linked = columns.get("Crime ID"), columns.get("Outcome linked to object of search")
    seen: dict[str, set[int]] = {}
    for number, line in lines:
        counts.rows += 1
        try:
            row = _fields(line)
            if len(row) != width:
                raise _BadRowError(f"has {len(row)} columns where the first line has {width}")
            key = take(row)
            if key not in counts.counted and not all(part is None or part.isprintable() for part in key):
                raise _BadRowError("holds characters that are no text, or are not UTF-8")
        except _BadRowError as error:
            counts.bad += 1
            if len(counts.faults) < LISTED:
                counts.faults.append((number, str(error)))
            continue
        if identity is not None and row[identity] and _is_copy(row, identity, seen, counts):
            continue
        counts.counted[key] += 1
        if linked is not None and row[linked].strip().casefold() == "true":
            counts.linked[key] += 1


def _fields(line: str) -> list[str]:
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise _BadRowError("has a quotation mark that is not closed, or one in the middle of a column") from error


def _is_copy(row: list[str], identity: int, seen: dict[str, set[int]], counts: Counts) -> bool:
    """Whether the row was there before, to the letter."""
    known, whole = seen.setdefault(row[identity], set()), hash(tuple(row))
    if whole in known:
        counts.copies += 1
        return True
    counts.repeated += bool(known)
    known.add(whole)
    return False


def _street(source: Source, columns: dict[str, int], counts: Counts) -> _Take:
    month, place, category, outcome = (columns[name] for name in NEEDED[STREET])
    expected = f"{source.month:%Y-%m}"

    def take(row: list[str]) -> Key:
        _same_month(row[month], expected)
        kind = row[category].strip()
        if not kind:
            raise _BadRowError("has no `Crime type`")
        return _place(row[place]), kind, None if kind == NO_OUTCOMES else _group(row[outcome], counts)

    return take


def _outcome(source: Source, columns: dict[str, int], counts: Counts) -> _Take:
    month, place, outcome = (columns[name] for name in NEEDED[OUTCOMES])
    expected = f"{source.month:%Y-%m}"

    def take(row: list[str]) -> Key:
        _same_month(row[month], expected)
        if not row[outcome].strip():
            raise _BadRowError("has no `Outcome type`")
        return _place(row[place]), _group(row[outcome], counts)

    return take


def _stop(source: Source, columns: dict[str, int], counts: Counts) -> _Take:  # noqa: ARG001 - one form for all kinds
    when, legislation, outcome = (columns[name] for name in NEEDED[STOPS])
    expected = f"{source.month:%Y-%m}"

    def take(row: list[str]) -> Key:
        try:
            day = datetime.fromisoformat(row[when].strip()).date()
            # Times are of UTC and months of the local clock, so a night may lie in the neighbouring month.
            near = {f"{day + timedelta(days=days):%Y-%m}" for days in (-1, 0, 1)}
        except (ValueError, OverflowError):
            raise _BadRowError("has a `Date` that is none; write it as 2022-10-03T14:05:00+00:00") from None
        if expected not in near:
            raise _BadRowError("has a `Date` in another month than its file")
        return row[legislation].strip() or NOT_GIVEN, row[outcome].strip() or NOT_GIVEN

    return take


def _same_month(found: str, expected: str) -> None:
    if found.strip() != expected:
        raise _BadRowError(f"has a `Month` that is not {expected}, the month of its file")


def _group(words: str, counts: Counts) -> str:
    group = OUTCOME_GROUPS.get(words.strip())
    if group is None:
        counts.unknown += 1
        return OTHER
    return group


_place = lru_cache(maxsize=50_000)(district)
