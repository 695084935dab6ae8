"""The results as a table for people, and as JSON."""

import json
import math
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import Row

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"


def line(row: Row) -> str:
    """A row on one line."""
    against = f" / {row.against}" if row.against else ""
    goal = f"  (goal {row.goal}: {verdict(row)})" if row.goal else ""
    note = f"  [{row.note}]" if row.note else ""
    return f"{row.part:9} {row.what}{against}: {figure(row)}{goal}{note}"


def figure(row: Row) -> str:
    """The figure with its unit."""
    if math.isnan(row.figure):
        return "-"
    shown = f"{row.figure:,.0f}" if row.figure >= 1000 else f"{row.figure:.3g}"
    return f"{shown} {row.unit}"


def verdict(row: Row) -> str:
    """Whether the goal is met."""
    return {True: "met", False: "missed", None: "-"}[row.met]


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    import duckdb
    import numpy as np

    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [text for text in cpuinfo.read_text().splitlines() if text.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    return {
        "cores": os.cpu_count(),
        "processor": model,
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "numpy": np.__version__,
        "duckdb": duckdb.__version__,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def write_json(path: Path, rows: Sequence[Row], about: dict[str, object], *, quick: bool) -> None:
    """Everything, for machines; NaN is null."""
    items = [{k: None if isinstance(v, float) and math.isnan(v) else v for k, v in asdict(row).items()} for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": about, "quick": quick, "rows": items}, indent=1) + "\n", encoding="utf-8")


def write_table(page: Path, rows: Sequence[Row], about: dict[str, object]) -> None:
    """Put the table between the markers of a page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    head = (
        f"Taken on {str(about['when'])[:10]} on {about['cores']} cores ({about['processor']}), Python {about['python']}, "
        f"NumPy {about['numpy']}, DuckDB {about['duckdb']}; load {about['load']:.2g} when it began.\n"
    )
    lines = ["| What | Against | Figure | Goal | Met | Note |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.against} | {figure(row)} | {row.goal} | {verdict(row)} | {row.note} |" for row in rows
    ]
    page.write_text("\n".join([before + BEGIN, head, *lines, END]) + after, encoding="utf-8")
