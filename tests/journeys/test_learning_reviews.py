"""Learning reviews: themes announced ahead give measures priority for a time (R46), in real rounds and letters; the calendar."""

import json
import re

import pytest
from click.testing import CliRunner

from alertd.cli.framework import command as framework
from alertd.cli.preview import command as preview
from alertd.cli.run import command as run
from alertd.core.errors import UsageError
from tests.journeys.support import Sink, fill, write_home
from tests.journeys.test_preview import parts_of, read

MONTHS = [f"{2020 + i // 12}-{i % 12 + 1:02d}-01" for i in range(36)]
RULES = """\
measures:
  calls: {name: Calls waiting, framework: M2, table: calls, grain: month, period: period, count: n, improvement: decrease, owner: lead}
  files: {name: Files returned, framework: M5, table: files, grain: month, period: period, count: n, improvement: decrease, owner: lead}
rules:
  calls-high: {measure: calls, threshold: {above: 100}}
  files-high: {measure: files, threshold: {above: 100}}
"""
REVIEWS = """\
framework:
  rows:
    M2: {title: Response, kind: measure, quadrant: 1}
    M5: {title: File quality, kind: measure, quadrant: 2}
  reviews:
    first: {held: 2022-06-22, announced: 2022-05-04, theme: Response}
    second: {held: 2022-09-21, announced: 2022-08-03, theme: "Files, and <what> courts say", rows: [M5]}
    third: {held: 2022-12-14, announced: 2022-10-26, theme: Victims, rows: [M2]}
    fourth: {held: 2023-03-22, announced: 2023-02-01, theme: Our people}
"""


