"""`alertd explain` of every chart, as an analyst sees it: the chart that was chosen, and every point as csv."""

import csv
import io

import numpy as np
import pytest
from click.testing import CliRunner

from alertd.cli.explain import command
from alertd.cli.points import COLUMNS
from alertd.core.verdicts import State
from tests.journeys.support import fill, write_home

PERIODS = 72
RULES = """\
measures:
  value: {name: V, table: t, grain: month, period: period, by: [place], value: v, improvement: decrease, owner: lead}
  share: {name: S, table: t, grain: month, period: period, by: [place], numerator: n, denominator: d, unit: percent, owner: lead}
  rate: {name: R, table: t, grain: month, period: period, by: [place], count: n, denominator: {column: d, kind: exposure, per: 100}, owner: lead}
  count: {name: C, table: t, grain: month, period: period, by: [place], count: n, owner: lead}
  event: {name: E, table: e, grain: month, by: [place], event: {date: day}, owner: lead}
  climb: {name: B, table: b, grain: month, period: period, value: v, improvement: increase, owner: lead}
rules:
  xmr: {measure: value, spc: {chart: xmr}}
  p: {measure: share, spc: {chart: p}}
  pp: {measure: share, spc: {chart: pp}}
  u: {measure: rate, spc: {chart: u}}
  up: {measure: rate, spc: {chart: up}}
  c: {measure: count, spc: {chart: c}}
  g: {measure: rate, spc: {chart: g}}
  t: {measure: event, spc: {chart: t}}
  g_3sigma: {measure: value, spc: {chart: g_3sigma}}
  run: {measure: value, spc: {chart: run}}
  cusum: {measure: value, drift: {method: cusum}}
  ewma: {measure: value, drift: {method: ewma}}
  farrington: {measure: count, seasonal: {method: farrington_flexible, years: 3}}
  ears: {measure: count, seasonal: {method: ears_c2}}
  adjusted: {measure: value, seasonal: {method: adjusted_xmr}}
  funnel: {measure: share, funnel: {min_peers: 3, last: 3 periods}}
  change: {measure: value, change: {versus: previous period, worse_by: 10 percent}, accept_noise: a test}
  value-default: {measure: value, spc: mdc}
  share-default: {measure: share, spc: mdc}
  rate-default: {measure: rate, spc: mdc}
  count-default: {measure: count, spc: mdc}
  event-default: {measure: event, spc: three-sigma}
  climb: {measure: climb, spc: mdc}
"""
BOTH, UPPER, NEITHER = {"lower", "upper"}, {"upper"}, set[str]()
LIMITS = {
    "xmr": BOTH, "p": BOTH, "pp": BOTH, "u": BOTH, "up": BOTH, "c": BOTH, "g": UPPER, "t": UPPER, "g_3sigma": BOTH,
    "run": NEITHER, "cusum": BOTH, "ewma": BOTH, "farrington": UPPER, "ears": UPPER, "adjusted": BOTH, "funnel": BOTH,
    "change": BOTH,
}  # fmt: skip
"""Which limits the newest point has."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Four places of steady figures, single events, and a series that climbs back below its level."""
    root = write_home(tmp_path_factory.mktemp("charts"), RULES)
    random = np.random.default_rng(12)
    months = [f"{2017 + i // 12}-{i % 12 + 1:02d}-01" for i in range(PERIODS)]
    places = ("North", "South", "East", "West")
    rows = [
        (month, place, float(random.normal(50, 4)), int(random.poisson(60)), int(random.integers(280, 320)))
        for month in months
        for place in places
    ]
    fill(root, "t", "period DATE, place TEXT, v DOUBLE, n INTEGER, d INTEGER", rows)
    days = [(f"{month[:8]}{random.integers(1, 28):02d}", place) for month in months for place in places]
    fill(root, "e", "day DATE, place TEXT", days)
    level = [50.0, 52.0, 48.0, 51.0, 49.0, 50.0] * 11 + [42.0, 43.0, 44.0, 45.0, 46.0, 47.0, 48.0]
    fill(
        root, "b", "period DATE, v DOUBLE", [(f"{2017 + i // 12}-{i % 12 + 1:02d}-01", v) for i, v in enumerate(level)]
    )
    return root


def explained(home, *arguments):
    """What `alertd explain` prints."""
    result = CliRunner().invoke(command, [*arguments, "--home", str(home)], standalone_mode=False)
    assert result.exception is None, result.exception
    return result.stdout


def points(home, rule):
    """The columns and the rows of the csv."""
    read = csv.DictReader(io.StringIO(explained(home, rule, "--format", "csv", "--as-of", "2023-02-28")))
    return list(read), read.fieldnames


@pytest.mark.parametrize("rule", LIMITS)
def test_every_point_of_every_chart_has_its_row(home, rule):
    rows, columns = points(home, rule)
    assert columns == [*COLUMNS, *(["statistic"] if rule in ("cusum", "ewma") else [])]
    series = sorted({row["series"] for row in rows})
    assert series == ["place=East", "place=North", "place=South", "place=West"]
    assert {sum(row["series"] == one for row in rows) for one in series} == {PERIODS}
    assert {row["state"] for row in rows} <= {state.value for state in State}
    newest = [row for row in rows if row["period"] == "2022-12"]
    assert len(newest) == 4
    for row in newest:
        assert row["value"]
        assert row["centre"]
        assert {name for name in ("lower", "upper") if row[name]} == LIMITS[rule]
        if row["lower"] and row["upper"]:
            assert float(row["lower"]) < float(row["upper"])


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [
        ("value-default", "XmR chart"),
        ("share-default", "p' chart (Laney), for a share"),
        ("rate-default", "u' chart (Laney), for a rate"),
        ("count-default", "u' chart (Laney), for a count"),
        ("event-default", "t chart (time between events), for single events"),
    ],
)
def test_the_chart_that_fits_what_is_measured_is_named(home, rule, chosen):
    assert f"How: {chosen}" in explained(home, rule, "--as-of", "2023-02-28")


def test_a_point_that_is_worse_and_better_at_once_is_reported_as_both(home):
    """Seven months below the usual level, and rising all the while."""
    rows, _ = points(home, "climb")
    assert (rows[-1]["signals"].split("+"), rows[-1]["state"]) == (["shift", "trend"], "exception")
