"""Printing lists as a table for people, or as JSON lines or csv for programs."""

import csv
import io
import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

_WHOLE = ("id", "period", "state", "since", "opened_period", "told_period", "value")
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def print_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], output: str, *, empty: str, title: str | None = None
) -> None:
    """Print rows in `output`: `table`, `json` (one object a line, every key) or `csv` (these columns)."""
    if output == "json":
        for row in rows:
            click.echo(json.dumps(plain(row), ensure_ascii=False))
    elif output == "csv":
        click.echo(csv_text(rows, columns), nl=False)
    elif not rows:
        click.echo(empty)
    else:
        _table(rows, columns, title)


def plain(value: Any) -> Any:
    """A value as JSON takes it: NaN and infinities are null, tuples are lists."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def csv_text(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows as csv with a header; figures in full precision, and text that a spreadsheet would run is made harmless."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([csv_cell(row.get(column)) for column in columns])
    return out.getvalue()


def csv_cell(value: Any) -> str:
    """One cell: numbers stay numbers, missing is empty, and text never begins a formula."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (list, tuple)):
        value = "+".join(str(item) for item in value)
    text = str(value)
    return "'" + text if text.startswith(_RISKY) else text


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], title: str | None) -> None:
    from rich import box  # noqa: PLC0415  only people want tables, and json must start quickly
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    # A pipe has no width: nothing is folded there, so that `grep` finds whole words.
    console = Console() if sys.stdout.isatty() else Console(width=400)
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for column in columns:
        numeric = all(isinstance(row.get(column), (int, float, type(None))) for row in rows)
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left", no_wrap=column in _WHOLE)
    for row in rows:
        table.add_row(*(Text(_shown(row.get(column))) for column in columns))
    console.print(table)


def _shown(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(str(item) for item in value.values()) or "whole force"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value)