def done(command, *arguments):
    """What a command prints, and its exit code; run here, as a user would run it."""
    result = CliRunner().invoke(command, [*map(str, arguments)], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout, result.return_value


def make(root, *, port=9, rules=RULES, reviews=REVIEWS, since="2022-04"):
    """A home in which both measures are high from a month on, the calls by far more."""
    home = write_home(root, rules, smtp_port=port, extra={"config/framework.yaml": reviews})
    for table, high in (("calls", 500), ("files", 120)):
        rows = [(month, high if month >= since else 80 + i % 5) for i, month in enumerate(MONTHS)]
        fill(home, table, "period date, n integer", rows)
    return home


def letter(sink, home, day, monkeypatch):
    """The letter of the first round of a fresh start at a day."""
    monkeypatch.setenv("ALERTD_STATE__URL", f"sqlite:///state-{day}-{len(sink.mails)}.db")
    _, code = done(run, "--once", "--as-of", day, "--home", home)
    assert code in (0, None)
    return sink.mails[-1][1]


def order_of(mail):
    """The measures of a letter in the order of its list."""
    return re.findall(r"^- .*?: (Calls waiting|Files returned),", parts_of(mail)[0], re.MULTILINE)


def test_the_same_exceptions_stand_in_another_order_while_a_theme_has_priority(tmp_path, monkeypatch):
    with Sink() as sink:
        home = make(tmp_path, port=sink.port)
        days = ("2022-08-02", "2022-08-03", "2022-09-21", "2022-09-22", "2022-10-26")
        letters = {day: letter(sink, home, day, monkeypatch) for day in days}
    files_first, calls_first = ["Files returned", "Calls waiting"], ["Calls waiting", "Files returned"]
    assert {day: order_of(mail) for day, mail in letters.items()} == {
        "2022-08-02": calls_first,
        "2022-08-03": files_first,
        "2022-09-21": files_first,
        "2022-09-22": calls_first,
        "2022-10-26": calls_first,
    }
    said = {day: re.findall(r"Theme of .*\.", parts_of(mail)[0]) for day, mail in letters.items()}
    assert said == {
        "2022-08-02": [],
        "2022-08-03": ["Theme of the next learning review, on 21 September 2022: Files, and <what> courts say."],
        "2022-09-21": ["Theme of today's learning review: Files, and <what> courts say."],
        "2022-09-22": [],
        "2022-10-26": ["Theme of the next learning review, on 14 December 2022: Victims."],
    }
    assert "Files, and &lt;what&gt; courts say." in parts_of(letters["2022-08-03"])[1]


@pytest.mark.parametrize(
    ("rule", "review", "first"),
    [
        ("", "", "Files returned"),
        ("priority: 4", "", "Calls waiting"),
        ("priority: 4", "priority: 3", "Files returned"),
        ("priority: 4", "priority: 4", "Files returned"),
        ("priority: 4", "from: 2022-08-11", "Calls waiting"),
        ("", "measures: [calls]", "Calls waiting"),
    ],
)
def test_a_theme_comes_first_among_equals_unless_its_review_gives_it_a_priority(
    tmp_path, monkeypatch, rule, review, first
):
    rules = RULES.replace("calls-high: {", f"calls-high: {{{rule and rule + ', '}")
    reviews = REVIEWS.replace("rows: [M5]", f"rows: [M5], {review}" if review else "rows: [M5]")
    with Sink() as sink:
        home = make(tmp_path, port=sink.port, rules=rules, reviews=reviews)
        assert order_of(letter(sink, home, "2022-08-10", monkeypatch))[0] == first


def test_a_priority_may_last_beyond_the_review(tmp_path, monkeypatch):
    with Sink() as sink:
        home = make(tmp_path, port=sink.port, reviews=REVIEWS.replace("rows: [M5]", "rows: [M5], to: 2022-10-05"))
        mail = letter(sink, home, "2022-10-05", monkeypatch)
    assert order_of(mail)[0] == "Files returned"
    assert "Theme of the learning review of 21 September 2022: Files" in parts_of(mail)[0]


def test_a_preview_is_the_letter_that_a_round_sends_while_a_theme_has_priority(tmp_path):
    with Sink() as sink:
        rules = RULES.replace("calls-high: {", "calls-high: {enabled: false, ")
        home = make(tmp_path / "home", port=sink.port, rules=rules, since="2022-07")
        done(run, "--once", "--as-of", "2022-07-10", "--home", home)
        assert sink.mails == []
        done(run, "--once", "--as-of", "2022-08-10", "--home", home)
        done(preview, "files-high", "--as-of", "2022-08-10", "--home", home, "--to", tmp_path / "out")
        ((_, sent),) = sink.mails
    assert parts_of(read(tmp_path / "out")) == parts_of(sent)
    assert "Theme of the next learning review, on 21 September 2022: Files, and <what> courts say." in parts_of(sent)[0]


def test_the_calendar_of_reviews_goes_by_performance_years_and_says_what_stands_out(tmp_path):
    home = make(tmp_path)
    text, code = done(framework, "--reviews", "--as-of", "2022-08-10", "--format", "json", "--home", home)
    assert code == 0
    rows = [json.loads(line) for line in text.splitlines()]
    assert [(row["performance_year"], row["quarter"], row["period"], row["stage"]) for row in rows] == [
        ("2022/23", 1, "2022-Q2", "held"),
        ("2022/23", 2, "2022-Q3", "announced"),
        ("2022/23", 3, "2022-Q4", "to come"),
        ("2022/23", 4, "2023-Q1", "to come"),
    ]
    assert [row["exceptions"] for row in rows] == [
        [],
        ["files-high: the whole force, 2022-07"],
        ["calls-high: the whole force, 2022-07"],
        [],
    ]
    assert [row["has_priority"] for row in rows] == [False, True, False, False]
    table, _ = done(framework, "--reviews", "--as-of", "2022-08-10", "--home", home)
    assert "Files, and <what> courts say" in table
    csv, _ = done(framework, "--reviews", "--as-of", "2022-08-10", "--format", "csv", "--home", home)
    assert csv.splitlines()[0].startswith("performance_year,quarter,review,announced,held,stage,theme,rows,exceptions")
    with pytest.raises(UsageError, match="--reviews is printed as"):
        done(framework, "--reviews", "--format", "html", "--home", home)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (
            "2022-03-31",
            "Performance year 2021/22. Next learning review: 22 June 2022, Response; to be announced on 4 May 2022.",
        ),
        ("2022-09-21", "Performance year 2022/23. Next learning review: 21 September 2022, Files"),
        ("2023-03-23", "Performance year 2022/23. No learning review is written from 23 March 2023 on."),
    ],
)
def test_the_framework_names_the_performance_year_and_the_next_review(tmp_path, day, said):
    home = make(tmp_path)
    text, _ = done(framework, "--as-of", day, "--home", home)
    assert said in " ".join(text.split())
    page, _ = done(framework, "--as-of", day, "--format", "html", "--home", home)
    assert f"<p>{said.partition('.')[0]}. N" in page


def test_a_force_may_begin_its_performance_year_in_another_month(tmp_path):
    reviews = REVIEWS.replace("  rows:", "  performance_year: starts in January\n  rows:")
    text, _ = done(
        framework, "--reviews", "--as-of", "2022-08-10", "--format", "csv", "--home", make(tmp_path, reviews=reviews)
    )
    assert [line.split(",")[:2] for line in text.splitlines()[1:]] == [
        ["2022", "2"],
        ["2022", "3"],
        ["2022", "4"],
        ["2023", "1"],
    ]
