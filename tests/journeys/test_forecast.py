"""Capacity against demand, from YAML to the letter: check, test, evaluate, explain, preview, a back-test and rounds."""

import json
from datetime import datetime

import pytest

from alertd.app import opened
from alertd.core.rule_changes import RuleChange, differences
from alertd.round import run_round
from alertd.round.readings import readings_of
from tests.journeys.support import Sink, alertd, fill, write_home

MEASURES = """\
measures:
  calls: {name: Calls for service, table: calls, grain: month, period: month, by: [district], count: calls, unit: calls, improvement: neither, owner: lead}
  crews: {name: Calls that crews can take, table: crews, grain: month, period: month, value: most, unit: calls, improvement: increase, owner: other}
"""
RULES = (
    MEASURES
    + """\
rules:
  calls-above-crews:
    measure: calls
    forecast: {demand: this measure, capacity: crews, within: 3 periods, confidence: 80}
    advice: Spread the leave of the summer
tests:
  enough:
    rule: calls-above-crews
    values: {calls: 10 11 9 10 10 11 9 10 10 11 9 10 10 11, crews: 20*14}
    expect: L*10 ....
  short:
    rule: calls-above-crews
    values: {calls: {Burnley: 10 11 9 10 10 11 9 10 10 11 9 10 10 11, Preston: 2*14}, crews: 20*12 6 20}
    expect: {Burnley: L*10 ..FC, Preston: quiet}
    told: {Burnley: lead@example.org}
    says: {Burnley: expected to pass its capacity of 6 calls}
"""
)
OWNERS = (
    "owners:\n  data_steward: {email: steward@example.org}\n  lead: {email: lead@example.org}\n"
    "  other: {email: other@example.org}\n"
)
SEASON = (60, 62, 80, 91, 110, 121, 150, 148, 110, 99, 92, 79)


EXPLAINED = ("explain", "calls-above-crews", "--where", "district=Burnley", "--as-of", "2023-05-10")


def calls(until="2023-13"):
    return [
        (f"{year}-{month:02}-01", place, SEASON[month - 1] // size + (year * 7 + month * 5) % 5 - 2)
        for year in range(2018, 2024)
        for month in range(1, 13)
        for place, size in (("Burnley", 1), ("Preston", 2))
        if f"{year}-{month:02}" <= until
    ]


@pytest.fixture
def home(tmp_path):
    made = write_home(tmp_path, RULES, owners=OWNERS)
    fill(made, "calls", "month date, district varchar, calls integer", calls())
    fill(made, "crews", "month date, most double", [("2018-01-01", 160), ("2023-02-01", 135)])
    return made


def test_check_takes_it_and_its_tests_pass_without_a_warehouse(home):
    alertd("check", home=home)
    done = alertd("test", home=home)
    assert "2 passed" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("before", "after", "code", "said"),
    [
        ("capacity: crews", "capacity: crew", "A102", "did you mean `crews`"),
        ("demand: this measure", "demand: crews", "A103", "leave it out"),
        ("within: 3 periods", "within: 0 periods", "A103", "within"),
        ("confidence: 80", "confidence: 100", "A103", "confidence"),
        ("capacity: crews", "capacity: calls", "A120", "against itself"),
        ("    advice", "    clear: {below: 3}\n    advice", "A103", "still to come"),
    ],
)
def test_check_says_what_is_wrong_where_it_is_written(home, before, after, code, said):
    write_home(home, RULES.replace(before, after), owners=OWNERS)
    done = alertd("check", "--offline", home=home, code=1)
    assert code in done.stdout + done.stderr
    assert said in done.stdout + done.stderr


def test_evaluate_and_explain_say_when_demand_is_expected_to_pass_capacity(home):
    done = alertd("evaluate", "--format", "json", "--as-of", "2023-05-10", home=home)
    (found,) = map(json.loads, done.stdout.splitlines())
    assert (found["series"], found["state"], found["signals"]) == ({"district": "Burnley"}, "exception", ["capacity"])
    assert (found["period"], found["upper"], found["owner"]) == ("2023-04", 135, "lead")
    assert 145 < found["centre"] < 153
    assert 135 < found["lower"] < found["centre"]
    assert "expected in July 2023, 80% sure of more than" in found["summary"]
    table = alertd("evaluate", "--all", "--as-of", "2023-05-10", home=home).stdout
    assert table.count("up to 135") == 2
    early = alertd("evaluate", "--as-of", "2022-05-10", home=home).stdout
    assert "No exceptions" in early, "there was room for 160 then"
    words = alertd(
        "explain", "calls-above-crews", "--where", "district=Preston", "--as-of", "2023-05-10", home=home
    ).stdout
    assert "It comes nearest to its capacity so" in words
    assert "80% sure of more than `crews` within 3 months" in words
    assert ", carried forward." in words


def test_the_letter_says_when_what_is_expected_and_how_sure_that_is(home):
    alertd("preview", "calls-above-crews", "--as-of", "2023-05-10", "--to", home / "out", home=home)
    (text,) = (home / "out").glob("*.txt")
    said = " ".join(text.read_text().split())
    assert "expected to pass its capacity of 135 calls in July 2023" in said
    assert "calls expected in July 2023, with 80% confidence of more than" in said
    assert "Spread the leave of the summer" in said
    assert "capacity 135 calls" in said


