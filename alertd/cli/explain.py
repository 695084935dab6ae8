"""`alertd explain`: why a rule fired or did not, in words, and every point of its chart as csv."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from alertd.cli.options import as_of_option, format_option, home_option, where_option

COLUMNS = (
    "rule",
    "series",
    "period",
    "value",
    "numerator",
    "denominator",
    "centre",
    "lower",
    "upper",
    "state",
    "signals",
)


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
        basis, wanted = judgements.one_rule(application, rule, where, now, as_of=as_of is not None)
        if chart is not None:
            from alertd.cli.picturing import write_chart  # noqa: PLC0415

            drawn = write_chart(chart, application.home, basis, wanted, now, named=bool(where))
            click.echo(drawn or "There is nothing to draw: no period has been judged.", err=output != "text")
        if output == "text":
            from alertd.cli.explaining import explain_in_words  # noqa: PLC0415

            explain_in_words(application.home, basis, wanted, now)
            return 0
        history = judgements.judgement_of(application.home, basis, now).history()
        _print_points(history.take([j for j, key in enumerate(history.keys) if key in wanted]), output)
        return 0


def _print_points(history: Any, output: str) -> None:
    import json  # noqa: PLC0415

    from alertd.cli.printing import csv_text, plain  # noqa: PLC0415
    from alertd.core.series import series_text  # noqa: PLC0415
    from alertd.core.verdicts import STATES  # noqa: PLC0415

    rows = []
    for column, key in enumerate(history.keys):
        series = dict(zip(history.by, key, strict=True))
        for row in range(history.periods):
            rows.append(
                {
                    "rule": history.rule,
                    "series": series,
                    "period": str(history.period(row)),
                    "value": float(history.value[row, column]),
                    "numerator": None if history.numerator is None else float(history.numerator[row, column]),
                    "denominator": None if history.denominator is None else float(history.denominator[row, column]),
                    "centre": float(history.centre[row, column]),
                    "lower": float(history.lower[row, column]),
                    "upper": float(history.upper[row, column]),
                    "state": STATES[int(history.state[row, column])].value,
                    "signals": list(history.signals(row, column)),
                    **_statistic(history, row, column),
                }
            )
    if output == "json":
        for point in rows:
            click.echo(json.dumps(plain(point), ensure_ascii=False))
        return
    columns = COLUMNS if history.statistic is None else (*COLUMNS, "statistic")
    click.echo(csv_text([{**point, "series": series_text(point["series"])} for point in rows], columns), nl=False)


def _statistic(history: Any, row: int, column: int) -> dict[str, float]:
    """What the limits belong to, where that is not the figure itself."""
    return {} if history.statistic is None else {"statistic": float(history.statistic[row, column])}
