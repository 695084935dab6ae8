"""A hostile author and a curious reader: no command, letter or file gives away the figures of one person or of a few (R32)."""

import base64
import json
import re
import sqlite3
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from tests.journeys.support import Sink, alertd, fill, write_home

PLACES = """\
places:
  County: {level: force}
  West: {level: division, parent: County}
  East: {level: division, parent: County}
  Alpha: {level: team, parent: West}
  Bravo: {level: team, parent: West}
  Tiny: {level: team, parent: West}
  Delta: {level: team, parent: East}
  Echo: {level: team, parent: East}
"""
HEADS = {"Alpha": 26, "Bravo": 21, "Tiny": 3, "Delta": 30, "Echo": 28}
LOST = {"Alpha": 1357, "Bravo": 2468, "Tiny": 4321, "Delta": 1579, "Echo": 1753}
"""Hours lost of 9,876: Tiny's are three people's, and Bravo's would give them away beside the division's."""
SECRET = ("4321", "4,321", "43.75", "43.8", "2468", "2,468", "24.98", "25.0%", "0.4375", "0.2498")
NO_FIGURE = ("[0-9A-Za-z_]", "[0-9]:", "N-", "process ")
"""What stands before digits of chance: the rest of a digest, the minutes of an instant, a notice's and a process's number."""
FIGURE = re.compile(
    rf"{''.join(f'(?<!{one})' for one in NO_FIGURE)}(?:{'|'.join(map(re.escape, SECRET))})(?![0-9]*[A-Za-z_])"
)
"""A secret as a figure of its own."""
RULES = """\
measures:
  sickness: {name: Working time lost, framework: M1, table: sickness, grain: month, period: month, by: [team],
             numerator: lost, denominator: hours, unit: percent, improvement: decrease, owner: lead,
             sensitive: health, group_size: heads, marking: OFFICIAL-SENSITIVE,
             dpia: {reference: DPIA-2026-014, approved_by: Data protection officer, approved_on: 2021-05-01}}
rules:
  sickness-high: {measure: sickness, threshold: {above: 5}, at: [team, division, force]}
  sickness-spc: {measure: sickness, spc: {chart: p, rules: three-sigma}}
  sickness-compared: {measure: sickness, funnel: {limits: 95, min_peers: 3, last: 3 periods}}
"""
FRAMEWORK = """\
framework:
  quadrants: {1: Local policing}
  rows: {M1: {title: Our people, kind: measure, quadrant: 1, disclosure_floor: 10}}
"""
MONTHS = [f"{year}-{month:02d}-01" for year in (2021, 2022) for month in range(1, 13)]


def sickness() -> Iterator[tuple[str, str, int, int, int]]:
    for number, month in enumerate(MONTHS):
        for team, lost in LOST.items():
            yield month, team, lost, 9876, HEADS[team] + (number % 2 if team == "Alpha" else 0)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as running:
        yield running


def texts_of(mail: EmailMessage) -> str:
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts])


