"""The analyst's workbench: ten rules replayed over five years of a thousand series, and what they cost in noise."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.measuring import Row, Sizes, at_most, best
from tests.journeys.support import fill, write_home

NAME = "backtests"
_RULES = (
    *("spc: mdc", "spc: three-sigma", "spc: nelson-1984", "spc: western-electric-1956", "spc: {chart: run}"),
    *("drift: {method: cusum}", "drift: {method: ewma}", "spc: {rules: mdc, baseline: first 24 periods}"),
    "threshold: {above: 120}, for: 2 periods",
    "change: {versus: previous period, worse_by: 20 percent}, accept_noise: a benchmark",
)


def run(sizes: Sizes) -> Iterator[Row]:
    """The commands as an analyst runs them, start-up and reading included."""
    series, rules = (1000, _RULES) if sizes.peers >= 300 else (20, _RULES[::4])
    with tempfile.TemporaryDirectory(prefix="alertd-bench-") as name:
        home = _home(Path(name), series, rules)
        taken = best(lambda: _alertd("backtest", home), min(2, sizes.repeats))
        what = f"back-test: {series:,} series x 60 months x {len(rules)} rules, with the false share"
        yield at_most(NAME, what, taken, "s", 10)
        page = Path(name) / "page.html"
        taken = best(lambda: _alertd("backtest", home, "--html", str(page)), 1)
        yield at_most(NAME, f"the same with its page of charts ({page.stat().st_size / 1e6:.1f} MB)", taken, "s", 20)
        taken = best(lambda: _alertd("noise", home, "--years", "12"), 1)
        yield at_most(NAME, f"noise: 12 years of {series:,} series under {len(rules)} rules", taken, "s", 30)


def _home(root: Path, series: int, given: Sequence[str]) -> Path:
    """A home over five years of months in which nothing is wrong."""
    rules = "\n".join(f"  r{number}: {{measure: m, {rule}}}" for number, rule in enumerate(given))
    measure = "table: t, grain: month, period: period, by: [place], value: v, improvement: decrease, owner: lead"
    home = write_home(root, f"measures:\n  m: {{name: M, {measure}}}\nrules:\n{rules}\n")
    months = [f"{year}-{month:02d}-01" for year in range(2018, 2023) for month in range(1, 13)]
    figures = np.random.default_rng(1).normal(100, 10, (len(months), series)).round(2)
    rows = [
        (month, f"P{place:04d}", float(figure))
        for month, row in zip(months, figures, strict=True)
        for place, figure in enumerate(row)
    ]
    fill(home, "t", "period date, place varchar, v double", rows)
    return home


def _alertd(command: str, home: Path, *more: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "alertd", command, "--home", str(home), *more], check=True, capture_output=True
    )
