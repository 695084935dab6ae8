"""Charts of shares, rates and counts against qicharts2 0.8.1 (R), on the data sets that come with it.

The published limits are three sigma throughout, taken from all points, and its sigma_z has no floor: so ours are asked for
in the same way. What we do otherwise on purpose has a test of its own at the end.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from alertd.core.calendar import Annotation, Calendar
from alertd.core.detect.base import Look, Signals
from alertd.core.detect.shewhart import judge_attribute, judge_spc
from alertd.core.known import known_of
from tests.core.make import block, measure, rule
from tests.core.ratios import ratios

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "qicharts2"
pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the published outputs are not beside the project (../shared/reference)"
)

RATE = {"count": "n", "denominator": {"column": "days", "kind": "exposure"}}
PUBLISHED = {
    "cdi_c.csv": ("c", {"count": "n"}, 1),
    "cdi_u.csv": ("u", RATE, 10_000),
    "cdi_up.csv": ("up", RATE, 10_000),
    "gtt_c.csv": ("c", {"count": "n"}, 1),
    "gtt_u.csv": ("u", RATE, 1_000),
    "gtt_up.csv": ("up", RATE, 1_000),
    "hospital_infections_u.csv": ("u", RATE, 10_000),
    "hospital_infections_up.csv": ("up", RATE, 10_000),
    "nhs_accidents_p.csv": ("p", {"numerator": "r", "denominator": "n"}, 1),
    "nhs_accidents_pp.csv": ("pp", {"numerator": "r", "denominator": "n"}, 1),
    "cabg_readm_p.csv": ("p", {"numerator": "r", "denominator": "n"}, 1),
    "cabg_readm_pp.csv": ("pp", {"numerator": "r", "denominator": "n"}, 1),
}


def published(name: str) -> dict[tuple[str, str], list[dict[str, str]]]:
    """The rows of a published output by facet, in its own order, which is that of time."""
    facets: dict[tuple[str, str], list[dict[str, str]]] = {}
    with (REFERENCE / name).open(newline="") as file:
        for row in csv.DictReader(file):
            facets.setdefault((row["facet1"], row["facet2"]), []).append(row)
    return facets


def column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in rows])


def looked_at(rows: list[dict[str, str]], per: float, figures: dict, calendar: Calendar | None = None) -> Look:
    """One published series as a block of counts and their denominators."""
    if isinstance(figures.get("denominator"), dict):
        figures = {**figures, "denominator": {**figures["denominator"], "per": per}}
    of = measure(**figures)
    cases = column(rows, "y.sum").tolist()
    if of.denominator is None:
        series = block(cases)
    else:
        series = ratios(of, list(zip(cases, column(rows, "n").tolist(), strict=True)))
    return Look(
        measure=of,
        block=series,
        known=known_of(of, series, calendar or Calendar()),
        rows=np.arange(len(rows)),
    )


def plain(chart: str, **more: object):
    spc = {"chart": chart, "rules": "three-sigma", "baseline": "all", "exact_below": 0, **more}
    return rule(spc=spc).spc


def assert_same(found: Signals, rows: list[dict[str, str]]) -> None:
    for ours, theirs in (("centre", "cl"), ("lower", "lcl"), ("upper", "ucl")):
        np.testing.assert_allclose(
            getattr(found, ours)[:, 0], column(rows, theirs), rtol=1e-9, atol=1e-12, err_msg=theirs
        )
    signal = (found.high | found.low)[:, 0].astype(bool)
    assert signal.tolist() == [row["sigma.signal"] == "TRUE" for row in rows]


@pytest.mark.parametrize("name", PUBLISHED)
def test_limits_and_signals_over_all_points_equal_the_published_ones(name):
    chart, figures, per = PUBLISHED[name]
    for rows in published(name).values():
        assert_same(judge_attribute(plain(chart), looked_at(rows, per, figures), least_scatter=0), rows)


def test_limits_start_anew_at_a_rebase_as_in_parts():
    (rows,) = published("cdi_u_part24.csv").values()
    step = Annotation.model_validate(
        {"id": "x", "effect": "rebase", "measures": "m", "from": "2022-01", "reason": "r", "agreed_by": "a"}
    )
    look = looked_at(rows, 10_000, RATE, Calendar(annotations={"x": step}))
    assert_same(judge_spc(plain("u"), look), rows)


def test_an_xmr_chart_of_counts_differs_by_the_rounding_of_its_constant_alone():
    """Wheeler's 2.66 is 3/1.128 rounded; qicharts2 takes 3/1.128."""
    (rows,) = published("cdi_i.csv").values()
    found = judge_spc(plain("xmr", screen=True), looked_at(rows, 1, {"count": "n"}))
    np.testing.assert_allclose(found.centre[:, 0], column(rows, "cl"), rtol=1e-9)
    reach = (found.upper - found.centre)[:, 0] / 2.66 * 3 / 1.128
    np.testing.assert_allclose(found.centre[:, 0] + reach, column(rows, "ucl"), rtol=1e-9)
    np.testing.assert_allclose(found.centre[:, 0] - reach, column(rows, "lcl"), rtol=1e-9)


@pytest.mark.parametrize("name", ["cdi_up.csv", "gtt_up.csv"])
def test_limits_are_never_narrower_than_chance_alone_makes_them(name):
    """qicharts2 lets sigma_z fall below 1, and on steady data then has a false signal at more than 1% of points."""
    (rows,) = published(name).values()
    look = looked_at(rows, PUBLISHED[name][2], RATE)
    ours, textbook = judge_spc(plain("up"), look), judge_spc(plain("u"), look)
    np.testing.assert_allclose(ours.upper, textbook.upper, rtol=1e-12)
    assert (ours.upper[:, 0] > column(rows, "ucl")).all(), "sigma_z is below 1 here"


def test_small_counts_have_exact_limits_where_the_published_ones_have_three_sigma():
    """Three sigma of a mean of 7.7 promise .135% above and give about .4%; a limit below nought can never be passed."""
    (rows,) = published("gtt_c.csv").values()
    found = judge_spc(plain("c", exact_below=25), looked_at(rows, 1, {"count": "n"}))
    assert (found.upper[:, 0] > column(rows, "ucl")).all()
    assert (found.upper[:, 0] == np.rint(found.upper[:, 0])).all()
