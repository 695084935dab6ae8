"""The benchmarks run, print their ratios and write their results. How fast anything is, is no matter of a test."""

import json
import subprocess
import sys
from pathlib import Path

from alertd.core.rules import COMPOSITES, DETECTORS
from benchmarks.detectors import CASES
from benchmarks.measuring import Row
from benchmarks.table import BEGIN, END, write_table

ROOT = Path(__file__).parents[2]


def test_every_part_runs_in_miniature_and_writes_its_results(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--output", str(tmp_path / "results.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads((tmp_path / "results.json").read_text())
    assert written["quick"] is True
    assert {row["part"] for row in written["rows"]} == {
        *("kernel", "feed", "detector", "work", "framework", "backtests", "peer")
    }
    assert all(row["met"] is None for row in written["rows"]), "in miniature no goal is met or missed"
    assert done.stdout.count("/ NumPy's sum of the matrix: ") == 2
    for row in written["rows"]:
        assert row["what"] in done.stdout
        assert row["figure"] is None or row["figure"] > -10


def test_every_detector_is_benchmarked() -> None:
    assert set(CASES) == set(DETECTORS) - set(COMPOSITES)


def test_the_table_goes_between_the_markers_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    row = Row(part="kernel", what="XmR", figure=3.14159, unit="x", against="a sum", goal="<= 4 x", met=True, note="n")
    about = {"when": "2026-01-02T03:04:05", "cores": 2, "processor": "p", "python": "3", "numpy": "2", "duckdb": "1"}
    write_table(page, [row], about | {"load": 0.0})
    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "| XmR | a sum | 3.14 x | <= 4 x | met | n |" in text
    assert "old" not in text


def test_the_page_has_room_for_the_table() -> None:
    text = (ROOT / "docs" / "performance.md").read_text()
    assert text.index(BEGIN) < text.index(END)
