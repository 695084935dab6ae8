"""The instance's settings: `config/alertd.yaml`, overridden by `ALERTD_*` variables."""

import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from alertd.core.durations import Span, Unit
from alertd.core.measure_parts import LEAST_GROUP
from alertd.core.measures import SmallNumbers
from alertd.core.model import Authored, Day, Email
from alertd.core.schedules import Schedule

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+_.-]*://.*")
_BIND = re.compile(r"(?P<host>\[::1\]|localhost|127(?:\.\d{1,3}){3}):(?P<port>\d{1,5})")


def _check_url(url: str) -> str:
    if not _URL.fullmatch(url):
        raise ValueError("this is no database URL; write for example duckdb:///warehouse.duckdb")
    return url


class Warehouse(Authored):
    """Where measures are read from, and how much of it."""

    url: str
    """A SQLAlchemy URL; relative file paths are taken from the home."""
    timeout: Span = Span.parse("60 seconds")
    """How long one measure's query may take."""
    max_rows: Annotated[int, Field(ge=1)] = 60_000_000
    """More rows than this from one query is an error, never a truncation."""

    @field_validator("url")
    @classmethod
    def _has_scheme(cls, url: str) -> str:
        return _check_url(url)

    @field_validator("timeout")
    @classmethod
    def _has_length(cls, timeout: Span) -> Span:
        if not timeout.as_timedelta():
            raise ValueError("a timeout of nothing would end every query")
        return timeout


class StateDatabase(Authored):
    """Where rounds, cases and letters are kept."""

    url: str = "sqlite:///state.db"
    """A SQLAlchemy URL of SQLite or PostgreSQL; relative file paths are taken from the home."""

    @field_validator("url")
    @classmethod
    def _kept_there(cls, url: str) -> str:
        if not _check_url(url).startswith(("sqlite", "postgresql")):
            raise ValueError("alertd keeps its state in SQLite or PostgreSQL; write for example sqlite:///state.db")
        return url


class Web(Authored):
    """Where metrics and health are served."""

    bind: str = "127.0.0.1:9464"
    """Host and port; loopback only."""

    @field_validator("bind")
    @classmethod
    def _loopback(cls, bind: str) -> str:
        found = _BIND.fullmatch(bind)
        if found is None or int(found["port"]) > 65535:
            raise ValueError(f"`{bind}` is no loopback address with a port; write for example 127.0.0.1:9464")
        return bind


class Ops(Authored):
    """Who runs alertd."""

    email: Email
    """Told when silence cannot be trusted."""


class Checks(Authored):
    """What `alertd check` warns of."""

    most_exceptions: Annotated[int, Field(ge=0)] = 50
    """A rule that would have opened more exceptions than this over the last 24 months of figures is warned of."""


class PersonLevel(Authored):
    """Whether measures may be by officer, member of staff or any other single person (R32)."""

    allowed: bool = False
    """Off by default. Where it is `true`, each measure by person still needs a `dpia` of its own."""
    columns: tuple[str, ...] = ()
    """The force's own columns that tell persons apart, beside those that are known: `officer_id`, `collar_number`,
    `staff_id`, `email` and their like."""


class BankHolidays(Authored):
    """Where the bank holidays differ from those that England is known to have (R38)."""

    also: tuple[Day, ...] = ()
    """Days on which nobody works besides: proclaimed ones that the calendar does not have yet."""
    but_not: tuple[Day, ...] = ()
    """Days of the calendar that are worked: those that a proclamation moved."""

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "BankHolidays":
        both = sorted({*self.also} & {*self.but_not})
        if both:
            raise ValueError(f"{both[0]} is under `also` and under `but_not`; write it under one of them")
        return self


class Settings(Authored):
    """`config/alertd.yaml`."""

    instance: str
    """The name of this installation, in letters and logs."""
    time_zone: str = "Europe/London"
    """The IANA zone of schedules, periods and dates."""
    warehouse: Warehouse
    state: StateDatabase = StateDatabase()
    schedule: Schedule = Schedule.parse("weekdays 07:00")
    """When measures are judged."""
    web: Web = Web()
    small_numbers: SmallNumbers | None = None
    """Hide counts of people below a figure, for every measure that says nothing itself."""
    person_level: PersonLevel = PersonLevel()
    """Measures by officer or any other single person: refused unless allowed here. Written in the file alone: no variable
    overrides it."""
    group_floor: Annotated[int, Field(ge=LEAST_GROUP, le=1000)] = LEAST_GROUP
    """The smallest group of people that figures are shown of, in measures with a `group_size`; data of health and of
    location never of fewer than 10. No variable overrides it."""
    allow_recipients: tuple[str, ...] = ("*",)
    """Addresses that letters may go to, as patterns: `*@example.org`."""
    ops: Ops
    bank_holidays: BankHolidays = BankHolidays()
    check: Checks = Checks()
    max_letters_per_round: Annotated[int, Field(ge=1)] = 200
    """More letters than this in one round are held until `alertd outbox release`."""
    reply_within: Span = Span.parse("5 working days")
    """By when a leader is asked to answer, from the day on which the letter leaves."""
    retention: Span = Span.parse("24 months")
    """How long sent letters, ended cases, rounds and the names in the audit are kept."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"`{name}` is no time zone; write for example Europe/London") from error
        return name

    @field_validator("reply_within", "retention")
    @classmethod
    def _no_periods(cls, span: Span) -> Span:
        if span.unit is Unit.PERIODS:
            raise ValueError(f"`{span}` belongs to no measure here; write days, working days, weeks or months")
        return span

    @field_validator("retention")
    @classmethod
    def _can_be_counted_back(cls, span: Span) -> Span:
        if span.unit is Unit.WORKING_DAYS:
            raise ValueError(f"`{span}` is no length of time to keep things for; write days, weeks or months")
        return span

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.time_zone)
