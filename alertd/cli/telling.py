"""Who would be told of a series, by what way and when, and why that person; and what keeps a notice back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from alertd.config.home import Home
from alertd.core.cases import Case
from alertd.core.governance import GOVERNANCE
from alertd.core.known import matches
from alertd.core.letters import allowed
from alertd.core.lifecycle import decide
from alertd.core.measures import Measure
from alertd.core.owners import OPS, OWNER, STEWARD, Post, Recipient, Via, held_by
from alertd.core.periods import Period, day_words
from alertd.core.routes import Route
from alertd.core.rules import Rule
from alertd.core.verdicts import State, Verdict
from alertd.round.addressing import addressed
from alertd.round.moves import policy_of
from alertd.round.people import next_tier, owner_id_of, passed_on_next, post_holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Who is told of a series, or would be."""

    told: bool
    """The series stands out, and nothing keeps the notice back."""
    recipient: Recipient
    owner: str
    """The id under `owners:` whose exception it is."""
    why: str
    """Why that person, in a sentence."""
    due: datetime
    """When a notice of now would leave."""
    at_once: bool
    """The route names no time to send at."""
    channel: str
    next: str | None
    """Who is told if it lasts, in a sentence."""
    kept_back: tuple[str, ...]
    """What keeps a notice back, a sentence each."""


def telling_of(home: Home, rule: Rule, measure: Measure, verdict: Verdict, now: datetime) -> Telling:
    """Who is told of a verdict now, or would be if it stood out, as the route and the posts have it.

    What was told before is in the state database, which is not read.
    """
    route = home.route_of(rule)
    owner = owner_id_of(rule, measure, route)
    standing = verdict if verdict.state.notable else replace(verdict, state=State.EXCEPTION)
    policy = replace(policy_of(home, rule, {}), silent=False, tell_improvement=True)
    transition = decide(None, standing, policy, now).transition
    assert transition is not None  # a first exception is always told
    ((recipient, due),) = addressed(home, rule, measure, transition, now, now)
    kept = tuple(_kept_back(home, rule, measure, route, verdict, recipient))
    return Telling(
        told=verdict.state.notable and not kept,
        recipient=recipient,
        owner=owner,
        why=_why(home, rule, owner, recipient, verdict.series, due.astimezone(home.settings.zone).date()),
        due=due.astimezone(home.settings.zone),
        at_once=route.send is None,
        channel=route.channel,
        next=_next(home, rule, measure, transition.case, now) if verdict.state is not State.IMPROVEMENT else None,
        kept_back=kept,
    )


def route_words(home: Home, rule: Rule) -> str:
    """How notices of a rule travel, in a sentence."""
    route = home.route_of(rule)
    parts = [f"sent {route.send}" if route.send is not None else "sent at once"]
    parts.append(f"a reminder every {route.remind}" if route.remind is not None else "no reminder")
    parts.append(_escalation(route))
    if route.hand_over:
        parts.append("who takes over a post is told once of what stands")
    if not route.say_when_cleared:
        parts.append("its end is not told")
    asked = rule.improvement == "report" if rule.improvement is not None else route.improvement != "ignore"
    parts.append("improvement is told" if asked else "improvement is not told")
    return f"route `{route.id}` by channel `{route.channel}`: {', '.join(parts)}"


def _escalation(route: Route) -> str:
    if route.escalate is None:
        return "no escalation"
    if route.escalate.to == GOVERNANCE:
        return f"every {route.escalate.after} up a tier of governance"
    return f"after {route.escalate.after} also to `{route.escalate.to}`"


def _kept_back(
    home: Home, rule: Rule, measure: Measure, route: Route, verdict: Verdict, recipient: Recipient
) -> Iterator[str]:
    if not rule.enabled:
        yield "The rule is switched off (`enabled: false`), so that no round judges it."
    if rule.status == "shadow":
        yield "The rule is in shadow: it is judged and recorded, and nobody is told."
    if verdict.state is State.MUTED:
        yield from _suppressed(home, rule, measure, verdict.series, verdict.period)
    if verdict.state is State.IMPROVEMENT:
        if rule.improvement == "ignore":
            yield "It is an improvement, and the rule says `improvement: ignore`."
        elif rule.improvement is None and route.improvement == "ignore":
            yield f"It is an improvement, and route `{route.id}` does not ask for that (`improvement: ignore`)."
    patterns = home.settings.allow_recipients
    if not allowed(recipient.email, patterns):
        instead = (
            f" {recipient.deputy} is told instead." if recipient.deputy and allowed(recipient.deputy, patterns) else ""
        )
        yield f"{recipient.email} is not among `allow_recipients`, so that the letter is refused and ops are told.{instead}"


