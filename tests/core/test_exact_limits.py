"""Limits of small samples against SciPy's own distributions, and the promise that they make."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom, nbinom, poisson

from alertd.core.detect.exact import THREE_SIGMA_TAIL, rate_limits, share_limits, tail_of


def shares(sample, cases, whole, tail=THREE_SIGMA_TAIL):
    lower, upper = share_limits(*(np.array(one, dtype=float) for one in (sample, cases, whole)), tail)
    return lower.tolist(), upper.tolist()


def rates(sample, cases, exposure, tail=THREE_SIGMA_TAIL):
    lower, upper = rate_limits(*(np.array(one, dtype=float) for one in (sample, cases, exposure)), tail)
    return lower.tolist(), upper.tolist()


@pytest.mark.parametrize("tail", [THREE_SIGMA_TAIL, 0.0228, 0.1587])
def test_share_limits_are_quantiles_of_the_beta_binomial(tail):
    random = np.random.default_rng(1)
    whole = random.integers(1, 3000, 700).astype(float)
    cases = np.floor(whole * random.choice([0.0, 0.01, 0.2, 0.5, 0.93, 1.0], 700))
    sample = random.integers(1, 200, 700).astype(float)
    model = betabinom(sample.astype(int), cases + 0.5, whole - cases + 0.5)
    lower, upper = share_limits(sample, cases, whole, tail)
    np.testing.assert_array_equal(lower, model.ppf(tail))
    np.testing.assert_array_equal(upper, model.ppf(1 - tail))


@pytest.mark.parametrize("tail", [THREE_SIGMA_TAIL, 0.0228, 0.1587])
def test_rate_limits_are_quantiles_of_the_negative_binomial(tail):
    random = np.random.default_rng(2)
    exposure = random.uniform(1, 500, 700)
    cases = random.integers(0, 400, 700).astype(float)
    sample = random.uniform(0.01, 0.2, 700) * exposure
    model = nbinom(cases + 0.5, exposure / (exposure + sample))
    lower, upper = rate_limits(sample, cases, exposure, tail)
    np.testing.assert_array_equal(lower, model.ppf(tail))
    np.testing.assert_array_equal(upper, model.ppf(1 - tail))


def test_the_limits_keep_what_they_promise_and_are_the_narrowest_that_do():
    sample, cases, whole = 40.0, 100.0, 900.0
    (lower,), (upper,) = shares([sample], [cases], [whole])
    model = betabinom(int(sample), cases + 0.5, whole - cases + 0.5)
    assert model.sf(upper) <= THREE_SIGMA_TAIL < model.sf(upper - 1)
    assert model.cdf(lower - 1) <= THREE_SIGMA_TAIL < model.cdf(lower)


@pytest.mark.parametrize(
    ("sample", "cases", "whole", "limits", "why"),
    [
        (1, 0, 1, (0, 1), "one figure tells next to nothing"),
        (10, 0, 1000, (0, 1), "nothing in a thousand, and one case is not yet rare"),
        (10, 1000, 1000, (9, 10), "the mirror image: one failure is not yet rare"),
        (20, 50, 100, (3, 17), "even chances lie evenly"),
    ],
)
def test_share_limits_at_their_edges(sample, cases, whole, limits, why):
    (lower,), (upper,) = shares([sample], [cases], [whole])
    assert (lower, upper) == limits, why


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 60), st.integers(0, 300), st.integers(0, 300))
def test_failures_have_the_limits_of_successes_mirrored(sample, cases, failures):
    lower, upper = shares([sample], [cases], [cases + failures])
    other_lower, other_upper = shares([sample], [failures], [cases + failures])
    if cases != failures:
        assert (lower[0], upper[0]) == (sample - other_upper[0], sample - other_lower[0])
    assert 0 <= lower[0] <= upper[0] <= sample


def test_a_long_baseline_gives_the_limits_of_the_poisson_distribution():
    for mean in (0.5, 1.0, 3.0, 6.6, 7.0, 24.0):
        (lower,), (upper,) = rates([1.0], [mean * 1e7], [1e7])
        assert (lower, upper) == (poisson.ppf(THREE_SIGMA_TAIL, mean), poisson.ppf(1 - THREE_SIGMA_TAIL, mean))


def test_a_short_baseline_gives_wider_limits_than_a_long_one():
    (short,) = rates([1.0], [12.0], [4.0])[1]
    (long,) = rates([1.0], [1200.0], [400.0])[1]
    assert short > long


def test_an_unknown_sample_has_no_limits_and_changes_no_other():
    lower, upper = shares([np.nan, 40, 40], [100, np.nan, 100], [900, 900, 900])
    alone = shares([40], [100], [900])
    assert np.isnan(lower[:2]).all()
    assert np.isnan(upper[:2]).all()
    assert ([lower[2]], [upper[2]]) == alone


@pytest.mark.parametrize(
    ("sample", "cases", "exposure"), [(1e6, 3.0, 100.0), (1.0, 5000.0, 10.0), (1.0, 60000.0, 24.0), (50.0, 900.0, 24.0)]
)
def test_large_counts_have_limits_close_to_the_quantiles(sample, cases, exposure):
    model = nbinom(cases + 0.5, exposure / (exposure + sample))
    (lower,), (upper,) = rates([sample], [cases], [exposure])
    spread = model.std()
    assert lower == pytest.approx(model.ppf(THREE_SIGMA_TAIL), abs=0.1 * spread)
    assert upper == pytest.approx(model.ppf(1 - THREE_SIGMA_TAIL), abs=0.1 * spread)


@pytest.mark.parametrize(
    ("sample", "cases", "whole"),
    [(10**5, 0.0, 100.0), (10**4, 3000.0, 10**4), (10**5, 10**5, 10**5 + 50.0)],
)
def test_large_samples_have_limits_close_to_the_quantiles(sample, cases, whole):
    model = betabinom(sample, cases + 0.5, whole - cases + 0.5)
    (lower,), (upper,) = shares([sample], [cases], [whole])
    spread = model.std()
    assert lower == pytest.approx(model.ppf(THREE_SIGMA_TAIL), abs=0.1 * spread)
    assert upper == pytest.approx(model.ppf(1 - THREE_SIGMA_TAIL), abs=0.1 * spread)


def test_the_tail_of_three_sigma_is_the_contracts_and_any_other_the_normal_one():
    assert tail_of(3) == 0.00135
    assert tail_of(2) == pytest.approx(0.02275013, rel=1e-6)
