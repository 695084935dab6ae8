"""`alertd noise`: what rules cost when nothing is wrong, by rule and by leader."""

import json
from math import sqrt

import numpy as np
import pytest

from tests.journeys.support import alertd, fill, write_home

RULES = """\
measures:
  m: {name: Calls, table: t, grain: month, period: period, by: [place], value: v, improvement: decrease, owner: lead}
  n: {name: Crimes, table: t, grain: month, period: period, by: [place], count: n, improvement: decrease, owner: lead}
rules:
  three: {measure: m, spc: three-sigma}
  mdc: {measure: m, spc: mdc-2024}
  limit: {measure: m, threshold: {above: 125}, for: 2 periods}
  crimes: {measure: n, spc: three-sigma, route: reminded}
  shadow: {measure: m, spc: nelson-1984, status: shadow}
  late: {measure: m, freshness: {late_after: 5 days}}
"""
ROUTES = """\
routes:
  default: {to: owner, channel: email}
  reminded: {to: owner, channel: email, remind: every 4 weeks, say_when_cleared: false}
"""
OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  lead:
    by: place
    posts:
      P000: [{name: Lead of one, email: one@example.org, from: 2010-01-01}]
    fallback: data_steward
"""
MONTHS = [f"{year}-{month:02d}-01" for year in range(2013, 2023) for month in range(1, 13)]
PLACES = 200


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Ten years of 200 places at which nothing ever happens."""
    draw = np.random.default_rng(1)
    root = write_home(tmp_path_factory.mktemp("noise"), RULES, owners=OWNERS, routes=ROUTES)
    rows = [
        (month, f"P{place:03d}", round(float(value), 2), int(count))
        for month in MONTHS
        for place, (value, count) in enumerate(zip(draw.normal(100, 10, PLACES), draw.poisson(30, PLACES), strict=True))
    ]
    fill(root, "t", "period date, place varchar, v double, n integer", rows)
    return root


def expected(home, *args) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for line in alertd("noise", *args, "--format", "json", home=home).stdout.splitlines():
        record = json.loads(line)
        found.setdefault(record.pop("record"), []).append(record)
    return found


def test_it_forecasts_what_years_in_which_nothing_is_wrong_bring(home):
    rates = {rule["rule"]: rule for rule in expected(home, "--years", "6")["rule"]}
    real = {}
    for line in alertd("backtest", "--from", "2016-01", "--format", "json", home=home).stdout.splitlines():
        record = json.loads(line)
        if record["record"] == "rule":
            real[record["rule"]] = record["exceptions"] / 7
    for rule in ("three", "mdc", "limit"):
        forecast = rates[rule]["exceptions_a_year"]
        assert forecast == pytest.approx(real[rule], abs=4 * sqrt(forecast / 7 + forecast / 12) + 0.05 * forecast), rule
    assert rates["mdc"]["exceptions_a_year"] / PLACES == pytest.approx(0.15, abs=0.03)  # half of it two-sided


def test_the_costliest_rules_come_first_and_leaders_add_up(home):
    found = expected(home, "--years", "6")
    costs = [rule["notices_a_year"] for rule in found["rule"]]
    assert costs == sorted(costs, reverse=True)
    assert {rule["rule"] for rule in found["rule"]} == {
        "three",
        "mdc",
        "limit",
        "crimes",
    }  # not in shadow, not the feed's
    assert sum(one["notices_a_year"] for one in found["leader"]) == pytest.approx(sum(costs))
    (total,) = found["total"]
    assert total["notices_a_year"] == pytest.approx(sum(costs))
    for row in (*found["rule"], *found["leader"]):
        assert row["notices_lower"] <= row["notices_a_year"] <= row["notices_upper"]
    one, rest = (
        next(row for row in found["leader"] if row["email"] == f"{name}@example.org") for name in ("one", "steward")
    )
    assert one["notices_a_year"] < rest["notices_a_year"] / 10  # one place of two hundred


def test_reminders_count_and_ends_that_are_not_told_do_not(home):
    (crimes,) = expected(home, "crimes", "--years", "6")["rule"]
    # Most end with the next month, whose round comes a few days after the reminder that is due in four weeks.
    assert 1.5 < crimes["notices_a_year"] / crimes["exceptions_a_year"] < 2.5


def test_the_same_seed_gives_the_same_answer_and_another_one_nearly(home):
    first, again = (alertd("noise", "mdc", "--years", "6", "--seed", "7", home=home).stdout for _ in range(2))
    assert first == again
    other = alertd("noise", "mdc", "--years", "6", "--seed", "8", home=home).stdout
    assert other != first


def test_a_table_says_how_sure_it_is_and_what_it_leaves_out(home):
    shown = alertd("noise", "--years", "6", home=home).stdout
    for words in ("When nothing is wrong:", "95% interval", "6 years", "seed 1", "costliest first", "Lead of one"):
        assert words in shown, words
    assert "Not simulated: `late`" in shown


def test_more_years_make_it_surer(home):
    width = {}
    for years in ("6", "48"):
        (rule,) = expected(home, "three", "--years", years)["rule"]
        width[years] = rule["notices_upper"] - rule["notices_lower"]
    assert width["48"] < width["6"]


def test_hours_are_simulated_for_weeks_and_what_is_not_seen_is_as_unsure_as_that(tmp_path):
    rules = """\
measures:
  m: {name: Calls, table: t, grain: hour, period: period, value: v, improvement: decrease, owner: lead}
rules:
  high: {measure: m, threshold: {above: 900}}
"""
    home = write_home(tmp_path / "home", rules, owners="owners:\n  lead: {email: lead@example.org}\n")
    hours = np.datetime64("2024-01-01T00") + np.arange(24 * 30)
    fill(home, "t", "period timestamp, v double", [(f"{at}:00:00", 50.0 + int(at.astype(int)) % 7) for at in hours])
    (rule,) = expected(home, "--years", "6")["rule"]
    assert rule["years"] == pytest.approx(2 * 1100 / 8766, abs=0.01)
    assert rule["notices_upper"] == pytest.approx(3 / rule["years"], rel=0.02)
    assert "6 years of each rule, 0.25 of `high`" in alertd("noise", "--years", "6", home=home).stdout
