"""The six years of the demonstration warehouse as arrays of periods, by grain."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from alertd.core.periods import Grain, Period, parse_period

FIRST_DAY = date(2017, 4, 1)
LAST_DAY = date(2023, 3, 31)
FED_TO = date(2023, 4, 10)
"""The last day of what comes by the hour, day or week, and of events; longer periods end with `LAST_DAY`."""
AS_AT = datetime(2023, 4, 11, 7)  # noqa: DTZ001 - local time throughout, as warehouses keep it
ZONE = ZoneInfo("Europe/London")

Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Every period of a grain that lies in the six years, as arrays of P."""

    grain: Grain
    first: Days
    """The first day of each."""
    last: Days
    """The last day of each."""
    labels: tuple[str, ...]
    """Each in the contract's form."""
    starts: Days
    """What a date column holds: the first day, or of hours the first moment."""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def month(self) -> NDArray[np.int64]:
        """The month of the year in which each begins, 1 to 12."""
        return self.first.astype("M8[M]").astype(np.int64) % 12 + 1

    @property
    def weekday(self) -> NDArray[np.int64]:
        """The day of the week on which each begins, 0 for Monday."""
        return (self.first.astype(np.int64) + 3) % 7

    @property
    def years(self) -> NDArray[np.float64]:
        """Years since the beginning."""
        since: NDArray[np.float64] = (self.first - self.first[0]).astype(np.float64) / 365.25
        return since


@cache
def span_of(grain: Grain) -> Span:
    """The periods that lie within the six years from end to end."""
    if grain is Grain.HOUR:
        return _hours()
    last_day = FED_TO if grain in (Grain.DAY, Grain.WEEK) else LAST_DAY
    newest = Period.containing(last_day, grain)
    if newest.last_day > last_day:
        newest = newest + -1
    oldest = Period.containing(FIRST_DAY, grain)
    if oldest.start.date() < FIRST_DAY and grain is not Grain.YEAR:
        oldest = oldest + 1
    periods = [Period(grain, slot) for slot in range(oldest.slot, newest.slot + 1)]
    first = np.array([one.start.date() for one in periods], dtype="M8[D]")
    last = np.array([one.last_day for one in periods], dtype="M8[D]")
    return Span(grain=grain, first=first, last=last, labels=tuple(map(str, periods)), starts=first)


def _hours() -> Span:
    """The hours that clocks show: none where spring skips one, two where autumn repeats one, both from one to two."""
    days = span_of(Grain.DAY).first
    step = np.array([_skipped(day) for day in days.astype(object).tolist()])
    each = np.ones((len(days), 24), dtype=np.int64)
    each[:, 1] -= step
    starts = np.repeat((days[:, None] + np.arange(24).astype("m8[h]")).ravel(), each.ravel()).astype("M8[us]")
    day = starts.astype("M8[D]")
    labels = tuple(np.datetime_as_string(starts, unit="h").tolist())
    return Span(grain=Grain.HOUR, first=day, last=day, labels=labels, starts=starts)


def _skipped(day: date) -> int:
    """How many hours of a day the clocks skip: 1, 0 or, where they repeat one, -1."""
    early, late = (datetime(day.year, day.month, day.day, hour, tzinfo=ZONE) for hour in (0, 4))
    return 4 - int((late.astimezone(UTC) - early.astimezone(UTC)).total_seconds() // 3600)


def day_of(period: str, *, last: bool = False) -> np.datetime64:
    """The first (or last) day of a period in the contract's form."""
    found = parse_period(period)
    return np.datetime64(found.last_day if last else found.start.date(), "D")
