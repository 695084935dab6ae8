"""Tables on a terminal of any width, and in a pipe."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.cli.printing import Narrow, csv_cell, fit

PROGRAM = """
import json, sys
from alertd.cli.printing import Narrow, print_rows
rows, columns, narrow = json.loads(sys.argv[1])
print_rows(rows, columns, "table", empty="Nothing.", narrow=Narrow(**narrow))
"""
LETTERS = [
    {
        "id": f"575e0368{number:04}",
        "recipient": "priestbridge@example.org",
        "subject": "OFFICIAL - Priestbridge: Duty time spent outside police premises\nbelow usual range again",
        "made_at": "2023-01-12 07:00",
        "error": "",
    }
    for number in range(2)
]
COLUMNS = ["id", "recipient", "made_at", "error", "subject"]
NARROW = {"drop": ["made_at", "error"], "shorten": {"subject": 30}}


def on_a_terminal(columns: int, rows: object = LETTERS, narrow: object = NARROW) -> list[str]:
    """The lines of a table as a terminal of that width gets them."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environ = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    arguments = [sys.executable, "-c", PROGRAM, json.dumps([rows, COLUMNS, narrow])]
    with subprocess.Popen(arguments, stdout=theirs, env=environ | {"TERM": "xterm"}) as program:
        os.close(theirs)
        text = b""
        while True:
            try:
                read = os.read(ours, 65_536)
            except OSError:  # how Linux says that the other side is closed
                break
            if not read:
                break
            text += read
    os.close(ours)
    assert program.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", text.decode()).replace("\r\n", "\n").rstrip("\n").split("\n")


@pytest.mark.parametrize(
    ("columns", "header", "more"),
    [
        (74, ["id", "recipient", "subject"], "(not shown: made at, error; --format csv has them)"),
        (92, ["id", "recipient", "made", "at", "subject"], "(not shown: error; --format csv has it)"),
        (160, ["id", "recipient", "made", "at", "error", "subject"], None),
    ],
)
def test_a_narrow_terminal_loses_the_least_important_columns_and_is_told_so(columns, header, more):
    lines = on_a_terminal(columns)
    assert lines[0].split() == header
    assert len(lines) == (2 + len(LETTERS) + (more is not None))
    assert max(map(len, lines)) <= columns
    if more is not None:
        assert lines[-1] == more


def test_names_stay_whole_and_only_a_long_text_ends_in_an_ellipsis():
    row = on_a_terminal(80)[2]
    assert row.startswith("575e03680000  priestbridge@example.org  OFFICIAL - Priestbridge: ")
    assert row.endswith("…")
    assert "again" in on_a_terminal(200)[2]


def test_what_must_stay_whole_is_left_to_the_terminal_to_fold():
    assert "priestbridge@example.org" in "".join(on_a_terminal(20))


def test_a_pipe_gets_every_column_and_every_word_on_one_line_a_row():
    rows = [{**LETTERS[0], "subject": "word " * 300}]
    run = [sys.executable, "-c", PROGRAM, json.dumps([rows, COLUMNS, NARROW])]
    lines = subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines[0].split() == ["id", "recipient", "made", "at", "error", "subject"]
    assert len(lines) == 3
    assert lines[2].split().count("word") == 300


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 60), min_size=1),
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 40)),
    st.integers(10, 300),
)
def test_fitting_keeps_order_and_whole_columns_and_wastes_nothing(widths, drop, shorten, available):
    fitted = fit(widths, available, Narrow(drop=drop, shorten=shorten))
    assert [column for column in widths if column in fitted] == list(fitted)
    assert widths.keys() - fitted.keys() <= set(drop)
    assert all(fitted[column] == widths[column] for column in fitted if column not in shorten)
    assert all(fitted[column] <= widths[column] for column in fitted)
    if sum(widths.values()) + 2 * (len(widths) - 1) <= available:
        assert fitted == widths


@pytest.mark.parametrize("before", ["", " ", "\t", "\r", "\n", "\x1b", "\u202e"])
@pytest.mark.parametrize("sign", "=+-@")
def test_no_text_in_a_csv_begins_a_formula_whatever_stands_before_its_sign(before, sign):
    assert csv_cell(f"{before}{sign}1").startswith("'")
