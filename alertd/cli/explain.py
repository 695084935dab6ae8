"""`alertd explain`: why a rule fired or did not, in words, and every point of its chart as csv."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alertd.cli.options import as_of_option, format_option, home_option, where_option

if TYPE_CHECKING:
    from alertd.config.home import Home
    from alertd.core.judgement import Basis
    from alertd.core.model import Key


@click.command(short_help="Why a rule fired or did not.")
@click.argument("rule")
@home_option
@where_option
@as_of_option
@format_option("text", "csv", "json")
@click.option(
    "--chart",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw the past into this .svg or .png as well: every period with what judged it, of the series that stands "
    "out most, or of up to 12 that --where leaves.",
)
def command(
    rule: str,
    home: Path | None,
    where: dict[str, tuple[str, ...]],
    as_of: datetime | None,
    output: str,
    chart: Path | None,
) -> int:
    """Explain RULE: what it judged, by which usual range, and who would be told.

    As csv or json it gives every period of every series from the first to the last in the data, each with the limits
    that it was judged by.
    """
    from alertd.cli import judgements  # noqa: PLC0415 - `--help` must not wait for it
    from alertd.cli.opening import now_of, open_app  # noqa: PLC0415

    if chart is not None:
        from alertd.cli.picturing import chart_path  # noqa: PLC0415

        chart = chart_path(chart)
    with open_app(home, with_store=False) as application:
        now = now_of(application, as_of)
        levels = judgements.at_levels(application, rule, where, now, as_of=as_of is not None)
        if chart is not None:
            from alertd.cli.picturing import write_chart  # noqa: PLC0415

            basis, wanted = levels[-1]
            drawn = write_chart(chart, application.home, basis, wanted, now, named=bool(where))
            click.echo(drawn or "There is nothing to draw: no period has been judged.", err=output != "text")
        if output == "text":
            from alertd.cli.explaining import explain_in_words  # noqa: PLC0415

            for number, (basis, wanted) in enumerate(levels):
                if number:
                    click.echo()
                explain_in_words(application.home, basis, wanted, now)
            return 0
        for number, (basis, wanted) in enumerate(levels):
            _print_points(application.home, basis, wanted, now, output, header=number == 0)
        return 0


def _print_points(
    home: "Home", basis: "Basis", wanted: "set[Key]", now: datetime, output: str, *, header: bool
) -> None:
    """Every point of some series, as csv or as JSON."""
    from alertd.cli.explaining import facts_by_point, stretches  # noqa: PLC0415
    from alertd.cli.judgements import judgement_of  # noqa: PLC0415
    from alertd.cli.points import json_lines, write_csv  # noqa: PLC0415

    found = judgement_of(home, basis, now)
    history = found.history()
    history = history.take([j for j, key in enumerate(history.keys) if key in wanted])
    if output == "csv":
        write_csv(history, sys.stdout, header=header)
        return
    facts = facts_by_point(home, basis, found, history.keys, now)
    for line in json_lines(history, stretches(home, basis, history), facts):
        click.echo(line)
