"""Lets the months of the demonstration pass: each month one round through the real application, and its letters by SMTP."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from alertd.core.periods import Grain, Period

FIRST_MONTH = Period.containing(date(2021, 1, 1), Grain.MONTH)
MONTHS = 25
"""January 2021 to January 2023, which judges the figures up to December 2022."""


class Judged(Protocol):
    """What one rule came to in a round."""

    @property
    def series(self) -> int: ...
    @property
    def exceptions(self) -> int: ...
    @property
    def status(self) -> str: ...


class Alerting(Protocol):
    """The application, as far as the demonstration needs it."""

    def judge(self, now: datetime, *, as_of: bool = ...) -> Any: ...
    def compose(self, now: datetime) -> int: ...
    async def deliver(self, *, epoch: int, ignore_backoff: bool = False) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One month's round: how much was judged, how much of it was an exception, what went wrong."""

    day: date
    judged: int
    """Series judged, counted once for each rule."""
    notable: int
    """Of these, how many were an exception (told now, or told before and still so)."""
    errors: tuple[str, ...]
    undelivered: int


def days_of_rounds() -> tuple[date, ...]:
    """The day of each month's round: the first weekday from the 12th on."""
    days = []
    for step in range(MONTHS):
        day = (FIRST_MONTH + step).start.date().replace(day=12)
        days.append(day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0))
    return tuple(days)


def walk(app: Alerting, zone: ZoneInfo, days: Sequence[date], epoch: int) -> Iterator[Step]:
    """Judge, write and send on each day as it would have been: at 07:00 local time, which is its routes' send slot.

    The caller holds the delivery lock that gave `epoch`.
    """
    for day in days:
        now = datetime(day.year, day.month, day.day, 7, tzinfo=zone)
        report = app.judge(now, as_of=True)
        app.compose(now)
        delivery = asyncio.run(app.deliver(epoch=epoch, ignore_backoff=True))
        outcomes: Sequence[Judged] = report.round.outcomes
        yield Step(
            day=day,
            judged=sum(outcome.series for outcome in outcomes),
            notable=sum(outcome.exceptions for outcome in outcomes),
            errors=tuple(report.errors),
            undelivered=delivery.undelivered,
        )
