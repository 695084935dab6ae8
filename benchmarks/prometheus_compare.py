"""The same XmR rule set in Prometheus: `python -m benchmarks.prometheus_compare`, where it and `promtool` are installed.

Every period becomes a minute, since Prometheus judges the present. It evaluates two rule groups by itself and says how long
each took: the whole rule set (centre line, mean moving range, limits, shift, trend, two in three), and 3 sigma alone by
`stddev_over_time`. It has no way to leave outliers out of a baseline, so that it does less. alertd judges the same figures
beside it, from memory and from a DuckDB file.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alertd.core.calendar import Calendar
from alertd.core.evaluate import judge
from benchmarks.data import NOW, PERIODS, block_of, figures, measure, rule, write_duckdb
from benchmarks.large import read_and_judge
from benchmarks.measuring import Row, best, times_faster
from benchmarks.table import line, machine, write_json

_PORT = 19_390
_STEP = 60
_PATIENCE = 300  # seconds to start and to evaluate: Prometheus takes a figure for the present one no longer

FULL = {
    "xmr:centre": "avg_over_time(figure[24m] offset 3m)",
    "xmr:moving_range": "avg_over_time(abs(figure - figure offset 1m)[23m:1m] offset 3m)",
    "xmr:upper": "xmr:centre + 2.66 * xmr:moving_range",
    "xmr:lower": "xmr:centre - 2.66 * xmr:moving_range",
    "xmr:astronomical": "(figure > xmr:upper) or (figure < xmr:lower)",
    "xmr:shift": "(min_over_time(figure[7m]) > xmr:centre) or (max_over_time(figure[7m]) < xmr:centre)",
    "xmr:trend": (
        "(min_over_time((figure - figure offset 1m)[6m:1m]) > 0) or (max_over_time((figure - figure offset 1m)[6m:1m]) < 0)"
    ),
    "xmr:two_in_three": (
        "(figure > xmr:centre + 1.773 * xmr:moving_range and (figure offset 1m > xmr:centre + 1.773 * xmr:moving_range "
        "or figure offset 2m > xmr:centre + 1.773 * xmr:moving_range)) "
        "or (figure < xmr:centre - 1.773 * xmr:moving_range and (figure offset 1m < xmr:centre - 1.773 * xmr:moving_range "
        "or figure offset 2m < xmr:centre - 1.773 * xmr:moving_range))"
    ),
}
"""mdc-2024 over a rolling baseline of 24 periods with a gap of 3, as recording rules in their order."""
PLAIN = {
    "plain:beyond": ("abs(figure - avg_over_time(figure[24m] offset 3m)) > 3 * stddev_over_time(figure[24m] offset 3m)")
}


def main() -> int:
    """Load the figures, let Prometheus evaluate both groups, and judge them here."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prometheus_compare", description=__doc__)
    parser.add_argument("--series", type=int, default=30_000)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "prometheus.json")
    asked = parser.parse_args()
    if not (shutil.which("prometheus") and shutil.which("promtool")):
        print("prometheus or promtool is not installed here; on Debian: apt-get install prometheus")
        return 1
    with tempfile.TemporaryDirectory(prefix="alertd-prometheus-") as name:
        taken = _evaluated(Path(name), asked.series)
        rows = list(_compared(Path(name), asked.series, taken))
    for row in rows:
        print(line(row))
    write_json(asked.output, rows, machine(), quick=asked.series < 30_000)
    return 0


def _compared(folder: Path, series: int, taken: dict[str, float]) -> Iterator[Row]:
    block = block_of(figures(series))
    in_memory = best(lambda: judge(rule(), measure(), block, Calendar(), NOW), 5)
    write_duckdb(folder / "feed.duckdb", series)
    from_file = best(lambda: read_and_judge(folder / "feed.duckdb"), 5)
    for ours, words in ((from_file, "read from DuckDB and judge"), (in_memory, "judge, figures in memory")):
        for group, least in (("full", 15.0), ("plain", None)):
            against = {"full": "Prometheus, the same rule set", "plain": "Prometheus, 3 sigma alone"}[group]
            note = f"{series / taken[group]:,.0f} series/s there, {series / ours:,.0f} here"
            yield times_faster(
                "peer", f"XmR, {series:,} series: {words}", ours, taken[group], against=against, least=least, note=note
            )


def _evaluated(folder: Path, series: int) -> dict[str, float]:
    """How many seconds Prometheus took for each group."""
    _load(folder, series, end=int(time.time()) // _STEP * _STEP)
    groups = [
        {
            "name": name,
            "interval": "60s",
            "rules": [{"record": record, "expr": text} for record, text in rules.items()],
        }
        for name, rules in (("full", FULL), ("plain", PLAIN))
    ]
    (folder / "rules.json").write_text(json.dumps({"groups": groups}))
    settings = {"global": {"evaluation_interval": "60s"}, "rule_files": [str(folder / "rules.json")]}
    (folder / "prometheus.json").write_text(json.dumps(settings))
    with _prometheus(folder):
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            time.sleep(2)
            found = _groups()
            done = {
                name: sum(one["evaluationTime"] for one in group["rules"])
                for name, group in found.items()
                if all(one["health"] == "ok" and one["evaluationTime"] > 0 for one in group["rules"])
            }
            bad = [one["lastError"] for group in found.values() for one in group["rules"] if one["health"] == "err"]
            if bad:
                raise RuntimeError(f"Prometheus could not evaluate a rule: {bad[0]}")
            if len(done) == len(groups):
                return done
    raise RuntimeError("Prometheus evaluated no rule in time")


def _load(folder: Path, series: int, end: int) -> None:
    """Write the figures as blocks of Prometheus, the newest at `end` (seconds)."""
    matrix = figures(series)
    times = [end - _STEP * (PERIODS - 1 - row) for row in range(PERIODS)]
    text = folder / "figures.txt"
    with text.open("w") as file:
        file.write("# TYPE figure gauge\n")
        for column in range(series):
            name = f'figure{{place="Place {column:07d}"}}'
            file.writelines(
                f"{name} {value:.6f} {at}\n" for value, at in zip(matrix[:, column].tolist(), times, strict=True)
            )
        file.write("# EOF\n")
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder / "data")]
    subprocess.run(command, check=True, capture_output=True)
    text.unlink()


@contextmanager
def _prometheus(folder: Path) -> Iterator[None]:
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.json'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{_PORT}",
        "--storage.tsdb.retention.time=10d",
        "--query.max-samples=500000000",
        "--log.level=error",
    ]
    with subprocess.Popen(command) as server:
        try:
            yield
        finally:
            server.terminate()
            server.wait(30)


def _groups() -> dict[str, dict]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{_PORT}/api/v1/rules", timeout=30) as answer:
            return {group["name"]: group for group in json.load(answer)["data"]["groups"]}
    except OSError:
        return {}  # it is still starting


if __name__ == "__main__":
    sys.exit(main())
