"""Entries: what people record of qualitative measures where no warehouse holds it, and how they become a measure's rows.

An entry is never changed. One that is recorded later for the same measure, series, day and reference corrects it, and a
withdrawal takes it away; what stood before stays known, so that a replay sees what was known then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from alertd.core.periods import Period, day_words


class Kind(StrEnum):
    """What people record."""

    ASSESSMENT = "assessment"
    REALITY_CHECK = "reality_check"
    SELF_ASSESSMENT = "self_assessment"
    ACTION = "action"
    FOCUS_GROUP = "focus_group"

    @property
    def words(self) -> str:
        """As people say it: `reality check`."""
        return "self-assessment" if self is Kind.SELF_ASSESSMENT else self.value.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The columns that the entries of a kind have, by what they hold; their names are those of the demonstration warehouse."""

    day: str
    """The day that the entry is of: of the assessment, or when it falls due."""
    by: str
    """Who assessed, checked, returned it, or acts."""
    grade: str | None = None
    ended: str | None = None
    """The day on which what was due came back, or was done."""
    began: str | None = None
    """The day on which it was agreed."""
    finding: str = "finding"
    """The words of the finding, or of the action."""


FORMS = {
    Kind.ASSESSMENT: Form(day="assessed_on", by="assessed_by", grade="grade"),
    Kind.REALITY_CHECK: Form(day="checked_on", by="checked_by", grade="result"),
    Kind.SELF_ASSESSMENT: Form(day="due_on", by="returned_by", grade="grade", ended="returned_on"),
    Kind.ACTION: Form(day="due_on", by="action_owner", ended="done_on", began="set_on", finding="action"),
    Kind.FOCUS_GROUP: Form(day="held_on", by="held_by", grade="grade"),
}

FIELDS = ("date", "due", "set", "returned", "done", "grade", "by", "finding", "reference")
"""What may be written of an entry besides its measure and its series."""
WRITTEN = ("kind", "measure", *FIELDS)
"""Every name that stands for itself where entries are recorded, so that no series can be by it."""

_AT_MONTHS_END = ("month", "state", "open_actions", "overdue", "done", "overdue_action")
"""What the rows of actions have besides: one row an action and month, as it stood at the month's end."""
_TIMES = {"loaded_at": "TIMESTAMP", "month": "DATE"}
_NUMBERS = ("open_actions", "overdue", "done")


