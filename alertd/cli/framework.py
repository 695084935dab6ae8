"""`alertd framework`: the 12x12 as it stands now, as a table or as one page."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from alertd.cli.options import as_of_option, home_option

_COLUMNS = (
    *("row", "title", "measures", "rules", "owner", "newest", "state", "exceptions", "data_age", "data_faults"),
    *("open_cases", "last_round"),
)


@click.command(short_help="The framework's rows now: what is watched, what stands out.")
@home_option
@as_of_option
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json", "csv", "html")),
    default="table",
    show_default=True,
    help="How to print it; html is one page that stands by itself.",
)
@click.option(
    "--reviews", is_flag=True, help="Print the calendar of learning reviews, and what stands out on their rows."
)
@click.option(
    "--by",
    type=click.Choice(("commitment", "priority", "plan", "role")),
    help="Print what stands out by these in place of by row.",
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it to FILE.")
@click.option("--exit-code", is_flag=True, help="Exit 1 where there are exceptions.")
def command(
    home: Path | None,
    as_of: datetime | None,
    form: str,
    reviews: bool,
    by: Any,
    output: Path | None,
    exit_code: bool,
) -> int:
    """Judge every rule once, as a round would, and print the framework row by row. It stores and sends nothing.

    \b
    alertd framework                                    the rows now, and what is overdue for review
    alertd framework --format html --output 12x12.html  one page: 24 tiles in four quadrants
    alertd framework --reviews                          learning reviews by performance year, their themes and rows
    alertd framework --by commitment                    exceptions against each commitment of the management statement

    The age of data is in days since the newest period of the row's oldest feed ended. Data faults, which stewards are
    told of, are figures that are late, missing or far fewer; they are no exceptions. With a state database there are
    the open cases too, and when each row was last judged in a round. A row of exceptions only says nothing else.
    """
    from alertd.cli.opening import now_of, open_app  # noqa: PLC0415 - `--help` must not wait for it
    from alertd.cli.printing import as_at, tell_errors  # noqa: PLC0415
    from alertd.core.errors import UsageError  # noqa: PLC0415
    from alertd.workbench.framework import standings_of  # noqa: PLC0415
    from alertd.workbench.reviewing import rows_of  # noqa: PLC0415

    _refuse_what_does_not_go_together(form, reviews, by, output)
    with open_app(home, with_store=False) as application:
        if not application.home.framework.rows:
            raise UsageError("this home has no framework: no file has `framework:` with `rows`")
        now = now_of(application, as_of)
        only = rows_of(application.home) if reviews else None
        standings = standings_of(application.home, application.figures, now, as_of=as_of is not None, only=only)
        if reviews:
            _print_reviews(standings, form, output)
        elif form == "html":
            from alertd.workbench.framework_page import page_of  # noqa: PLC0415

            _write(page_of(standings), output)
        elif by is not None:
            _print_by(standings, by, form, output)
        else:
            _print(standings, _remembered(application), form, output)
        if form == "table":
            click.echo(as_at(application.home.settings.instance, now))
        if code := tell_errors(standings.errors, reachable=standings.reachable):
            return code
        return 1 if exit_code and any(tile.exceptions for tile in standings.tiles) else 0


def _refuse_what_does_not_go_together(form: str, reviews: bool, by: str | None, output: Path | None) -> None:
    from alertd.core.errors import UsageError  # noqa: PLC0415

    if reviews and by is not None:
        raise UsageError("--reviews and --by print different things; give one of them")
    if reviews and form == "html":
        raise UsageError("--reviews is printed as a table, json or csv; the html page names the next review by itself")
    if by is not None and form == "html":
        raise UsageError(f"--by {by} is printed as a table, json or csv; the html page is by row")
    if output is not None and form == "table":
        raise UsageError("--output goes with --format html, json or csv; a table is for the terminal")


def _write(text: str, output: Path | None) -> None:
    from alertd.core.errors import UsageError  # noqa: PLC0415

    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--output {output}: {error.strerror}") from error


def _remembered(application: Any) -> Mapping[str, tuple[int, datetime | None]] | None:
    """By row: how many cases are open, and when one of its rules was last judged; None without a state database."""
    from alertd.store.store import peek_store  # noqa: PLC0415

    home = application.home
    store = peek_store(home.settings.state.url, root=home.root)
    if store is None:
        return None
    try:
        cases = [rule for rule, _ in store.open_cases()]
        outcomes = store.last_outcomes()
        rounds = {one.outcome.rule: one.finished_at for one in outcomes}
    finally:
        store.close()
    found: dict[str, tuple[int, datetime | None]] = {}
    for row in home.framework.rows:
        rules = {rule.id for rule in home.rules.values() if home.measures[rule.measure].framework == row}
        found[row] = sum(rule in rules for rule in cases), max((rounds[r] for r in rules if r in rounds), default=None)
    return found


def _print(standings: Any, remembered: Mapping[str, Any] | None, form: str, output: Path | None) -> None:

    from alertd.cli.framework_reviews import next_review  # noqa: PLC0415
    from alertd.cli.printing import Narrow, csv_text, json_text, print_rows  # noqa: PLC0415
    from alertd.rendering.clean import shorten  # noqa: PLC0415

    rows = [_row(standings, tile, remembered) for tile in standings.tiles]
    overdue = [{"what": one.what, "id": one.id, "due": one.due.isoformat()} for one in standings.overdue]
    columns = _COLUMNS if remembered is not None else _COLUMNS[:-2]
    if form == "json":
        written = [{"record": "row", **row} for row in rows] + [{"record": "overdue", **one} for one in overdue]
        _write("".join(json_text(one) + "\n" for one in written), output)
        return
    if form == "csv":
        _write(csv_text(rows, columns), output)
        return
    shown = [
        {**row, "title": shorten(row["title"], 40), "measures": len(row["measures"]), "rules": len(row["rules"])}
        for row in rows
    ]
    shown = [{**row, **{key: len(row[key]) or None for key in ("exceptions", "data_faults")}} for row in shown]
    # Counts that never change go first; whose row it is and how old its figures are stay longest.
    drop = ("last_round", "open_cases", "measures", "rules", "data_faults", "newest", "owner", "data_age")
    print_rows(shown, columns, "table", empty="No rows.", narrow=Narrow(drop=drop, shorten={"owner": 14, "title": 16}))
    coming = next_review(standings.home.framework, standings.now.date())
    if coming:
        click.echo(coming)
    if overdue:
        print_rows(overdue, ("what", "id", "due"), "table", empty="", title="Overdue for review")


def _print_reviews(standings: Any, form: str, output: Path | None) -> None:

    from alertd.cli.framework_reviews import COLUMNS, in_short, review_rows  # noqa: PLC0415
    from alertd.cli.printing import Narrow, csv_text, json_text, print_rows  # noqa: PLC0415
    from alertd.workbench.reviewing import scheduled  # noqa: PLC0415

    rows = review_rows(scheduled(standings))
    if form == "json":
        _write("".join(json_text(one) + "\n" for one in rows), output)
    elif form == "csv":
        _write(csv_text(rows, COLUMNS), output)
    else:
        empty = "No learning reviews: write `reviews:` under `framework:`."
        narrow = Narrow(drop=("announced", "review", "quarter"), shorten={"theme": 16})
        print_rows(in_short(rows), COLUMNS[:9], "table", empty=empty, narrow=narrow)


def _print_by(standings: Any, by: Any, form: str, output: Path | None) -> None:

    from alertd.cli.framework_arranged import COLUMNS, group_rows, in_words  # noqa: PLC0415
    from alertd.cli.printing import Narrow, csv_text, json_text, print_rows  # noqa: PLC0415
    from alertd.workbench.arranged import arranged  # noqa: PLC0415

    rows = group_rows(arranged(standings, by))
    if form == "json":
        _write("".join(json_text({by: row["id"], **row}) + "\n" for row in rows), output)
    elif form == "csv":
        _write(csv_text(rows, COLUMNS), output)
    else:
        narrow = Narrow(drop=("inferred", "owner", "measures", "id"), shorten={"title": 24})
        print_rows(
            [in_words(row) for row in rows], COLUMNS, "table", empty=f"The framework names no {by}.", narrow=narrow
        )


def _row(standings: Any, tile: Any, remembered: Mapping[str, Any] | None) -> dict[str, Any]:
    from alertd.core.series import series_words  # noqa: PLC0415

    said = tile.row.exceptions_only and not tile.exceptions
    row = {
        "row": tile.id,
        "title": tile.row.title,
        "quadrant": tile.row.quadrant,
        "kind": tile.row.kind,
        "measures": [measure.id for measure in tile.measures],
        "rules": [rule.id for rule in tile.rules],
        "owner": list(tile.owners),
        "newest": None if tile.newest is None else str(tile.newest),
        "state": "no exceptions" if said and tile.rules and not tile.errors else tile.standing.value,
        "exceptions": [
            f"{one.name}: {series_words(verdict.series)}, {verdict.period}" for one, verdict in tile.exceptions
        ],
        "data_age": tile.age,
        "data_faults": [
            f"{one.name}: {series_words(verdict.series)}, {verdict.period}" for one, verdict in tile.data_faults
        ],
    }
    if remembered is None:
        return row
    cases, last = remembered[tile.id]
    zone = standings.home.settings.zone
    when = None if last is None else last.astimezone(zone).isoformat(timespec="minutes")
    return {**row, "open_cases": cases, "last_round": when}
