"""`alertd evaluate`: the exceptions now, with nothing stored and nothing sent."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from alertd.cli.options import as_of_option, format_option, home_option, where_option

_TABLE = ("rule", "series", "period", "state", "value", "usual_or_agreed", "since", "owner")
_CSV = (
    *("rule", "measure", "series", "period", "state", "signals", "value"),
    *("centre", "lower", "upper", "since", "owner", "summary"),
)


@click.command(short_help="The exceptions now; stores and sends nothing.")
@home_option
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="Only this rule (may be given again).")
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="MEASURE",
    help="Only the rules of this measure (may be given again).",
)
@where_option
@as_of_option
@click.option("--all", "everything", is_flag=True, help="Every series with its state, not only the exceptions.")
@click.option("--exit-code", is_flag=True, help="Exit 1 where there are exceptions.")
@format_option("table", "json", "csv")
def command(
    home: Path | None,
    rules: tuple[str, ...],
    measures: tuple[str, ...],
    where: dict[str, tuple[str, ...]],
    as_of: datetime | None,
    everything: bool,
    exit_code: bool,
    output: str,
) -> int:
    """Judge every rule once, as a round would, and print the exceptions.

    \b
    alertd evaluate                                 the exceptions now
    alertd evaluate --all --where district=Burnley  every state of one district
    alertd evaluate --as-of 2022-10-31              as it would have been at the end of that day
    """
    from math import nan  # noqa: PLC0415 - `--help` must wait for none of these

    from alertd.cli import judgements  # noqa: PLC0415
    from alertd.cli.opening import now_of, open_app  # noqa: PLC0415
    from alertd.cli.printing import Narrow, as_at, print_rows, tell_errors  # noqa: PLC0415
    from alertd.core.series import series_text  # noqa: PLC0415

    with open_app(home, with_store=False) as application:
        chosen = judgements.chosen_rules(application.home, rules, measures)
        judgements.check_where(application.home, chosen, where)
        now = now_of(application, as_of)
        found = judgements.judge_all(application, chosen, where, now, as_of=as_of is not None, everything=everything)
        rows = list(_rows(application.home, found))
        columns = _CSV if output == "csv" else _TABLE
        if output == "csv":
            rows = [{**row, "series": series_text(row["series"])} for row in rows]
        elif output == "table":
            forecasts = {rule.id for rule in chosen if rule.forecast is not None}  # which agree on a capacity alone
            rows = [
                {**row, "usual_or_agreed": _range(nan if row["rule"] in forecasts else row["lower"], row["upper"])}
                for row in rows
            ]
        narrow = Narrow(drop=("owner", "since", "usual_or_agreed", "period", "value"))
        print_rows(rows, columns, output, empty=_nothing(found), narrow=narrow)
        if output == "table":
            click.echo(as_at(application.home.settings.instance, now))
        if code := tell_errors(found.errors, reachable=found.reachable):
            return code
        standing = any(row["state"] in ("exception", "changed") for row in rows)
        return 1 if exit_code and standing else 0


def _rows(home: Any, found: Any) -> Iterator[dict[str, Any]]:
    from alertd.core.summary import summary  # noqa: PLC0415
    from alertd.rendering.quotes import said  # noqa: PLC0415
    from alertd.round.people import owner_id_of  # noqa: PLC0415

    for verdict in found.judged:
        rule = home.rules[verdict.rule]
        measure = home.measure_of(rule)
        written = found.written.get((verdict.rule, verdict.key))
        yield {
            "rule": verdict.rule,
            "measure": verdict.measure,
            "series": verdict.series,
            "period": str(verdict.period),
            "state": verdict.state.value,
            "signals": list(verdict.signals),
            "value": verdict.value,
            "centre": verdict.centre,
            "lower": verdict.lower,
            "upper": verdict.upper,
            "since": None if verdict.since is None else str(verdict.since),
            "owner": owner_id_of(rule, measure, home.route_of(rule)),
            "summary": summary(verdict, rule, measure),
            **({} if written is None else {"written": said(written)}),
        }


def _nothing(found: Any) -> str:
    """What an empty list means; where a rule could not be judged it means nothing."""
    if found.errors:
        return f"No exceptions in the {found.series} series that could be judged; the rest is unknown."
    if not found.series:
        return "There are no series to judge."
    some = f"; {found.unjudged} of them cannot be judged, see --all" if found.unjudged else ""
    return f"No exceptions in {found.series} series{some}."


def _range(lower: float, upper: float) -> str:
    from math import isnan  # noqa: PLC0415

    low, high = ("" if isnan(bound) else f"{bound:.4g}" for bound in (lower, upper))
    return f"{low} to {high}" if low and high else (f"up to {high}" if high else (f"from {low}" if low else ""))