def _suppressed(home: Home, rule: Rule, measure: Measure, series: Mapping[str, str], period: Period) -> Iterator[str]:
    """The suppressions that bear on a period of a series, a sentence each."""
    needed = set(home.needs(rule)) | {measure.id}
    for one in home.calendar.suppressions.values():
        covers = one.from_.start < period.end and period.start < one.to.end
        if needed.isdisjoint(one.measures) or not matches(series, one.where) or not covers:
            continue
        what = "left out of judging" if one.effect == "exclude" else "muted"
        yield f"It is {what} from {one.from_.words} to {one.to.words} (`{one.id}`: {one.reason})."


def _why(home: Home, rule: Rule, owner: str, recipient: Recipient, series: Mapping[str, str], day: date) -> str:
    """From the rule to the person: whose exception it is, who holds that post, and why another is told instead."""
    route = home.route_of(rule)
    if rule.to is not None and rule.to != OWNER:
        whose = "to whom the rule goes"
    elif route.to != OWNER and rule.to is None:
        whose = f"to whom route `{route.id}` goes"
    elif rule.freshness is not None and owner == STEWARD:
        whose = "who answers for late and missing figures"
    else:
        whose = "who owns the measure"
    post = _post(home, recipient.owner, series, day)
    match recipient.via:
        case Via.DEPUTY if post is not None:
            away = next(one for one in post.away if one.from_ <= day <= one.to)
            holder = f"{post.name}, {_holds(recipient.owner, home, series, post)}, {whose}"
            return f"deputy: {holder}, is away from {day_words(away.from_)} to {day_words(away.to)}"
        case Via.ROLE_ACCOUNT:
            return f"the shared mailbox of `{recipient.owner}`: on {day_words(day)} nobody holds the post, {whose}"
        case Via.FALLBACK | Via.ABOVE:
            first = home.owners.get(owner)
            place = series.get(first.by or "", "") if first is not None else ""
            if first is not None and first.by is not None and series and not place:
                where = ", ".join(series.values())
                return f"`{recipient.owner}`, the fallback: `{owner}`, {whose}, is a post by {first.by}, and this is {where}"
            there = f" for {place}" if place else "" if series else ", for the series is of the whole force"
            return f"`{recipient.owner}`, the fallback: on {day_words(day)} nobody is `{owner}`{there}, {whose}"
        case Via.UNALLOCATED:
            return f"`{recipient.owner}`, for these figures belong to no place and so to no leader"
        case Via.OPS if owner != OPS:
            return f"operations, for nobody could be found who is `{owner}`, {whose}"
        case _:
            if post is not None:
                return f"{_holds(recipient.owner, home, series, post)}, {whose}"
            return f"`{recipient.owner}`, {whose}"


def _post(home: Home, owner_id: str, series: Mapping[str, str], day: date) -> Post | None:
    owner = home.owners.get(owner_id)
    return None if owner is None or owner.by is None else held_by(owner, series.get(owner.by), day)


def _holds(owner_id: str, home: Home, series: Mapping[str, str], post: Post) -> str:
    place = series.get(home.owners[owner_id].by or "", "")
    until = f" until {day_words(post.to)}" if post.to is not None else ""
    return f"`{owner_id}` for {place} since {day_words(post.from_)}{until}"


def _next(home: Home, rule: Rule, measure: Measure, case: Case, now: datetime) -> str | None:
    """Everybody that a case would be passed on to, in order, each with when."""
    route, day = home.route_of(rule), now.astimezone(home.settings.zone).date()
    if route.escalate is None:
        return None
    steps, before = [], ""
    while (tier := next_tier(home, rule, measure, case, day)) is not None:
        owner = passed_on_next(home, rule, measure, tier)
        then = post_holder(home, owner, case.series, day)
        title = f", {home.framework.governance[tier].title}" if tier else ""
        steps.append(f"{then.name} <{then.email}>, `{owner}`{title}, after {before}{route.escalate.after}")
        case = replace(case, escalated_at=now, tiers=(*case.tiers, tier) if tier else case.tiers)
        before = "another "
    return "; then ".join(steps) or None
