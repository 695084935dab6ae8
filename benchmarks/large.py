"""The large feed, in a process of its own so that its memory can be told: `python -m benchmarks.large FILE REPEATS`."""

import json
import resource
import sys
import time
from pathlib import Path

from alertd.core.calendar import Calendar
from alertd.core.evaluate import judge
from alertd.core.places import Places
from benchmarks.data import ALL_COLUMNS, NOW, arrow_scan, measure, rule, warehouse_at
from benchmarks.measuring import best


def read_and_judge(path: Path) -> int:
    """Read the feed and judge its newest period; gives how many series there were."""
    warehouse = warehouse_at(f"duckdb:///{path}", path.parent)
    block = warehouse.read(measure(), now=NOW, places=Places())
    return len(judge(rule(), measure(), block, Calendar(), NOW).keys)


def peak_gigabytes() -> float:
    """The most memory that this process has held; what its parent held before it began does not count."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    (high,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(high) / 1024**2


def main(path: Path, repeats: int) -> None:
    """Print what one feed takes, as JSON."""
    start = time.perf_counter()
    series = read_and_judge(path)
    first = time.perf_counter() - start
    peak = peak_gigabytes()
    scanning = best(arrow_scan(path, ALL_COLUMNS), repeats)
    judging = min(first, best(lambda: read_and_judge(path), repeats))
    print(json.dumps({"series": series, "gigabytes": peak, "judging": judging, "scanning": scanning}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
