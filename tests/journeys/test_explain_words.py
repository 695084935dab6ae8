"""`alertd explain` in words: why or why not, what is near, what ends it, when it is judged next, who is told and why they."""

import json

import pytest
from click.testing import CliRunner

from alertd.cli.explain import command
from tests.journeys.support import fill, write_home

MONTHS = [f"{2019 + i // 12}-{i % 12 + 1:02d}-01" for i in range(36)]
RULES = """\
measures:
  m: {name: Calls answered, table: t, grain: month, period: period, by: [place], value: v, unit: percent, improvement: increase, owner: commander, settles_after: 5 days}
  s: {name: Homicides, table: t, grain: month, period: period, by: [place], count: s, owner: lead, small_numbers: {fewer_than: 5}}
  f: {name: Files, table: g, grain: quarter, period: period, grade: grade, scale: [Inadequate, Good, Outstanding], owner: lead}
rules:
  trend: {measure: m, spc: mdc}
  low: {measure: m, threshold: {below: 85}, for: 2 periods, clear: {at_or_above: 87}}
  hidden: {measure: m, threshold: {below: 85}, status: shadow}
  better: {measure: m, threshold: {above: 90}}
  off: {measure: m, threshold: {below: 85}, enabled: false}
  small: {measure: s, spc: mdc}
  cusum: {measure: m, drift: {method: cusum}}
  change: {measure: m, change: {versus: previous period, worse_by: 4 percent}, accept_noise: a test}
  feed: {measure: m, freshness: {late_after: 10 days, missing: any}}
  overdue: {measure: f, rating: {overdue: 30 days}}
  outside: {measure: m, threshold: {below: 85}, to: elsewhere, route: soon}
  both: {all_of: [low, hidden], within: 2 periods}
"""
OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  lead: {name: Supt A Lead, email: lead@example.org}
  chief: {name: ACC C Chief, email: chief@example.org}
  elsewhere: {email: somebody@elsewhere.net}
  commander:
    by: place
    fallback: lead
    posts:
      North: [{name: Ch Insp N Ames, email: north@example.org, from: 2018-01-01}]
      South: [{name: Ch Insp S Boyd, email: south@example.org, from: 2018-01-01, deputy: deputy@example.org, away: [{from: 2022-01-03, to: 2022-01-28}]}]
      East: [{name: Ch Insp E Cole, email: east@example.org, from: 2018-01-01, to: 2021-12-31}]
"""
ROUTES = """\
routes:
  default: {to: owner, channel: email, send: weekdays 07:00, remind: every 4 weeks, escalate: {after: 2 periods, to: chief}, hand_over: true}
  soon: {to: owner, channel: email, improvement: now}
"""
CALENDAR = """\
suppressions:
  outage: {measures: [m], from: 2021-12, to: 2022-01, effect: mute, reason: new telephones, where: {place: West}}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """North falls, South falls, East is steady, West is muted, Moor begins late, Vale has no row at the end."""
    root = write_home(
        tmp_path_factory.mktemp("words"),
        RULES,
        owners=OWNERS,
        routes=ROUTES,
        extra={"config/calendar.yaml": CALENDAR},
    )
    rows = []
    for i, month in enumerate(MONTHS):
        for place in ("North", "South", "East", "West", "Moor", "Vale"):
            if (place == "Moor" and i < 30) or (place == "Vale" and i == 35):
                continue
            value = 90 + (1.5 if i % 2 else -1.5) + (i % 5 - 2) * 0.3
            if i >= 34 and place in ("North", "South", "West"):
                value = 80.0 if i == 34 else 81.0
            if i >= 31 and place == "East":
                value = 90.4 + (i % 2) * 0.2
            rows.append((month, place, value, 3 if i % 2 else 9))
    fill(root, "t", "period DATE, place TEXT, v DOUBLE, s INTEGER", rows)
    fill(root, "g", "period DATE, grade TEXT", [("2021-01-01", "Good")])
    return root


def said(home, rule, place=None, *more):
    """What `alertd explain` prints of one series on 10 January 2022."""
    chosen = ["--where", f"place={place}"] if place else []
    arguments = [rule, "--home", str(home), "--as-of", "2022-01-10", *chosen, *more]
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert result.exception is None, result.exception
    return result.stdout


