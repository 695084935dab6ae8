"""The words and the cron fields of a schedule, read into days and minutes of a day."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from alertd.core.periods import Grain, Period

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FORMS = (
    "write for example `weekdays 07:00`, `working days 08:00`, `daily 06:30, 13:00`, `mondays 07:00`, "
    "`monday, thursday 07:00`, `monthly on day 5 07:00`, `hourly`, `every 15 minutes`, "
    "or five cron fields with day names such as `0 7 * * mon-fri`"
)


class _Field(NamedTuple):
    name: str
    low: int
    high: int


_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_MONTH_DAY = _Field("day of the month", 1, 31)
_MONTH = _Field("month", 1, 12)
_WEEKDAY = _Field("day of the week", 0, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Which days a schedule runs on; all that is given must hold, and an empty set allows every one."""

    weekdays: frozenset[int] = frozenset()
    """Monday is 0."""
    month_days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    working: bool = False
    """Leave out weekends and holidays."""
    day_of_month: int | None = None
    """This day of each month, or its last day where the month is shorter."""

    def include(self, day: date, holidays: Collection[date]) -> bool:
        """Whether the schedule runs on that day."""
        if self.day_of_month is not None:
            return day.day == min(self.day_of_month, Period.containing(day, Grain.MONTH).last_day.day)
        return (
            (not self.weekdays or day.weekday() in self.weekdays)
            and (not self.month_days or day.day in self.month_days)
            and (not self.months or day.month in self.months)
            and not (self.working and (day.weekday() >= 5 or day in holidays))
        )


def read_schedule(text: str) -> tuple[Days, tuple[int, ...]]:
    """The days and the minutes of a day that a schedule in words or cron fields means; raises `ValueError`."""
    words = text.lower()
    if found := re.fullmatch(r"every (\d{1,2}) (minutes?|hours?)|hourly|every (minute|hour)", words):
        unit = 60 if "hour" in words else 1
        return Days(), _every(int(found[1] or 1) * unit, 60 if unit == 1 else 24 * 60, text)
    if found := re.fullmatch(r"(.+?) (?:at )?(\d{1,2}:\d\d(?:(?: ?, ?| and | )\d{1,2}:\d\d)*)", words):
        return _days(found[1], text), tuple(sorted({_time(part, text) for part in re.findall(r"\d+:\d+", found[2])}))
    if len(words.split()) == 5:
        return _cron(words.split(), text)
    raise ValueError(f"`{text}` is no schedule; {_FORMS}")


def _every(step: int, whole: int, text: str) -> tuple[int, ...]:
    if step == 0 or whole % step:
        fitting = (
            "1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60 minutes" if whole == 60 else "1, 2, 3, 4, 6, 8, 12 or 24 hours"
        )
        raise ValueError(
            f"`{text}` does not divide its {'hour' if whole == 60 else 'day'} evenly; write every {fitting}"
        )
    return tuple(range(0, 24 * 60, step))


def _time(part: str, text: str) -> int:
    hour, minute = (int(number) for number in part.split(":"))
    if hour > 23 or minute > 59:
        raise ValueError(f"`{part}` in `{text}` is no time of day; write 00:00 to 23:59")
    return hour * 60 + minute


def _days(words: str, text: str) -> Days:
    match words:
        case "daily" | "every day":
            return Days()
        case "weekdays" | "every weekday":
            return Days(weekdays=frozenset(range(5)))
        case "weekends":
            return Days(weekdays=frozenset((5, 6)))
        case "working days" | "every working day":
            return Days(working=True)
        case "monthly on the last day" | "monthly on last day":
            return Days(day_of_month=31)
    if found := re.fullmatch(r"monthly on (?:the |day |the day )?(\d{1,2})(?:st|nd|rd|th)?", words):
        if not 1 <= int(found[1]) <= 31:
            raise ValueError(f"`{text}` can never run: no month has a day {found[1]}; write a day from 1 to 31")
        return Days(day_of_month=int(found[1]))
    names = [name for name in re.split(r"[ ,]+(?:and )?", words.removeprefix("every ").removeprefix("on ")) if name]
    return Days(weekdays=frozenset(_weekday(name, text) for name in names))


def _weekday(name: str, text: str) -> int:
    for number, full in enumerate(_DAYS):
        if name in (full, full + "s", full[:3]):
            return number
    raise ValueError(f"`{name}` in `{text}` is no day; {_FORMS}")


def _cron(fields: list[str], text: str) -> tuple[Days, tuple[int, ...]]:
    kinds = (_MINUTE, _HOUR, _MONTH_DAY, _MONTH, _WEEKDAY)
    minutes, hours, month_days, months, weekdays = (
        _field(field, kind, text) for field, kind in zip(fields, kinds, strict=True)
    )
    if fields[2] != "*" and fields[4] != "*":
        # Cron takes either, other schedulers take both; a reader cannot know which was meant.
        raise ValueError(
            f"`{text}` gives a day of the month and a day of the week, which tools read differently; "
            "write `*` for one of them"
        )
    if not any(day <= _LONGEST[month - 1] for day in month_days for month in months):
        raise ValueError(
            f"`{text}` can never run: day {min(month_days)} is in none of its months; write an earlier day"
        )
    days = Days(
        weekdays=weekdays if fields[4] != "*" else frozenset(),
        month_days=month_days if fields[2] != "*" else frozenset(),
        months=months if fields[3] != "*" else frozenset(),
    )
    return days, tuple(sorted(hour * 60 + minute for hour in hours for minute in minutes))


def _field(field: str, kind: _Field, text: str) -> frozenset[int]:
    numbers: set[int] = set()
    for part in field.split(","):
        found = re.fullmatch(r"(?:(\*)|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:/(\d{1,2}))?", part)
        if found is None or (found[4] is not None and (int(found[4]) == 0 or not (found[1] or found[3]))):
            raise ValueError(
                f"`{part}` in `{text}` is no {kind.name}; write `*`, a list `1,15`, a range `8-18` (days: `mon-fri`), "
                "or a step `*/15`"
            )
        first = kind.low if found[1] else _number(found[2], kind, text)
        last = kind.high if found[1] else _number(found[3] or found[2], kind, text)
        if last < first:
            if kind is not _WEEKDAY:
                raise ValueError(f"`{part}` in `{text}` runs backwards; write the smaller {kind.name} first")
            last += 7  # sat-mon goes over the end of the week
        steps = range(first, last + 1, int(found[4] or 1))
        numbers.update(number % 7 if kind is _WEEKDAY else number for number in steps)
    return frozenset(numbers)


def _number(word: str, kind: _Field, text: str) -> int:
    if kind is _WEEKDAY:
        if word.isdigit():
            meant = f"cron's {word} is `{_DAYS[(int(word) - 1) % 7][:3]}`" if int(word) <= 7 else "mon to sun"
            raise ValueError(
                f"`{word}` in `{text}` numbers a day of the week, and tools number them differently; "
                f"write its name ({meant})"
            )
        return _weekday(word, text)
    if kind is _MONTH and word.isalpha() and word[:3] in _MONTHS:
        return _MONTHS.index(word[:3]) + 1
    if not word.isdigit() or not kind.low <= int(word) <= kind.high:
        raise ValueError(f"`{word}` in `{text}` is no {kind.name}; write {kind.low} to {kind.high}")
    return int(word)
