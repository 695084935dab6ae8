"""Running and printing a back-test."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from alertd.app import Application, read_home
from alertd.cli.judgements import chosen_rules
from alertd.cli.opening import now_of
from alertd.cli.printing import Narrow, csv_text, json_text, markdown_text, print_rows, tell_errors
from alertd.cli.revisions import home_at
from alertd.config.problems import ConfigError
from alertd.core.errors import UsageError
from alertd.core.rules import Rule
from alertd.core.series import series_text
from alertd.workbench.against import Against, against
from alertd.workbench.backtest import Backtest, backtest
from alertd.workbench.compared import compare
from alertd.workbench.figures import Figures
from alertd.workbench.summary import (
    Row,
    change_rows,
    event_rows,
    leader_rows,
    month_rows,
    notice_rows,
    notice_words,
    rule_rows,
    with_before,
)
from alertd.workbench.variants import variant_of

NOTICES = (
    *("due", "rule", "measure", "series", "period", "transition", "reason", "state", "signals", "value"),
    *("centre", "lower", "upper", "owner", "recipient", "email", "channel", "judged"),
)
_SHOWN_NOTICES = ("due", "rule", "series", "period", "transition", "signals", "value", "recipient")
_BEFORE = ("due_before", "channel_before")
_SHOWN_MOVED = ("due", *_BEFORE, "channel", "rule", "series", "period", "transition", "recipient")
_LATE = "Told to nobody, because the figures came too late"
_UNCHANGED = "No rule reads differently, and no notice is gained or lost."
_LISTED = 20  # gained, lost and moved notices that a table or a merge request lists
_MOST_RULES = 6  # that have a column of their own in the table of months


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asked for."""

    rules: tuple[str, ...]
    variants: tuple[str, ...]
    start: datetime | None
    end: datetime | None
    seed: int


def run(
    application: Application, asked: Asked, output: str, page: Path | None, *, compared: bool, notices: bool
) -> int:
    """Replay the rules that were asked for, and print what they would have told."""
    home = application.home
    chosen = chosen_rules(home, asked.rules, ())
    if compared and asked.rules:  # in the order in which they were asked for
        chosen = [home.rules[name] for name in asked.rules]
    chosen += [variant_of(chosen[0], change) for change in asked.variants]
    figures = Figures(application.figures, home.places, asked.end or now_of(application))
    with progress_of(chosen) as step:
        found = backtest(home, chosen, figures, start=asked.start, end=asked.end, seed=asked.seed, progress=step)
    if page is not None:
        _write_page(found, page, application)
    _print(found, output, compared=compared, notices=notices)
    return tell_errors(found.errors, reachable=found.reachable)


def run_against(application: Application, asked: Asked, revision: str, output: str, page: Path | None) -> int:
    """Replay the rules as they are and as they were, and print what the change gains and loses."""
    with home_at(application.home.root, revision) as (folder, name):
        try:
            old = read_home(folder, application.environ)
        except ConfigError as error:
            raise UsageError(f"the home as it was at {name} cannot be read:\n{error}") from error
        with progress_of([*old.rules.values(), *application.home.rules.values()]) as step:
            found = against(
                old,
                application.home,
                name,
                application.figures,
                wanted=asked.rules,
                start=asked.start,
                end=asked.end,
                now=asked.end or now_of(application),
                seed=asked.seed,
                progress=step,
            )
    if page is not None:
        _write_page(found.after, page, application)
    _print_against(found, output)
    return max(tell_errors(one.errors, reachable=one.reachable) for one in (found.before, found.after))


