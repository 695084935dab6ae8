"""`alertd noise`: what rules cost when nothing is wrong."""

from pathlib import Path
from typing import Any

import click

from alertd.cli.options import format_option, home_option

_RULES = ("rule", "series", "exceptions_a_year", "notices_a_year", "between", "series_years_per_false")
_LEADERS = ("leader", "email", "exceptions_a_year", "notices_a_year", "between", "a_quarter", "costliest_rule")
_CSV = (
    *("record", "rule", "measure", "series", "leader", "email", "owner", "exceptions_a_year", "notices_a_year"),
    *("notices_lower", "notices_upper", "notices_a_quarter", "left_out_series", "years", "seed"),
)


@click.command(short_help="Expected false notices, by rule and by leader.")
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@home_option
@click.option(
    "--years",
    type=click.IntRange(6, 100_000),
    default=60,
    show_default=True,
    help="How many years of each rule are simulated; four times as many halve the uncertainty.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed gives the same answer."
)
@format_option("table", "json", "csv")
def command(rules: tuple[str, ...], home: Path | None, years: int, seed: int, output: str) -> int:
    """Expect how many false notices each RULE (all live ones) sends in a year, and to whom, the costliest first.

    Each series is simulated from a model of its own that is fitted to the figures in the warehouse with nothing wrong in
    them, judged by the rule, and led through the real lifecycle: openings, reminders, escalations and ends.
    """
    import sys  # noqa: PLC0415 - `--help` must not wait for what follows

    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    from alertd.cli.judgements import chosen_rules  # noqa: PLC0415
    from alertd.cli.opening import now_of, open_app  # noqa: PLC0415
    from alertd.cli.printing import tell_errors  # noqa: PLC0415
    from alertd.workbench.figures import Figures  # noqa: PLC0415
    from alertd.workbench.noise import noise  # noqa: PLC0415

    with open_app(home, with_store=False) as application:
        chosen = [one for one in chosen_rules(application.home, rules, ()) if one.status == "live" or one.id in rules]
        figures = Figures(application.figures, application.home.places, now_of(application))
        hidden = not sys.stderr.isatty()
        with Progress(console=Console(stderr=True), transient=True, disable=hidden) as progress:
            task = progress.add_task("simulating", total=1.0)
            found = noise(
                application.home,
                chosen,
                figures,
                years=years,
                seed=seed,
                progress=lambda rule, done: progress.update(task, completed=done, description=f"simulating {rule}"),
            )
    _print(found, output)
    return tell_errors(found.errors, reachable=found.reachable)


def _print(found: Any, output: str) -> None:
    from alertd.cli.printing import Narrow, print_rows  # noqa: PLC0415

    rules = [_rule_row(one, found) for one in found.rules]
    leaders = [_leader_row(one, found) for one in found.leaders]
    if output != "table":
        total = {"record": "total", **_rates(found.exceptions, found.notices), "years": found.years, "seed": found.seed}
        print_rows([*rules, *leaders, total], _CSV, output, empty="")
        return
    rules = [_in_short(row) for row in rules]
    leaders = [_in_short(row) for row in leaders]
    narrow = Narrow(drop=("series_years_per_false", "a_quarter", "exceptions_a_year", "costliest_rule", "series"))
    click.echo(
        f"When nothing is wrong: {_figure(found.notices.per_year)} notices a year "
        f"({_between(found.notices)}), of {_figure(found.exceptions.per_year)} false exceptions"
    )
    short = [one for one in found.rules if one.notices.watched < found.years]
    but = "".join(f", {_figure(one.notices.watched)} of `{one.rule}`" for one in short)
    click.echo(f"(simulated: {found.years} years of each rule{but}, seed {found.seed}; the range is a 95% interval)\n")
    print_rows(
        rules, _RULES, "table", empty="No rule can be simulated.", title="Rules, the costliest first", narrow=narrow
    )
    if leaders:
        print_rows(leaders, _LEADERS, "table", empty="", title="Leaders", narrow=narrow)
    for rule, why in found.left_out:
        click.echo(f"Not simulated: `{rule}`: {why}.")
    poor = sum(one.left_out for one in found.rules)
    if poor:
        click.echo(f"{poor} series have too few figures to say what is usual for them, and are left out.")


def _in_short(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its figures as people read them."""
    fewer = row.get("series_years_per_false")
    return {
        **row,
        **{name: _figure(row[name]) for name in ("exceptions_a_year", "notices_a_year")},
        "series_years_per_false": "" if fewer is None else _figure(fewer),
    }


def _rates(exceptions: Any, notices: Any) -> dict[str, Any]:
    return {
        "exceptions_a_year": exceptions.per_year,
        "notices_a_year": notices.per_year,
        "notices_lower": notices.lower,
        "notices_upper": notices.upper,
        "notices_a_quarter": notices.per_year / 4,
        "between": _between(notices),
        "a_quarter": _figure(notices.per_year / 4),
    }


def _rule_row(one: Any, found: Any) -> dict[str, Any]:
    rate = one.exceptions.per_year
    return {
        "record": "rule",
        "rule": one.rule,
        "measure": one.measure,
        "series": one.series,
        **_rates(one.exceptions, one.notices),
        "series_years_per_false": one.series / rate if rate else None,
        "left_out_series": one.left_out,
        "years": round(one.notices.watched, 2) if one.notices.watched < found.years else found.years,
        "seed": found.seed,
    }


def _leader_row(one: Any, found: Any) -> dict[str, Any]:
    return {
        "record": "leader",
        "leader": one.recipient.name,
        "email": one.recipient.email,
        "owner": one.recipient.owner,
        **_rates(one.exceptions, one.notices),
        "costliest_rule": one.rules[0],
        "rules": list(one.rules),
        "years": found.years,
        "seed": found.seed,
    }


def _between(rate: Any) -> str:
    return f"{_figure(rate.lower)} to {_figure(rate.upper)}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