def texts_below(folder: Path) -> str:
    """Every text among the files below a folder, with the data that pages hold in their links."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".html", ".txt", ".json", ".csv", ".svg", ".eml"):
            text = path.read_text()
            found.append(text)
            found += [
                base64.b64decode(data).decode("utf-8", "replace")
                for data in re.findall(r"(?:base64,|\n)([A-Za-z0-9+/]{80,}={0,2})", text)
                if len(data) % 4 == 0
            ]
    return "\n".join(found)


def state_of(path: Path) -> str:
    """Everything in a state database, and the letters in it as people read them."""
    with sqlite3.connect(path) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        rows = [row for table in tables for row in connection.execute(f"select * from {table}")]
    cells = [cell for row in rows for cell in row]
    return "\n".join(
        texts_of(message_from_bytes(cell, policy=default)) if isinstance(cell, bytes) else str(cell) for cell in cells
    )


@pytest.mark.parametrize(
    "text", ["2468", "value 2468.", '"value":43.75253', "2468/9876", "a share of 43.8%", "(2,468)"]
)
def test_a_figure_is_known_where_it_stands(text: str) -> None:
    assert FIGURE.search(text)


@pytest.mark.parametrize(
    "text",
    [
        *("9f2468ac", "2468ac01", "24681357f0", "12467", "12,468", "143.8"),
        *("2026-11-23T16:12:43.812345", "2026-11-23T16:12:09.432100Z", "process 24681 on host", "Notice N-24681357."),
    ],
)
def test_chance_digits_are_not_taken_for_a_figure(text: str) -> None:
    assert not FIGURE.search(text)


def test_no_command_letter_file_or_state_tells_the_figures_of_a_few(tmp_path: Path, sink: Sink) -> None:
    extra = {"config/places.yaml": PLACES, "config/framework.yaml": FRAMEWORK}
    home = write_home(tmp_path, RULES, smtp_port=sink.port, extra=extra)
    fill(home, "sickness", "month date, team varchar, lost integer, hours integer, heads integer", sickness())
    day = ("--as-of", "2023-01-20")
    out: dict[str, str] = {}
    (tmp_path / "out").mkdir()

    def ask(name: str, *args: object, code: int | None = 0) -> str:
        done = alertd(*args, home=home, code=code)
        out[name] = done.stdout + done.stderr
        return done.stdout

    found = [json.loads(line) for line in ask("evaluate", "evaluate", "--all", "--format", "json", *day).splitlines()]
    ask("explain", "explain", "sickness-high", "--format", "csv", *day)
    words = ask("explain in words", "explain", "sickness-spc", "--where", "team=Tiny", *day)
    ask("back-test", "backtest", "--from", "2022-10-01", "--to", "2023-01-20", "--html", tmp_path / "out/backtest.html")
    ask("preview", "preview", "sickness-high", "--to", tmp_path / "out/preview", *day, code=None)
    ask("framework", "framework", "--format", "html", *day)
    ask("run", "run", "--once", *day)
    out["letters"] = "\n".join(texts_of(mail) for _, mail in sink.mails)
    out["files"] = texts_below(tmp_path / "out")
    out["state"] = state_of(home / "state.db")

    for name, text in out.items():
        assert not FIGURE.findall(text), name
    state = {(one["rule"], "".join(one["series"].values())): one for one in found}
    for team in ("Tiny", "Bravo"):
        one = state["sickness-high", team]
        assert (one["state"], one["value"]) == ("unknown", None)
        assert "or of 10 people behind it" in one["summary"]
    assert "fewer than 10 people stand behind it, or it would give away the figure of so few" in words
    for series in ("Alpha", "Delta", "Echo", "West", "East", ""):
        assert state["sickness-high", series]["state"] == "exception"
    # what may be shown is, so that none of the above is empty: Alpha's share, and the division's that all three are part of
    assert "13.7" in out["letters"]
    assert "27.5" in out["letters"]
    assert "1357" in out["explain"]
    assert "13.7" in out["files"]
    assert "Shown of groups of 10 people and more" in out["letters"]
    assert "DPIA-2026-014" in out["letters"]
    assert "DPIA-2026-014" in out["state"]
    assert "13.7" in out["state"]  # its letters were read as people read them
    assert "steward@example.org" not in sink.recipients  # what is withheld is no fault of the data


PERSONS = """\
measures:
  minutes: {name: Minutes, table: minutes, grain: month, period: month, by: [team], value: minutes, owner: lead, improvement: decrease}
  hidden: {name: Hidden, table: hidden, grain: month, period: month, by: [label], value: minutes, owner: lead, improvement: decrease}
rules:
  minutes-high: {measure: minutes, threshold: {above: 5}}
  hidden-high: {measure: hidden, threshold: {above: 5}}
"""


def test_series_that_are_named_like_persons_behind_a_harmless_column_are_left_out_and_told_without_a_name(
    tmp_path: Path, sink: Sink
) -> None:
    home = write_home(tmp_path, PERSONS, smtp_port=sink.port)
    names = ["PC 1234 Example", "j.doe@example.org", "Response A"]
    columns = "month date, team varchar, minutes double"
    fill(home, "minutes", columns, [(month, name, 77.125) for month in MONTHS for name in names])
    fill(
        home,
        "hidden",
        columns.replace("team", "label"),
        [(month, name, 88.25) for month in MONTHS for name in names[:2]],
    )
    checked = alertd("check", home=home, code=1)
    assert checked.stdout.count("error[A133]") + checked.stderr.count("error[A133]") == 2
    shown = alertd("evaluate", "--all", "--format", "json", "--as-of", "2023-01-20", home=home, code=None)
    ran = alertd("run", "--once", "--as-of", "2023-01-20", home=home, code=1)
    letters = "\n".join(texts_of(mail) for _, mail in sink.mails)
    assert {line["series"]["team"] for line in map(json.loads, shown.stdout.splitlines()) if line["series"]} == {
        "Response A"
    }
    assert "every series is named like one" in ran.stdout + ran.stderr  # of `hidden` nothing is left to judge
    assert "2 series" in letters  # the steward is told how many, and not who
    assert "Response A" in letters
    for text in (
        checked.stdout,
        checked.stderr,
        shown.stdout,
        shown.stderr,
        ran.stdout,
        ran.stderr,
        letters,
        state_of(home / "state.db"),
    ):
        assert not [name for name in ("PC 1234", "j.doe", "88.25") if name in text]


def test_what_check_refuses_no_command_judges(tmp_path: Path) -> None:
    text = PERSONS.replace("table: minutes", "sql: m.sql")
    sql = "select month, minutes, officer_id || ' (team)' as team from minutes"
    home = write_home(tmp_path, text, extra={"rules/m.sql": sql})
    fill(home, "minutes", "month date, officer_id varchar, minutes double", [(month, "x77", 9) for month in MONTHS])
    checked = alertd("check", "--offline", home=home, code=1)
    assert "error[A133]" in checked.stdout + checked.stderr
    for command in (("evaluate",), ("run", "--once")):
        done = alertd(*command, home=home, code=2, env={"ALERTD_INSTANCE": "other"})
        assert "A133" in done.stdout + done.stderr
        assert "x77" not in done.stdout + done.stderr
    env = {"ALERTD_PERSON_LEVEL__ALLOWED": "true"}
    done = alertd("evaluate", home=home, code=2, env=env)
    assert "no variable overrides it" in done.stdout + done.stderr
