"""The life of an exception: what a verdict does to a case, and whether anybody is told.

Pure: (case, verdict, policy, now) -> decision, always with its reason. The rules in short: unknown never clears; one notice
for a rule, series and period; a standing exception is told again only when it worsens, is due a reminder or an escalation,
is handed over, or ends.
"""

import hashlib
import math
from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, time, tzinfo

from alertd.core.cases import Case, CaseState, Decision, Direction, Reason, Transition, TransitionKind
from alertd.core.durations import Span
from alertd.core.handover import Holders, holder_on, next_holder
from alertd.core.periods import Grain
from alertd.core.verdicts import State, Verdict

_DIRECTIONS = {
    State.EXCEPTION: Direction.CONCERN,
    State.IMPROVEMENT: Direction.IMPROVEMENT,
    State.CHANGED: Direction.CHANGED,
}
_NOTHING_KNOWN = {
    State.UNKNOWN: Reason.UNKNOWN,
    State.UNSETTLED: Reason.UNSETTLED,
    State.MUTED: Reason.MUTED,
}


def once(case: Case, day: date) -> str | None:  # noqa: ARG001
    """The way on of a route that names one owner: to them, once."""
    return "" if case.escalated_at is None else None


def nobody_known(series: Mapping[str, str]) -> Holders:  # noqa: ARG001
    """Where nothing is known of who holds posts."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a rule's route asks for, and what is known of the rule itself this round."""

    tell_improvement: bool = False
    round: str = ""
    """The round's id; a case that opens in another round, even over the same day, is another case."""
    silent: bool = False
    """The rule is in shadow: cases are kept and nobody is told."""
    unmuted: Reason = Reason.ALREADY_SO
    """Why a case that was kept from people is told now."""
    data: bool = False
    """The rule judges the feed, so its exceptions are data exceptions."""
    remind: Span | None = None
    escalate_after: Span | None = None
    """How long after it opened, and after each time that it was passed on, a case is passed on."""
    next_tier: Callable[[Case, date], str | None] = once
    """Where a case goes next on a day: a tier of governance, empty for the route's one owner, None for nowhere further."""
    hand_over: bool = False
    """Somebody who takes over a post is told of what stands."""
    holders: Callable[[Mapping[str, str]], Holders] = nobody_known
    """Who holds the post that a series belongs to, from when on."""
    sent_on: Callable[[datetime], date] = datetime.date
    """The day on which what is told now is sent."""
    first_round: bool = False
    """The rule has never been judged before."""
    rule_changed: bool = False
    """The rule reads differently from when it was last judged."""
    in_sigma: bool = False
    """Excess counts sigma (a chart) or grades, and not the measure's unit (a threshold)."""
    least_step: float | None = None
    """The smallest step of the measure that means anything."""
    holidays: Set[date] = frozenset()


def decide(case: Case | None, verdict: Verdict, policy: Policy, now: datetime, *, rebased: bool = False) -> Decision:
    """What a verdict makes of the open case (None: there is none) of its rule and series.

    `rebased` says that the series' usual range was started anew, so that `learning` may end a case. `now` is aware.
    A rule that goes into shadow falls silent about its cases; one that comes out of it tells what still stands.
    """
    if case is not None and policy.silent and not case.muted:
        case = _next_version(replace(case, muted=True))
    if verdict.state in _NOTHING_KNOWN:
        return Decision(case=case, reason=_NOTHING_KNOWN[verdict.state])
    if verdict.state is State.LEARNING:
        if case is not None and rebased:
            return _close(case, verdict, Reason.REBASED, now)
        return Decision(case=case, reason=Reason.LEARNING)
    if verdict.state is State.PENDING:
        return Decision(case=case, reason=Reason.PENDING)
    if case is not None and verdict.period.slot < case.told_period.slot:
        return Decision(case=case, reason=Reason.UNKNOWN)  # newer figures were there and are gone
    unwanted = verdict.state is State.IMPROVEMENT and not policy.tell_improvement
    if verdict.state is State.QUIET or unwanted:
        if case is None:
            return Decision(case=None, reason=Reason.IMPROVEMENT_NOT_ASKED if unwanted else Reason.NOTHING)
        return _close(case, verdict, _why_it_ended(case, verdict, policy), now)
    return _stands(case, verdict, policy, now)


