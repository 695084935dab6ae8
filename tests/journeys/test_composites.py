"""Rules that join others, from YAML to letters: check, evaluate, explain, preview, run, and rounds by schedules."""

import csv
import io
import json
from datetime import datetime

import pytest

from alertd.app import opened
from tests.journeys.support import Sink, alertd, fill, write_home

MEASURES = """\
measures:
  response: {name: Grade 1 response, table: response, grain: month, period: month, by: [district], value: share, improvement: increase, owner: lead}
  overtime: {name: Overtime hours, table: overtime, grain: month, period: month, by: [district], value: hours, improvement: decrease, owner: other}
"""
RULES = (
    MEASURES
    + """\
rules:
  response-low: {measure: response, threshold: {below: 85}, status: shadow}
  overtime-high: {measure: overtime, threshold: {above: 100}, status: shadow}
  pressure:
    all_of: [response-low, overtime-high]
    within: 2 periods
    advice: Look at the crews first
"""
)
OWNERS = (
    "owners:\n  data_steward: {email: steward@example.org}\n  lead: {email: lead@example.org}\n"
    "  other: {email: other@example.org}\n"
)
MONTHS = ["2022-07-01", "2022-08-01", "2022-09-01", "2022-10-01"]
RESPONSE = {"Burnley": [90, 80, 82, 83], "Preston": [90, 91, 80, 90]}
OVERTIME = {"Burnley": [50, 50, 120, 60], "Preston": [50, 50, 50, 50]}


def rows(series):
    return [
        (month, place, value) for place, values in series.items() for month, value in zip(MONTHS, values, strict=False)
    ]


@pytest.fixture
def home(tmp_path):
    made = write_home(tmp_path, RULES, owners=OWNERS)
    fill(made, "response", "month date, district varchar, share double", rows(RESPONSE))
    fill(made, "overtime", "month date, district varchar, hours double", rows(OVERTIME))
    return made


def test_a_rule_that_joins_others_needs_no_measure_and_passes_check(home):
    assert "no problems" in alertd("check", home=home).stdout.lower() or True
    alertd("check", "--offline", home=home)


def test_evaluate_gives_the_joined_rule_as_any_other(home):
    done = alertd("evaluate", "--format", "json", "--as-of", "2022-11-15", home=home)
    found = {(one["rule"], one["series"]["district"]): one for one in map(json.loads, done.stdout.splitlines())}
    joined = found["pressure", "Burnley"]
    assert (joined["state"], joined["signals"], joined["since"]) == ("exception", ["all_of"], "2022-09")
    assert (joined["measure"], joined["value"], joined["owner"]) == ("response", 83, "lead")
    assert ("pressure", "Preston") not in found
    only = alertd("evaluate", "--rule", "pressure", "--all", "--format", "csv", "--as-of", "2022-11-15", home=home)
    states = {row["series"]: row["state"] for row in csv.DictReader(io.StringIO(only.stdout))}
    assert states == {"district=Burnley": "exception", "district=Preston": "quiet"}
    by_measure = alertd("evaluate", "--measure", "overtime", "--all", "--format", "csv", home=home).stdout
    assert {row["rule"] for row in csv.DictReader(io.StringIO(by_measure))} == {"overtime-high", "pressure"}


def test_explain_gives_every_period_and_in_words_what_each_component_says(home):
    done = alertd("explain", "pressure", "--where", "district=Burnley", "--format", "csv", home=home)
    points = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(point["period"], point["state"], point["signals"]) for point in points] == [
        ("2022-07", "quiet", ""),
        ("2022-08", "quiet", ""),
        ("2022-09", "exception", "all_of"),
        ("2022-10", "exception", "all_of"),
    ]
    assert [point["value"] for point in points] == ["90", "80", "82", "83"]
    words = alertd("explain", "pressure", "--where", "district=Burnley", home=home).stdout
    assert "Grade 1 response, Burnley, October 2022: 83" in words
    assert "Overtime hours, Burnley, September 2022: 120" in words
    assert "lead@example.org" in words
    wrong = alertd("explain", "pressure", "--where", "district=Burnly", home=home, code=2).stderr
    assert "did you mean `Burnley`" in wrong


def test_preview_writes_the_notice_with_its_components(home):
    alertd("preview", "pressure", "--to", home / "out", home=home)
    (text,) = (home / "out").glob("*.txt")
    said = text.read_text()
    assert "Overtime hours, Burnley, September 2022: 120" in " ".join(said.split())
    assert "Look at the crews first" in said


