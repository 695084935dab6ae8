"""Spans of time as people write them in rules: `2 periods`, `5 days`, `5 working days`, `4 weeks`, `60 seconds`."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from pydantic import GetCoreSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema

from alertd.core.model import text_schema
from alertd.core.periods import Grain, Period


def at_least_one(span: "Span") -> "Span":
    """Refuse a span of nothing, where it would mean at every look; for validators."""
    if span.count < 1:
        raise ValueError(f"`{span}` is no time at all; write 1 or more")
    return span


class Unit(StrEnum):
    """What a span counts."""

    PERIODS = "periods"
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working days"
    WEEKS = "weeks"
    MONTHS = "months"


_FORM = re.compile(r"(\d{1,6})\s*(periods?|seconds?|minutes?|hours?|days?|working days?|weeks?|months?)?")
_FIXED = {
    Unit.SECONDS: timedelta(seconds=1),
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
    Unit.WEEKS: timedelta(weeks=1),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A count of a unit; without a unit it counts periods of the measure's grain."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read a span; raises `ValueError` that says what may be written."""
        found = _FORM.fullmatch(" ".join(text.split()))
        if found is None:
            raise ValueError(
                f"`{text}` is no span of time; write for example 2 periods, 5 days, 5 working days or 4 weeks"
            )
        unit = found[2] or "periods"
        return cls(int(found[1]), Unit(unit if unit.endswith("s") else unit + "s"))

    def __str__(self) -> str:
        return f"{self.count} {self.unit.value[:-1] if self.count == 1 else self.unit.value}"

    def as_timedelta(self) -> timedelta:
        """The span as a fixed length; raises `ValueError` for periods, working days and months, which have none."""
        if self.unit not in _FIXED:
            raise ValueError(f"`{self}` has no fixed length; write seconds, minutes, hours, days or weeks")
        return self.count * _FIXED[self.unit]

    def after(self, moment: datetime, grain: Grain, holidays: Collection[date]) -> datetime:
        """The moment that lies this span after a naive local `moment`.

        Periods are counted on the grain's grid from the period that ends at or before `moment`. Working days leave out
        Saturdays, Sundays and `holidays`: the span has passed when so many whole ones have, and the time of day is kept.
        """
        if self.unit in _FIXED:
            return moment + self.as_timedelta()
        if self.unit is Unit.PERIODS:
            here = Period.containing(moment, grain)
            return (here + self.count).start + (moment - here.start)
        if self.unit is Unit.MONTHS:
            month = Period.containing(moment, Grain.MONTH)
            day = min(moment.day, (month + self.count).last_day.day)
            return (month + self.count).start.replace(day=day) + (
                moment - datetime.combine(moment.date(), datetime.min.time())
            )
        # From midnight, the day that passes is the one that begins there; from a time of day, it is the next one.
        at_midnight = moment.time() == time.min
        left = self.count
        while left:
            passing = moment.date() if at_midnight else (moment + timedelta(days=1)).date()
            moment += timedelta(days=1)
            if passing.weekday() < 5 and passing not in holidays:
                left -= 1
        return moment

    def before(self, moment: datetime) -> datetime:
        """The moment that lies this span before another; raises `ValueError` for periods and working days."""
        if self.unit is not Unit.MONTHS:
            return moment - self.as_timedelta()
        month = Period.containing(moment, Grain.MONTH) + -self.count
        day = min(moment.day, month.last_day.day)
        return moment.replace(year=month.start.year, month=month.start.month, day=day)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return text_schema(cls, cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        return {
            "type": ["string", "integer"],
            "minimum": 0,
            "pattern": r"^\s*[0-9]{1,6}\s*(periods?|seconds?|minutes?|hours?|days?|working\s+days?|weeks?|months?)?\s*$",
            "examples": ["2 periods", "5 days", "5 working days", "4 weeks"],
        }


def periods_schema(low: int, high: int) -> WithJsonSchema:
    """What editors know of a number of periods that `periods_of` reads."""
    return WithJsonSchema(
        {
            "type": ["integer", "string"],
            "minimum": low,
            "maximum": high,
            "pattern": r"^\s*[0-9]{1,6}\s*(periods?)?\s*$",
            "examples": ["12 periods"],
        }
    )


def periods_of(value: Any) -> Any:
    """Read `12 periods` (or `12`) as a number of periods, for validators; other units are refused."""
    if isinstance(value, str):
        span = Span.parse(value)
        if span.unit is not Unit.PERIODS:
            raise ValueError(f"`{value}` counts no periods; write for example `12 periods`")
        return span.count
    return value
