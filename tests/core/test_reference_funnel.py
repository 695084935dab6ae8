"""Funnels against FunnelPlotR 0.6.0, on A&E trusts (Open Government Licence v3.0) and its own medpar example.

`phi`, tau squared and limits agree to 1e-9; where FunnelPlotR is at fault a test says why we differ.
"""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.special import pdtr

from alertd.core.detect.funnel_limits import (
    RATE,
    SHARE,
    Scale,
    adjusted_limits,
    beyond,
    binomial_limits,
    poisson_limits,
    spread,
    winsorised,
    winsorised_variance,
    z_limit,
)
from tests.core.test_funnel import funnel_of

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "funnel"
pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the published outputs are not beside the project (../shared/reference)"
)
LIMITS = {"95": 1.959964, "99": 3.090232}
"""FunnelPlotR's constants, to six places; its `99` means 99.8%."""
LOG = Scale(np.log, np.exp)


class Published:
    """One of FunnelPlotR's tables, by column, with the phi and tau squared that it gave."""

    def __init__(self, name: str) -> None:
        with (REFERENCE / name).open(newline="") as file:
            rows = list(csv.DictReader(file))
        self.columns = {
            column: np.array([float(row[column]) if row[column] not in ("", "NA") else np.nan for row in rows])
            for column in rows[0]
            if column != "group"
        }
        notes = {one["file"]: one["note"] for one in json.loads((REFERENCE / "meta.json").read_text())["outputs"]}
        self.phi, self.tau_squared = (float(one) for one in re.findall(r"(?:phi|tau2)=([\d.]+)", notes[name]))
        self.count, self.n = self.columns["numerator"], self.columns["denominator"]

    def scores(self, scale: Scale, target: float) -> tuple[np.ndarray, np.ndarray]:
        """Our z-scores and standard errors, the former seen to be the published ones."""
        s = 1 / (2 * np.sqrt(self.n))
        z = (scale.to(self.count / self.n) - scale.to(np.asarray(target))) / s
        np.testing.assert_allclose(z, self.columns["Uzscore"], rtol=1e-9)
        np.testing.assert_allclose(s, self.columns["s"], rtol=1e-9)
        return z, s


@pytest.mark.parametrize("name", ["ae_PR.csv", "medpar_died_PR.csv"])
def test_limits_for_shares_equal_the_published_ones(name):
    table = Published(name)
    target = table.count.sum() / table.n.sum()
    z, s = table.scores(SHARE, target)
    found = spread(winsorised(z, 10), s)
    np.testing.assert_allclose(winsorised(z, 10), table.columns["Wuzscore"], rtol=1e-9)
    np.testing.assert_allclose([found.phi, found.tau_squared], [table.phi, table.tau_squared], rtol=1e-9)
    for percent, reach in LIMITS.items():
        for tau_squared, published in ((found.tau_squared, "OD{0}{1}CL"), (0.0, "{1}CL{0}")):
            lower, upper = adjusted_limits(SHARE, target, s, reach, tau_squared)
            within = np.arcsin(np.sqrt(target)) + reach * np.sqrt(s**2 + tau_squared) <= np.pi / 2
            below, above = (table.columns[published.format(percent, side)] for side in "LU")
            np.testing.assert_allclose(lower, below, rtol=1e-9, atol=1e-15)
            np.testing.assert_allclose(upper[within], above[within], rtol=1e-9)
            assert (upper[~within] == 1).all()
    over, under = beyond(table.count / table.n, *adjusted_limits(SHARE, target, s, LIMITS["99"], found.tau_squared))
    assert (over | under).tolist() == table.columns["outlier"].astype(bool).tolist()


def test_a_limit_whose_angle_leaves_the_quarter_circle_stops_at_its_end():
    """As published for the lower limits and for 99.8%; at 95% FunnelPlotR lets the sine squared fall again, to 0.9982."""
    table = Published("medpar_died_PR.csv")
    target, s = table.count.sum() / table.n.sum(), 1 / (2 * np.sqrt(table.n))
    lower, upper = adjusted_limits(SHARE, target, s, LIMITS["99"], table.tau_squared)
    assert np.count_nonzero(lower == 0) == 14 == np.count_nonzero(table.columns["OD99LCL"] == 0)
    assert np.count_nonzero(upper == 1) == 5 == np.count_nonzero(table.columns["OD99UCL"] == 1)
    _, upper = adjusted_limits(SHARE, target, s, LIMITS["95"], table.tau_squared)
    assert (upper[table.n == 1] == 1).all()
    assert table.columns["OD95UCL"][table.n == 1] == pytest.approx([0.9982] * 2, abs=1e-4)


