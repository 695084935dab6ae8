"""Printing lists as a table for people, or as JSON lines or csv for programs."""

import csv
import io
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import click

from alertd.core.printable import in_lines, is_unprintable, on_one_line

_GAP = "  "
_LEAST = 12
"""No text is shortened to fewer characters."""
_RISKY = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """What a table gives up where the terminal is narrower than it; all other columns stay whole."""

    drop: Sequence[str] = ()
    """Columns that are left out, the least important first."""
    shorten: Mapping[str, int] = field(default_factory=dict)
    """Columns whose text may end in an ellipsis, in that order, and the width below which columns are dropped instead."""
    more: str = "csv"
    """The output format in which everything is there."""


def as_at(instance: str, now: datetime) -> str:
    """Whose figures a list for people shows, and when: nobody shall take a demonstration's for real ones."""
    from alertd.core.periods import day_words  # noqa: PLC0415 - `--help` must not wait for it

    return f"{instance}, as at {day_words(now.date())}, {now:%H:%M}."


def tell_errors(errors: Iterable[str], *, reachable: bool) -> int:
    """Say on standard error what could not be read, and give the exit code for it: 3, 1, or 0 for nothing."""
    told = list(errors)
    for message in told:
        click.echo(f"alertd: {in_lines(message)}", err=True)
    if not reachable:
        return 3
    return 1 if told else 0


def print_rows(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    output: str,
    *,
    empty: str,
    title: str | None = None,
    narrow: Narrow | None = None,
) -> None:
    """Print rows in `output`: `table`, `json` (one object a line, every key) or `csv` (these columns).

    A table has one line a row, and is as wide as the terminal at most, if `narrow` says how.
    """
    if output == "json":
        for row in rows:
            click.echo(json_text(row))
    elif output == "csv":
        click.echo(csv_text(rows, columns), nl=False)
    elif not rows:
        click.echo(empty)
    else:
        _table(rows, columns, title, narrow or Narrow())


def plain(value: Any) -> Any:
    """A value as JSON takes it: NaN and infinities are null, tuples are lists."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def json_text(value: Any) -> str:
    """A value as one line of JSON, as programs read it; a sign that is not printable is there by its number."""
    text = json.dumps(plain(value), ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(json.dumps(sign)[1:-1] if is_unprintable(sign) else sign for sign in text)


def csv_text(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows as csv with a header; figures in full precision, and text that a spreadsheet would run is made harmless."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([csv_cell(row.get(column)) for column in columns])
    return out.getvalue()


def markdown_text(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows as a table in GitHub's and GitLab's Markdown; text is escaped, for it is data."""
    lines = [_columns_line(column.replace("_", " ") for column in columns), _columns_line("---" for _ in columns)]
    lines += [_columns_line(_escaped(_shown(row.get(column))) for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def _columns_line(cells: Iterable[str]) -> str:
    """One line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    for sign in "\\`*_[]<>|#@!":
        text = text.replace(sign, f"\\{sign}")
    return text


def csv_cell(value: Any) -> str:
    """One cell: numbers stay numbers, missing is empty, and text neither begins a formula nor paints a terminal."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (list, tuple)):
        value = "+".join(str(item) for item in value)
    text = in_lines(str(value))
    return "'" + text if text.lstrip().startswith(_RISKY) else text  # some spreadsheets skip the space before it


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], title: str | None, narrow: Narrow) -> None:
    from rich import box  # noqa: PLC0415  only people want tables, and json must start quickly
    from rich.cells import cell_len  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    cells = {column: [_shown(row.get(column)) for row in rows] for column in columns}
    widths = {column: max(map(cell_len, (column, *cells[column]))) for column in columns}
    # A pipe has no width: everything is there, one line a row, so that `grep` finds whole words.
    empty = [column for column in narrow.drop if not any(cells.get(column, ()))]  # these are missed least
    first = replace(narrow, drop=[*empty, *(column for column in narrow.drop if column not in empty)])
    fitted = fit(widths, Console().width, first) if sys.stdout.isatty() else widths
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column, width in fitted.items():
        numeric = all(isinstance(row.get(column), (int, float, type(None))) for row in rows)
        table.add_column(
            Text(column.replace("_", " ")),  # a variant's name has brackets, which are no markup
            justify="right" if numeric else "left",
            no_wrap=True,
            overflow="ellipsis",
            width=width,
        )
    for number in range(len(rows)):
        table.add_row(*(Text(cells[column][number]) for column in fitted))
    if title is not None:
        click.echo(title)
    # Where not even what is always whole fits, the terminal folds it: half a word would say nothing.
    Console(width=sum(fitted.values()) + len(_GAP) * len(fitted)).print(table)
    hidden = [column.replace("_", " ") for column in columns if column not in fitted]
    if hidden:
        click.echo(
            f"(not shown: {', '.join(hidden)}; --format {narrow.more} has {'it' if len(hidden) == 1 else 'them'})"
        )
    if title is not None:
        click.echo()


def fit(widths: Mapping[str, int], available: int, narrow: Narrow) -> dict[str, int]:
    """The columns that fit into so many characters, with their widths, given what each would take."""
    fitted = dict(widths)
    shorten = [column for column in narrow.shorten if column in fitted]
    least = {column: min(width, narrow.shorten.get(column, width)) for column, width in widths.items()}
    for column in narrow.drop:
        if _total(least[one] for one in fitted) <= available:
            break
        fitted.pop(column, None)
    for column in shorten:
        if column in fitted:
            over = max(0, _total(fitted.values()) - available)
            fitted[column] = max(_LEAST, fitted[column] - over) if fitted[column] > _LEAST else fitted[column]
    return fitted


def _total(widths: Iterable[int]) -> int:
    each = list(widths)
    return sum(each) + len(_GAP) * (len(each) - 1)


def _shown(value: Any) -> str:
    return on_one_line(_words(value))


def _words(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(str(item) for item in value.values()) or "whole force"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value)
