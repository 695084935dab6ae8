"""A lasting exception climbs the tiers of governance: place, division, force, strategic scrutiny (R25)."""

import pytest

from alertd.app import opened
from tests.journeys.support import Sink, alertd, fill, told_on, write_home

FRAMEWORK = """\
framework:
  governance:
    place: {title: Place, level: district, owner: commander}
    division: {title: Division, level: division, owner: division}
    force: {title: Learning Review, level: force, owner: assistant_chief}
    strategic: {title: Strategic scrutiny, owner: deputy_chief}
"""
PLACES = """\
places:
  County: {level: force}
  West: {level: division, parent: County}
  North: {level: district, parent: West}
"""
OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  commander:
    by: district
    posts: {North: [{name: Ch Insp North, email: north@example.org, from: 2020-01-01}]}
  division:
    by: division
    posts: {West: [{name: Supt West, email: west@example.org, from: 2020-01-01}]}
  assistant_chief: {name: ACC Force, email: acc@example.org}
  deputy_chief: {name: DCC Strategic, email: dcc@example.org}
"""
ROUTES = "routes:\n  default: {to: owner, channel: email, escalate: {after: 2 periods, to: governance}}\n"
RULES = """\
measures:
  calls: {name: Calls, table: calls, grain: month, period: p, by: [district], value: v, improvement: decrease, owner: commander}
  whole: {name: Whole, table: whole, grain: month, period: p, value: v, improvement: decrease, owner: assistant_chief}
rules:
  calls-high: {measure: calls, threshold: {above: 50}}
  whole-high: {measure: whole, threshold: {above: 50}}
  calls-late: {measure: calls, freshness: {late_after: 400 days}}