def _stands(case: Case | None, verdict: Verdict, policy: Policy, now: datetime) -> Decision:
    """A notable verdict that may be told."""
    direction = Direction.DATA if policy.data else _DIRECTIONS[verdict.state]
    if case is None:
        return _open(verdict, direction, policy, now)
    if case.direction is not direction:
        opened = _open(verdict, direction, policy, now)
        ended = _ended(case, verdict, now)
        changed = opened.transition and replace(opened.transition, reason=Reason.CHANGED_SIDE, before=ended)
        return replace(opened, reason=Reason.CHANGED_SIDE, transition=changed, closed=ended)
    if case.muted and not policy.silent:
        told = replace(
            _told_again(case, verdict, policy, now), told_signals=verdict.signals, muted=False, opened_at=now
        )
        return _told(TransitionKind.OPENED, policy.unmuted, replace(told, told_excess=verdict.excess), None)
    return _go_on(case, verdict, policy, now)


def withdraw(case: Case, now: datetime, reason: Reason = Reason.RULE_WITHDRAWN) -> Decision:
    """End the case of a rule that is no longer there, that no longer judges this series, or whose entry was withdrawn.

    It is to be told to whoever was told of the case: also where its rule has fallen silent since.
    """
    ended = replace(case, state=CaseState.WITHDRAWN, closed_at=now, version=case.version + 1)
    transition = Transition(kind=TransitionKind.WITHDRAWN, reason=reason, case=ended, before=case)
    return Decision(case=ended, reason=reason, transition=transition)


def decide_faults(
    case: Case | None,
    found: Collection[str],
    start: Case,
    now: datetime,
    *,
    first_round: bool,
    covered: Collection[str] = (),
) -> Decision:
    """What the faults in a measure's data (as identities) make of its data case; `start` is the case that would open.

    Faults that are `covered` are told by a rule of their own: they are remembered as told, and tell nobody twice.
    """
    if not found:
        if case is None:
            return Decision(case=None, reason=Reason.NOTHING)
        ended = replace(case, state=CaseState.CLEARED, closed_at=now, closed_period=start.opened_period)
        return _told(TransitionKind.CLEARED, Reason.BACK_TO_USUAL, _next_version(ended), case)
    fresh = set(found) - (set(case.told_faults) if case is not None else set())
    told = tuple(sorted(found))  # what was put right is forgotten, so that it is told again should it come back
    if case is None:
        opened = replace(start, told_faults=told, muted=fresh <= set(covered))
        return _told(TransitionKind.OPENED, Reason.ALREADY_SO if first_round else Reason.FIRST_SEEN, opened, None)
    if fresh <= set(covered):
        same = told == case.told_faults
        return Decision(case=case if same else _next_version(replace(case, told_faults=told)), reason=Reason.STILL_SO)
    kind = TransitionKind.OPENED if case.muted else TransitionKind.WORSENED
    worse = replace(case, told_faults=told, told_period=start.told_period, told_at=now, muted=False)
    return _told(kind, Reason.NEW_FAULT, _next_version(worse), case)


def _next_version(case: Case) -> Case:
    return replace(case, version=case.version + 1)


