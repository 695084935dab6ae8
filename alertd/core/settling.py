"""When a period is complete, and when its figures have stopped moving. All times are naive local ones."""

from collections.abc import Set
from datetime import date, datetime, timedelta

from alertd.core.durations import Span
from alertd.core.periods import Grain, Period

_TICK = timedelta(microseconds=1)


def is_complete(period: Period, now: datetime) -> bool:
    """Whether the last microsecond of a period has come; `now` is naive local time."""
    return period.end - _TICK <= now


def is_settled(period: Period, now: datetime, settles_after: Span | None, holidays: Set[date]) -> bool:
    """Whether a period is complete and its figures have stopped moving."""
    return is_complete(period, now) and settled_at(period, settles_after, holidays) - _TICK <= now


def settled_at(period: Period, settles_after: Span | None, holidays: Set[date]) -> datetime:
    """When a period's figures have stopped moving, and it is judged from."""
    return period.end if settles_after is None else settles_after.after(period.end, period.grain, holidays)


def newest_settled(grain: Grain, now: datetime, settles_after: Span | None, holidays: Set[date]) -> Period:
    """The newest period of a grain that is settled by the calendar, whether or not there are figures for it."""
    period = Period.containing(now, grain)
    while not is_settled(period, now, settles_after, holidays):
        period += -1
    return period
