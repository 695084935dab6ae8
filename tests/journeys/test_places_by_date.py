"""Places change hands and divisions by date, and some figures have no place at all (R19, R26, R39)."""

from alertd.app import opened
from tests.journeys.support import Sink, alertd, fill, told_on, write_home

PLACES = """\
places:
  County: {level: force}
  West: {level: division, parent: County}
  East: {level: division, parent: County}
  North: {level: district, parent: East, formerly: [{parent: West, to: 2023-01-31}]}
  South: {level: district, parent: West}
unallocated: [Not located, Unallocated, Outside force area]
"""
OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  chief: {email: chief@example.org}
  commander:
    by: division
    fallback: chief
    posts:
      West: [{name: Supt West, email: west@example.org, from: 2020-01-01}]
      East: [{name: Supt East, email: east@example.org, from: 2020-01-01}]
"""
ROUTES = "routes:\n  default: {to: owner, channel: email, remind: every 4 weeks, escalate: {after: 6 weeks, to: governance}}\n"
FRAMEWORK = """\
framework:
  governance: {division: {title: Division, level: division, owner: commander}, force: {title: Force, owner: chief}}
"""
RULES = """\
measures:
  m: {name: Calls, table: t, grain: month, period: p, by: [district], value: v, improvement: decrease, owner: commander}
rules:
  high: {measure: m, threshold: {above: 50}}
"""


def rounds(home, sink, *days):
    with opened(home, environ={}) as app:
        return told_on(app, sink, days)


def home_of(root, port, rows):
    extra = {"config/places.yaml": PLACES, "config/framework.yaml": FRAMEWORK}
    home = write_home(root, RULES, smtp_port=port, owners=OWNERS, routes=ROUTES, extra=extra)
    fill(home, "t", "p date, district varchar, v double", rows)
    return home


def test_a_letter_goes_to_the_division_that_the_place_belongs_to_on_the_day(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, [("2022-12-01", "North", 99.0), ("2022-12-01", "South", 9.0)])
        assert rounds(home, sink, "2023-01-05", "2023-01-31", "2023-02-02") == [
            ["west@example.org"],
            [],
            ["east@example.org"],
        ]
        (home / "config/places.yaml").write_text(PLACES.replace("parent: West, to", "parent: Wset, to"))
        assert "did you mean `West`?" in alertd("check", "--offline", home=home, code=1).stdout


def test_figures_without_a_place_go_to_the_steward_and_climb_nothing(tmp_path):
    nowhere = ("Not located", "Unallocated", "Outside force area")
    with Sink() as sink:
        rows = [("2022-12-01", name, 99.0) for name in nowhere]
        rows += [("2022-12-01", name, 9.0) for name in ("North", "South")]
        home = home_of(tmp_path, sink.port, rows)
        told = rounds(home, sink, "2023-01-05", "2023-02-02", "2023-02-20", "2023-03-06")
        assert {address for day in told for address in day} == {"steward@example.org"}
        keys = str(sink.to("steward@example.org")[0]["X-Alertd-Key"])
        assert all(name in keys.replace("\n", "") for name in nowhere)


def test_a_place_that_vanishes_is_named_to_the_steward(tmp_path):
    with Sink() as sink:
        rows = [("2022-11-01", name, 9.0) for name in ("North", "South")] + [("2022-12-01", "North", 9.0)]
        home = home_of(tmp_path, sink.port, rows)
        assert rounds(home, sink, "2023-01-05") == [["steward@example.org"]]
        (mail,) = sink.mails[0][1:]
        assert "South" in mail.get_body(("plain",)).get_content()