def columns_of(kind: Kind) -> dict[str, str]:
    """The columns that every entry of a kind has, whatever its measure is by, each with its type."""
    form = FORMS[kind]
    days = {name: "DATE" for name in (form.day, form.began, form.ended) if name is not None}
    texts = [name for name in (form.grade, form.by, form.finding) if name is not None]
    more = _AT_MONTHS_END if kind is Kind.ACTION else ()
    types = {name: "INTEGER" if name in _NUMBERS else "VARCHAR" for name in (*texts, "reference", "recorded_by", *more)}
    return {**types, **days, **{name: kind for name, kind in _TIMES.items() if name == "loaded_at" or name in more}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody recorded."""

    kind: Kind
    measure: str
    series: Mapping[str, str]
    """The columns that the measure is by, each with its value."""
    day: date
    began: date | None = None
    ended: date | None = None
    grade: str | None = None
    by: str = ""
    finding: str = ""
    reference: str = ""
    """What tells entries of one series and day apart: a number in the force's own register."""

    @property
    def identity(self) -> tuple[Any, ...]:
        """What makes a later entry a correction of this one."""
        return self.measure, tuple(sorted(self.series.items())), self.day, self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An entry as it is kept: its number, and who recorded it when."""

    number: int
    entry: Entry
    recorded_at: datetime
    recorded_by: str = ""
    """Empty where the name was forgotten."""
    source: str = ""
    """The file that it came from; empty for the command line."""
    withdrawn: str | None = None
    """Why the entry was withdrawn; None where this records it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What is to become of entries that were given, beside those that are known."""

    new: tuple[tuple[Entry, int | None], ...] = ()
    """Each entry that is to be recorded, with the number of the one that it corrects."""
    same: int = 0
    """How many stand already as they were given."""
    older: int = 0
    """How many stood so once, and were corrected or withdrawn since; they are left so."""


def decide(given: Iterable[Entry], known: Iterable[Recorded], *, again: bool) -> Decided:
    """Which of some entries are new; `known` are in the order in which they were recorded.

    With `again` what was corrected or withdrawn may be recorded once more; without it a file that is read twice undoes no
    correction.
    """
    versions: dict[tuple[Any, ...], list[Recorded]] = {}
    for one in known:
        versions.setdefault(one.entry.identity, []).append(one)
    new: list[tuple[Entry, int | None]] = []
    same = older = 0
    for entry in given:
        before = versions.get(entry.identity, [])
        standing = before[-1] if before and before[-1].withdrawn is None else None
        if standing is not None and standing.entry == entry:
            same += 1
        elif not again and any(one.entry == entry for one in before):
            older += 1
        else:
            new.append((entry, None if standing is None else standing.number))
    return Decided(new=tuple(new), same=same, older=older)


def ends_of(known: Sequence[Recorded]) -> list[datetime | None]:
    """Until when each entry stood, in the order in which they were recorded; None where it stands."""
    ends: list[datetime | None] = [None] * len(known)
    last: dict[tuple[Any, ...], int] = {}
    for position, one in enumerate(known):
        before = last.get(one.entry.identity)
        if before is not None:
            ends[before] = one.recorded_at
        last[one.entry.identity] = position
    return ends


def standing(known: Sequence[Recorded]) -> list[Recorded]:
    """The entries that stand: neither corrected nor withdrawn."""
    ends = ends_of(known)
    return [one for one, end in zip(known, ends, strict=True) if end is None and one.withdrawn is None]


def was_withdrawn(known: Iterable[Recorded], kind: Kind, series: Mapping[str, str], period: Period) -> bool:
    """Whether what was recorded of a period of a series was withdrawn, and nothing of it or of a later one stands."""
    own = [one for one in known if one.entry.series == series]
    stands = [one.entry.day for one in standing(own)]
    if kind in (Kind.ACTION, Kind.SELF_ASSESSMENT):  # these are judged in other periods than that of their day
        return bool(own) and not stands
    told = [one for one in own if Period.containing(one.entry.day, period.grain) == period]
    return bool(told) and not any(Period.containing(day, period.grain) >= period for day in stands)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One row that an entry gives: its values by column, and until when it stood (aware; None: it stands)."""

    values: Mapping[str, Any]
    until: datetime | None


def entry_rows(known: Sequence[Recorded], now: datetime) -> Iterator[EntryRow]:
    """The rows of one measure's entries at `now` (aware, in the home's zone), those that were corrected among them.

    What falls due after today is no row yet. An action has a row for each month from when it was agreed, or fell due.
    """
    for one, until in zip(known, ends_of(known), strict=True):
        if one.withdrawn is not None:
            continue
        values = _values(one, now)
        if one.entry.kind is Kind.ACTION:
            for more in _months(one.entry, now.date()):
                yield EntryRow(values={**values, **more}, until=until)
        elif one.entry.day <= now.date():
            yield EntryRow(values=values, until=until)


def _values(one: Recorded, now: datetime) -> dict[str, Any]:
    entry, form = one.entry, FORMS[one.entry.kind]
    if entry.kind is Kind.SELF_ASSESSMENT and (entry.ended is None or entry.ended > now.date()):
        entry = replace(entry, ended=None, grade=None, by="", finding="")  # it had not come back then
    held = {form.day: entry.day, form.by: entry.by or None, form.finding: entry.finding or None}
    optional = {form.grade: entry.grade, form.ended: entry.ended, form.began: entry.began}
    return {
        **entry.series,
        **held,
        **{name: value for name, value in optional.items() if name is not None},
        "reference": entry.reference or None,
        "recorded_by": one.recorded_by or None,
        "loaded_at": one.recorded_at.astimezone(now.tzinfo).replace(tzinfo=None),
    }


def _months(entry: Entry, today: date) -> Iterator[dict[str, Any]]:
    """How an action stood at the end of each month up to the present one; its words only while it is overdue."""
    month = min(entry.began or entry.day, entry.day).replace(day=1)
    acts = f", {entry.by}" if entry.by else ""
    while month <= today:
        following = (month + timedelta(days=32)).replace(day=1)
        done = entry.ended is not None and entry.ended < following
        overdue = not done and entry.day < following - timedelta(days=1)
        yield {
            "month": month,
            "state": "done" if done else "overdue" if overdue else "open",
            "open_actions": int(not done),
            "overdue": int(overdue),
            "done": int(done and entry.ended is not None and entry.ended >= month),
            "overdue_action": f"Not done: {entry.finding}, due {day_words(entry.day)}{acts}." if overdue else None,
        }
        month = following
