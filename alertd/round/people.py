"""Whose an exception is, who holds that post on a day, and where it goes if it lasts."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from alertd.config.home import Home
from alertd.core.cases import Case, Direction
from alertd.core.governance import GOVERNANCE, tiers_above
from alertd.core.lifecycle import once
from alertd.core.measures import Measure
from alertd.core.owners import OPS, OWNER, STEWARD, Recipient, Vacancy, recipient_for, vacancy_of
from alertd.core.periods import Grain
from alertd.core.routes import Route
from alertd.core.rules import Rule
from alertd.core.schedules import Schedule
from alertd.store.records import Queued


def answer_by(home: Home, at: datetime) -> date:
    """The day by which a letter that is written at `at` (in the home's zone) asks for an answer."""
    # `reply_within` is never in periods, so that the grain decides nothing.
    return home.settings.reply_within.after(at.replace(tzinfo=None), Grain.DAY, home.calendar.holidays).date()


def owner_id_of(rule: Rule, measure: Measure, route: Route) -> str:
    """Whose exception it is: as the rule says, else the route, else the measure; a feed's is the data steward's."""
    chosen = rule.to or route.to
    if chosen != OWNER:
        return chosen
    return STEWARD if rule.freshness is not None else measure.owner


def steward_id(home: Home) -> str:
    """The data steward where there is one, else ops."""
    return STEWARD if STEWARD in home.owners else OPS


def post_holder(home: Home, owner: str, series: Mapping[str, str], day: date) -> Recipient:
    """Who holds the post on a local day."""
    return recipient_for(owner, series, day, home.owners, home.places, home.settings.ops.email)


def vacant_posts(
    home: Home, known: Iterable[Vacancy], queued: Iterable[Queued], unread: Collection[str], now: datetime
) -> tuple[Vacancy, ...]:
    """The posts that nobody holds: those known before that still are, or will be, so, and those that a notice met now.

    Of `unread` owners, whose postings could not be read, nothing new is known.
    """
    day = now.astimezone(home.settings.zone).date()
    still = {
        (one.owner, one.place): one
        for one in known
        if one.owner in unread
        or (
            one.owner in home.owners
            and vacancy_of(home.owners[one.owner], one.place, max(day, one.since or day)) == one
        )
    }
    met = [item.recipient.vacancy for item in queued if item.recipient.vacancy is not None]
    return tuple((still | {(one.owner, one.place): one for one in met if one.owner not in unread}).values())


def next_send(home: Home, send: Schedule, due_from: datetime) -> datetime:
    """The first slot of a route's `send`, from a moment on; aware."""
    return send.next_slot(due_from - timedelta(microseconds=1), home.settings.zone, home.calendar.holidays).at


def sending_day(home: Home, route: Route, due_from: datetime) -> date:
    """The local day on which what is told from a moment on leaves."""
    at = due_from if route.send is None else next_send(home, route.send, due_from)
    return at.astimezone(home.settings.zone).date()


def passed_on_to(
    home: Home, rule: Rule, measure: Measure, case: Case, day: date, heard: Collection[str] = ()
) -> tuple[str, ...]:
    """The owners that a case was passed on to, in order, as the home has them on a day.

    Where its route or the tiers have changed, so that the home does not tell them all, those that letters passed it on to
    (`heard`) are among them; the one owner that its route names now is not, should letters have gone to another.
    """
    route, tiers = home.route_of(rule), home.framework.governance
    if case.escalated_at is None:
        return ()
    if case.tiers:
        known = tuple(tiers[name].owner for name in case.tiers if name in tiers)
        return known if len(known) == len(case.tiers) else (*known, *heard)
    if route.escalate is None or route.escalate.to == GOVERNANCE:
        return tuple(heard)
    named = _one_owner(route, measure)
    same = {named, post_holder(home, named, case.series, day).owner}
    return tuple(heard) if heard and same.isdisjoint(heard) else (named,)


def passed_on_next(home: Home, rule: Rule, measure: Measure, tier: str) -> str:
    """The owner that `tier` stands for: who answers at it; where it is empty, the one that the route names."""
    tiers = home.framework.governance
    return tiers[tier].owner if tier else _one_owner(home.route_of(rule), measure)


def next_tier(
    home: Home, rule: Rule, measure: Measure, case: Case, day: date, heard: Collection[str] = ()
) -> str | None:
    """Where a case goes next on a day: a tier, empty for the one owner that its route names, None for nowhere further.

    A tier that answers by somebody who has the exception already is passed over; `heard` holds owners that letters passed
    it on to, should the route or the tiers have been others then. What is wrong with a feed climbs no tiers: leaders never
    get that.
    """
    route = home.route_of(rule)
    if route.escalate is None:
        return None
    if route.escalate.to != GOVERNANCE:
        return None if case.tiers else once(case, day)
    if case.direction is Direction.DATA:
        return None
    owners = (owner_id_of(rule, measure, home.route_of(rule)), *passed_on_to(home, rule, measure, case, day, heard))
    told = {post_holder(home, owner, case.series, day).email.casefold() for owner in owners}
    for name in _further(home, rule, measure, case, day):
        owner = home.framework.governance[name].owner
        if post_holder(home, owner, case.series, day).email.casefold() not in told:
            return name
    return None


def _further(home: Home, rule: Rule, measure: Measure, case: Case, day: date) -> Iterator[str]:
    """The tiers beyond the furthest that a case has reached."""
    tiers = home.framework.governance
    owner = home.owners.get(owner_id_of(rule, measure, home.route_of(rule)))
    above = tiers_above(tiers, case.series, owner.by if owner is not None else None, day, home.places)
    order = list(tiers)
    furthest = max((order.index(name) for name in case.tiers if name in tiers), default=-1)
    yield from (name for name in above if order.index(name) > furthest)


def _one_owner(route: Route, measure: Measure) -> str:
    assert route.escalate is not None  # asked only of what its route passes on
    return measure.owner if route.escalate.to == OWNER else route.escalate.to
