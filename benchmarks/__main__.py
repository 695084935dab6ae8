"""`python -m benchmarks`: every benchmark in one run; ratios are printed, and written as JSON and into the documentation."""

import argparse
import sys
import traceback
from dataclasses import replace
from pathlib import Path

from benchmarks import backtests, detectors, feeds, framework, kernel, peers, work
from benchmarks.measuring import FULL, QUICK, Row, Sizes
from benchmarks.table import line, machine, write_json, write_table

ROOT = Path(__file__).parent.parent
PARTS = {part.NAME: part for part in (kernel, feeds, detectors, work, framework, backtests, peers)}


def main() -> int:
    """Run what was asked for; gives 1 where a part could not be run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="in miniature, to see that it runs; the figures mean nothing"
    )
    parser.add_argument("--only", action="append", choices=list(PARTS), help="only this part; may be given again")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results.json", help="where the JSON goes")
    parser.add_argument("--no-docs", action="store_true", help="leave docs/performance.md as it is")
    asked = parser.parse_args()
    about, rows, failed = machine(), [], False
    for name in asked.only or PARTS:
        found, complete = _run(name, QUICK if asked.quick else FULL)
        rows += found
        failed |= not complete
    write_json(asked.output, rows, about, quick=asked.quick)
    print(f"written to {asked.output}")
    if not (asked.quick or asked.no_docs or asked.only):
        write_table(ROOT / "docs" / "performance.md", rows, about)
    return int(failed)


def _run(name: str, sizes: Sizes) -> tuple[list[Row], bool]:
    rows: list[Row] = []
    try:
        for row in PARTS[name].run(sizes):
            rows.append(replace(row, met=None) if sizes is QUICK else row)
            print(line(rows[-1]), flush=True)
    except Exception as error:  # noqa: BLE001  the other parts are still worth measuring
        traceback.print_exc()
        rows.append(Row(part=name, what=name, figure=float("nan"), unit="", note=f"failed: {error}"[:200]))
        return rows, False
    return rows, True


if __name__ == "__main__":
    sys.exit(main())
