"""What a command prints goes into pipes and files, whose readers go and whose disks are full."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.starts import Forked
from tests.journeys.support import write_home

RULES = """\
measures:
  calls: {name: Calls, table: calls, grain: month, period: period, count: n, owner: lead}
rules:
  busy: {measure: calls, threshold: {above: 100}}
"""


@pytest.mark.parametrize(("limit", "code"), [("above", 0), ("abvoe", 1)])
def test_a_reader_who_has_seen_enough_changes_no_exit_code(tmp_path: Path, limit: str, code: int) -> None:
    """`alertd check | head -1` in a pipeline of CI says what `alertd check` says."""
    write_home(tmp_path, RULES.replace("above", limit))
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "alertd", "check", "--offline", "--home", str(tmp_path)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=300)
    os.close(writing)
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_output_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    assert Forked(["schema"], out=Path("/dev/full"), err=errors).wait() == 2
    assert errors.read_text() == "alertd: standard output cannot be written: No space left on device\n"


def test_errors_that_nobody_reads_change_no_exit_code() -> None:
    assert Forked(["evaluate", "--format", "none"], err=Path("/dev/full")).wait() == 2


def test_a_closed_output_leads_nowhere(tmp_path: Path) -> None:
    write_home(tmp_path, RULES)
    command = [sys.executable, "-m", "alertd", "check", "--offline", "--home", str(tmp_path)]
    closed = ["sh", "-c", 'exec "$0" "$@" >&-', *command]
    done = subprocess.run(closed, stderr=subprocess.PIPE, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_said_on_standard_error_is_there_at_once() -> None:
    """A process that is killed has said what led to it."""
    killed = "import os, sys; from alertd.cli.outlets import open_outlets; open_outlets(); sys.stderr.write('why\\n'); os._exit(9)"
    done = subprocess.run([sys.executable, "-c", killed], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (9, "why\n")
