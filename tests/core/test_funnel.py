"""Places compared with each other: who is a peer, what is pooled, and where the limits lie."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import binom, norm, poisson

from alertd.core.calendar import Annotation, Calendar, Suppression
from alertd.core.detect.funnel_limits import (
    RATE,
    SHARE,
    adjusted_limits,
    binomial_limits,
    poisson_limits,
    spread,
    winsorised,
    winsorised_variance,
    z_limit,
)
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import Verdicts
from tests.core.make import block, measure, rule, states, verdicts

PERCENT = {"numerator": "x", "denominator": "n", "unit": "percent"}
PER_1000 = {"count": "x", "denominator": {"column": "n", "kind": "exposure", "per": 1000}}


def places(numerator, denominator, factor: float = 100) -> SeriesBlock:
    """A block from arrays of periods x places; one row where they are flat. NaN is missing."""
    x = np.atleast_2d(np.array(numerator, dtype=float))
    n = np.atleast_2d(np.array(denominator, dtype=float))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(n > 0, factor * x / n, np.nan)
    made = block(*value.T.tolist(), keys=[f"P{j:03d}" for j in range(x.shape[1])])
    return replace(made, value=value, numerator=x, denominator=n, present=~np.isnan(value))


def funnel_of(numerator, denominator, *, calendar=None, of=None, rule_more=None, **more) -> Verdicts:
    """The verdicts, at every period, of a funnel over shares in percent (or another measure)."""
    measured = measure(**(PERCENT if of is None else of))
    given = {"min_peers": 3, **more}
    return verdicts(
        rule(funnel=given, **(rule_more or {})), places(numerator, denominator, measured.factor), calendar, measured
    )


# Ten places alike, one of them far off.
EVEN = [50, 52, 48, 51, 49, 50, 53, 47, 50]
SIZES = [1000] * 10


def test_a_place_far_from_its_peers_is_an_outlier_on_its_side():
    found = funnel_of([*EVEN, 110], SIZES)
    assert states(found, 9) == ["exception"]
    assert [states(found, j) for j in range(9)] == [["quiet"]] * 9
    assert found.high[0, 9]
    assert not found.low.any()
    better = funnel_of([*EVEN, 10], SIZES)
    assert states(better, 9) == ["improvement"]
    assert better.low[0, 9]
    assert not better.high.any()


def test_the_figure_is_the_pooled_share_with_its_parts_and_the_target_is_that_of_all_places():
    numerator = [[10, 20, 30], [20, 20, 20]]
    denominator = [[100, 100, 100], [300, 100, 100]]
    found = funnel_of(numerator, denominator, last="2 periods", overdispersion="none")
    assert found.value[1].tolist() == [100 * 30 / 400, 20.0, 25.0]
    assert found.numerator is not None
    assert found.numerator[1].tolist() == [30, 40, 50]
    assert found.denominator is not None
    assert found.denominator[1].tolist() == [400, 200, 200]
    assert found.centre[1] == pytest.approx([100 * 120 / 800] * 3)
    assert found.value[0].tolist() == [10, 20, 30], "the first period has only itself to pool"


def test_a_smaller_place_has_wider_limits():
    found = funnel_of([50, 5, 500, 48], [1000, 100, 10000, 1000])
    width = found.upper[0] - found.lower[0]
    assert width[1] > width[0] == pytest.approx(width[3])
    assert width[0] > width[2]


def test_a_hand_made_funnel_has_the_limits_of_the_formula():
    """Four places of 100: 10, 20, 30, 40 of them. On arcsine-root, s = 1/20, no winsorising."""
    found = funnel_of([10, 20, 30, 40], [100] * 4, winsorise=0, limits=95)
    angles = np.arcsin(np.sqrt([0.1, 0.2, 0.3, 0.4]))
    middle = np.arcsin(np.sqrt(0.25))
    phi = np.mean(((angles - middle) * 20) ** 2)
    tau_squared = (4 * phi - 3) / (4 * 400 - 400)
    reach = 1.959963984540054 * np.sqrt(1 / 400 + tau_squared)
    assert found.lower[0] == pytest.approx([100 * np.sin(middle - reach) ** 2] * 4, rel=1e-12)
    assert found.upper[0] == pytest.approx([100 * np.sin(middle + reach) ** 2] * 4, rel=1e-12)


def test_a_rate_is_judged_by_square_roots_and_shown_per_so_many():
    counts, exposure = [40, 60, 55, 50, 45, 160], [10_000.0] * 6
    found = funnel_of(counts, exposure, of=PER_1000, winsorise=0, limits=95)
    target = sum(counts) / 60_000
    roots = np.sqrt(np.array(counts) / 10_000)
    s = 1 / 200
    phi = np.mean(((roots - np.sqrt(target)) / s) ** 2)
    tau_squared = (6 * phi - 5) / (5 / s**2)
    reach = 1.959963984540054 * np.sqrt(s**2 + tau_squared)
    assert found.value[0].tolist() == pytest.approx([4, 6, 5.5, 5, 4.5, 16])
    assert found.centre[0, 0] == pytest.approx(1000 * target)
    assert found.lower[0, 0] == pytest.approx(1000 * max(0.0, np.sqrt(target) - reach) ** 2)
    assert found.upper[0, 0] == pytest.approx(1000 * (np.sqrt(target) + reach) ** 2)


def test_a_rate_may_exceed_its_exposure():
    found = funnel_of([300, 310, 290, 305], [100] * 4, of=PER_1000)
    assert [states(found, j) for j in range(4)] == [["quiet"]] * 4
    assert found.value[0, 0] == 3000


def test_overdispersion_widens_the_limits_and_none_leaves_them():
    rng = np.random.default_rng(5)
    n = rng.integers(2000, 20000, 40)
    x = rng.binomial(n, np.clip(rng.normal(0.2, 0.03, 40), 0.01, 0.99))
    adjusted, plain = funnel_of(x, n), funnel_of(x, n, overdispersion="none")
    assert (adjusted.upper > plain.upper).all()
    assert (adjusted.lower < plain.lower).all()
    assert np.count_nonzero(adjusted.high | adjusted.low) <= 1
    assert np.count_nonzero(plain.high | plain.low) > 15


def test_places_that_differ_by_chance_alone_get_the_exact_limits_either_way():
    x, n = [20, 21, 19, 20, 20], [100] * 5
    adjusted, plain = funnel_of(x, n), funnel_of(x, n, overdispersion="none")
    assert adjusted.lower.tolist() == plain.lower.tolist()
    assert adjusted.upper.tolist() == plain.upper.tolist()


@pytest.mark.parametrize("target", [1e-6, 0.002, 0.03, 0.3, 0.5, 0.97, 1 - 1e-6])
@pytest.mark.parametrize("percent", [50, 95, 99.8, 99.999])
def test_unadjusted_limits_are_interpolated_quantiles(target, percent):
    n = np.concatenate([np.arange(1.0, 40), [100, 999, 12345, 400_000]])
    for family, shape, ours in (
        (binom, (n, target), binomial_limits(target, n, percent)),
        (poisson, (n * target,), poisson_limits(target, n, percent)),
    ):
        for p, limit in zip((0.5 - percent / 200, 0.5 + percent / 200), ours, strict=True):
            r = family.ppf(p, *shape)
            here, before = family.cdf(r, *shape), family.cdf(r - 1, *shape)
            y = (r - (here - p) / (here - before)) / n
            bounded = np.clip(y, 0, target) if p < 0.5 else np.maximum(y, target)
            np.testing.assert_allclose(
                limit, np.minimum(bounded, 1) if family is binom else bounded, rtol=1e-7, atol=1e-12
            )


def test_limits_stay_within_what_a_share_can_be():
    found = funnel_of([0, 1, 0, 1, 1, 5], [3, 2, 4, 1, 2, 5], limits=99.8)
    assert (found.lower >= 0).all()
    assert (found.upper <= 100).all()
    assert (found.lower <= found.centre).all()
    assert (found.centre <= found.upper).all()
    assert not (found.high | found.low).any(), "at a bound a figure is not beyond it"


@pytest.mark.parametrize(("count", "size"), [(0, 50), (50, 50)])
def test_places_that_are_all_at_a_bound_are_quiet(count, size):
    for overdispersion in ("adjusted", "none"):
        found = funnel_of([count] * 5, [size] * 5, overdispersion=overdispersion)
        assert [states(found, j) for j in range(5)] == [["quiet"]] * 5
        assert found.excess.tolist() == [[0.0] * 5]
        assert found.centre[0].tolist() == [100 * count / size] * 5


def test_rates_that_are_all_zero_are_quiet():
    found = funnel_of([0] * 5, [50] * 5, of=PER_1000)
    assert [states(found, j) for j in range(5)] == [["quiet"]] * 5
    assert found.upper[0].tolist() == [0.0] * 5


def test_all_equal_places_are_quiet():
    found = funnel_of([5] * 4, [20] * 4)
    assert [states(found, j) for j in range(4)] == [["quiet"]] * 4


def test_a_figure_just_at_a_limit_is_no_outlier():
    """By chance alone, of ten 50% places: the interpolated lower limit for 5 of them is 0."""
    found = funnel_of([0, 5, 5, 5, 5], [5, 10, 10, 10, 5], overdispersion="none")
    assert found.lower[0, 0] == 0 == found.value[0, 0]
    assert not found.low[0, 0]


def test_excess_is_the_standard_errors_beyond_the_limit():
    x, n = np.array([*EVEN, 160]), np.array(SIZES)
    found = funnel_of(x, n)
    target = x.sum() / n.sum()
    s = 1 / (2 * np.sqrt(n))
    away = SHARE.to(x / n) - SHARE.to(np.asarray(target))
    tau_squared = spread(winsorised(away / s, 10), s, 0.68).tau_squared
    z = away / np.sqrt(s**2 + tau_squared)
    assert tau_squared > 0
    assert found.excess[0, 9] == pytest.approx(z[9] - z_limit(99.8))
    assert found.excess[0, :9].tolist() == [0.0] * 9


def test_fewer_places_than_min_peers_are_learning():
    nine = funnel_of(EVEN, SIZES[:9], min_peers=10)
    assert [states(nine, j) for j in range(9)] == [["learning"]] * 9
    assert np.isnan(nine.upper).all()
    assert nine.value[0, 0] == 5, "the figure is shown all the same"
    ten = funnel_of([*EVEN, 110], SIZES, min_peers=10)
    assert states(ten, 9) == ["exception"], "the place itself is one of the ten"


def test_a_place_without_a_figure_is_unknown_and_no_peer():
    x = [[*EVEN, 110], [*EVEN, np.nan]]
    found = funnel_of(x, [SIZES] * 2, last=2)
    assert states(found, 9) == ["exception", "unknown"]
    assert np.isnan(found.value[1, 9])
    assert not found.high[1, 9]
    assert found.centre[1, 0] == pytest.approx(5.0), "what it had the month before is in nobody's target"
    alone = funnel_of(x, [SIZES] * 2, last=2, min_peers=10)
    assert states(alone, 0) == ["quiet", "learning"]
    assert states(alone, 9) == ["exception", "unknown"]


def test_a_missing_month_within_the_window_pools_the_others():
    x = [[5, 5, 5], [np.nan, 5, 5], [7, 5, 5]]
    n = [[100] * 3, [np.nan, 100, 100], [100] * 3]
    found = funnel_of(x, n, last=3)
    assert found.numerator is not None
    assert found.numerator[2].tolist() == [12, 15, 15]
    assert found.denominator is not None
    assert found.denominator[2].tolist() == [200, 300, 300]


def test_figures_that_overlap_are_not_pooled_again():
    """Each already covers the periods before it, so that a sum would count the same cases twice."""
    window = {"window": {"length": "12 months", "judge_every": "12 months"}}
    found = funnel_of([[5, 6, 7]] * 3, [[100] * 3] * 3, last=3, of={**PERCENT, **window})
    assert found.denominator is not None
    assert found.denominator.tolist() == [[100] * 3] * 3


def test_a_zero_denominator_is_no_figure():
    found = funnel_of([5, 5, 5, 0], [100, 100, 100, 0])
    assert states(found, 3) == ["unknown"]
    assert found.centre[0, 0] == 5


def test_excluded_figures_pool_nowhere():
    calendar = Calendar(
        suppressions={
            "s": Suppression.model_validate(
                {
                    "id": "s",
                    "measures": "m",
                    "from": "2020-01",
                    "to": "2020-01",
                    "effect": "exclude",
                    "reason": "r",
                    "where": {"place": "P003"},
                }
            )
        }
    )
    x = [[5, 5, 5, 90], [5, 5, 5, 5]]
    found = funnel_of(x, [[100] * 4] * 2, last=2, calendar=calendar)
    assert states(found, 3) == ["muted", "quiet"]
    assert found.centre[0, 0] == 5
    assert found.value[1].tolist() == [5] * 4


def test_figures_before_a_rebase_do_not_pool():
    calendar = Calendar(
        annotations={
            "a": Annotation.model_validate(
                {
                    "id": "a",
                    "effect": "rebase",
                    "measures": "m",
                    "from": "2020-02",
                    "reason": "r",
                    "agreed_by": "a",
                    "where": {"place": "P003"},
                }
            )
        }
    )
    x = [[5, 5, 5, 90], [7, 7, 7, 5]]
    found = funnel_of(x, [[100] * 4] * 2, last=2, calendar=calendar)
    assert found.value[1].tolist() == [6, 6, 6, 5]
    assert found.denominator is not None
    assert found.denominator[1].tolist() == [200, 200, 200, 100]


def test_where_narrows_who_is_told_and_not_who_is_compared():
    found = funnel_of([*EVEN, 110], SIZES, min_peers=10, rule_more={"where": {"place": "P009"}})
    assert found.keys == (("P009",),)
    assert states(found) == ["exception"]
    assert found.centre[0, 0] == pytest.approx(100 * (sum(EVEN) + 110) / 10_000)


def test_a_standing_outlier_is_not_forgotten_when_too_few_peers_report():
    """Learning never replaces an open exception, and what was found then was found among all the places of then."""
    later = [*([np.nan] * 4), *EVEN[4:], 110]
    measured = measure(**PERCENT)
    found = verdicts(
        rule(funnel={"min_peers": 8}),
        places([[*EVEN, 110], later], [SIZES, SIZES]),
        None,
        measured,
        every_period=False,
    )
    assert states(found, 9) == ["exception"]
    assert states(found, 8) == ["learning"]


def test_a_measure_without_a_denominator_is_never_judged():
    made = block([1.0, 2.0], [3.0, None], [900.0, 5.0])
    found = verdicts(rule(funnel={"min_peers": 3}), made)
    assert states(found, 0) == ["learning", "learning"]
    assert states(found, 1) == ["learning", "unknown"]
    assert not (found.high | found.low).any()


def test_the_newest_period_alone_is_judged_as_it_is_among_all():
    rng = np.random.default_rng(11)
    n = rng.integers(50, 5000, (6, 30)).astype(float)
    x = rng.binomial(n.astype(int), np.clip(rng.normal(0.1, 0.03, 30), 0.01, 0.9)).astype(float)
    x[3, 4] = n[3, 4] = np.nan
    measured = measure(**PERCENT)
    one = rule(funnel={"last": 4})
    every = verdicts(one, places(x, n), None, measured)
    newest = verdicts(one, places(x, n), None, measured, every_period=False)
    for name in ("state", "high", "low", "value", "centre", "lower", "upper", "excess", "numerator", "denominator"):
        np.testing.assert_array_equal(getattr(newest, name)[0], getattr(every, name)[-1])


def test_the_variance_of_winsorised_scores_is_068_at_ten_percent():
    """Exactly 0.6787; two decimals are what is published. The formula is checked against the integral of a normal."""
    assert winsorised_variance(10) == 0.68
    assert winsorised_variance(10 + 1e-9) == pytest.approx(0.6787, abs=5e-5)
    assert winsorised_variance(0) == 1
    for percent in (1, 5, 20, 45):
        a = float(norm.ppf(1 - percent / 100))
        integral = norm.expect(lambda z, a=a: np.clip(z, -a, a) ** 2)
        assert winsorised_variance(percent) == pytest.approx(integral, rel=1e-6)


def test_winsorised_scores_are_drawn_in_to_the_linear_quantiles():
    z = np.array([-10.0, -1, 0, 1, 2, 3, 4, 5, 6, 50, 7])
    assert winsorised(z, 10).tolist() == [-1.0, -1, 0, 1, 2, 3, 4, 5, 6, 7, 7]
    assert winsorised(z, 0).tolist() == z.tolist()


def test_limits_of_998_percent_are_309_standard_errors():
    assert z_limit(99.8) == pytest.approx(3.090232306167813, rel=1e-14)
    assert z_limit(95) == pytest.approx(float(ndtri(0.975)), rel=1e-14)


def test_one_place_alone_and_equal_scores_have_no_spread():
    assert spread(np.array([5.0]), np.array([0.1])).tau_squared == 0
    assert spread(np.zeros(4), np.full(4, 0.1)).tau_squared == 0


@pytest.mark.parametrize("scale", [SHARE, RATE])
def test_limits_that_would_cross_the_end_of_a_scale_stop_there(scale):
    lower, upper = adjusted_limits(scale, 0.02, np.array([0.5]), 3.09, 0.0)
    assert lower[0] == 0
    assert upper[0] == 1 if scale is SHARE else upper[0] > 1


counts = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 400)), min_size=3, max_size=25)


@settings(max_examples=60, deadline=None)
@given(counts, st.sampled_from(["adjusted", "none"]), st.randoms(use_true_random=False))
def test_the_order_of_places_changes_nothing(pairs, overdispersion, random):
    x = np.array([min(pair) for pair in pairs], dtype=float)
    n = np.array([max(pair) for pair in pairs], dtype=float)
    order = list(range(len(pairs)))
    random.shuffle(order)
    one, other = (
        funnel_of(x[chosen], n[chosen], overdispersion=overdispersion) for chosen in (np.arange(len(pairs)), order)
    )
    for name in ("value", "centre", "lower", "upper"):
        np.testing.assert_allclose(getattr(one, name)[0, order], getattr(other, name)[0], rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(counts, st.sampled_from(["adjusted", "none"]), st.booleans())
def test_limits_hold_the_target_and_a_place_without_a_figure_never_signals(pairs, overdispersion, rate):
    x = np.array([min(pair) for pair in pairs] + [np.nan], dtype=float)
    n = np.array([max(pair) for pair in pairs] + [np.nan], dtype=float)
    found = funnel_of(x, n, overdispersion=overdispersion, of=PER_1000 if rate else None)
    there = ~np.isnan(x)
    assert (found.lower[0, there] <= found.centre[0, there] + 1e-9).all()
    assert (found.upper[0, there] >= found.centre[0, there] - 1e-9).all()
    assert not found.high[0, -1]
    assert not found.low[0, -1]
    assert states(found, len(pairs)) == ["unknown"]
    outside = (found.value > found.upper + 1e-9) | (found.value < found.lower - 1e-9)
    assert (((found.high | found.low) != 0) >= outside).all()


@settings(max_examples=30, deadline=None)
@given(counts, st.integers(2, 50))
def test_a_later_period_changes_no_earlier_verdict(pairs, more):
    x = np.array([[min(pair) for pair in pairs]] * 2, dtype=float)
    n = np.array([[max(pair) for pair in pairs]] * 2, dtype=float)
    n[1] += more
    short, long = funnel_of(x[:1], n[:1], last=2), funnel_of(x, n, last=2)
    for name in ("state", "lower", "upper", "excess"):
        np.testing.assert_array_equal(getattr(short, name)[0], getattr(long, name)[0])


@pytest.mark.parametrize("limits", [binomial_limits, poisson_limits])
def test_a_place_that_a_slip_makes_boundless_has_limits_at_once_and_changes_none_of_the_others(limits):
    """Above 2^53 a count and the next one are the same number, and a search by steps would never end."""
    lower, upper = limits(0.3, np.array([1e3, 1e17, 1e30]), 99.8)
    alone = limits(0.3, np.array([1e3]), 99.8)
    assert (lower[0], upper[0]) == (alone[0][0], alone[1][0])
    np.testing.assert_allclose([lower[1:], upper[1:]], 0.3, rtol=1e-6)
