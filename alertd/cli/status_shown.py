"""How an instance is: gathered from its home, its state database and its warehouse, and printed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import click

from alertd.app import Application
from alertd.cli.opening import open_app
from alertd.cli.printing import Narrow, json_text, print_rows
from alertd.core.errors import WarehouseError
from alertd.core.health import Health, assess
from alertd.daemon.due import Line, lines
from alertd.daemon.facts import feeds, gather, last_outcomes, rounds_from_outside
from alertd.daemon.pulse import LIMITS
from alertd.store.pulse import last_beat
from alertd.store.records import Round

_ROUNDS = 5


def show_status(home: Path | None, output: str) -> bool:
    """Print how the instance is, as a `table` or `json`; gives whether all is well."""
    with open_app(home) as app:
        now = app.now()
        seen = last_beat(app.memory)
        health = _health(app, now, seen)
        status = _status(app, now, seen, health)
    if output == "json":
        click.echo(json_text(status))
    else:
        _print(status)
    return health.well


def _health(app: Application, now: datetime, seen: datetime | None) -> Health:
    alive = seen is not None and (now - seen).total_seconds() < LIMITS["state"]
    try:
        app.warehouse.ping()
        warehouse = ""
    except WarehouseError:
        warehouse = "does not answer"
    outside = None if alive else rounds_from_outside(app.home, app.memory, now, seen)
    facts = gather(app.home, app.memory, now, config="", state="", warehouse=warehouse, leader=alive, outside=outside)
    return assess(facts, now)


def _status(app: Application, now: datetime, seen: datetime | None, health: Health) -> dict[str, Any]:
    home, store, zone = app.home, app.memory, app.home.settings.zone
    rounds = store.last_rounds(_ROUNDS)
    outbox = store.outbox_summary()
    return {
        "instance": home.settings.instance,
        "digest": home.digest,
        "digest_of_last_round": rounds[0].digest if rounds else None,
        "ready": health.ready,
        "well": health.well,
        "last_sign_of_life": _local(seen, zone),
        "checks": [
            {"check": check.name, "ok": check.ok, "says": check.says, "essential": check.essential}
            for check in health.checks
        ],
        "rounds": [_round(one, zone) for one in rounds],
        "feeds": [
            {"measure": feed.measure, "newest": feed.newest, "expected": str(feed.expected), "stale": feed.stale}
            for feed in feeds(home, last_outcomes(home, store), now)
        ],
        "vacancies": [
            {"post": one.owner, "place": one.place, "since": one.since and one.since.isoformat()}
            for one in store.vacancies()
        ],
        "outbox": {
            **{state.value: number for state, number in outbox.counts.items() if number},
            "oldest_unfinished": _local(outbox.oldest, zone),
        },
        "schedules": [_schedule(app, line, now) for line in lines(home)],
        "missed_slots": [run.slot for run in store.slot_runs(limit=1_000) if run.how == "missed"][:20],
    }


def _round(one: Round, zone: tzinfo) -> dict[str, Any]:
    return {
        "finished": _local(one.finished_at, zone),
        "as_of": one.now.astimezone(zone).date().isoformat() if one.as_of else None,
        "rules": len(one.outcomes),
        "exceptions": sum(outcome.exceptions for outcome in one.outcomes),
        "not_judged": [outcome.rule for outcome in one.outcomes if outcome.status != "ok"],
    }


def _schedule(app: Application, line: Line, now: datetime) -> dict[str, Any]:
    zone, holidays = app.home.settings.zone, app.home.calendar.holidays
    return {
        "schedule": str(line.schedule),
        "measures": len(line.measures),
        "last_slot": app.memory.last_slot(line.name),
        "next_run": line.schedule.next_slot(now, zone, holidays).text,
    }


def _local(moment: datetime | None, zone: tzinfo) -> str | None:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None


def _print(status: Mapping[str, Any]) -> None:
    how = "well" if status["well"] else "ready, with troubles" if status["ready"] else "not ready"
    click.echo(f"{status['instance']} is {how}; home {status['digest'][:12]}")
    last = status["digest_of_last_round"]
    if last not in (None, status["digest"]):
        click.echo(
            f"The last round judged another state of the home, {last[:12]}: it was changed since, or the change is held"
        )
    _section(
        "Checks", [row | {"ok": "yes" if row["ok"] else "no"} for row in status["checks"]], ("check", "ok", "says")
    )
    _section("Last rounds", status["rounds"], ("finished", "as_of", "rules", "exceptions", "not_judged"))
    if status["feeds"]:
        _section("Stale feeds", [row for row in status["feeds"] if row["stale"]], ("measure", "newest", "expected"))
    if status["vacancies"]:
        _section("Posts that nobody holds", status["vacancies"], ("post", "place", "since"))
    _section("Schedules", status["schedules"], ("schedule", "measures", "last_slot", "next_run"))
    letters = [{"letters": name, "value": value} for name, value in status["outbox"].items() if value is not None]
    _section("Outbox", letters, ("letters", "value"))
    if status["missed_slots"]:
        click.echo(f"Missed slots, newest first: {', '.join(status['missed_slots'])}")


def _section(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    narrow = Narrow(shorten={"says": 30, "not_judged": 20}, more="json")
    print_rows(rows, columns, "table", empty=f"{title}: none\n", title=title, narrow=narrow)
