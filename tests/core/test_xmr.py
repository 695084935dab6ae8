"""The XmR chart against figures worked out by hand, and the properties that any control chart must keep."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.calendar import Annotation, Calendar, Suppression
from tests.core.make import block, measure, rule, states, timeline, verdicts

WAVE = [10, 12] * 12  # mean 11, every moving range 2: limits 11 -+ 5.32, sigma 1.7733


def at_the_end(points, **detector):
    """The signals at the last period of WAVE, three periods of the gap, and some points."""
    found = verdicts(rule(spc={"baseline": "first 24 periods", **detector}), block([*WAVE, *points]))
    return set(found.signals(found.periods - 1, 0))


def test_limits_lie_two_point_six_six_moving_ranges_from_the_mean():
    found = verdicts(rule(spc={"baseline": "first 24 periods"}), block([*WAVE, 11]))
    assert found.centre[-1, 0] == pytest.approx(11, rel=1e-12)
    assert found.upper[-1, 0] == pytest.approx(11 + 2.66 * 2, rel=1e-12)
    assert found.lower[-1, 0] == pytest.approx(11 - 2.66 * 2, rel=1e-12)


def test_the_multiplier_moves_limits_and_zones_together():
    found = verdicts(rule(spc={"baseline": "first 24 periods", "multiplier": 2}), block([*WAVE, 11]))
    assert found.upper[-1, 0] == pytest.approx(11 + 2.66 * 2 * 2 / 3, rel=1e-12)


@pytest.mark.parametrize(
    ("points", "signals", "why"),
    [
        ([16.33], {"astronomical"}, "just beyond the upper limit of 16.32"),
        ([16.32], set(), "exactly at the limit is not beyond it"),
        ([5.67], {"astronomical"}, "just beyond the lower limit of 5.68"),
        ([11.1] * 7, {"shift"}, "seven on one side"),
        ([10.9, *[11.1] * 6], set(), "six are not enough"),
        ([11.1, 11.1, 11.1, 11, 11.1, 11.1, 11.1], set(), "a point on the centre line breaks the run"),
        ([11.1, 11.1, 11.1, None, 11.1, 11.1, 11.1, 11.1], set(), "a missing period breaks the run"),
        ([10.1, 10.2, 10.3, 10.4, 11.5, 11.6, 11.7], {"trend"}, "seven points rising are six steps"),
        ([12.9, 12.8, 12.7, 11.4, 10.3, 10.2, 10.1], {"trend"}, "seven points falling"),
        ([10.1, 10.2, 10.3, 10.3, 11.5, 11.6, 11.7], set(), "a tie breaks the trend"),
        ([14.6, 11, 14.6], {"two_in_three"}, "two of three beyond 2 sigma (14.547)"),
        ([14.6, 14.6], {"two_in_three"}, "two in a row"),
        ([None, 14.6, 14.6], set(), "the pattern is complete only when all three are there"),
        ([14.6, 14.6, 11], set(), "the newest point must be one of the two"),
        ([14.6, 7.4], set(), "one on each side"),
        ([14.6, None, 14.6], set(), "a missing period between spans nothing"),
        ([17, 11, 14.6], {"two_in_three"}, "a point beyond 3 sigma counts as beyond 2"),
    ],
)
def test_each_signal_of_mdc_2024_at_its_edges(points, signals, why):
    assert at_the_end(points) == signals, why


def test_three_sigma_knows_only_points_beyond_a_limit():
    assert at_the_end([11.1] * 7, rules="three-sigma") == set()
    assert at_the_end([17], rules="three-sigma") == {"astronomical"}


def test_signals_can_be_chosen():
    assert at_the_end([17, 17, 17, 17, 17, 17, 17], signals=["shift"]) == {"shift"}


def test_the_default_baseline_rolls_with_a_gap_of_three_months():
    series = [*WAVE, 100, 100, 100, 11]
    found = verdicts(rule(spc="mdc-2024"), block(series))
    # Month 27 is judged by months 1 to 24 (t-26 .. t-3): the first of the three 100s is the newest in it, and leaves
    # it as an outlier, so that months 1 to 23 remain.
    kept = np.array(series[1:24])
    assert found.centre[27, 0] == pytest.approx(kept.mean(), rel=1e-12)
    assert found.upper[27, 0] == pytest.approx(kept.mean() + 2.66 * np.abs(np.diff(kept)).mean(), rel=1e-12)
    assert found.centre[26, 0] == pytest.approx(np.mean(series[:24]), rel=1e-12)


def test_a_new_level_of_seven_stays_in_the_rolling_baseline_and_is_absorbed():
    found = verdicts(rule(spc="mdc-2024"), block([*WAVE, *([40, 42] * 16)]))
    line = timeline(found)
    assert "X" in line
    assert line.endswith("....."), line
    assert "L" not in line[15:], "absorbing a new level never falls back into learning"


def test_below_twelve_usable_periods_the_state_is_learning():
    line = timeline(verdicts(rule(spc="mdc-2024"), block(WAVE)))
    assert line == "L" * 14 + "." * 10  # 12 usable points up to t-3 exist from the fifteenth month on


def test_a_missing_period_is_unknown_and_no_moving_range_spans_it():
    series = [10, 12, None, 30, 32, None, *([10, 12] * 9), 11]
    found = verdicts(rule(spc={"baseline": "first 24 periods"}), block(series))
    assert states(found)[2] == "unknown"
    ranges = [2, 2, *[2] * 17]
    usable = [v for v in series[:24] if v is not None]
    assert found.centre[-1, 0] == pytest.approx(np.mean(usable))
    assert found.upper[-1, 0] == pytest.approx(np.mean(usable) + 2.66 * np.mean(ranges))


def test_no_variation_takes_the_resolution_else_the_smallest_step_seen_else_learns():
    flat = [5.0] * 24
    counts = measure(count="n")
    found = verdicts(rule(spc={"chart": "xmr", "rules": "mdc-2024"}), block([*flat, 9.0]), of=counts)
    assert found.upper[-1, 0] == pytest.approx(5 + 2.66)
    assert states(found)[-1] == "exception"
    assert states(verdicts(rule(spc="mdc-2024"), block([*flat, 9.0])))[-1] == "learning"
    stepped = [4.5, 5.0, *([5.0] * 30)]
    found = verdicts(rule(spc={"baseline": "last 12 periods"}), block(stepped))
    assert found.upper[-1, 0] == pytest.approx(5 + 2.66 * 0.5)


def test_equal_points_are_on_their_own_mean_however_sums_are_rounded():
    found = verdicts(rule(spc="mdc-2024"), block([0.1] * 40), of=measure(resolution=0.01))
    assert set(timeline(found)) == {"L", "."}


def test_a_rebase_starts_the_usual_range_anew_and_ends_what_stood():
    series = [*WAVE, *([50, 52] * 12)]
    annotation = Annotation.model_validate(
        {"id": "step", "effect": "rebase", "measures": "m", "from": "2022-01", "reason": "recording", "agreed_by": "A"}
    )
    before = timeline(verdicts(rule(spc="mdc-2024"), block(series)))
    after = timeline(verdicts(rule(spc="mdc-2024"), block(series), Calendar(annotations={"step": annotation})))
    assert before[24:27] == "XXX"
    assert after[24:38] == "L" * 14
    assert after[38:] == "." * 10
    assert after[:24] == before[:24], "history before the rebase stays as it was judged"


def test_a_rebase_may_bear_on_some_series_only():
    series = [*WAVE, *([50, 52] * 12)]
    annotation = Annotation.model_validate(
        {
            "id": "step",
            "effect": "rebase",
            "measures": ["m"],
            "from": "2022-01",
            "reason": "recording",
            "agreed_by": "A",
            "where": {"place": "B"},
        }
    )
    found = verdicts(rule(spc="mdc-2024"), block(series, series), Calendar(annotations={"step": annotation}))
    assert timeline(found, 0)[24] == "X"
    assert timeline(found, 1)[24] == "L"


def test_excluded_periods_count_neither_in_baselines_nor_as_signals():
    series = [*WAVE[:20], 90, *WAVE[:10]]
    out = Suppression.model_validate(
        {
            "id": "strike",
            "measures": "m",
            "from": "2021-09",
            "to": "2021-09",
            "effect": "exclude",
            "reason": "no calls taken",
        }
    )
    found = verdicts(rule(spc={"baseline": "first 24 periods"}), block(series), Calendar(suppressions={"strike": out}))
    assert states(found)[20] == "muted"
    assert found.signals(20, 0) == ()
    usable = [*series[:20], *series[21:24]]
    assert found.centre[-1, 0] == pytest.approx(np.mean(usable))


def test_a_fixed_baseline_judges_by_its_own_periods():
    found = verdicts(rule(spc={"baseline": {"from": "2020-01", "to": "2020-12"}}), block([*WAVE[:12], *([20, 22] * 6)]))
    assert timeline(found)[:12] == "L" * 12
    assert found.centre[-1, 0] == pytest.approx(11)
    assert timeline(found)[12:] == "X" * 12


def test_screening_leaves_out_large_moving_ranges_once():
    series = [*([10, 11] * 11), 10, 60, 10]
    plain = verdicts(rule(spc={"baseline": "first 24 periods"}), block(series))
    screened = verdicts(rule(spc={"baseline": "first 24 periods", "screen": True}), block(series))
    assert screened.upper[-1, 0] - screened.centre[-1, 0] == pytest.approx(2.66)
    assert plain.upper[-1, 0] > screened.upper[-1, 0]


figures = st.lists(st.one_of(st.none(), st.integers(-1000, 1000).map(float)), min_size=16, max_size=48)


@settings(max_examples=60, deadline=None)
@given(figures, st.integers(-500, 500), st.integers(1, 50))
def test_shifting_and_scaling_a_series_shifts_and_scales_its_limits(series, shift, scale):
    moved = [None if v is None else v * scale + shift for v in series]
    plain, other = verdicts(rule(spc="mdc"), block(series)), verdicts(rule(spc="mdc"), block(moved))
    for name in ("centre", "lower", "upper"):
        np.testing.assert_allclose(getattr(other, name), getattr(plain, name) * scale + shift, rtol=1e-9, atol=1e-6)
    assert states(plain) == states(other)


@settings(max_examples=60, deadline=None)
@given(figures, st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=5))
def test_later_points_never_change_an_earlier_verdict(series, later):
    short, long = verdicts(rule(spc="mdc"), block(series)), verdicts(rule(spc="mdc"), block([*series, *later]))
    assert states(short) == states(long)[: len(series)]
    np.testing.assert_array_equal(short.upper, long.upper[: len(series)])


@settings(max_examples=40, deadline=None)
@given(st.lists(figures.map(lambda one: (one * 3)[:30]), min_size=2, max_size=5), st.randoms())
def test_a_permutation_of_series_and_the_size_of_a_block_change_nothing(many, random):
    order = list(range(len(many)))
    random.shuffle(order)
    together = verdicts(rule(spc="mdc"), block(*many))
    mixed = verdicts(rule(spc="mdc"), block(*[many[j] for j in order]))
    for place, j in enumerate(order):
        alone = verdicts(rule(spc="mdc"), block(many[j]))
        assert states(together, j) == states(mixed, place) == states(alone)
        np.testing.assert_array_equal(together.upper[:, j], alone.upper[:, 0])


@settings(max_examples=60, deadline=None)
@given(figures)
def test_a_missing_figure_never_signals(series):
    found = verdicts(rule(spc="mdc"), block(series))
    for row, value in enumerate(series):
        if value is None:
            assert found.signals(row, 0) == ()
            assert states(found)[row] == "unknown"


@settings(max_examples=40, deadline=None)
@given(st.lists(figures.map(lambda one: (one * 3)[:40]), min_size=1, max_size=4))
def test_the_newest_period_alone_is_judged_as_it_is_among_all(many):
    all_of_them = verdicts(rule(spc="mdc"), block(*many))
    newest = verdicts(rule(spc="mdc"), block(*many), every_period=False)
    assert [states(newest, j)[0] for j in range(len(many))] == [states(all_of_them, j)[-1] for j in range(len(many))]
