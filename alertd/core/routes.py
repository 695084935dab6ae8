"""How a notice travels: to whom, by which channel, when, and what follows if nothing happens."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, WithJsonSchema, field_validator

from alertd.core.durations import Span, at_least_one
from alertd.core.model import Authored, Id
from alertd.core.schedules import Schedule

_EVERY = WithJsonSchema({"type": "string", "pattern": r"^\s*every\s+\S.*$", "examples": ["every 4 weeks"]})


class Escalation(Authored):
    """Who is told next if an exception lasts."""

    after: Annotated[Span, AfterValidator(at_least_one)]
    """How long after it was first told, or passed on, while it is still open."""
    to: Id
    """An id under `owners:`; or `governance`: tier by tier of the framework's governance, each `after` later than the last."""


class Route(Authored):
    """One way for notices to travel."""

    id: Id
    """The key under `routes:`."""
    to: Id = "owner"
    """Who is told: `owner` (the measure's), or an id under `owners:`."""
    channel: Id = "email"
    """By which channel: an id under `channels:`."""
    send: Schedule | None = None
    """When letters leave; left out, at once."""
    remind: Annotated[Span, AfterValidator(at_least_one), _EVERY] | None = None
    """`every 4 weeks`: how often a lasting exception is told again; left out, never."""
    escalate: Escalation | None = None
    """Who is told if it lasts."""
    hand_over: bool = False
    """Whether somebody who takes over a post is told, once, of the exceptions that stand there."""
    say_when_cleared: bool = True
    """Whether the end of an exception is told to those who were told of it."""
    improvement: Literal["now", "digest", "ignore"] = "ignore"
    """Whether sustained improvement is told."""

    @field_validator("remind", mode="before")
    @classmethod
    def _every(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        found = re.fullmatch(r"every\s+(.+)", value.strip())
        if found is None:
            raise ValueError(f"`{value}` cannot be read; write for example `every 4 weeks`")
        return found[1] if found[1][0].isdigit() else f"1 {found[1]}"


DEFAULT_ROUTE = Route(id="default")