def _write_page(found: Backtest, page: Path, application: Application) -> None:
    from alertd.workbench.page import page_of  # noqa: PLC0415  most back-tests draw nothing

    title = f"Back-test of {application.home.settings.instance}"
    try:
        page.write_text(page_of(found, title=title, made_at=application.now()), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--html: {page} cannot be written: {error.strerror}") from error
    click.echo(f"alertd: the charts are in {page}", err=True)


@contextmanager
def progress_of(rules: Sequence[Rule]) -> Iterator[Callable[[str], None]]:
    """A progress bar on the terminal, one step a rule."""
    from rich.console import Console  # noqa: PLC0415  only long work shows progress
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("replaying", total=len(rules))
        yield lambda rule: progress.update(task, advance=1, description=f"replaying {rule}")


def _print(found: Backtest, output: str, *, compared: bool, notices: bool) -> None:
    tables = [
        ("rule", rule_rows(found)),
        *([("pair", [_pair_row(pair) for pair in compare(found.replayed)])] if compared and found.replayed else []),
        ("month", month_rows(found)),
        ("leader", leader_rows(found)),
        ("event", event_rows(found)),
    ]
    if output == "csv":
        _print_csv(notice_rows(found.told))
    elif output == "json":
        _print_json([*tables, ("notice", notice_rows(found.told)), ("late", notice_rows(found.late))])
    elif output == "markdown":
        click.echo(f"## {_headline(found)}\n")
        for name, rows in tables:
            if rows:
                click.echo(f"### {_TITLES[name]}\n\n{markdown_text(_shown(name, rows), _columns(name, found))}")
    else:
        click.echo(_headline(found) + "\n")
        for name, rows in tables:
            if rows:
                _print_table(name, rows, found)
        if notices:
            for title, told in (("Notices", found.told), (_LATE, found.late)):
                if told or title != _LATE:
                    rows = list(notice_words(told))
                    print_rows(rows, _SHOWN_NOTICES, "table", empty="", title=title, narrow=_NARROW)
        _print_foot(found, notices=notices)


_TITLES = {
    "rule": "Rules",
    "pair": "Side by side",
    "month": "By month",
    "leader": "By leader",
    "event": "Known events",
}
_NARROW = Narrow(
    drop=("value", "signals", "by_rule", "busiest_month", "letters", "exceptions", "recipient", "series", "reason"),
    more="json",
)
_COLUMNS = {
    "rule": ("rule", "series", "exceptions", "series_told", "notices", "a_year", "expected_false", "false_share"),
    "pair": ("rule", "beside", "both", "only_rule", "only_beside", "later_days"),
    "leader": ("leader", "email", "exceptions", "notices", "letters", "a_quarter", "busiest_month"),
    "event": ("event", "from", "rule", "found", "after_periods", "reason"),
}


def _columns(name: str, found: Backtest) -> tuple[str, ...]:
    if name != "month":
        return _COLUMNS[name]
    own = [one.rule.id for one in found.replayed] if 1 < len(found.replayed) <= _MOST_RULES else []
    return ("month", "exceptions", "notices", "letters", "leaders", *own)


def _shown(name: str, rows: Sequence[Row]) -> list[Row]:
    """The rows as people read them."""
    if name == "rule":
        return [_rule_words(row) for row in rows]
    if name == "month":
        return [{**row, **row["by_rule"]} for row in rows]
    if name == "pair":
        return [{**row, "later_days": row["later_days"] and round(row["later_days"], 1)} for row in rows]
    if name == "leader":
        return [
            {**row, "a_quarter": _one_place(row["notices_a_quarter"]), "busiest_month": _busiest(row)} for row in rows
        ]
    if name == "event":
        return [
            {
                **row,
                "found": f"{row['found']} of {row['series']}",
                "after_periods": "not found" if row["after_periods"] is None else row["after_periods"],
            }
            for row in rows
        ]
    return list(rows)


def _print_table(name: str, rows: Sequence[Row], found: Backtest) -> None:
    print_rows(_shown(name, rows), _columns(name, found), "table", empty="", title=_TITLES[name], narrow=_NARROW)


def _rule_words(row: Row) -> Row:
    false = row["expected_false"]
    return {
        **row,
        "rule": row["rule"] + (" (shadow)" if row["status"] == "shadow" else ""),
        "a_year": _one_place(row["notices_a_year"]),
        "expected_false": "not simulated"
        if false is None
        else f"{false:.1f} ± {1.96 * row['expected_false_error']:.1f}",
        "false_share": "" if row["false_share"] is None else f"{row['false_share']:.0%}",
    }


def _busiest(row: Row) -> str:
    return f"{row['busiest_month']}: {row['in_busiest_month']}"


def _one_place(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _pair_row(pair: Any) -> Row:
    return {
        "rule": pair.first,
        "beside": pair.other,
        "both": pair.both,
        "only_rule": pair.only_first,
        "only_beside": pair.only_other,
        "later_days": pair.later,
    }


def _headline(found: Backtest) -> str:
    told, rules = found.told, len(found.replayed)
    what = f"{rules} rule{'s' if rules != 1 else ''}"
    if not found.replayed:
        return "Nothing was replayed."
    first, last = min(one.start for one in found.replayed), max(one.end for one in found.replayed)
    leaders = len({one.recipient.email.casefold() for one in told})
    sent = (
        f"{len(told):,} notice{'s' if len(told) != 1 else ''} to {leaders:,} {'person' if leaders == 1 else 'people'}"
        if told
        else "nobody would have been told anything"
    )
    return f"{what}, replayed from {first:%-d %B %Y} to {last:%-d %B %Y}: {sent}"


def _print_foot(found: Backtest, *, notices: bool) -> None:
    if any(one.revised for one in found.replayed):
        click.echo("Figures that came late or were revised were given to each round as they were known then.")
    if found.late and not notices:
        many = len(found.late) != 1
        click.echo(
            f"By the figures as they are now there would have been {len(found.late):,} more notice{'s' if many else ''} of "
            f"exceptions that no round saw: see {'them' if many else 'it'} with --notices, or as `late` with --format json."
        )
    if found.expected:
        click.echo(
            "expected false: exceptions that the rule opens over the same time when nothing is wrong, simulated from each "
            "series' own model (with its 95% interval); false share: what part of the exceptions above that is."
        )


def _print_csv(rows: Iterator[Row]) -> None:
    click.echo(csv_text([{**row, "series": series_text(row["series"])} for row in rows], NOTICES), nl=False)


def _print_json(tables: Sequence[tuple[str, Any]]) -> None:
    for name, rows in tables:
        for row in rows:
            click.echo(json_text({"record": name, **row}))


def _print_against(found: Against, output: str) -> None:
    rules, leaders = change_rows(found)
    moved = [one for _, one in found.moved]
    if output in ("csv", "json"):
        by_change = {
            "gained": list(notice_rows(found.gained)),
            "lost": list(notice_rows(found.lost)),
            "moved": list(with_before(notice_rows(moved), found.moved)),
        }
        if output == "json":
            _print_json([("rule", rules), ("leader", leaders), *by_change.items()])
            return
        rows = [{"change": change, **row} for change, told in by_change.items() for row in told]
        rows = [{**row, "series": series_text(row["series"])} for row in rows]
        click.echo(csv_text(rows, ("change", *NOTICES, *_BEFORE)), nl=False)
        return
    headline = (
        f"Against {found.revision}: {_counted(found.added, 'added')}, {_counted(found.changed, 'changed')}, "
        f"{_counted(found.withdrawn, 'withdrawn')}; {len(found.gained):,} notices gained, {len(found.lost):,} lost"
    )
    headline += f", {len(moved):,} at another time or by another channel" if moved else ""
    also = ("moved",) if moved else ()
    of_rule = ("rule", "change", "before", "after", "gained", "lost", *also, "false_before", "false_after")
    of_leader = ("leader", "email", "before", "after", "gained", "lost", *also)
    sections = [
        ("Gained", list(notice_words(found.gained)), _SHOWN_NOTICES),
        ("Lost", list(notice_words(found.lost)), _SHOWN_NOTICES),
        ("Moved", list(with_before(notice_words(moved), found.moved)), _SHOWN_MOVED),
    ]
    if output == "markdown":
        click.echo(f"## {headline}\n")
        for title, rows, columns in (("By rule", rules, of_rule), ("By leader", leaders, of_leader)):
            if rows:
                click.echo(f"### {title}\n\n{markdown_text(rows, columns)}")
        for title, rows, columns in sections:
            if rows:
                shown = markdown_text(_newest(rows), columns)
                summary = f"<summary>{title}: {_listed(rows)}</summary>"
                click.echo(f"<details>{summary}\n\n{shown}\n</details>\n")
        return
    click.echo(headline + "\n")
    print_rows(rules, of_rule, "table", empty=_UNCHANGED, title="By rule", narrow=_NARROW)
    if leaders:
        print_rows(leaders, of_leader, "table", empty="", title="By leader", narrow=_NARROW)
    for title, rows, columns in sections:
        if rows:
            named = f"{title}: {_listed(rows)}"
            print_rows(_newest(rows), columns, "table", empty="", title=named, narrow=_NARROW)


def _counted(names: Sequence[str], what: str) -> str:
    return f"{len(names)} rule{'s' if len(names) != 1 else ''} {what}"


def _newest(rows: Sequence[Row]) -> list[Row]:
    return list(rows[-_LISTED:])


def _listed(rows: Sequence[Row]) -> str:
    return f"the newest {_LISTED} of {len(rows):,}" if len(rows) > _LISTED else f"all {len(rows)}"
