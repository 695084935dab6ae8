"""Reporting periods as whole numbers on a calendar grid.

A `Period` is a grain and a slot: the number of whole periods since the one that holds 1 January 1970. Slots make
arithmetic trivial (the next month is `slot + 1`) and let a block of series be a plain array.
"""

# ruff: noqa: DTZ001 - the calendar grid is local and naive throughout; zones belong to whoever reads a clock
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH_MONDAY = date(1969, 12, 29).toordinal()  # the Monday of the week that holds 1 January 1970
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Grain(StrEnum):
    """The length of a measure's reporting period."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"

    @property
    def words(self) -> str:
        """The grain as people write it: `half-year`, `month`."""
        return self.value.replace("_", "-")

    @property
    def adverb(self) -> str:
        """How often: `monthly`, `daily`."""
        return {"day": "daily", "half_year": "half-yearly"}.get(self.value, f"{self.value}ly")


MONTHS_IN = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.HALF_YEAR: 6, Grain.YEAR: 12}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One reporting period of a grain."""

    grain: Grain
    slot: int

    @classmethod
    def containing(cls, moment: date | datetime, grain: Grain) -> "Period":
        """The period that holds a local date or naive local datetime."""
        ordinal = moment.toordinal()
        if grain is Grain.HOUR:
            hour = moment.hour if isinstance(moment, datetime) else 0
            return cls(grain, (ordinal - _EPOCH_ORDINAL) * 24 + hour)
        if grain is Grain.DAY:
            return cls(grain, ordinal - _EPOCH_ORDINAL)
        if grain is Grain.WEEK:
            return cls(grain, (ordinal - _EPOCH_MONDAY) // 7)
        return cls(grain, ((moment.year - 1970) * 12 + moment.month - 1) // MONTHS_IN[grain])

    @property
    def start(self) -> datetime:
        """The first moment of the period, local and naive."""
        if self.grain is Grain.HOUR:
            return datetime(1970, 1, 1) + timedelta(hours=self.slot)
        if self.grain is Grain.DAY:
            return datetime(1970, 1, 1) + timedelta(days=self.slot)
        if self.grain is Grain.WEEK:
            return datetime(1969, 12, 29) + timedelta(weeks=self.slot)
        months = self.slot * MONTHS_IN[self.grain]
        return datetime(1970 + months // 12, months % 12 + 1, 1)

    @property
    def end(self) -> datetime:
        """The first moment after the period, local and naive."""
        return (self + 1).start

    @property
    def last_day(self) -> date:
        """The last calendar day that the period touches."""
        return (self.end - timedelta(microseconds=1)).date()

    def __add__(self, periods: int) -> "Period":
        return Period(self.grain, self.slot + periods)

    def __str__(self) -> str:
        """The period as machines read it: `2022-10-03`, `2022-W40`, `2022-10`, `2022-Q4`, `2022-H2`, `2022-10-03T14`."""
        first = self.start
        match self.grain:
            case Grain.HOUR:
                return first.strftime("%Y-%m-%dT%H")
            case Grain.DAY:
                return first.date().isoformat()
            case Grain.WEEK:
                year, week, _ = first.isocalendar()
                return f"{year:04d}-W{week:02d}"
            case Grain.MONTH:
                return f"{first.year:04d}-{first.month:02d}"
            case Grain.QUARTER:
                return f"{first.year:04d}-Q{(first.month + 2) // 3}"
            case Grain.HALF_YEAR:
                return f"{first.year:04d}-H{1 if first.month == 1 else 2}"
            case Grain.YEAR:
                return f"{first.year:04d}"

    @property
    def words(self) -> str:
        """The period as people read it: `October 2022`, `week to 9 October 2022`, `April to June 2022`."""
        first, last = self.start, self.last_day
        match self.grain:
            case Grain.HOUR:
                return f"{day_words(first.date())}, {first:%H}:00 to {self.end:%H}:00"
            case Grain.DAY:
                return day_words(first.date())
            case Grain.WEEK:
                return f"week to {day_words(last)}"
            case Grain.MONTH:
                return f"{MONTHS[first.month - 1]} {first.year}"
            case Grain.QUARTER | Grain.HALF_YEAR:
                return f"{MONTHS[first.month - 1]} to {MONTHS[last.month - 1]} {first.year}"
            case Grain.YEAR:
                return str(first.year)


def in_sentence(period: Period) -> str:
    """A period as it stands in the middle of a sentence: `the week to 9 October 2022`, else as its words."""
    return f"the {period.words}" if period.grain is Grain.WEEK else period.words


def day_words(day: date) -> str:
    """A date as people read it: `3 October 2022`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


_FORMS: tuple[tuple[re.Pattern[str], Grain], ...] = (
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2})(?::?\d{2}(?::?\d{2}(?:\.\d+)?)?)?"), Grain.HOUR),
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), Grain.DAY),
    (re.compile(r"(\d{4})-?W(\d{2})"), Grain.WEEK),
    (re.compile(r"(\d{4})-(\d{2})"), Grain.MONTH),
    (re.compile(r"(\d{4})-?Q([1-4])"), Grain.QUARTER),
    (re.compile(r"(\d{4})-?H([12])"), Grain.HALF_YEAR),
    (re.compile(r"(\d{4})"), Grain.YEAR),
)

PERIOD_SCHEMA = {
    "type": ["string", "integer"],
    "minimum": 0,
    "maximum": 9999,
    "pattern": "^\\s*(" + "|".join(pattern.pattern for pattern, _ in _FORMS) + ")\\s*$",
    "examples": ["2022-10", "2022-W40", "2022-Q4", "2022-10-03", "2022"],
}
"""What editors know of a period."""


def parse_period(text: str) -> Period:
    """Read a period in any form that `Period.__str__` writes, or an ISO timestamp (as its hour).

    Raises `ValueError` for any other text, and for dates that do not exist.
    """
    for pattern, grain in _FORMS:
        found = pattern.fullmatch(text.strip())
        if found is None:
            continue
        try:
            return _numbered([int(part) for part in found.groups()], grain)
        except ValueError as error:
            raise ValueError(f"`{text}` is no period ({str(error).lower()}); write {_EXAMPLES}") from error
    raise ValueError(f"`{text}` is no period; write {_EXAMPLES}")


_EXAMPLES = "2022-10-03, 2022-W40, 2022-10, 2022-Q4, 2022-H2 or 2022"


def _numbered(numbers: Sequence[int], grain: Grain) -> Period:
    """The period of these numbers, the year first; raises `ValueError` where there is none."""
    if grain is Grain.HOUR:
        return Period.containing(datetime(numbers[0], numbers[1], numbers[2], numbers[3]), grain)
    if grain is Grain.DAY:
        return Period.containing(date(numbers[0], numbers[1], numbers[2]), grain)
    if grain is Grain.WEEK:
        return Period.containing(date.fromisocalendar(numbers[0], numbers[1], 1), grain)
    months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.HALF_YEAR: 6}.get(grain, 0)
    month = (numbers[1] - 1) * months + 1 if months else 1
    return Period.containing(date(numbers[0], month, 1), grain)


def period_at(text: str, grain: Grain) -> Period:
    """Read a period in text and place it on the grid of `grain`: a finer form floors, a coarser one is an error."""
    written = parse_period(text)
    if written.grain is grain:
        return written
    order = list(Grain)
    if order.index(written.grain) > order.index(grain):
        raise ValueError(f"`{text}` names a {written.grain.words}, and the measure's grain is {grain.words}")
    return Period.containing(written.start, grain)
