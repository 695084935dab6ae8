"""What is known about certain periods: recording changes, known events, mutes; and the days on which nobody works."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from alertd.core.model import Authored, Id, OneOrMore, Where
from alertd.core.periods import PERIOD_SCHEMA, Period, parse_period


def _period(value: object) -> object:
    return value if isinstance(value, Period) else parse_period(str(value))


PeriodText = Annotated[Period, BeforeValidator(_period), WithJsonSchema(PERIOD_SCHEMA)]


class Effect(StrEnum):
    """What an annotation does to the charts that it names."""

    REBASE = "rebase"
    KNOWN_EVENT = "known_event"


class Annotation(Authored):
    """Something known about a measure from a period on: a rebase starts its usual range anew, a known event is drawn."""

    id: Id
    """The key under `annotations:`."""
    effect: Effect
    """`rebase`: limits begin anew here; `known_event`: a dated mark on charts."""
    measures: OneOrMore
    """The measures it bears on."""
    from_: Annotated[PeriodText, Field(alias="from")]
    """The first period it bears on."""
    to: PeriodText | None = None
    """The last period of a known event; left out, the first alone."""
    reason: str
    """What happened, as it should be read on a chart."""
    agreed_by: str | None = None
    """Who agreed to a rebase (R6); required there."""
    where: Where = Field(default_factory=dict)
    """Only series with these values."""


class Suppression(Authored):
    """Periods that are left out of judging, or judged and not told."""

    id: Id
    """The key under `suppressions:`."""
    measures: OneOrMore
    """The measures it bears on."""
    from_: Annotated[PeriodText, Field(alias="from")]
    """The first period."""
    to: PeriodText
    """The last period."""
    effect: Literal["exclude", "mute"]
    """`exclude`: the figures count neither in baselines nor as signals; `mute`: judged, and told to nobody."""
    reason: str
    """Why."""
    where: Where = Field(default_factory=dict)
    """Only series with these values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Everything dated that judging needs to know."""

    annotations: Mapping[str, Annotation] = field(default_factory=dict)
    suppressions: Mapping[str, Suppression] = field(default_factory=dict)
    holidays: Set[date] = frozenset()
    """Bank holidays; working days leave them out."""
