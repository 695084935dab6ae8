"""Grades, from a table of words to letters: a fall, a share of poor files, and a self-assessment that does not come."""

import csv
import io
import json

import pytest

from tests.journeys.support import Sink, alertd, fill, write_home

SCALE = "scale: [Inadequate, Requires improvement, Good, Outstanding]"
RULES = f"""\
measures:
  inspection:
    {{name: File quality, table: inspection, grain: quarter, period: day, by: [district], grade: grade, {SCALE}, owner: lead}}
  files:
    {{name: Case files, table: files, aggregate: rows, grain: month, period: day, grade: grade, {SCALE}, owner: lead}}
rules:
  quality: {{measure: inspection, rating: {{dropped: 1 grade, at_or_below: Requires improvement}}}}
  failing: {{measure: inspection, rating: {{failed: true}}, status: shadow}}
  overdue: {{measure: inspection, rating: {{overdue: 30 days}}}}
  poor-files: {{measure: files, rating: {{share_above: {{grade: Requires improvement, share: 30 percent}}}}}}
"""
GRADES = {
    "Burnley": ["Outstanding", "Good", "requires improvement", None, "Inadequate"],
    "Preston": ["Good", "Outstanding", "Good", "Good", "Good"],
    "Wyre": ["Good", "Good", "Good", None, None],
}
QUARTERS = ["2021-02-11", "2021-05-20", "2021-08-01", "2021-11-30", "2022-01-10"]


@pytest.fixture
def home(tmp_path):
    made = write_home(tmp_path, RULES)
    inspections = [
        (day, place, grade)
        for place, grades in GRADES.items()
        for day, grade in zip(QUARTERS, grades, strict=True)
        if grade
    ]
    fill(made, "inspection", "day date, district varchar, grade varchar", inspections)
    files = [("2022-02-03", "Good")] * 7 + [("2022-02-20", "Inadequate")] * 3
    files += [("2022-03-03", "Outstanding")] * 6 + [("2022-03-09", "Requires improvement")] * 4
    fill(made, "files", "day date, grade varchar", files)
    return made


def points(home, rule, *more):
    done = alertd("explain", rule, "--format", "csv", "--as-of", "2022-04-15", *more, home=home)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def states(home, rule, *more):
    return [(point["period"], point["state"], point["signals"]) for point in points(home, rule, *more)]


def test_a_rating_is_checked_and_explained_period_by_period(home):
    alertd("check", home=home)
    assert states(home, "quality", "--where", "district=Burnley") == [
        ("2021-Q1", "quiet", ""),
        ("2021-Q2", "quiet", ""),
        ("2021-Q3", "exception", "grade"),
        ("2021-Q4", "unknown", ""),
        ("2022-Q1", "exception", "grade"),
    ]
    assert [point["value"] for point in points(home, "quality", "--where", "district=Burnley")] == [
        "4",
        "3",
        "2",
        "",
        "1",
    ]
    assert states(home, "failing", "--where", "district=Burnley")[-1] == ("2022-Q1", "exception", "failed")
    words = alertd("explain", "quality", "--as-of", "2022-04-15", "--where", "district=Burnley", home=home).stdout
    assert "Burnley, January to March 2022: Inadequate" in words
    assert "fell by 1 or more and at or below Requires improvement" in words


def test_a_share_of_poor_grades_shows_how_many_there_were(home):
    february, march = points(home, "poor-files")
    assert (february["state"], february["numerator"], february["denominator"]) == ("quiet", "3", "10")
    assert (march["state"], march["numerator"], march["denominator"]) == ("exception", "4", "10")
    assert (march["value"], march["signals"], float(march["statistic"])) == ("4", "grade", 0.4)
    alertd("preview", "poor-files", "--to", home / "out", "--as-of", "2022-04-15", home=home)
    (text,) = (home / "out").glob("*.txt")
    assert "4 of 10 grades at or below Requires improvement" in " ".join(text.read_text().split())


def test_a_grade_that_does_not_come_is_overdue_by_the_clock_and_not_by_a_figure(home):
    def overdue(day):
        done = alertd("evaluate", "--rule", "overdue", "--format", "json", "--as-of", day, home=home)
        found = [json.loads(one) for one in done.stdout.splitlines()]
        return {one["series"]["district"]: (one["period"], one["since"], one["signals"], one["owner"]) for one in found}

    assert overdue("2022-01-29") == {}
    late = ("2021-Q4", "2021-Q4", ["overdue"], "lead")
    assert overdue("2022-01-30") == {"Burnley": late, "Wyre": late}, "nothing of January to March is complete yet"
    assert overdue("2022-04-15") == {"Wyre": ("2022-Q1", "2021-Q4", ["overdue"], "lead")}, "Burnley has been graded"
    assert overdue("2022-07-30").keys() == {"Wyre", "Burnley", "Preston"}


def test_a_fall_and_an_overdue_grade_are_told_once_and_taken_back_when_the_grade_comes(home):
    with Sink() as sink:
        write_home(home, RULES, smtp_port=sink.port)
        alertd("run", "--once", "--as-of", "2022-05-15", home=home)
        (first,) = sink.to("lead@example.org")
        body = " ".join(first.get_body(("plain",)).get_content().split())
        assert "Inadequate" in body
        assert "overdue" in body
        assert not sink.to("steward@example.org") or "File quality" not in str(first["Subject"]), (
            "a leader's, no feed's"
        )
        alertd("run", "--once", "--as-of", "2022-05-16", home=home)
        assert len(sink.to("lead@example.org")) == 1
        more = [(day, place, grade) for place, grades in GRADES.items()
                for day, grade in zip(QUARTERS, grades, strict=True) if grade]  # fmt: skip
        fill(home, "inspection", "day date, district varchar, grade varchar", [*more, ("2022-03-30", "Wyre", "Good")])
        alertd("run", "--once", "--as-of", "2022-05-17", home=home)
        ended = sink.to("lead@example.org")[1:]
        assert len(ended) == 1
        text = " ".join(ended[0].get_body(("plain",)).get_content().split()).lower()
        assert "wyre" in text
        assert "revised" not in text, "a grade that has come is no revision"