def case_id(rule: str, key: Collection[str], opened_at: datetime, round_id: str) -> str:
    """A short id that no other case of the same database has."""
    text = "\x1f".join((rule, *key, opened_at.isoformat(), round_id))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _open(verdict: Verdict, direction: Direction, policy: Policy, now: datetime) -> Decision:
    case = Case(
        id=case_id(f"{verdict.rule}/{direction}", verdict.key, now, policy.round),
        rule=verdict.rule,
        measure=verdict.measure,
        by=verdict.by,
        key=verdict.key,
        direction=direction,
        state=CaseState.OPEN,
        opened_period=verdict.period,
        opened_at=now,
        told_period=verdict.period,
        told_at=now,
        told_signals=verdict.signals,
        told_value=verdict.value,
        told_excess=verdict.excess,
        holder=_holder(verdict, policy, now),
        muted=policy.silent,
    )
    return _told(TransitionKind.OPENED, Reason.ALREADY_SO if policy.first_round else Reason.FIRST_SEEN, case, None)


def _go_on(case: Case, verdict: Verdict, policy: Policy, now: datetime) -> Decision:
    if case.muted:
        return Decision(
            case=case, reason=Reason.STILL_SO
        )  # what nobody was told of waits for nobody, and climbs nothing
    worse = None if verdict.period == case.told_period else _why_worse(case, verdict, policy)
    if worse is not None:
        return _told(TransitionKind.WORSENED, worse, _told_again(case, verdict, policy, now), case)
    if case.direction is Direction.IMPROVEMENT:
        return Decision(case=case, reason=Reason.STILL_SO)  # nobody has to answer for it, so nobody is reminded
    grain = verdict.period.grain
    if policy.escalate_after is not None and _passed(_waits_since(case), policy.escalate_after, grain, policy, now):
        tier = policy.next_tier(case, now.date())
        if tier is not None:
            tiers = (*case.tiers, tier) if tier else case.tiers
            escalated = replace(_told_again(case, verdict, policy, now), escalated_at=now, tiers=tiers)
            # It goes to the tier: whoever holds the post hears nothing of it.
            return _told(TransitionKind.ESCALATED, Reason.ESCALATION_DUE, replace(escalated, holder=case.holder), case)
    taken_over = _next_holder(case, policy, now)
    if taken_over is not None and taken_over == policy.sent_on(now):
        told = _told_again(case, verdict, policy, now)
        return _told(TransitionKind.HANDED_OVER, Reason.HANDED_OVER, told, case)
    if policy.remind is not None and _passed(case.told_at, policy.remind, grain, policy, now):
        return _told(TransitionKind.REMINDED, Reason.REMINDER_DUE, _told_again(case, verdict, policy, now), case)
    return Decision(
        case=case, reason=Reason.TOLD_THIS_PERIOD if verdict.period == case.told_period else Reason.STILL_SO
    )


def next_due(case: Case, policy: Policy, zone: tzinfo) -> datetime | None:
    """When an escalation of a case, a handover or a reminder falls due, should nothing change; naive local, None for never."""
    if case.muted or case.direction is Direction.IMPROVEMENT:
        return None
    grain, due = case.told_period.grain, []
    escalation = next_escalation(case, policy.escalate_after, policy.holidays, zone, grain)
    if escalation is not None and policy.next_tier(case, escalation.date()) is not None:
        due.append(escalation)
    taken_over = _next_holder(case, policy, case.told_at.astimezone(zone))
    if taken_over is not None:
        due.append(datetime.combine(taken_over, time.min))
    if policy.remind is not None:
        due.append(_after(case.told_at, policy.remind, grain, policy, zone))
    return min(due, default=None)


def _next_holder(case: Case, policy: Policy, moment: datetime) -> date | None:
    """From which day on the post of a case has a holder who was not told; None for never.

    It is the day on which what is told at that moment is sent, or a later one.
    """
    if not policy.hand_over or case.direction not in (Direction.CONCERN, Direction.CHANGED):
        return None
    return next_holder(policy.holders(case.series), policy.sent_on(moment), case.holder)


def _holder(verdict: Verdict, policy: Policy, now: datetime) -> str | None:
    """Who holds the post on the day on which what is told now is sent."""
    return holder_on(policy.holders(verdict.series), policy.sent_on(now))


