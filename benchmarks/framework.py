"""The whole framework over its demonstration warehouse: what its commands cost, in time of the processor."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Row, Sizes, at_most

NAME = "framework"
_ROOT = Path(__file__).parent.parent
_COMMANDS: dict[str, tuple[list[str], float]] = {
    "`alertd check --offline`": (["check", "--offline"], 2),
    "`alertd evaluate`": (["evaluate"], 8),
    "`alertd framework`": (["framework"], 8),
    "`alertd check`, every rule replayed over three years": (["check"], 20),
}
"""What is run, and the most that it is to take, in seconds."""


def run(sizes: Sizes) -> Iterator[Row]:
    """Build the warehouse and run the commands, start-up and reading included: others on the machine add little to this."""
    whole = sizes.rules >= 1000
    with tempfile.TemporaryDirectory(prefix="alertd-bench-") as name:
        home, warehouse = Path(name), Path(name) / "warehouse.duckdb"
        for folder in ("config", "rules", "channels", "templates"):
            shutil.copytree(_ROOT / folder, home / folder)
        size = "county" if whole else "small"
        building = _processor_time("demo-warehouse", "build", str(warehouse), "--force-size", size)
        yield at_most(NAME, f"building the `{size}` demonstration warehouse", building, "s", 30)
        for what, (command, most) in _COMMANDS.items() if whole else list(_COMMANDS.items())[:1]:
            taken = min(_processor_time(*command, "--home", str(home)) for _ in range(min(2, sizes.repeats)))
            yield at_most(NAME, f"{what}, the framework's 24 rows over `{size}`", taken, "s", most)


def _processor_time(*arguments: str) -> float:
    """The seconds of the processor that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environ = {**os.environ, "PYTHONPATH": str(_ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "alertd", *arguments], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"alertd {' '.join(arguments)} gave {done.returncode}: {(done.stdout + done.stderr)[-800:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
