"""EARS C1 and C2 against figures worked out by hand, and the properties that they must keep."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from alertd.core.calendar import Annotation, Calendar
from tests.core.make import block, measure, rule, states, timeline, verdicts

COUNTS = measure(grain="day", count="n")
WEEK = [4.0, 6, 5, 7, 5, 3, 5]  # mean 5, standard deviation 1.2910
Z = 3.090232306167813


def ears(method="ears_c1", **more):
    return rule(seasonal={"method": method, **more})


def daily(*columns, **more):
    return block(*columns, first="2022-01-01", **more)


def judged(figures, method="ears_c1", calendar=None, **more):
    return verdicts(ears(method, **more), daily(figures), calendar, of=COUNTS)


@pytest.mark.parametrize(("method", "between"), [("ears_c1", []), ("ears_c2", [90.0, 80.0])])
def test_the_bound_lies_so_many_standard_deviations_above_the_mean_of_seven_days(method, between):
    found = judged([*WEEK, *between, 5], method)
    assert found.centre[-1, 0] == pytest.approx(5)
    assert found.upper[-1, 0] == pytest.approx(5 + Z * np.std(WEEK, ddof=1))
    assert np.isnan(found.lower).all()


def test_a_figure_beyond_the_bound_is_a_surge_and_one_below_is_nothing():
    bound = float(judged([*WEEK, 5]).upper[-1, 0])
    found = judged([*WEEK, bound + 0.01])
    assert found.signals(7, 0) == ("surge",)
    assert found.excess[7, 0] == pytest.approx(0.01 / np.std(WEEK, ddof=1))
    assert judged([*WEEK, bound]).signals(7, 0) == (), "exactly at the bound is not beyond it"
    assert judged([*WEEK, 0]).signals(7, 0) == ()


def test_c2_looks_past_the_two_newest_days_so_that_a_slow_surge_is_not_its_own_baseline():
    slow = [*WEEK, 9, 9.1, 9.2]
    assert states(judged(slow, "ears_c1"))[-1] == "quiet"
    assert states(judged(slow, "ears_c2"))[-1] == "exception"


def test_alpha_and_window_move_the_bound():
    found = judged([*WEEK, 5], alpha=0.01, window=5)
    assert found.upper[-1, 0] == pytest.approx(np.mean(WEEK[2:]) + stats.norm.ppf(0.99) * np.std(WEEK[2:], ddof=1))


def test_learning_until_five_of_seven_days_are_there():
    assert timeline(judged([*WEEK, 5])) == "LLLLL..."
    assert timeline(judged([*WEEK, 5, 5], "ears_c2")) == "LLLLLLL.."
    holes = [4, None, 5, None, 5, 3, 5]
    found = judged([*holes, 5])
    assert found.centre[-1, 0] == pytest.approx(np.mean([4, 5, 5, 3, 5]))
    assert states(judged([*[None, 4, None, 5, None, 5, 3], 5]))[-1] == "learning"
    assert states(judged([*WEEK, None]))[-1] == "unknown"


def test_a_baseline_never_crosses_a_rebase():
    since = Annotation.model_validate(
        {"id": "r", "effect": "rebase", "measures": "m", "from": "2022-01-08", "reason": "r", "agreed_by": "a"}
    )
    found = judged([*WEEK, 50, 51, 50, 49, 50, 51], calendar=Calendar(annotations={"r": since}))
    assert timeline(found)[7:] == "LLLLL."


def test_without_variation_the_bound_is_the_mean_however_it_is_rounded():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert states(judged([0.1] * 8))[-1] == "quiet"
        found = judged([3.0] * 7 + [4])
    assert found.upper[-1, 0] == 3
    assert states(found)[-1] == "exception"
    assert np.isfinite(found.excess).all()


def test_its_nominal_thousandth_is_really_fourteen_in_a_thousand():
    figures = np.random.default_rng(1).standard_normal((8, 60_000))
    found = verdicts(ears(), daily(*figures.T, keys=[str(j) for j in range(60_000)]), of=measure(grain="day"))
    share = np.mean(found.high[-1] != 0)
    assert share == pytest.approx(stats.t.sf(Z / np.sqrt(1 + 1 / 7), 6), abs=0.002)
    assert share > 0.012


figures = st.lists(st.one_of(st.none(), st.integers(-50, 50).map(float)), min_size=9, max_size=30)


@settings(max_examples=60, deadline=None)
@given(figures, st.sampled_from(["ears_c1", "ears_c2"]), st.floats(0.5, 20), st.integers(-30, 30))
def test_shifting_and_scaling_a_series_shifts_and_scales_its_bounds(series, method, scale, shift):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = judged(series, method)
        moved = judged([None if v is None else scale * v + shift for v in series], method)
    np.testing.assert_allclose(moved.upper, scale * plain.upper + shift, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(moved.centre, scale * plain.centre + shift, rtol=1e-9, atol=1e-6)
    assert not plain.high[np.isnan(plain.value)].any(), "NaN never signals"


@settings(max_examples=60, deadline=None)
@given(figures, st.sampled_from(["ears_c1", "ears_c2"]))
def test_a_later_figure_and_another_series_change_nothing(series, method):
    whole = judged(series, method)
    np.testing.assert_array_equal(judged(series[:-1], method).upper, whole.upper[:-1])
    beside = verdicts(ears(method), daily([1.0] * len(series), series), of=COUNTS)
    np.testing.assert_allclose(beside.upper[:, 1], whole.upper[:, 0], rtol=1e-12)
    np.testing.assert_array_equal(beside.state[:, 1], whole.state[:, 0])