def next_escalation(
    case: Case, after: Span | None, holidays: Set[date], zone: tzinfo | None, grain: Grain
) -> datetime | None:
    """When a case would be passed on, should it last and have anywhere to go; naive local, None without a span."""
    if after is None:
        return None
    return after.after(_waits_since(case).astimezone(zone).replace(tzinfo=None), grain, holidays)


def _waits_since(case: Case) -> datetime:
    """Since when whoever was told last has had time."""
    return case.opened_at if case.escalated_at is None else max(case.opened_at, case.escalated_at)


def _passed(since: datetime, span: Span, grain: Grain, policy: Policy, now: datetime) -> bool:
    return _after(since, span, grain, policy, now.tzinfo) <= now.replace(tzinfo=None)


def _after(since: datetime, span: Span, grain: Grain, policy: Policy, zone: tzinfo | None) -> datetime:
    return span.after(since.astimezone(zone).replace(tzinfo=None), grain, policy.holidays)


def _why_worse(case: Case, verdict: Verdict, policy: Policy) -> Reason | None:
    """A point now beyond its limit where only runs were told; or one sigma further out; or, by a threshold, twice as far."""
    if "astronomical" in verdict.signals and "astronomical" not in case.told_signals:
        return Reason.NEW_SIGNAL
    if math.isnan(verdict.excess) or math.isnan(case.told_excess):
        return None
    further = verdict.excess - case.told_excess
    if not _moved_away(case, verdict):
        return None  # only its usual range has narrowed
    if policy.in_sigma:
        return Reason.FURTHER_OUT if further >= 1 else None
    enough = verdict.excess >= 2 * case.told_excess and further >= (policy.least_step or 0) and further > 0
    return Reason.FURTHER_OUT if enough else None


def _moved_away(case: Case, verdict: Verdict) -> bool:
    """Whether the figure itself lies further out than the one that was told."""
    if math.isnan(case.told_value):
        return True
    return verdict.value < case.told_value if verdict.low and not verdict.high else verdict.value > case.told_value


def _why_it_ended(case: Case, verdict: Verdict, policy: Policy) -> Reason:
    if verdict.state is State.IMPROVEMENT and case.direction is not Direction.IMPROVEMENT:
        return Reason.NOW_BETTER
    if policy.rule_changed:
        return Reason.RULE_CHANGED  # whether the figure is back to usual would be a guess
    if verdict.period != case.told_period or case.direction is Direction.DATA or "overdue" in case.told_signals:
        return Reason.BACK_TO_USUAL  # late figures that have come are no revision
    return Reason.REVISED


def _close(case: Case, verdict: Verdict, reason: Reason, now: datetime) -> Decision:
    kind = TransitionKind.CORRECTED if reason is Reason.REVISED else TransitionKind.CLEARED
    return _told(kind, reason, _ended(case, verdict, now), case)


def _ended(case: Case, verdict: Verdict, now: datetime) -> Case:
    return replace(case, state=CaseState.CLEARED, closed_period=verdict.period, closed_at=now, version=case.version + 1)


def _told_again(case: Case, verdict: Verdict, policy: Policy, now: datetime) -> Case:
    return replace(
        case,
        told_period=verdict.period,
        told_at=now,
        told_signals=tuple(dict.fromkeys((*case.told_signals, *verdict.signals))),
        told_value=verdict.value,
        told_excess=max(case.told_excess, verdict.excess),
        holder=_holder(verdict, policy, now),
        version=case.version + 1,
    )


def _told(kind: TransitionKind, reason: Reason, case: Case, before: Case | None) -> Decision:
    """A decision that somebody is told of, unless the case was never told to anybody."""
    if case.muted:
        return Decision(case=case, reason=reason)
    return Decision(case=case, reason=reason, transition=Transition(kind=kind, reason=reason, case=case, before=before))
