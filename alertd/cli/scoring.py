"""Running and printing the score of a demonstration warehouse."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from alertd.app import Application
from alertd.cli.backtesting import progress_of
from alertd.cli.judgements import chosen_rules
from alertd.cli.opening import open_app
from alertd.cli.printing import Narrow, csv_text, json_text, markdown_text, print_rows, tell_errors
from alertd.core.errors import UsageError
from alertd.demo.score.happenings import planted_in_file
from alertd.demo.score.rows import COLUMNS, HAPPENINGS, STRAYS, framework_rows, happening_rows, stray_rows
from alertd.demo.score.scoring import Score, score
from alertd.workbench.figures import Figures

_SHOWN = ("row", "number", "outcome", "delay", "kind", "where", "from", "to", "direction", "rule", "told_of", "note")
_NARROW = Narrow(
    drop=("rules", "kept_quiet", "quiet", "note", "told_of", "centre", "lower", "upper", "to", "direction"), more="json"
)

_Table = tuple[str, str, tuple[str, ...], list[dict[str, Any]]]
"""What each row is, a title, the columns and the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asked for."""

    rows: tuple[str, ...]
    rules: tuple[str, ...]
    everything: bool
    chance: bool
    seed: int


def run(file: Path | None, home: Path | None, asked: Asked, output: str) -> int:
    """Score the rules of a home over a warehouse, and print it."""
    settings = {} if file is None else {"ALERTD_WAREHOUSE__URL": f"duckdb:///{file.absolute()}"}
    with open_app(home, with_store=False, held=False, settings=settings) as application:
        path = file or _warehouse_of(application)
        planted = planted_in_file(path)
        found_in = application.home
        rows = _rows(application, asked)
        chosen = [
            rule
            for rule in chosen_rules(found_in, asked.rules, ())
            if found_in.measures[rule.measure].framework in rows
        ]
        figures = Figures(application.warehouse, found_in.places, planted.as_at.replace(tzinfo=found_in.settings.zone))
        with progress_of(chosen) as step, application.warehouse.held():
            found = score(
                found_in,
                chosen,
                planted,
                figures,
                rows=rows,
                judged_alone=bool(asked.rules),
                seed=asked.seed,
                chance=asked.chance,
                progress=step,
            )
    _print(found, rows, asked, output)
    return tell_errors(found.errors, reachable=found.reachable)


def _warehouse_of(application: Application) -> Path:
    """The file of the home's own warehouse."""
    scheme, _, path = application.home.settings.warehouse.url.partition(":///")
    if scheme != "duckdb" or not path:
        raise UsageError("the home's warehouse is no DuckDB file; name the FILE that `demo-warehouse build` wrote")
    return application.home.root / path


def _rows(application: Application, asked: Asked) -> list[str]:
    """The rows of the framework that are scored, in their order; raises `UsageError` for one that is not there."""
    home = application.home
    known = [*home.framework.rows] or sorted({one.framework for one in home.measures.values() if one.framework})
    for row in asked.rows:
        if row not in known:
            raise UsageError(f"--row: there is no row `{row}` in the framework; it has {', '.join(known)}")
    judged = {home.measures[rule.measure].framework for rule in chosen_rules(home, asked.rules, ())}
    return [row for row in known if (not asked.rows or row in asked.rows) and (not asked.rules or row in judged)]


def _print(found: Score, rows: Sequence[str], asked: Asked, output: str) -> None:
    tables: list[_Table] = [("row", "", COLUMNS, framework_rows(found, rows))]
    if asked.everything:
        tables.append(("happening", "Happenings", HAPPENINGS, list(happening_rows(found))))
        tables.append(("false", "Exceptions that nothing planted explains", STRAYS, list(stray_rows(found))))
    if output == "csv":
        _, _, columns, written = tables[1 if asked.everything else 0]
        click.echo(csv_text(written, columns), nl=False)
    elif output == "json":
        for name, _, _, written in tables:
            for row in written:
                click.echo(json_text({"record": name, **row}))
    else:
        _print_words(found, tables, output)


def _print_words(found: Score, tables: Sequence[_Table], output: str) -> None:
    planted = found.planted
    outcomes = Counter((one.happening.expected, one.outcome.value) for one in found.scored)
    told = outcomes["notice", "found"]
    of = told + outcomes["notice", "missed"]
    headline = f"SIMULATED, {planted.size}, seed {planted.seed}: {told} of {of} planned concerns found"
    click.echo(f"## {headline}\n" if output == "markdown" else f"{headline}\n")
    for name, title, columns, rows in tables:
        shown = [_in_words(row) for row in rows]
        if not shown:
            click.echo(f"{title}: none.\n")
            continue
        columns = _SHOWN if name == "happening" else columns
        if output == "markdown":
            click.echo((f"### {title}\n\n" if title else "") + markdown_text(shown, columns))
        else:
            print_rows(shown, columns, "table", empty="None.", title=title or None, narrow=_NARROW)
    if output == "table":
        click.echo(
            "delay: periods from a happening's first one to the one first told of. false: exceptions that nothing planted\n"
            "explains; by chance: how many exceptions are to be expected when nothing is wrong, by simulation."
        )


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 1) if isinstance(value, float) else value for name, value in row.items()}
