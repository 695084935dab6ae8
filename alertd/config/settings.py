"""The instance's settings: `config/alertd.yaml`, overridden by `ALERTD_*` variables."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from alertd.core.durations import Span
from alertd.core.measures import SmallNumbers
from alertd.core.model import Authored, Email
from alertd.core.schedules import Schedule


class Warehouse(Authored):
    """Where measures are read from, and how much of it."""

    url: str
    """A SQLAlchemy URL; relative file paths are taken from the home."""
    timeout: Span = Span.parse("60 seconds")
    """How long one measure's query may take."""
    max_rows: Annotated[int, Field(ge=1)] = 60_000_000
    """More rows than this from one query is an error, never a truncation."""


class StateDatabase(Authored):
    """Where rounds, cases and letters are kept."""

    url: str = "sqlite:///state.db"
    """A SQLAlchemy URL of SQLite or PostgreSQL; relative file paths are taken from the home."""


class Web(Authored):
    """Where metrics and health are served."""

    bind: str = "127.0.0.1:9464"
    """Host and port; loopback only."""


class Ops(Authored):
    """Who runs alertd."""

    email: Email
    """Told when silence cannot be trusted."""


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
    allow_recipients: tuple[str, ...] = ("*",)
    """Addresses that letters may go to, as patterns: `*@example.org`."""
    ops: Ops
    max_letters_per_round: Annotated[int, Field(ge=1)] = 200
    """More letters than this in one round are held until `alertd outbox release`."""
    reply_within: Span = Span.parse("5 working days")
    """By when a leader is asked to answer."""
    retention: Span = Span.parse("24 months")
    """How long sent letters and closed cases are kept."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"`{name}` is no time zone; write for example Europe/London") from error
        return name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.time_zone)
