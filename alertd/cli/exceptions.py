"""`alertd exceptions`: the cases, open ones first."""

from pathlib import Path
from typing import Any

import click

from alertd.cli.options import format_option, home_option


@click.group(name="exceptions", short_help="The cases: what is open, and what was.")
def command() -> None:
    """List and show exceptions: when each opened, who was told what, and how it ended."""


@command.command("list", short_help="Open cases; all with --all.")
@home_option
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option("--rule", metavar="RULE", help="Only this rule's.")
@format_option("table", "json", "csv")
def list_cases(home: Path | None, everything: bool, rule: str | None, output: str) -> None:
    """List cases, the newest first."""
    from alertd.cli.judgements import not_there  # noqa: PLC0415 - `--help` must not wait for it
    from alertd.cli.opening import open_app  # noqa: PLC0415
    from alertd.cli.printing import Narrow, print_rows  # noqa: PLC0415
    from alertd.core.errors import UsageError  # noqa: PLC0415
    from alertd.core.series import series_text  # noqa: PLC0415

    with open_app(home) as application:
        cases = application.memory.all_cases()
        known = {
            *application.home.rules,
            *(case.rule for case in cases),
        }  # a rule that was withdrawn has its cases still
        if rule is not None and rule not in known:
            raise UsageError(not_there("rule", rule, known))
        judged = bool(application.memory.last_rounds(1))
    rows = [
        _row(case)
        for case in cases
        if (everything or case.state.value == "open") and (rule is None or case.rule == rule)
    ]
    if output == "csv":
        rows = [{**row, "series": series_text(row["series"])} for row in rows]
    columns = ("id", "rule", "series", "direction", "state", "opened_period", "told_period", "signals")
    narrow = Narrow(drop=("told_period", "direction", "signals", "opened_period", "state", "id"))
    empty = "No open exceptions." if not everything else "No exceptions yet."
    if not judged:
        empty = "No exceptions, and no round either: nothing was judged yet with this state database."
    print_rows(rows, columns, output, empty=empty, narrow=narrow)
    if output == "table":
        click.echo(f"{application.home.settings.instance}.")


@command.command("show", short_help="One case, with its notices.")
@click.argument("case")
@home_option
@format_option("text", "json")
def show(case: str, home: Path | None, output: str) -> None:
    """Show CASE (an id, or how it begins) with every notice that was made of it."""

    from alertd.cli.opening import open_app  # noqa: PLC0415
    from alertd.cli.printing import json_text  # noqa: PLC0415
    from alertd.core.errors import UsageError  # noqa: PLC0415
    from alertd.core.series import series_words  # noqa: PLC0415

    with open_app(home) as application:
        found = [one for one in application.memory.all_cases() if one.id.startswith(case)]
        if len(found) != 1:
            raise UsageError(
                f"{'no case begins' if not found else f'{len(found)} cases begin'} with `{case}`; "
                "see `alertd exceptions list --all`"
            )
        (one,) = found
        notices = [told.finding for told in application.memory.told_of(one.id)]
        measure = application.home.measures.get(one.measure)
    row = _row(one)
    if output == "json":
        click.echo(json_text({**row, "notices": [finding.model_dump(mode="json") for finding in notices]}))
        return
    click.echo(f"{one.id}  {one.rule}  {series_words(one.series)}")
    click.echo(f"  {measure.name if measure else one.measure}: {one.direction.value}, {one.state.value}")
    click.echo(
        f"  opened {one.opened_at:%Y-%m-%d %H:%M} at {one.opened_period.words}; last told at {one.told_period.words}"
    )
    if one.closed_at is not None:
        click.echo(f"  ended {one.closed_at:%Y-%m-%d %H:%M}")
    for finding in notices:
        click.echo(f"  {finding.number}  {finding.period}  {finding.transition.value}: {finding.reason.value}")


def _row(case: Any) -> dict[str, Any]:
    return {
        "id": case.id,
        "rule": case.rule,
        "measure": case.measure,
        "series": case.series,
        "direction": case.direction.value,
        "state": case.state.value,
        "opened_period": str(case.opened_period),
        "opened_at": case.opened_at.isoformat(),
        "told_period": str(case.told_period),
        "told_at": case.told_at.isoformat(),
        "tiers": list(case.tiers),
        "signals": list(case.told_signals),
        "closed_period": None if case.closed_period is None else str(case.closed_period),
        "closed_at": None if case.closed_at is None else case.closed_at.isoformat(),
        "told": not case.muted,
    }
