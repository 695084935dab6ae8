"""Gathering what the health of an instance rests on; the daemon and `alertd status` use the same."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from alertd.config.home import Home
from alertd.core.durations import Span, Unit
from alertd.core.health import Facts
from alertd.core.letters import LetterState
from alertd.core.measures import Measure
from alertd.core.periods import Period, parse_period
from alertd.core.schedules import Schedule, Slot
from alertd.core.settling import newest_settled
from alertd.daemon.due import PROMPT, due, lines
from alertd.store import Store
from alertd.store.records import LastOutcome

_RECENT = timedelta(days=7)
_SIGN_OF_LIFE = timedelta(minutes=5)
"""A process that stays gives a sign of life every minute; a round that ends so soon after one may be its own."""
_LOOKED_AT = 100
"""Rounds among which the newest that went by the clock is looked for."""


class Feed(NamedTuple):
    """How far the data of one measure reach."""

    measure: str
    newest: str | None
    """The newest period in the data; None where no round has read it yet."""
    expected: Period
    """The newest period that should be there."""
    stale: bool


class Outside(NamedTuple):
    """Whether rounds are run from outside, by `alertd run --once` under cron or by hand, and leave no slot out."""

    complete: bool
    says: str


def gather(
    home: Home,
    store: Store,
    now: datetime,
    *,
    config: str,
    state: str,
    warehouse: str,
    leader: bool,
    outside: Outside | None = None,
) -> Facts:
    """What is known of an instance at `now`, an aware moment; raises `StateError`."""
    outcomes = last_outcomes(home, store)
    outbox = store.outbox_summary()
    enabled = [rule for rule in home.rules.values() if rule.enabled]
    reached = feeds(home, outcomes, now)
    complete = outside is not None and outside.complete
    return Facts(
        config=config,
        state=state,
        warehouse=warehouse,
        leader=leader,
        outside=outside.says if outside is not None and complete else "",
        without_leader=outside.says if outside is not None and not complete else "",
        not_yet=tuple(sorted({rule.id for rule in enabled} - {last.outcome.rule for last in outcomes})),
        unread=tuple(sorted({rule.measure for rule in enabled} - {feed.measure for feed in reached})),
        unjudged=tuple(sorted(last.outcome.rule for last in outcomes if last.outcome.status != "ok")),
        stale=tuple(feed.measure for feed in reached if feed.stale),
        waiting=() if complete else waiting_slots(home, store, now),
        missed=tuple(
            run.slot for run in store.slot_runs(limit=1_000) if run.how == "missed" and now - run.at <= _RECENT
        ),
        oldest_letter=outbox.oldest.astimezone(home.settings.zone) if outbox.oldest else None,
        held=outbox.counts.get(LetterState.HELD, 0),
        refused=outbox.counts.get(LetterState.REFUSED, 0),
    )


def rounds_from_outside(home: Home, store: Store, now: datetime, seen: datetime | None) -> Outside:
    """Whether every slot that was due by `now` has a round, though no process stays; raises `StateError`.

    `seen` is the last sign of life of a process that stayed: what it did itself is no sign of anybody else.
    """
    zone = home.settings.zone
    newest = next((round_ for round_ in store.last_rounds(_LOOKED_AT) if not round_.as_of), None)
    if newest is None:
        return Outside(complete=False, says="no round has been run by the clock yet")
    when = f"{newest.finished_at.astimezone(zone):%Y-%m-%d %H:%M}"
    if seen is not None and seen > newest.started_at - _SIGN_OF_LIFE:
        says = f"the last sign of life was at {seen.astimezone(zone):%Y-%m-%d %H:%M}"
        return Outside(complete=False, says=says)
    for line in lines(home):
        slot = _last_slot(line.schedule, now - PROMPT, home)
        if slot is not None and newest.finished_at < slot.at - PROMPT:
            says = f"the last round was at {when}, and there was none for the slot {slot.text}"
            return Outside(complete=False, says=says)
    says = f"run from outside (`run --once`): the last round, at {when}, stands for every slot that was due"
    return Outside(complete=True, says=says)


def _last_slot(schedule: Schedule, until: datetime, home: Home) -> Slot | None:
    """The newest slot up to a moment; None where the last year has none."""
    for days in (1, 8, 70, 400):
        found = schedule.slots(until - timedelta(days=days), until, home.settings.zone, home.calendar.holidays)
        if found:
            return found[-1]
    return None


def last_outcomes(home: Home, store: Store) -> list[LastOutcome]:
    """The newest outcome of each rule in force, oldest first; raises `StateError`."""
    return store.last_outcomes([rule.id for rule in home.rules.values() if rule.enabled])


def feeds(home: Home, outcomes: Iterable[LastOutcome], now: datetime) -> list[Feed]:
    """How far the data of each measure reach by outcomes that are oldest first, and how far they should."""
    found = {}
    for outcome, _, as_of in outcomes:
        measure = home.measures.get(outcome.measure)
        if measure is None or outcome.status != "ok":
            continue
        local = (as_of or now).astimezone(home.settings.zone).replace(tzinfo=None)
        expected = newest_settled(measure.grain, local, _allowed(home, measure), home.calendar.holidays)
        newest = outcome.newest_period
        stale = measure.is_fed and (newest is None or parse_period(newest).end < expected.end)
        found[measure.id] = Feed(measure.id, newest, expected, stale)
    return [found[name] for name in sorted(found)]


def waiting_slots(home: Home, store: Store, now: datetime) -> tuple[str, ...]:
    """The local slots that should have run by now and have not."""
    found = []
    for line in lines(home):
        last = store.last_slot(line.name)
        if last is None:
            continue
        waits = due(line, datetime.fromisoformat(last), now, home.settings.zone, home.calendar.holidays)
        if waits is not None and waits.late > PROMPT:
            found += [slot.text for slot in (*waits.missed, *waits.run)]
    return tuple(found)


def _allowed(home: Home, measure: Measure) -> Span:
    """How long after its end a period's figures may take: what a freshness rule says, else the measure, else a period."""
    for rule in home.rules.values():
        if rule.measure == measure.id and rule.enabled and rule.freshness and rule.freshness.late_after:
            return rule.freshness.late_after
    return measure.settles_after or Span(1, Unit.PERIODS)