def test_it_is_told_once_before_the_summer_and_ended_when_the_summer_is_over(home):
    with Sink() as sink:
        write_home(home, RULES, owners=OWNERS, smtp_port=sink.port)
        for month, so_far in ((5, 1), (6, 1), (7, 1), (9, 2), (10, 2)):
            fill(home, "calls", "month date, district varchar, calls integer", calls(f"2023-{month - 1:02}"))
            alertd("run", "--once", "--as-of", f"2023-{month:02}-10", home=home)
            assert sink.recipients.count("lead@example.org") == so_far, month
        first, last = sink.to("lead@example.org")
        assert "over capacity in July 2023" in first["Subject"]
        ended = " ".join(last.get_body(("plain",)).get_content().split())
        assert "no longer expected to pass capacity" in ended
        assert last["References"] == first["Message-ID"]


PLANNED = (
    RULES[: RULES.index("tests:")]
    .replace("value: most, unit", "value: most, planned: true, unit")
    .replace("confidence: 80", "confidence: 60")
    + """\
tests:
  leave:
    rule: calls-above-crews
    starts: 2023-01
    values: {calls: {Burnley: 10*14}, crews: 20*15 5 20}
    expect: {Burnley: L*10 ..Fo}
    told: {Burnley: lead@example.org}
    says: {Burnley: The capacity is that planned for April 2024}
"""
)


def test_a_roster_of_the_coming_months_is_the_capacity_and_no_fault(home):
    """R49: demand is held against what is planned for the month that it is expected in."""
    with Sink() as sink:
        write_home(home, PLANNED, owners=OWNERS, smtp_port=sink.port)
        alertd("check", home=home)
        assert "1 passed" in alertd("test", home=home).stdout
        fill(home, "calls", "month date, district varchar, calls integer", calls("2023-04"))
        planned = [(f"2023-{month:02}-01", 160 if month != 7 else 120) for month in range(5, 10)]
        fill(home, "crews", "month date, most double", [("2018-01-01", 160), ("2023-04-01", 160), *planned])
        alertd("run", "--once", "--as-of", "2023-04-10", home=home)
        alertd("run", "--once", "--as-of", "2023-05-10", home=home)
        assert "The capacity is that planned for July 2023." in alertd(*EXPLAINED, home=home).stdout
        points = alertd(*EXPLAINED, "--format", "json", home=home).stdout.splitlines()
        newest = next(one for one in map(json.loads, points) if one["period"] == "2023-04")["explanation"]
        assert (newest["expected_in"], newest["capacity_of"]) == ("2023-07", "2023-07")
        (mail,) = sink.mails[-1:]
        assert mail[0] == ["lead@example.org"], "nothing is told to the data steward"
        said = " ".join(mail[1].get_body(("plain",)).get_content().split())
    assert "expected to pass its capacity of 120 calls in July 2023" in said
    assert "The capacity is that planned for July 2023." in said


def test_without_a_plan_the_letter_says_which_capacity_is_carried_forward(home):
    alertd("preview", "calls-above-crews", "--as-of", "2023-05-10", "--to", home / "out", home=home)
    (text,) = (home / "out").glob("*.txt")
    assert "The capacity is that of February 2023, carried forward." in " ".join(text.read_text().split())


def test_a_back_test_and_the_price_of_noise_hold_simulated_demand_against_simulated_capacity(home):
    done = alertd("backtest", "calls-above-crews", "--format", "json", home=home)
    assert "2023-04" in done.stdout or "2023-05" in done.stdout
    priced = alertd("noise", "calls-above-crews", "--years", "30", "--format", "json", home=home).stdout
    assert "calls-above-crews" in priced
    assert "cannot be simulated" not in priced


class Counting:
    """A warehouse that counts what is read of it."""

    def __init__(self, warehouse):
        self.warehouse, self.asked = warehouse, []

    def read(self, measure, **more):
        self.asked.append(measure.id)
        return self.warehouse.read(measure, **more)


@pytest.mark.parametrize("due", [None, {"calls"}, {"crews"}])
def test_a_round_reads_demand_and_capacity_once_each_whichever_is_due(home, due):
    with opened(home, environ={}) as app:
        figures = Counting(app.warehouse)
        now = datetime(2023, 5, 10, 7, tzinfo=app.home.settings.zone)
        report = run_round(app.home, figures, app.memory, app.renderer, now=now, clock=lambda: now, measures=due)
        assert sorted(figures.asked) == ["calls", "crews"]
        assert [(one.rule, one.status, one.exceptions) for one in report.round.outcomes] == [
            ("calls-above-crews", "ok", 1)
        ]


def test_a_capacity_that_cannot_be_read_is_an_error_of_the_rule(home):
    fill(home, "crews", "month date, least double", [])
    done = alertd("evaluate", "--as-of", "2023-05-10", home=home, code=None)
    assert done.returncode != 0
    assert "crews" in done.stderr


def test_another_capacity_is_another_rule(home):
    with opened(home, environ={}) as app:
        before = readings_of(app.home)
    write_home(home, RULES.replace("table: crews, ", "table: more_crews, "), owners=OWNERS)
    fill(home, "more_crews", "month date, most double", [("2018-01-01", 200)])
    with opened(home, environ={}) as app:
        (found,) = differences(before, readings_of(app.home))
    assert (found.change, found.keys) == (RuleChange.CHANGED, ("measure crews",))
