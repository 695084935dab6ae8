"""From moves to queued findings: who is told of each, by which channel, and when."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime

from alertd.config.home import Home
from alertd.core.cases import Case, CaseState, Direction, Transition, TransitionKind
from alertd.core.evidence import Asked, data_finding, finding_of, withdrawn_finding
from alertd.core.findings import Finding
from alertd.core.lifecycle import next_escalation
from alertd.core.measures import Measure
from alertd.core.owners import Recipient
from alertd.core.routes import Route
from alertd.core.rule_changes import rule_version
from alertd.core.rules import Rule
from alertd.core.schedules import Schedule
from alertd.round.moves import DataMove, Move, small_numbers_of
from alertd.round.people import (
    answer_by,
    next_send,
    next_tier,
    owner_id_of,
    passed_on_next,
    passed_on_to,
    post_holder,
    steward_id,
)
from alertd.round.ports import Memory
from alertd.store.records import Queued

_DIGEST = Schedule.parse("mondays 07:00")
"""When improvement leaves on a route that wants it as a digest."""


def queue_move(home: Home, memory: Memory, move: Move, now: datetime, due_from: datetime) -> Iterator[Queued]:
    """The findings that a move makes, each for one recipient. Times are aware; sends slots count from `due_from` on."""
    transition = move.decision.transition
    if transition is None:
        return
    route, ended = home.route_of(move.rule), _ended(transition)
    heard = heard_of(memory, ended) if ended is not None else ()
    for recipient, due in addressed(home, move.rule, move.measure, transition, now, due_from, heard):
        yield Queued(
            finding=finding_for(home, memory, move, transition, now),
            recipient=recipient,
            channel=route.channel,
            due_at=due,
        )


def addressed(
    home: Home,
    rule: Rule,
    measure: Measure,
    transition: Transition,
    now: datetime,
    due_from: datetime,
    heard: Collection[str] = (),
) -> tuple[tuple[Recipient, datetime], ...]:
    """Who is told of a transition, and when it may leave: nobody where the route does not tell it.

    `heard` holds the owners that letters passed the case on to, where it ends.
    """
    route = home.route_of(rule)
    if transition.kind is TransitionKind.CLEARED and not route.say_when_cleared:
        return ()
    due = due_at(home, route, transition, now, due_from)
    day = due.astimezone(home.settings.zone).date()  # the day of sending counts, not that of judging
    owners: tuple[str, ...] = (owner_id_of(rule, measure, route),)
    ended = _ended(transition)
    if transition.kind is TransitionKind.ESCALATED:
        owners = passed_on_to(home, rule, measure, transition.case, day)[-1:] or owners
    elif ended is not None and route.say_when_cleared:
        owners += passed_on_to(home, rule, measure, ended, day, heard)
    recipients = [post_holder(home, owner, transition.case.series, day) for owner in owners]
    return tuple((recipient, due) for recipient in _each_once(recipients))


def _ended(transition: Transition) -> Case | None:
    """The case that ends by a transition, or gives way to one of another kind."""
    if transition.kind.ends:
        return transition.case
    before = transition.before
    return before if before is not None and before.state is not CaseState.OPEN else None


def heard_of(memory: Memory, case: Case) -> tuple[str, ...]:
    """The owners that letters passed a case on to: its route may have changed since, and name others."""
    told = memory.told_of(case.id) if case.escalated_at is not None else []
    passed_on = [one.recipient for one in told if one.finding.transition is TransitionKind.ESCALATED]
    return tuple(to.owner if to.vacancy is None else to.vacancy.owner for to in passed_on)


def finding_for(home: Home, memory: Memory | None, move: Move, transition: Transition, now: datetime) -> Finding:
    """The finding of a move: what is asked of the recipient, and the evidence."""
    earlier = memory.told_of(transition.case.id) if memory is not None and transition.before is not None else []
    asks = not transition.kind.ends and transition.case.direction is not Direction.IMPROVEMENT
    told_next, next_on = _told_next(home, memory, move, transition.case, now) if asks else (None, None)
    tier = home.framework.governance.get(transition.case.tiers[-1]) if transition.case.tiers else None
    escalated = transition.kind is TransitionKind.ESCALATED
    found = finding_of(
        transition,
        move.verdict,
        move.rule,
        move.measure,
        move.block,
        move.history,
        home.calendar,
        small_numbers_of(home, move.measure),
        Asked(
            reply_by=answer_by(home, now) if asks else None,
            told_next=told_next,
            told_next_on=next_on,
            also_told=_also_told(home, move, transition.case, now) if asks and escalated else (),
            tier=tier.title if tier is not None and escalated else None,
            first_number=earlier[0].finding.number if earlier else None,
            version=rule_version(home.rules[move.rule.id], home.measure_of(home.rules[move.rule.id])),
            explains=move.explains,
        ),
        move.components,
    )
    framework = home.framework
    return found.model_copy(
        update={"supports": framework.plans_of(move.measure), "peel": framework.peel_of(move.measure)}
    )


def recipient_of(home: Home, move: Move, now: datetime) -> Recipient:
    """Who is told of a move on the day of `now`."""
    owner = owner_id_of(move.rule, move.measure, home.route_of(move.rule))
    return post_holder(home, owner, move.verdict.series, now.date())


def _told_next(
    home: Home, memory: Memory | None, move: Move, case: Case, now: datetime
) -> tuple[str | None, date | None]:
    """Who is told of a case next if nothing happens, with the tier that they answer at, and on which day."""
    route = home.route_of(move.rule)
    after = route.escalate.after if route.escalate is not None else None
    due = next_escalation(case, after, home.calendar.holidays, now.tzinfo, move.measure.grain)
    if due is not None and due <= now.replace(
        tzinfo=None
    ):  # as this round tells something else of it, the next one does
        rounds = move.measure.schedule or home.settings.schedule
        due = rounds.next_slot(now, home.settings.zone, home.calendar.holidays).at.astimezone(home.settings.zone)
    heard = heard_of(memory, case) if memory is not None else ()
    tier = None if due is None else next_tier(home, move.rule, move.measure, case, due.date(), heard)
    if due is None or tier is None:
        return None, None
    owner = passed_on_next(home, move.rule, move.measure, tier)
    name = post_holder(home, owner, case.series, due.date()).name
    return f"{home.framework.governance[tier].title}: {name}" if tier else name, due.date()


def _also_told(home: Home, move: Move, case: Case, now: datetime) -> tuple[str, ...]:
    """Who had a case before it was passed on: its owner, and those of earlier tiers."""
    earlier = passed_on_to(home, move.rule, move.measure, case, now.date())[:-1]
    owners = (owner_id_of(move.rule, move.measure, home.route_of(move.rule)), *earlier)
    return tuple(dict.fromkeys(post_holder(home, owner, case.series, now.date()).name for owner in owners))


def queue_data_move(home: Home, memory: Memory, move: DataMove, now: datetime, due_from: datetime) -> Iterator[Queued]:
    """The finding that a data case makes, for the data steward, else ops; never for a leader."""
    transition = move.decision.transition
    if transition is None:
        return
    route = home.default_route
    due = due_at(home, route, transition, now, due_from)
    earlier = memory.told_of(transition.case.id) if transition.before is not None else []
    yield Queued(
        finding=data_finding(
            transition,
            move.measure,
            move.new,
            move.block,
            Asked(
                reply_by=None if transition.kind.ends else answer_by(home, now),
                first_number=earlier[0].finding.number if earlier else None,
            ),
        ),
        recipient=post_holder(home, steward_id(home), {}, due.astimezone(home.settings.zone).date()),
        channel=route.channel,
        due_at=due,
    )


def queue_withdrawn(
    home: Home, memory: Memory, case: Case, transition: Transition | None, now: datetime, due_from: datetime
) -> Iterator[Queued]:
    """What those who were told of an exception hear when its rule is gone: the last notice, taken back.

    It goes to the people and channels that the notices went to, whoever holds their posts now (decision 8).
    """
    if transition is None:
        return
    told = {item.recipient.email.casefold(): item for item in memory.told_of(case.id) if item.letter_id is not None}
    for last in told.values():
        yield Queued(
            finding=withdrawn_finding(transition, last.finding),
            recipient=last.recipient,
            channel=last.channel if last.channel in home.channels else home.default_route.channel,
            due_at=due_at(home, home.default_route, transition, now, due_from),
        )


def due_at(home: Home, route: Route, transition: Transition, now: datetime, due_from: datetime) -> datetime:
    """When a finding may leave: at once, at the route's next send slot, or with the weekly digest of improvements."""
    digest = transition.case.direction is Direction.IMPROVEMENT and route.improvement == "digest"
    schedule = _DIGEST if digest else route.send
    if schedule is None:
        return now
    return next_send(home, schedule, due_from)


def _each_once(recipients: Sequence[Recipient]) -> Iterable[Recipient]:
    """Recipients by address, however it is written; the first of two counts."""
    return {recipient.email.casefold(): recipient for recipient in reversed(recipients)}.values()
