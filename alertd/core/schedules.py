"""Schedules as people write them, and the local slots at which they are due.

A slot is a minute on the wall clock of the home's zone, without an offset: each is due exactly once, whatever the
clocks do. One that the spring change skips is due at the first instant after the gap; one that the autumn change
repeats is due at its first occurrence.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from alertd.core.crontab import Days, read_schedule
from alertd.core.model import text_schema

_SEARCHED = 9 * 366
"""Days within which every schedule runs: 29 February may be eight years away (1896 to 1904, 2096 to 2104)."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Slot:
    """One minute at which something is due."""

    at: datetime
    """The instant, aware and in UTC, so that slots compare rightly while the clocks change."""
    local: datetime
    """The minute on the home's wall clock, naive: what is remembered as done."""

    @classmethod
    def of(cls, local: datetime, zone: tzinfo) -> "Slot":
        """The slot of a naive local minute."""
        return cls(at=first_instant(local, zone), local=local)

    @property
    def text(self) -> str:
        """The local minute as it is stored and shown: `2026-10-25T01:30`."""
        return self.local.isoformat(timespec="minutes")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is due, in the home's local time: `weekdays 07:00`, or five cron fields with day names."""

    text: str
    days: Days = field(compare=False, repr=False)
    """The days on which it runs."""
    minutes: tuple[int, ...] = field(compare=False, repr=False)
    """The minutes of such a day, from 0 to 1439, in order."""

    @classmethod
    def parse(cls, text: str) -> "Schedule":
        """Read a schedule; raises `ValueError` that says what may be written."""
        plain = " ".join(text.split())
        days, minutes = read_schedule(plain)
        return cls(plain, days, minutes)

    def __str__(self) -> str:
        return self.text

    def slots(
        self, after: datetime, until: datetime, zone: tzinfo, holidays: Collection[date] = frozenset()
    ) -> list[Slot]:
        """Every slot that is due later than `after` and not later than `until`, in order.

        Both are aware. `holidays` are the days that `working days` leave out.
        """
        first, last = after.astimezone(UTC), until.astimezone(UTC)
        found = []
        for slot in self._from(after.astimezone(zone).date(), zone, holidays):
            if slot.at > last:
                break
            if slot.at > first:
                found.append(slot)
        return found

    def next_slot(self, after: datetime, zone: tzinfo, holidays: Collection[date] = frozenset()) -> Slot:
        """The first slot that is due later than the aware moment `after`."""
        first = after.astimezone(UTC)
        return next(slot for slot in self._from(after.astimezone(zone).date(), zone, holidays) if slot.at > first)

    def _from(self, day: date, zone: tzinfo, holidays: Collection[date]) -> Iterator[Slot]:
        # A day earlier than asked, because a slot that a clock change skips is due later than it reads; at most a whole
        # day later, where a zone crossed the date line.
        day -= timedelta(days=1)
        quiet = 0
        while quiet < _SEARCHED:
            quiet += 1
            if self.days.include(day, holidays):
                quiet = 0
                midnight = datetime.combine(day, datetime.min.time())
                for minute in self.minutes:
                    yield Slot.of(midnight + timedelta(minutes=minute), zone)
            day += timedelta(days=1)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return text_schema(cls, cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        examples = ["weekdays 07:00", "working days 08:00", "daily 06:30", "mondays 07:00", "monthly on day 5 07:00", "hourly",
                    "0 7 * * mon-fri"]  # fmt: skip
        return {"type": "string", "pattern": r"^\s*([Hh][Oo][Uu][Rr][Ll][Yy]|\S+(\s+\S+)+)\s*$", "examples": examples}


def first_instant(local: datetime, zone: tzinfo) -> datetime:
    """The first instant, in UTC, at which the wall clock of `zone` shows the naive `local` or, skipping it, more."""
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    # In a gap, fold 0 reads the offset from before the change and fold 1 the one from after it; the change itself lies
    # between the two readings, at the first second with the later offset.
    early, late = local.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    offset = late.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            late = middle
        else:
            early = middle
    return late
