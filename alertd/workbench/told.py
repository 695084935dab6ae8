"""What would have been told: one record a notice and recipient."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from alertd.config.home import Home
from alertd.core.cases import Direction, Reason, TransitionKind
from alertd.core.disclosure import tells_small
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.owners import Recipient
from alertd.core.periods import Period
from alertd.core.replay import Moved
from alertd.core.rules import Rule
from alertd.core.verdicts import State
from alertd.round.addressing import addressed
from alertd.round.moves import small_numbers_of

Identity = tuple[str, Key, str, str, str]
"""Rule, series, period, kind and address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice that would have been sent to one recipient. Missing figures are NaN."""

    rule: str
    measure: str
    by: tuple[str, ...]
    key: Key
    period: Period
    """That it is about."""
    kind: TransitionKind
    reason: Reason
    direction: Direction
    state: State
    signals: tuple[str, ...]
    value: float
    hidden: bool
    """The value is of so few people that words must not tell it."""
    centre: float
    lower: float
    upper: float
    judged_at: datetime
    """When the round ran; aware."""
    due_at: datetime
    """When its letter would have left; aware, in the home's zone."""
    owner: str
    """Whose exception it is: an id under `owners:`."""
    recipient: Recipient
    channel: str

    @property
    def series(self) -> dict[str, str]:
        """The series by name."""
        return dict(zip(self.by, self.key, strict=True))

    @property
    def letter(self) -> tuple[str, str, datetime]:
        """What all notices of one letter share: address, channel and when it leaves (R22)."""
        return self.recipient.email.casefold(), self.channel, self.due_at

    @property
    def identity(self) -> Identity:
        """What makes it the same notice under another version of the rules: rule, series, period, kind and address."""
        return self.rule, self.key, str(self.period), self.kind.value, self.recipient.email.casefold()


def told_of(home: Home, rule: Rule, measure: Measure, moved: Moved) -> Iterator[Told]:
    """The notices of one transition, by the routes and owners of a home."""
    verdict, transition = moved.verdict, moved.transition
    channel = home.route_of(rule).channel
    for recipient, due in addressed(home, rule, measure, transition, moved.at, moved.at):
        yield Told(
            rule=rule.id,
            measure=measure.id,
            by=verdict.by,
            key=verdict.key,
            period=verdict.period,
            kind=transition.kind,
            reason=transition.reason,
            direction=transition.case.direction,
            state=verdict.state,
            signals=verdict.signals,
            value=verdict.value,
            hidden=tells_small(verdict, measure, small_numbers_of(home, measure)),
            centre=verdict.centre,
            lower=verdict.lower,
            upper=verdict.upper,
            judged_at=moved.at,
            due_at=due.astimezone(home.settings.zone),
            owner=recipient.owner,
            recipient=recipient,
            channel=channel,
        )
