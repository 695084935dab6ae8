"""What the store keeps beside the core's own records."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from alertd.core.findings import Finding
from alertd.core.letters import LetterState, Outcome
from alertd.core.owners import Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """What became of one rule in one round."""

    rule: str
    measure: str
    status: Literal["ok", "error"]
    message: str
    """Why it could not be judged; empty where it was."""
    series: int
    exceptions: int
    newest_period: str | None
    data_version: str
    rule_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of judging; a quiet one is kept too, which is how silence is proved (R20)."""

    id: str
    started_at: datetime
    finished_at: datetime
    now: datetime
    """What the round took for now; another moment than `started_at` under `--as-of`."""
    as_of: bool
    digest: str
    """Of the home that it was pinned to."""
    outcomes: tuple[RuleOutcome, ...]

    @property
    def ok(self) -> bool:
        """Whether every rule could be judged."""
        return all(outcome.status == "ok" for outcome in self.outcomes)


class LastOutcome(NamedTuple):
    """The newest outcome of one rule, and of what round it is."""

    outcome: RuleOutcome
    finished_at: datetime
    as_of: datetime | None
    """What that round took for now under `--as-of`; None where it judged by the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A finding that one recipient is to be told of, and the letter that tells it once that is composed."""

    finding: Finding
    recipient: Recipient
    channel: str
    due_at: datetime
    letter_id: str | None = None


class SlotRun(NamedTuple):
    """That a local slot of a schedule was dealt with."""

    name: str
    """Of the schedule."""
    slot: str
    how: str
    """`began` where the schedule was first seen, else `ran`, `caught up` or `missed`."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A letter without its bytes, as lists show it."""

    id: str
    message_id: str
    channel: str
    recipient: str
    recipient_name: str
    owner: str
    subject: str
    keys: tuple[str, ...]
    made_at: datetime
    state: LetterState
    attempts: int
    next_attempt_at: datetime | None
    last_error: str | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One attempt at a letter. `outcome` is None while it runs, or where its process ended before it could say."""

    letter_id: str
    number: int
    epoch: int
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxSummary:
    """How many letters stand where, and since when the oldest unfinished one waits (held ones apart)."""

    counts: dict[LetterState, int]
    oldest: datetime | None
    refused_for_good: int
    """Refused letters that nobody got instead, and that nobody has resolved: nothing more is tried for them."""

    @property
    def unfinished(self) -> int:
        """Letters that are still to be sent, held ones apart."""
        return sum(self.counts.get(state, 0) for state in UNFINISHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One link of the audit's chain. `people` is empty where they were erased."""

    seq: int
    at: datetime
    event: str
    letter_id: str
    details: str
    people: str
    hash: str


CLAIMABLE = (LetterState.PENDING, LetterState.RETRY, LetterState.UNKNOWN)
"""States in which a letter waits for its next attempt."""

UNFINISHED = (*CLAIMABLE, LetterState.SENDING)
"""States in which a letter is still to be sent."""