def test_unadjusted_limits_for_shares_are_binomial_quantiles_where_the_published_ones_are_a_normal_approximation():
    table = Published("ae_PR_unadjusted.csv")
    target = table.count.sum() / table.n.sum()
    _, s = table.scores(SHARE, target)
    lower, upper = adjusted_limits(SHARE, target, s, LIMITS["95"], 0.0)
    np.testing.assert_allclose(lower, table.columns["LCL95"], rtol=1e-9)
    np.testing.assert_allclose(upper, table.columns["UCL95"], rtol=1e-9)
    exact_lower, exact_upper = binomial_limits(target, table.n, 95)
    np.testing.assert_allclose(exact_lower, lower, rtol=5e-4)  # so many attendances that it hardly matters
    np.testing.assert_allclose(exact_upper, upper, rtol=5e-4)
    over, under = beyond(table.count / table.n, exact_lower, exact_upper)
    assert (over | under).tolist() == table.columns["outlier"].astype(bool).tolist()


def test_scores_and_spread_of_standardised_ratios_equal_the_published_ones():
    table = Published("medpar_SR_CQC.csv")
    z, s = table.scores(RATE, 1.0)
    found = spread(winsorised(z, 10), s)
    np.testing.assert_allclose([found.phi, found.tau_squared], [table.phi, table.tau_squared], rtol=1e-9)


def test_limits_of_standardised_ratios_are_squared_back_where_the_published_ones_stay_on_the_root_scale():
    """FunnelPlotR draws 1 -+ z sqrt(s^2 + tau^2) of the square root beside the ratio itself: funnels of half the width."""
    table = Published("medpar_SR_CQC.csv")
    _, s = table.scores(RATE, 1.0)
    for percent, reach in LIMITS.items():
        lower, upper = adjusted_limits(RATE, 1.0, s, reach, table.tau_squared)
        np.testing.assert_allclose(np.sqrt(lower), table.columns[f"OD{percent}LCL"], rtol=1e-9)
        np.testing.assert_allclose(np.sqrt(upper), table.columns[f"OD{percent}UCL"], rtol=1e-9)
    lower, upper = adjusted_limits(RATE, 1.0, s, LIMITS["99"], table.tau_squared)
    over, under = beyond(table.count / table.n, lower, upper)
    by_score = np.abs(table.columns["Uzscore"]) * s > LIMITS["99"] * np.sqrt(s**2 + table.tau_squared)
    assert ((over | under) == by_score).all(), "a place is flagged where its own score says so"
    assert (np.count_nonzero(by_score), table.columns["outlier"].sum()) == (2, 17)
    # Without overdispersion a ratio varies by 1 / sqrt(expected): so much is the width of our limits, not half of it.
    lower, upper = adjusted_limits(RATE, 1.0, np.array([1 / (2 * np.sqrt(1e6))]), 3.0, 0.0)
    assert (upper - lower) / 2 == pytest.approx(3e-3, rel=1e-6)


def test_the_truncating_variant_for_mortality_is_reproduced():
    """SHMI: log scale, and the outermost tenths left out instead of drawn in; expected counts are rounded to 2 places."""
    table = Published("medpar_SR_SHMI.csv")
    z, s = np.sqrt(table.n) * np.log(table.count / table.n), 1 / np.sqrt(table.n)
    np.testing.assert_allclose(z, table.columns["Uzscore"], rtol=1e-9)
    rank = np.array([(z < one).sum() + ((z == one).sum() + 1) / 2 for one in z])
    kept = ~np.isin(np.floor(rank * 10 / (len(z) + 1)), (0, 9))
    found = spread(z[kept], s[kept])
    np.testing.assert_allclose([found.phi, found.tau_squared], [table.phi, table.tau_squared], rtol=1e-9)
    for percent, reach in LIMITS.items():
        lower, upper = adjusted_limits(LOG, 1.0, s, reach, found.tau_squared)
        np.testing.assert_allclose(lower, table.columns[f"OD{percent}LCL"], rtol=1e-9)
        np.testing.assert_allclose(upper, table.columns[f"OD{percent}UCL"], rtol=1e-9)
    over, under = beyond(table.count / table.n, *adjusted_limits(LOG, 1.0, s, LIMITS["99"], found.tau_squared))
    assert (over | under).tolist() == table.columns["outlier"].astype(bool).tolist()


