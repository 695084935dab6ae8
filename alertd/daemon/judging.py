"""Rounds at their slots: what is due is asked of the store, and is only done once a round has been committed."""

from collections.abc import Collection, Sequence
from datetime import datetime

import structlog

from alertd.app import Application
from alertd.core.rule_changes import ids_by_change
from alertd.daemon.due import Due, Line, due, lines
from alertd.round import RoundReport
from alertd.store.records import SlotRun

_log = structlog.get_logger("alertd.round")


def what_is_due(app: Application, now: datetime) -> list[Due]:
    """The slots that wait, by schedule. A schedule that the store has never seen begins now, without catching up."""
    settings, found = app.home.settings, []
    for line in lines(app.home):
        last = app.memory.last_slot(line.name)
        if last is None:
            begin(app, line, now)
            continue
        waits = due(line, datetime.fromisoformat(last), now, settings.zone, app.home.calendar.holidays)
        if waits is not None:
            found.append(waits)
    return found


def begin(app: Application, line: Line, now: datetime) -> None:
    """Remember that a schedule is watched from now on, so that older slots are nobody's loss and later ones are."""
    zone = app.home.settings.zone
    here = now.astimezone(zone).replace(tzinfo=None).isoformat(timespec="minutes")
    if not app.memory.slot_done(line.name, here):
        app.memory.record_slots([SlotRun(line.name, here, "began", now)])
    first = line.schedule.next_slot(now, zone, app.home.calendar.holidays)
    _log.info("schedule begins", schedule=str(line.schedule), next_run=first.text)


def due_from(waiting: Sequence[Due]) -> datetime:
    """The earliest instant that the round for all that waits stands for."""
    return min(slot.at for one in waiting for slot in one.run)


def judge_due(app: Application, waiting: Sequence[Due], now: datetime) -> RoundReport:
    """Run one round for everything that waits; its slots, and those that were missed, are recorded with it."""
    slots = [SlotRun(one.line.name, slot.text, one.how, now) for one in waiting for slot in one.run]
    missed = [SlotRun(one.line.name, slot.text, "missed", now) for one in waiting for slot in one.missed]
    chosen = frozenset().union(*(one.line.measures for one in waiting))
    _log.info("round begins", slots=[f"{run.slot} {run.how}" for run in slots], missed=len(missed))
    for one in waiting:
        if one.missed:
            _log.warning(
                "slots were missed",
                schedule=str(one.line.schedule),
                slots=len(one.missed),
                first=one.missed[0].text,
                last=one.missed[-1].text,
            )
    report = app.judge(
        now,
        measures=chosen,
        slots=[*missed, *slots],
        due_from=due_from(waiting),
    )
    _tell(report)
    return report


def judge_again(app: Application, measures: Collection[str], stands_for: datetime, now: datetime) -> RoundReport:
    """Run a round for measures that the round of an earlier slot could not judge."""
    _log.info("round begins again", measures=sorted(measures))
    report = app.judge(now, measures=measures, due_from=stands_for)
    _tell(report)
    return report


def _tell(report: RoundReport) -> None:
    _log.info(
        "round finished",
        round=report.round.id,
        rules=len(report.round.outcomes),
        exceptions=sum(outcome.exceptions for outcome in report.round.outcomes),
        letters=report.letters,
        held=report.held,
        not_judged=[outcome.rule for outcome in report.round.outcomes if outcome.status != "ok"],
    )
    if report.rule_changes:
        _log.info(
            "rules changed since the last round",
            round=report.round.id,
            digest=report.round.digest,
            **ids_by_change(report.rule_changes),
        )
    for error in report.errors:
        _log.error("a measure could not be judged", error=error)
