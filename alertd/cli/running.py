"""Running a home: the daemon, or one round and what is due by then."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from alertd.app import Application, delivery_lock
from alertd.cli.opening import now_of, open_app
from alertd.cli.whoami import current_user
from alertd.core.errors import UNREACHABLE, AlertdError, DeliveryError, UsageError
from alertd.core.periods import day_words
from alertd.core.rule_changes import ids_by_change
from alertd.deliver import DeliveryReport
from alertd.round import RoundReport

_FAR = datetime.max.replace(tzinfo=UTC)
_JUST_NOW = timedelta(minutes=10)
"""A send time that was so long ago counts as now: a job at 07:00 runs some seconds later."""


def run(home: Path | None, *, once: bool, as_of: datetime | None, upgrade: bool) -> int:
    """Judge at each slot until SIGTERM, or once; gives the exit code. Raises `UsageError` where that cannot be."""
    if as_of is not None and not once:
        raise UsageError("--as-of (or $ALERTD_AS_OF) needs --once: the daemon goes by the clock")
    with open_app(home, upgrade=upgrade) as app:
        _refuse_vanished_rules(app)
        if once:
            return _run_once(app, as_of)
        from alertd.daemon.logs import log_as_json  # noqa: PLC0415  a single round needs no scheduler and no web server
        from alertd.daemon.service import Daemon  # noqa: PLC0415

        log_as_json()
        asyncio.run(Daemon(app).run())
    return 0


def _refuse_vanished_rules(app: Application) -> None:
    """Raise `UsageError` where the home has no rule at all and some were judged: that is a folder gone, not a decision."""
    judged = len(app.memory.judged_rules()) if not app.home.rules else 0
    if judged:
        raise UsageError(
            f"{app.home.root} has no rules, and the last rounds judged {_number(judged, 'rule')}; nothing was judged or "
            "withdrawn. Put the files of rules/ back; or, to withdraw every rule, write `enabled: false` in each, run once "
            "more, and delete them then"
        )


def _run_once(app: Application, as_of: datetime | None) -> int:
    now = now_of(app, as_of)
    with delivery_lock(app.memory) as epoch:
        report = _judge(app, now, as_of=as_of is not None)
        composed = app.compose(now, ignore_backoff=True)
        waits = [queued.due_at for queued in app.memory.waiting(_FAR)]
        delivery = asyncio.run(_deliver(app, epoch))
        if as_of is None:
            app.forget_old()
    if delivery is None:
        click.echo("stopped; letters that were not sent stay in the outbox", err=True)
        return DeliveryError.exit_code
    _print_summary(report, composed, delivery)
    _print_waiting(waits, app.home.settings.zone)
    if not report.warehouse_reachable:
        return UNREACHABLE
    if delivery.undelivered:
        return DeliveryError.exit_code
    return AlertdError.exit_code if report.errors else 0


async def _deliver(app: Application, epoch: int) -> DeliveryReport | None:
    """Drain the outbox; None where a signal stopped it, after letters under way were finished and the rest given back."""
    draining = asyncio.ensure_future(app.deliver(epoch=epoch, ignore_backoff=True))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, draining.cancel)
    try:
        return await draining
    except asyncio.CancelledError:
        return None


def _judge(app: Application, now: datetime, *, as_of: bool) -> RoundReport:
    from rich.console import Console  # noqa: PLC0415  only a round shows progress
    from rich.progress import Progress  # noqa: PLC0415

    measures = {rule.measure for rule in app.home.rules.values() if rule.enabled}
    hidden = not sys.stderr.isatty()
    with Progress(console=Console(stderr=True), transient=True, disable=hidden) as progress:
        task = progress.add_task("judging", total=len(measures))
        return app.judge(
            now,
            as_of=as_of,
            due_from=None if as_of else now - _JUST_NOW,
            progress=lambda measure: progress.update(task, advance=1, description=f"judging {measure}"),
            who=current_user(),
        )


def _print_summary(report: RoundReport, composed: int, delivery: DeliveryReport) -> None:
    outcomes = report.round.outcomes
    failed = [outcome for outcome in outcomes if outcome.status != "ok"]
    exceptions = sum(outcome.exceptions for outcome in outcomes)
    click.echo(
        f"judged {_number(len(outcomes) - len(failed), 'rule')}: {_number(exceptions, 'exception')}; "
        f"{_number(report.letters + composed, 'new letter')}, {delivery.delivered} sent, {delivery.undelivered} kept"
    )
    changes = {name: rules for name, rules in ids_by_change(report.rule_changes).items() if rules}
    if changes and len(changes.get("added", ())) < len(outcomes):  # all are new to a new state database
        listed = (
            f"{name} {', '.join(rules[:5])}{', ...' if len(rules) > 5 else ''}" for name, rules in changes.items()
        )
        click.echo(f"rules since the last round: {'; '.join(listed)}")
    if report.held:
        click.echo(f"{_number(report.held, 'letter')} held; let them go with `alertd outbox release`")
    for error in report.errors:
        click.echo(f"could not be judged: {error}", err=True)
    for error in delivery.errors:
        click.echo(f"could not be delivered: {error}", err=True)
    if delivery.undelivered > delivery.refused_for_good:
        click.echo("letters stay in the outbox and are tried again; see `alertd outbox list`", err=True)
    if delivery.refused_for_good:
        click.echo(
            f"{_number(delivery.refused_for_good, 'letter')} refused, nobody got a copy, and nothing more is tried: put the "
            "address or allow_recipients right and use `alertd outbox retry`, or `alertd outbox resolve`; see "
            "`alertd outbox list --state refused`",
            err=True,
        )


def _print_waiting(due: Sequence[datetime], zone: ZoneInfo) -> None:
    """Say how many notices are in no letter yet, and when the first of them leaves: silence is not what they are."""
    if not due:
        return
    first = min(due).astimezone(zone)
    verb = "waits" if len(due) == 1 else "wait"
    click.echo(
        f"{_number(len(due), 'notice')} {verb} for a send time; the next is {day_words(first.date())} {first:%H:%M}"
    )


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