@pytest.mark.parametrize(
    ("rule", "place", "wanted"),
    [
        (
            "trend",
            "North",
            [
                "Why: beyond its usual range",
                "Usual level 90.0%, range",
                "from October 2019 to September 2021 (24 months with a usable figure).",
                "2 of the 7 months in a row that would be a run lie below its usual level.",
                "Back to usual: ",
                "Next: January 2022 is judged on 7 February 2022, 07:00",
                "Who is told: Ch Insp N Ames <north@example.org>, `commander` for North since 1 January 2018, who owns the measure; "
                "by `email`, on 11 January 2022, 07:00, unless already told.",
                "If it lasts: ACC C Chief <chief@example.org>, `chief`, after 2 periods.",
                "a reminder every 4 weeks",
                "`alertd exceptions list`",
            ],
        ),
        (
            "trend",
            "South",
            [
                "Deputy for Ch Insp S Boyd <deputy@example.org>, deputy: Ch Insp S Boyd, `commander` for South since "
                "1 January 2018, who owns the measure, is away from 3 January 2022 to 28 January 2022",
            ],
        ),
        (
            "trend",
            "East",
            [
                "Why not: it lies in its range, and no pattern is complete.",
                "5 of the 7 months in a row that would be a run lie above its usual level.",
                "% of the way from 90.0% to its upper limit.",
                "Nobody is told. If it fired: Supt A Lead <lead@example.org>, `lead`, the fallback: on 11 January 2022 nobody "
                "is `commander` for East, who owns the measure.",
            ],
        ),
        ("trend", "West", ["West: muted at December 2021", "muted from December 2021 to January 2022 (`outage`: new telephones)"]),
        ("trend", "Moor", ["Its baseline has 3 usable figures and takes 12, so there are no limits yet."]),
        ("trend", "Vale", ["There is no row for December 2021.", "Unknown never clears an exception"]),
        ("low", "North", ["Its condition held in 2 of the last 2 months; it fires at 2.", "It clears only at or above 87%."]),
        ("low", "East", ["Why not: it is not below 85%.", "5.6 percentage points from 85%."]),
        ("hidden", "North", ["Nobody is told.", "The rule is in shadow", "Else it would be: Ch Insp N Ames"]),
        ("off", "North", ["switched off (`enabled: false`)", "Nobody is told."]),
        ("outside", "North", ["somebody@elsewhere.net is not among `allow_recipients`", "to whom the rule goes"]),
        ("cusum", "East", ["Its CUSUM stands at ", "it fires beyond "]),
        ("change", "East", ["Compared with 90.4%.", "a change of 3.6 percentage points fires."]),
        ("feed", "Vale", ["Vale: exception", "It ends when the row for December 2021 arrives.", "`data_steward`, who answers for late"]),
        ("overdue", None, ["The last grade is Good, for January to March 2021", "It ends with a new grade."]),
        ("both", "North", ["It ends once one of its parts has not fired for 2 months."]),
        ("both", "East", ["Why not: not every rule that it joins has fired within 2 months."]),
        ("small", "North", ["fewer than 5"]),
    ],
)  # fmt: skip
def test_it_is_said_in_words_and_figures(home, rule, place, wanted):
    text = said(home, rule, place)
    for words in wanted:
        assert words in text


def test_improvement_that_the_route_does_not_ask_for_is_told_to_nobody(home):
    text = said(home, "better", "East")
    assert "East: improvement at December 2021" in text
    assert "after 2 periods also to `chief`, who takes over a post is told once of what stands" in text
    assert "It is an improvement, and route `default` does not ask for that (`improvement: ignore`)." in text
    assert "Who is told" not in text


def test_small_numbers_are_not_told(home):
    text = said(home, "small", "North")
    assert "Homicides, North, December 2021: fewer than 5" in text
    assert "Usual level" not in text
    assert " 3" not in text.partition("North: ")[2].partition("Next:")[0]


def test_json_says_of_the_judged_point_what_the_words_say(home):
    points = [json.loads(line) for line in said(home, "trend", "North", "--format", "json").splitlines()]
    assert [point["period"] for point in points][-1] == "2021-12"
    assert list(points[0])[:11] == [
        *("rule", "series", "period", "value", "numerator", "denominator", "centre", "lower", "upper"),
        *("state", "signals"),
    ]
    newest = points[-1]
    assert (newest["baseline_from"], newest["baseline_to"]) == ("2019-10", "2021-09")
    facts = newest["explanation"]
    assert all("explanation" not in point for point in points[:-1])
    assert (facts["name"], facts["email"], facts["via"]) == ("Ch Insp N Ames", "north@example.org", "holds the post")
    assert facts["told"] is True
    assert facts["baseline_points"] == 24
    assert facts["near"] == ["2 of the 7 months in a row that would be a run lie below its usual level."]
    assert facts["due"] == "2022-01-11T07:00+00:00"


def test_of_many_series_quiet_ones_take_a_line(home):
    text = said(home, "low")
    assert "6 series: 2 exception, 1 unknown, 1 muted, 2 quiet." in text
    east = text.partition("East: quiet")[2].partition("\n\n")[0]
    assert east.count("\n") == 1
