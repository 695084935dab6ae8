"""XmR limits against NHSRplotthedots 0.2.2 on NHS England's accident and emergency figures (Open Government Licence v3.0)."""

import csv
from pathlib import Path

import numpy as np
import pytest

from alertd.core.calendar import Annotation, Calendar
from tests.core.make import block, rule, verdicts

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "ae_attendances"
pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the published outputs are not beside the project (../shared/reference)"
)


def published(name: str) -> dict[str, list[dict[str, str]]]:
    """The rows of a published output by facet, in order of time."""
    facets: dict[str, list[dict[str, str]]] = {}
    with (REFERENCE / name).open(newline="") as file:
        for row in csv.DictReader(file):
            facets.setdefault(row["f"], []).append(row)
    return {facet: sorted(rows, key=lambda row: row["x"]) for facet, rows in facets.items()}


def judged(rows: list[dict[str, str]], calendar: Calendar | None = None, **detector: object):
    """Our verdicts over one published series."""
    series = block([float(row["y"]) for row in rows], first=rows[0]["x"][:7])
    return verdicts(rule(spc={"baseline": "all", "rules": "three-sigma", **detector}), series, calendar)


def column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in rows])


@pytest.mark.parametrize(
    ("name", "screen"),
    [
        ("ptd_RJZ_breaches.csv", True),
        ("ptd_5trusts_breaches.csv", True),
        ("ptd_5trusts_perf_target95.csv", True),
        ("ptd_all_trusts_breaches.csv", True),
        ("ptd_vignette_outlier_screened.csv", True),
        ("ptd_vignette_outlier_unscreened.csv", False),
    ],
)
def test_limits_over_all_points_equal_the_published_ones(name, screen):
    compared = 0
    for rows in published(name).values():
        if len(rows) < 13:
            continue  # trial limits, which we call learning
        found = judged(rows, screen=screen)
        for ours, theirs in (("centre", "mean_col"), ("lower", "lpl"), ("upper", "upl")):
            np.testing.assert_allclose(getattr(found, ours)[:, 0], column(rows, theirs), rtol=1e-9, atol=1e-9)
        outside = [row["outside_limits"] == "TRUE" for row in rows]
        assert (found.high | found.low)[:, 0].astype(bool).tolist() == outside
        compared += len(rows)
    assert compared >= 18


def test_limits_frozen_after_twelve_points_equal_the_published_ones():
    (rows,) = published("ptd_RJZ_fix12.csv").values()
    found = judged(rows, baseline="first 12 periods", screen=True)
    for ours, theirs in (("centre", "mean_col"), ("lower", "lpl"), ("upper", "upl")):
        np.testing.assert_allclose(getattr(found, ours)[12:, 0], column(rows, theirs)[12:], rtol=1e-9)
    assert np.isnan(found.centre[:12, 0]).all(), "no limits before there is a baseline: judged prospectively"


def test_limits_start_anew_at_each_rebase():
    (rows,) = published("ptd_england_attendances_rebase.csv").values()
    calendar = Calendar(
        annotations={
            at: Annotation.model_validate(
                {"id": f"from-{at}", "effect": "rebase", "measures": "m", "from": at, "reason": "r", "agreed_by": "a"}
            )
            for at in ("2017-04", "2018-04")
        }
    )
    found = judged(rows, calendar, screen=True)
    assert len(set(found.centre[:, 0].tolist())) == 3
    for ours, theirs in (("centre", "mean_col"), ("lower", "lpl"), ("upper", "upl")):
        np.testing.assert_allclose(getattr(found, ours)[:, 0], column(rows, theirs), rtol=1e-9)
