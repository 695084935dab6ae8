"""Rounds over some of the measures, as a daemon with several schedules runs them."""

from datetime import datetime

from alertd.app import opened
from tests.journeys.support import fill, write_home

RULES = """\
measures:
  x: {name: X, table: t, grain: month, period: period, value: v, improvement: decrease, owner: lead}
  y: {name: Y, table: t, grain: month, period: period, value: gone, improvement: decrease, owner: lead}
rules:
  x: {measure: x, threshold: {above: 50}}
  y: {measure: y, threshold: {above: 50}}
"""


def to_ops(app) -> int:
    return sum(letter.recipient == "ops@example.org" for letter in app.memory.listed())


def test_ops_hear_once_of_a_rule_that_fails_on_a_schedule_of_its_own(tmp_path):
    home = write_home(tmp_path, RULES)
    fill(home, "t", "period date, v double", [("2022-12-01", 10.0)])
    with opened(home, environ={}) as app:
        for hour, measure in enumerate("yxyxy"):
            now = datetime(2023, 1, 5, 7 + hour, tzinfo=app.home.settings.zone)
            report = app.judge(now, measures=[measure])
            assert bool(report.errors) == (measure == "y")
        assert to_ops(app) == 1


def test_a_rule_that_could_be_judged_again_and_fails_anew_is_told_anew(tmp_path):
    home = write_home(tmp_path, RULES)
    fill(home, "t", "period date, v double", [("2022-12-01", 10.0)])
    with opened(home, environ={}) as app:
        for day, columns in ((5, "v double"), (6, "v double, gone double"), (7, "v double")):
            fill(home, "t", f"period date, {columns}", [("2022-12-01", 10.0, 10.0)[: columns.count("double") + 1]])
            app.judge(datetime(2023, 1, day, 7, tzinfo=app.home.settings.zone))
        assert to_ops(app) == 2
