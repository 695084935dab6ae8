"""An exception's case: what was found, who was told, and how it ended. State derives from data; a case remembers telling."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alertd.core.model import Key
from alertd.core.periods import Period


class Direction(StrEnum):
    """What kind of exception it is."""

    CONCERN = "concern"
    IMPROVEMENT = "improvement"
    CHANGED = "changed"
    DATA = "data"


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"


class TransitionKind(StrEnum):
    """What happened to a case that somebody is told of."""

    OPENED = "opened"
    WORSENED = "worsened"
    CLEARED = "cleared"
    CORRECTED = "corrected"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    HANDED_OVER = "handed_over"
    WITHDRAWN = "withdrawn"

    @property
    def ends(self) -> bool:
        """Whether nothing is left of the exception after it."""
        return self in (TransitionKind.CLEARED, TransitionKind.CORRECTED, TransitionKind.WITHDRAWN)


class Reason(StrEnum):
    """Why a case moved, or why it did not: a decision gives its reason, never a bare yes or no."""

    FIRST_SEEN = "first seen"
    ALREADY_SO = "already so when watching began"
    NOT_EXPLAINED = "no longer explained by an exception at a level above"
    NEW_SIGNAL = "a signal that was not told before"
    FURTHER_OUT = "further beyond its limit than when last told"
    CHANGED_SIDE = "now an exception of another kind"
    NEW_FAULT = "a data fault that was not told before"
    BACK_TO_USUAL = "back to usual"
    NOW_BETTER = "no longer a concern: now better than usual"
    REVISED = "the figures were revised and no exception remains"
    REMINDER_DUE = "a reminder is due"
    HANDED_OVER = "the post has another holder, who was not told of it"
    ESCALATION_DUE = "nothing happened in the agreed time"
    RULE_WITHDRAWN = "the rule was withdrawn"
    NO_LONGER_JUDGED = "the rule no longer judges this series"
    ENTRY_WITHDRAWN = "the entry that it rests on was withdrawn"
    RULE_CHANGED = "the rule was changed, and as it now reads there is no exception"
    REBASED = "the usual range was started anew"
    NOTHING = "no exception and no case"
    LEARNING = "the baseline is still too short"
    PENDING = "the condition has not held long enough"
    UNKNOWN = "no usable figure, so nothing is known"
    UNSETTLED = "the figures still move"
    MUTED = "muted"
    STILL_SO = "told before, and no worse"
    TOLD_THIS_PERIOD = "told of this period already"
    IMPROVEMENT_NOT_ASKED = "improvement, and the route does not ask for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One exception of one rule at one series, from its opening to its end."""

    id: str
    rule: str
    measure: str
    by: tuple[str, ...]
    key: Key
    direction: Direction
    state: CaseState
    opened_period: Period
    opened_at: datetime
    """When it was found, or first told, where it was kept from people until then; aware."""
    told_period: Period
    """The newest period that a notice was about."""
    told_at: datetime
    """When a notice was last made."""
    told_signals: tuple[str, ...]
    """Every signal that was told of since it opened."""
    told_value: float
    told_excess: float
    """The largest excess that was told."""
    told_faults: tuple[str, ...] = ()
    """Data cases: the faults that were told."""
    escalated_at: datetime | None = None
    """When it was last passed on."""
    tiers: tuple[str, ...] = ()
    """The tiers of governance that it was passed on to, in order; none where its route names one owner for that."""
    holder: str | None = None
    """Who held the post when it was last told there, by address; empty for nobody, None where that is not known."""
    closed_period: Period | None = None
    closed_at: datetime | None = None
    muted: bool = False
    """Nobody is told: its rule is in shadow, or another rule tells its faults."""
    version: int = 0
    """Counts changes; the store writes a change only over the version that it was decided on."""

    @property
    def series(self) -> dict[str, str]:
        """The series by name."""
        return dict(zip(self.by, self.key, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A case that moved in a way that somebody is told of."""

    kind: TransitionKind
    reason: Reason
    case: Case
    """The case after the move."""
    before: Case | None
    """The case before it; None where it opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the lifecycle made of a verdict: the case as it now stands, whether anybody is told, and why."""

    case: Case | None
    reason: Reason
    transition: Transition | None = None
    closed: Case | None = None
    """An earlier case that ended because this one took its place."""
