"""The calendar from the warehouse to what is printed: ISO weeks about New Year, calendar quarters, England's bank holidays (R38)."""

import csv
import io
import json
from datetime import date, datetime

import pytest

from alertd.app import opened
from alertd.cli.evaluate import command as evaluate
from alertd.cli.explain import command as explain
from alertd.core.durations import Span
from alertd.core.periods import Grain
from alertd.core.schedules import Schedule
from tests.journeys.support import alertd, fill, write_home
from tests.journeys.test_learning_reviews import done

WEEKS = ["2020-W51", "2020-W52", "2020-W53", "2021-W01", "2021-W02"]
RULES = """\
measures:
  m: {name: Calls waiting, table: t, grain: GRAIN, period: p, count: n, improvement: decrease, owner: lead}
rules:
  high: {measure: m, threshold: {above: 10}}
"""


def home_of(root, grain, kind, periods):
    made = write_home(root, RULES.replace("GRAIN", grain))
    fill(made, "t", f"p {kind}, n integer", [(period, 5 + 10 * (i == 2)) for i, period in enumerate(periods)])
    return made


def explained(home, as_of):
    text, _ = done(explain, "high", "--as-of", as_of, "--format", "csv", "--home", home)
    return [(row["period"], row["state"]) for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.parametrize(
    ("kind", "periods"),
    [
        ("varchar", WEEKS),
        ("varchar", [week.replace("-", "") for week in WEEKS]),
        ("date", ["2020-12-14", "2020-12-27", "2021-01-01", "2021-01-04", "2021-01-17"]),
        (
            "timestamp",
            ["2020-12-20 23:59:59", "2020-12-21 00:00", "2021-01-03 23:59:59", "2021-01-04 00:00", "2021-01-11"],
        ),
    ],
)
def test_a_year_of_53_weeks_has_one_and_the_days_about_new_year_lie_in_their_week(tmp_path, kind, periods):
    home = home_of(tmp_path, "week", kind, periods)
    assert explained(home, "2021-01-18") == [(week, "exception" if "W53" in week else "quiet") for week in WEEKS]
    assert explained(home, "2021-01-02") == list(zip(WEEKS[:2], ("quiet", "quiet"), strict=True)), "W53 ends on the 3rd"
    found, _ = done(evaluate, "--format", "json", "--as-of", "2021-01-03", "--home", home)
    assert json.loads(found)["period"] == "2020-W53"
    assert "the week to 3 January 2021" in done(explain, "high", "--as-of", "2021-01-03", "--home", home)[0]


def test_a_53rd_week_of_a_year_that_has_52_is_no_period_and_is_named(tmp_path):
    home = home_of(tmp_path, "week", "varchar", [*WEEKS, "2021-W53"])
    with opened(home, environ={}) as app:
        now = datetime(2022, 2, 1, 7, tzinfo=app.home.settings.zone)
        block = app.warehouse.read(app.home.measures["m"], now=now, places=app.home.places)
    assert ("a period that cannot be read", "2021-W53") in {(one.kind.value, one.period) for one in block.faults}
    assert str(block.period(block.periods - 1)) == "2021-W02"


def test_quarters_half_years_and_years_are_those_of_the_calendar_whatever_the_performance_year(tmp_path):
    days = ["2021-03-31", "2021-04-01", "2022-01-01", "2022-03-31 23:00", "2022-04-01"]
    for grain, wanted in (
        ("quarter", ["2021-Q1", "2021-Q2", "2021-Q3", "2021-Q4", "2022-Q1", "2022-Q2"]),
        ("half_year", ["2021-H1", "2021-H2", "2022-H1"]),
        ("year", ["2021", "2022"]),
    ):
        rules = RULES.replace("GRAIN", grain).replace("count: n", 'aggregate: rows, count: "*"')
        home = write_home(
            tmp_path / grain, rules, extra={"config/framework.yaml": "framework: {performance_year: April}\n"}
        )
        fill(home, "t", "p timestamp", [(day,) for day in days])
        assert [period for period, _ in explained(home, "2023-01-01")] == wanted


def test_working_days_leave_out_easter_substitute_days_and_days_that_were_proclaimed(tmp_path):
    """Days from the Banking and Financial Dealings Act 1971 and its proclamations, as the government lists them."""
    with opened(write_home(tmp_path, RULES.replace("GRAIN", "week")), environ={}) as app:
        closed, zone = app.home.calendar.holidays, app.home.settings.zone
    working = {
        2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",  # the early May day moved to VE Day
        2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
        2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
        2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
        2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
        2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
    }
    for year, days in working.items():
        there = sorted(day for day in closed if day.year == year and day.weekday() < 5)
        assert there == [date.fromisoformat(f"{year}-{day}") for day in days.split()], year
    thursday = datetime(2027, 12, 23, 12)
    assert Span.parse("2 working days").after(thursday, Grain.WEEK, closed) == datetime(2027, 12, 29, 12)
    easter = [Schedule.parse(text).next_slot(datetime(2027, 3, 25, 12, tzinfo=zone), zone, closed).text for text in (
        "weekdays 07:00", "working days 07:00")]  # fmt: skip
    assert easter == ["2027-03-26T07:00", "2027-03-30T07:00"]


def test_a_day_that_was_proclaimed_or_moved_is_written_in_the_settings(tmp_path):
    moved = "bank_holidays: {also: [2027-06-04], but_not: [2027-05-31]}\n"
    with opened(write_home(tmp_path, RULES.replace("GRAIN", "week"), settings=moved), environ={}) as app:
        closed, zone = app.home.calendar.holidays, app.home.settings.zone
    daily = Schedule.parse("working days 07:00")
    monday, friday = datetime(2027, 5, 30, 12, tzinfo=zone), datetime(2027, 6, 3, 12, tzinfo=zone)
    assert [daily.next_slot(day, zone, closed).local.date() for day in (monday, friday)] == [
        date(2027, 5, 31),
        date(2027, 6, 7),
    ]


def test_check_says_of_a_day_that_is_no_bank_holiday_or_both(tmp_path):
    home = write_home(
        tmp_path, RULES.replace("GRAIN", "week"), settings="bank_holidays: {but_not: [2027-05-31, 2027-06-01]}\n"
    )
    said = alertd("check", "--offline", home=home).stdout
    assert said.count("W218") == 1
    assert "`2027-06-01` under `but_not` is no bank holiday" in said
    settings = home / "config/alertd.yaml"
    settings.write_text(settings.read_text().replace("{but_not:", "{also: [2027-05-31], but_not:"))
    said = alertd("check", "--offline", home=home, code=1).stdout
    assert "2027-05-31 is under `also` and under `but_not`" in said


def test_bank_holidays_are_known_far_beyond_any_figure_that_could_be_judged(tmp_path):
    with opened(write_home(tmp_path, RULES.replace("GRAIN", "week")), environ={}) as app:
        closed = app.home.calendar.holidays
    assert {day.year for day in closed} == set(range(1990, 2081))
    assert {date(year, 12, 25) for year in range(1990, 2081)} <= closed