def test_limits_of_a_ratio_of_counts_use_the_standard_error_of_the_scores_where_the_published_ones_use_a_share_s():
    table = Published("ae_RC.csv")
    count, n = table.count, table.n
    target = count.sum() / n.sum()
    s = np.sqrt(count / (count + 0.5) ** 2 + n / (n + 0.5) ** 2)
    z = (np.log((count + 0.5) / (n + 0.5)) - np.log(target)) / s
    np.testing.assert_allclose(z, table.columns["Uzscore"], rtol=1e-9)
    found = spread(winsorised(z, 10), s)
    np.testing.assert_allclose([found.phi, found.tau_squared], [table.phi, table.tau_squared], rtol=1e-9)
    theirs = adjusted_limits(LOG, target, 1 / (2 * np.sqrt(n)), LIMITS["99"], found.tau_squared)
    np.testing.assert_allclose(theirs[1], table.columns["OD99UCL"], rtol=1e-9)
    lower, upper = adjusted_limits(LOG, target, s, LIMITS["99"], found.tau_squared)
    assert (upper > theirs[1]).all(), "the lines of the scores' own standard errors lie further out"
    assert (lower < theirs[0]).all()
    over, under = beyond((count + 0.5) / (n + 0.5), lower, upper)
    by_score = np.abs(z) * s > LIMITS["99"] * np.sqrt(s**2 + found.tau_squared)
    assert ((over | under) == by_score).all()


def test_unadjusted_limits_of_ratios_predict_a_count_where_the_published_ones_are_a_confidence_interval():
    """The chi-square limits are the interval for a mean given a count: at 5 expected their 0.1% tails are .002% and .67%."""
    table = Published("medpar_SR_unadjusted.csv")
    expected = table.n
    theirs = table.columns["UCL99"], table.columns["LCL99"]
    lower, upper = poisson_limits(1.0, expected, 99.8)
    ours = upper, lower

    def tails(limits: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The chance of a ratio beyond the upper and beyond the lower limit, where only chance is at work."""
        most, least = np.floor(limits[0] * expected + 1e-9), np.ceil(limits[1] * expected - 1e-9) - 1
        return 1 - pdtr(most, expected), np.where(least < 0, 0.0, pdtr(np.maximum(least, 0), expected))

    their_upper, their_lower = tails(theirs)
    our_upper, our_lower = tails(ours)
    # Of counts that are whole, the one at the upper quantile lies just beyond the interpolated line, the one at the lower not.
    assert our_upper.min() >= 0.001
    assert our_upper.max() < 0.0025
    assert our_lower.max() <= 0.001
    assert their_upper.max() < 0.0009, "too few flags on the high side"
    assert their_upper.min() < 0.0001
    assert their_lower.max() > 0.003, "more than three times the nominal rate of false flags on the low side"


def test_the_product_s_own_limits_are_the_published_ones_but_for_the_variance_of_winsorised_scores():
    """FunnelPlotR compares phi with 1; winsorised scores have a variance of 0.68, so it finds too little overdispersion."""
    table = Published("medpar_died_PR.csv")
    verdicts = funnel_of(table.count, table.n, limits=99.8)
    target = table.count.sum() / table.n.sum()
    z, s = table.scores(SHARE, target)
    found = spread(winsorised(z, 10), s, winsorised_variance(10))
    assert found.tau_squared > 2 * table.tau_squared
    lower, upper = adjusted_limits(SHARE, target, s, z_limit(99.8), found.tau_squared)
    np.testing.assert_allclose(verdicts.lower[0], 100 * lower, rtol=1e-12)
    np.testing.assert_allclose(verdicts.upper[0], 100 * upper, rtol=1e-12)
    np.testing.assert_allclose(verdicts.centre[0], 100 * target, rtol=1e-12)
