"""A place whose name turns the writing round, paints a terminal or begins a line is shown safely, the same way everywhere (R33)."""

import csv
import io
import json
from urllib.parse import unquote

import pytest

from alertd.core.printable import is_unprintable
from tests.journeys.support import Sink, alertd, fill, write_home

NAME = "Bur\u202enley\x1b[31m\u2028Bcc: x\u200b\u2066 \x85y\nz"
SHOWN = "Bur nley [31m Bcc: x y z"
RULES = """\
measures:
  calls: {name: Calls, table: calls, grain: month, period: p, by: [place], value: v, improvement: decrease, owner: lead}
rules:
  high: {measure: calls, threshold: {above: 50}}
  higher: {measure: calls, threshold: {above: 60}}
  either: {any_of: [high, higher], within: 1 period}
"""
AS_OF = ("--as-of", "2022-12-05")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A home after one round, and the letters of it."""
    with Sink() as sink:
        home = write_home(tmp_path_factory.mktemp("home"), RULES, smtp_port=sink.port)
        rows = [(f"2022-{month:02d}-01", NAME, 99.0 if month == 11 else 10.0) for month in range(1, 12)]
        fill(home, "calls", "p date, place varchar, v double", rows)
        alertd("run", "--once", *AS_OF, home=home)
        yield home, sink.to("lead@example.org")


def unprintable(text: str) -> set[str]:
    return {sign for sign in text if is_unprintable(sign)} - {"\n", "\r"}


def test_letters_name_it_on_one_line(told):
    _, (letter,) = told
    for kind in ("plain", "html"):
        text = letter.get_body((kind,)).get_content()
        assert not unprintable(text)
        assert SHOWN in text
    assert "Bcc" not in letter
    assert f"Calls, {SHOWN}, November 2022: 99, beyond the agreed level" in letter.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    "command",
    [
        ("evaluate", *AS_OF),
        ("evaluate", *AS_OF, "--format", "csv"),
        ("explain", "high", *AS_OF),
        ("explain", "either", *AS_OF),
        ("explain", "high", *AS_OF, "--format", "csv"),
        ("exceptions", "list"),
        ("exceptions", "list", "--format", "csv"),
        ("backtest", "high", "--notices"),
        ("outbox", "list"),
    ],
)
def test_what_people_and_spreadsheets_read_holds_no_sign_that_is_not_printed(told, command):
    home, _ = told
    printed = alertd(*command, home=home).stdout
    assert not unprintable(printed)
    if "csv" in command:
        rows = list(csv.DictReader(io.StringIO(printed)))
        assert {unquote(row["series"]) for row in rows} == {f"place={NAME}"}
        assert len(printed.splitlines()) == len(rows) + 1
    elif "outbox" not in command:
        assert SHOWN in printed


@pytest.mark.parametrize(
    "command", [("evaluate", *AS_OF), ("explain", "high", *AS_OF), ("exceptions", "list"), ("backtest", "high")]
)
def test_json_says_the_very_name_and_is_one_object_a_line(told, command):
    home, _ = told
    printed = alertd(*command, "--format", "json", home=home).stdout
    assert not unprintable(printed)
    found = [json.loads(line) for line in printed.splitlines()]
    assert {one["series"]["place"] for one in found if isinstance(one.get("series"), dict)} == {NAME}


def test_an_error_that_offers_the_name_is_fit_for_a_terminal(told):
    home, _ = told
    said = alertd("explain", "high", "--where", "place=" + NAME[:-4], home=home, code=2).stderr
    assert "did you mean" in said
    assert not unprintable(said)