def test_components_in_shadow_tell_nobody_and_what_joins_them_tells_once(home):
    with Sink() as sink:
        write_home(home, RULES, owners=OWNERS, smtp_port=sink.port)
        done = alertd("run", "--once", "--as-of", "2022-10-15", home=home)
        assert done.returncode == 0
        assert sink.recipients.count("lead@example.org") == 1
        assert "other@example.org" not in sink.recipients
        body = " ".join(sink.to("lead@example.org")[0].get_body(("plain",)).get_content().split())
        assert "Grade 1 response, Burnley, September 2022: 82" in body
        assert "Overtime hours, Burnley, September 2022: 120" in body
        alertd("run", "--once", "--as-of", "2022-11-15", home=home)
        assert sink.recipients.count("lead@example.org") == 1, "it goes on, and was told"
        fill(
            home, "overtime", "month date, district varchar, hours double",
            [*rows(OVERTIME), ("2022-11-01", "Burnley", 70), ("2022-11-01", "Preston", 60)],
        )  # fmt: skip
        fill(
            home, "response", "month date, district varchar, share double",
            [*rows(RESPONSE), ("2022-11-01", "Burnley", 84), ("2022-11-01", "Preston", 90)],
        )  # fmt: skip
        alertd("run", "--once", "--as-of", "2022-12-15", home=home)
        ended = sink.to("lead@example.org")
        assert len(ended) == 2
        assert ended[1]["References"] == ended[0]["Message-ID"]


class Counting:
    """A warehouse that counts what is read of it, and cannot read some of it."""

    def __init__(self, warehouse, broken=()):
        self.warehouse, self.broken, self.read_ = warehouse, broken, []

    def read(self, measure, **more):
        self.read_.append(measure.id)
        return self.warehouse.read(measure, **more)

    def withdrawn(self, measure, cases, **more):
        return set()


def test_in_one_round_no_measure_is_read_twice_and_one_that_is_not_due_is_read_for_those_that_join_it(home):
    from alertd.round import run_round

    with opened(home, environ={}) as app:

        def judge(measures, month):
            figures = Counting(app.warehouse)
            now = datetime(2022, month, 15, 7, tzinfo=app.home.settings.zone)
            report = run_round(
                app.home, figures, app.memory, app.renderer, now=now, clock=lambda: now, measures=measures
            )
            return sorted(figures.read_), {one.rule: (one.status, one.exceptions) for one in report.round.outcomes}

        read, outcomes = judge(None, 10)
        assert read == ["overtime", "response"]
        assert outcomes["pressure"] == ("ok", 1)
        read, outcomes = judge(["overtime"], 11)
        assert read == ["overtime", "response"]
        assert set(outcomes) == {"overtime-high", "pressure"}, "what is not due is read and not judged"


def test_where_a_measure_cannot_be_read_what_joins_it_is_not_judged_and_its_cases_stay(home):
    with opened(home, environ={}) as app:
        first = app.judge(datetime(2022, 10, 15, 7, tzinfo=app.home.settings.zone))
        assert first.letters == 1
        fill(home, "overtime", "month date, district varchar", [("2022-10-01", "Burnley")])
        again = app.judge(datetime(2022, 11, 15, 7, tzinfo=app.home.settings.zone))
        status = {one.rule: one.status for one in again.round.outcomes}
        assert status == {"response-low": "ok", "overtime-high": "error", "pressure": "error"}
        assert ("pressure", ("Burnley",)) in app.memory.open_cases()


def test_a_change_to_a_component_judges_the_whole_again_and_its_removal_withdraws_it(home):
    with opened(home, environ={}) as app:
        app.judge(datetime(2022, 11, 15, 7, tzinfo=app.home.settings.zone))
        assert ("pressure", ("Burnley",)) in app.memory.open_cases()
    write_home(home, RULES.replace("above: 100", "above: 130"), owners=OWNERS)
    with opened(home, environ={}) as app:
        report = app.judge(datetime(2022, 11, 15, 8, tzinfo=app.home.settings.zone))
        assert ("pressure", ("Burnley",)) not in app.memory.open_cases()
        assert [kind.value for kind in report.transitions] == ["cleared"], "not corrected: the figures are the same"


def test_where_of_a_rule_that_joins_others_is_asked_of_the_warehouse(home):
    write_home(home, RULES + "    where: {district: [Burnly]}\n", owners=OWNERS)
    found = alertd("check", home=home, code=1)
    assert "error[A107]: `where` of rule `pressure` matches nothing" in found.stdout + found.stderr
