"""A letter in the outbox, and what became of an attempt to deliver it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase


class LetterState(StrEnum):
    """Where a letter stands. Only `sent` and `resolved` are ends."""

    HELD = "held"
    PENDING = "pending"
    SENDING = "sending"
    RETRY = "retry"
    UNKNOWN = "unknown"
    SENT = "sent"
    REFUSED = "refused"
    RESOLVED = "resolved"

    @property
    def finished(self) -> bool:
        """Whether nothing more will be tried."""
        return self in (LetterState.SENT, LetterState.REFUSED, LetterState.RESOLVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One rendered message to one address.

    `message` holds the bytes as they will be sent: every time the same, once any may have arrived.
    """

    id: str
    message_id: str
    channel: str
    recipient: str
    """The address."""
    recipient_name: str
    owner: str
    deputy: str | None
    """Who gets it if the address is refused."""
    subject: str
    message: bytes
    keys: tuple[str, ...]
    """`X-Alertd-Key` of each finding."""
    made_at: datetime
    state: LetterState = LetterState.PENDING
    attempts: int = 0
    next_attempt_at: datetime | None = None
    epoch: int = 0


class Outcome(StrEnum):
    """What became of one attempt. `unknown`: the connection died after the data, so it may have been accepted."""

    DELIVERED = "delivered"
    RETRY = "retry"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The result of one attempt: what became of it, and the server's or system's own words."""

    outcome: Outcome
    detail: str


def allowed(address: str, patterns: Sequence[str]) -> bool:
    """Whether letters may go to an address: one of the patterns matches it, in whatever case (R30)."""
    return any(fnmatchcase(address.casefold(), pattern.casefold()) for pattern in patterns)


_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)


def next_attempt(attempts: int, now: datetime, random_unit: float) -> datetime:
    """When to try again after `attempts` failures: 30 s doubling to an hour, with full jitter on the upper half.

    `random_unit` is drawn evenly from 0 to 1, anew for each letter, so that letters do not all come back at once.
    """
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(attempts - 1, 20))
    half: timedelta = wait / 2
    return now + half + half * random_unit