"""
HIGH = [f"2022-{month:02d}-01" for month in range(5, 13)]
DAYS = ["2022-06-06", "2022-08-05", "2022-08-08", "2022-10-10", "2022-12-12", "2023-01-09", "2023-02-06", "2023-02-07"]


def home_of(root, port=9, routes=ROUTES, settings=""):
    extra = {"config/framework.yaml": FRAMEWORK, "config/places.yaml": PLACES}
    home = write_home(root, RULES, smtp_port=port, owners=OWNERS, routes=routes, extra=extra, settings=settings)
    figures = [(month, 99.0) for month in HIGH] + [("2023-01-01", 9.0)]
    fill(home, "calls", "p date, district varchar, v double", [(month, "North", value) for month, value in figures])
    fill(home, "whole", "p date, v double", figures)
    return home


def rounds(home, sink, days, environ=None):
    """By day the addresses that something went to."""
    with opened(home, environ=environ or {}) as app:
        return dict(zip(days, told_on(app, sink, days), strict=True))


def words(mail) -> str:
    return mail.get_body(("plain",)).get_content()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_each_tier_is_told_once_and_all_of_them_hear_of_the_end(tmp_path, request, database):
    environ = {"ALERTD_STATE__URL": request.getfixturevalue("postgres_url")} if database == "postgresql" else {}
    with Sink() as sink:
        home = home_of(tmp_path, sink.port)
        told = rounds(home, sink, DAYS, environ)
    assert told == {
        "2022-06-06": ["acc@example.org", "north@example.org"],
        "2022-08-05": [],
        "2022-08-08": [
            "dcc@example.org",
            "west@example.org",
        ],  # the force's own figure is at strategic scrutiny already
        "2022-10-10": ["acc@example.org"],
        "2022-12-12": ["dcc@example.org"],
        "2023-01-09": [],
        "2023-02-06": ["acc@example.org", "dcc@example.org", "north@example.org", "west@example.org"],
        "2023-02-07": [],
    }
    first, second = sink.to("north@example.org")[0], sink.to("west@example.org")[0]
    assert "Division: Supt West is told on" in words(first)
    assert "Passed on to you: Division" in words(second)
    assert "Learning Review: ACC Force is told on" in words(second)
    assert "Also told: Ch Insp North." in words(second)
    last = words(sink.to("dcc@example.org")[1])
    assert "Passed on to you: Strategic scrutiny" in last
    assert "is told on" not in last
    assert "Also told: Ch Insp North, Supt West and ACC Force." in last


def test_explain_and_preview_say_the_whole_way(tmp_path):
    home = home_of(tmp_path)
    shown = alertd("explain", "calls-high", "--as-of", "2022-06-06", home=home).stdout
    assert "every 2 periods up a tier of governance" in shown
    assert "`division`, Division, after 2 periods; then ACC Force <acc@example.org>" in shown
    folder = tmp_path / "seen"
    alertd("preview", "calls-high", "--transition", "escalated", "--to", folder, home=home)
    assert "Passed on to you: Strategic scrutiny" in next(folder.glob("*.txt")).read_text()


@pytest.mark.parametrize(
    ("framework", "code"),
    [
        ("framework: {}\n", "A143"),
        (FRAMEWORK.replace("level: district", "level: force"), "A144"),
    ],
)
def test_check_says_what_no_exception_could_climb(tmp_path, framework, code):
    home = home_of(tmp_path)
    (home / "config/framework.yaml").write_text(framework)
    assert f"error[{code}]" in alertd("check", "--offline", home=home, code=1).stdout


def test_who_it_was_passed_on_to_hears_of_its_end_though_the_route_has_changed(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port)
        figures = [("2022-05-01", 99.0), ("2022-06-01", 99.0), ("2022-07-01", 300.0), ("2022-08-01", 9.0)]
        fill(home, "calls", "p date, district varchar, v double", [(month, "North", value) for month, value in figures])
        told = rounds(home, sink, ["2022-06-06", "2022-08-08", "2022-08-09"])
        (home / "config/routes.yaml").write_text("routes:\n  default: {to: owner, channel: email}\n")
        told |= rounds(home, sink, ["2022-09-06"])
    assert "west@example.org" in told["2022-08-09"]
    assert "west@example.org" in told["2022-09-06"]
    overdue = words(sink.to("north@example.org")[1])  # it got worse in the round that would have passed it on
    assert "Division: Supt West is told on Tuesday 9 August" in overdue


def test_who_it_was_passed_on_to_hears_that_it_is_an_exception_of_another_kind(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port)
        outside = "{measure: calls, improvement: report, threshold: {outside: [20, 50]}}"
        rules = RULES.replace("{measure: calls, threshold: {above: 50}}", outside)
        (home / "rules/rules.yaml").write_text(rules)
        figures = [("2022-05-01", 99.0), ("2022-06-01", 99.0), ("2022-07-01", 99.0), ("2022-08-01", 9.0)]
        fill(home, "calls", "p date, district varchar, v double", [(month, "North", value) for month, value in figures])
        told = rounds(home, sink, ["2022-06-06", "2022-08-08", "2022-09-06", "2022-09-13"])
    assert "west@example.org" in told["2022-08-08"]
    assert {"north@example.org", "west@example.org"} <= {*told["2022-09-06"]}
    assert told["2022-09-13"] == []
    assert "At the last notice it stood out in another way." in words(sink.to("west@example.org")[1])


def test_nobody_has_it_passed_on_twice_though_route_and_tiers_have_changed(tmp_path):
    once = ROUTES.replace("governance", "division")
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, routes=once)
        rounds(home, sink, ["2022-06-06", "2022-08-08"])
        (home / "config/routes.yaml").write_text(ROUTES)
        rounds(home, sink, ["2022-10-10"])
        renamed = FRAMEWORK.replace("    force:", "    whole_force:")
        (home / "config/framework.yaml").write_text(renamed)
        rounds(home, sink, ["2022-12-12"])
    passed_on = [
        (to[0], mail["Subject"]) for to, mail in sink.mails if "North" in mail["Subject"] and "still" in mail["Subject"]
    ]
    assert [address for address, _ in passed_on] == ["west@example.org", "acc@example.org", "dcc@example.org"]


def test_who_it_was_passed_on_to_hears_of_its_end_and_not_who_the_route_names_since(tmp_path):
    """R21: the end goes to those who were told of the beginning."""
    once = ROUTES.replace("governance", "assistant_chief")
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, routes=once)
        (home / "rules/rules.yaml").write_text(
            RULES.replace("  whole-high: {measure: whole, threshold: {above: 50}}\n", "")
        )
        assert rounds(home, sink, ["2022-06-06", "2022-08-08"])["2022-08-08"] == ["acc@example.org"]
        (home / "config/routes.yaml").write_text(once.replace("assistant_chief", "deputy_chief"))
        told = rounds(home, sink, ["2022-10-10", "2023-02-06"])
    assert told == {"2022-10-10": [], "2023-02-06": ["acc@example.org", "north@example.org"]}
