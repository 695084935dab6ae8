"""`alertd backtest`: what rules would have sent, when, and to whom."""

from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alertd.cli.options import format_option, home_option

if TYPE_CHECKING:
    from alertd.app import Application
    from alertd.core.periods import Period

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
"""Outside of these no rounds run; they also keep every zone and duration within the calendar."""


@click.command(short_help="What rules would have sent over the past.")
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@home_option
@click.option("--from", "first", metavar="PERIOD", help="Begin watching here: 2022-01, 2022-W05, 2022-01-31, 2022-Q1.")
@click.option("--to", "last", metavar="PERIOD", help="Watch until the end of this period, and hide what came later.")
@click.option("--compare", is_flag=True, help="Put the rules side by side: what each finds that the first does not.")
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="KEY=VALUE",
    help="Try the one RULE also with a key written otherwise, such as spc.multiplier=2.5 (may be given again).",
)
@click.option("--against", "revision", metavar="GITREV", help="Notices gained, lost and moved since this git revision.")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write one page with the charts of every series that told anything.",
)
@click.option("--notices", is_flag=True, help="With a table: list every notice as well.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of what is expected by simulation.")
@format_option("table", "json", "csv", "markdown")
def command(
    rules: tuple[str, ...],
    home: Path | None,
    first: str | None,
    last: str | None,
    compare: bool,
    variants: tuple[str, ...],
    revision: str | None,
    page: Path | None,
    notices: bool,
    seed: int,
    output: str,
) -> int:
    """Replay history through the real lifecycle: what each RULE (all that are in force) would have told whom, and when.

    Every round sees only what was known then: the figures settled by that day and, where the measure names a `loaded_at`
    column, only those loaded by then. Beside what would have been sent stands what is to be expected when nothing is
    wrong, by simulation: the false share. A rule in shadow is replayed as though it were live.

    \b
    alertd backtest                               every rule, over all the figures there are
    alertd backtest asb-spc --from 2022-01        as though watching had begun in January 2022
    alertd backtest asb-spc --variant spc.multiplier=2.5 --variant 'for=2 periods'
    alertd backtest asb-spc asb-drift --compare   what each finds that the other does not
    alertd backtest --against main                notices gained, lost and moved by this change, per leader
    alertd backtest --html backtest.html          one page with the charts

    As csv there is one row a notice; as JSON one object a line, its kind in `record`: rule, month, leader, event, notice;
    and late, what nobody was told because the figures came when a newer period was judged already.
    """
    from alertd.cli import backtesting  # noqa: PLC0415 - `--help` must not wait for it
    from alertd.cli.opening import open_app  # noqa: PLC0415
    from alertd.core.errors import UsageError  # noqa: PLC0415

    if revision is not None and (compare or variants):
        raise UsageError("--against compares two versions of all rules; leave out --compare and --variant")
    if variants and len(rules) != 1:
        raise UsageError("--variant varies one rule; name it: alertd backtest RULE --variant KEY=VALUE")
    if compare and len(rules) == 1 and not variants:
        raise UsageError("--compare puts rules side by side; name two or more, or give a --variant")
    with open_app(home, with_store=False) as application:
        start, end = _watched(application, first, last)
        asked = backtesting.Asked(rules=rules, variants=variants, start=start, end=end, seed=seed)
        if revision is not None:
            return backtesting.run_against(application, asked, revision, output, page)
        side_by_side = compare or bool(variants)
        return backtesting.run(application, asked, output, page, compared=side_by_side, notices=notices)


def _watched(
    application: "Application", first: str | None, last: str | None
) -> tuple[datetime | None, datetime | None]:
    """When watching begins and ends by `--from` and `--to`, aware; None where they say nothing."""
    from alertd.cli.opening import now_of  # noqa: PLC0415
    from alertd.core.errors import UsageError  # noqa: PLC0415

    now, zone = now_of(application), application.home.settings.zone
    start = None if first is None else datetime.combine(_period(first, "--from").start, time.min, zone)
    end = None if last is None else min(datetime.combine(_period(last, "--to").last_day, time.max, zone), now)
    until = end or now
    if start is not None and start > until:
        raise UsageError(
            f"--from {first} begins on {start.date()}, and what is replayed ends on {until.date()}; name an earlier one"
        )
    return start, end


def _period(text: str, option: str) -> "Period":
    from alertd.core.errors import UsageError  # noqa: PLC0415
    from alertd.core.periods import parse_period  # noqa: PLC0415

    try:
        period = parse_period(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from error
    if not _FIRST_YEAR <= period.start.year <= _LAST_YEAR:
        raise UsageError(f"{option}: `{text}` lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return period
