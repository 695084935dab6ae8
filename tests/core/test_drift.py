"""CUSUM and EWMA against figures worked out by hand, what ends and carries them, and whether their limits keep their word."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.calendar import Annotation, Calendar
from alertd.core.detect.baselines import plan
from alertd.core.detect.drift import design
from alertd.core.detect.drift_design import limit_for, limit_on, simulated_limit, standardised_noise
from alertd.core.detect.drift_sums import cusum, ewma
from alertd.core.detect.drift_table import INTERVALS, SIMULATED
from alertd.core.parameters.drift import Drift
from alertd.core.periods import Grain
from alertd.core.rulesets import signal_names
from tests.core.make import block, measure, rule, states, timeline, verdicts

HALF = 1.5 / 2.66
WAVE = [HALF, -HALF] * 12  # mean 0; mean moving range 3/2.66, so one sigma is 1


def judged(points, calendar=None, of=None, **more):
    """The verdicts on the steady baseline, which nothing is added up over, and then some points."""
    detector = {
        "method": "cusum",
        **({} if "baseline" in more else {"baseline": "first 24 periods", "min_baseline": 24}),
        **more,
    }
    if detector["method"] == "cusum":
        detector.setdefault("h", 4.0)
    else:
        detector.setdefault("lambda", 0.2)
        detector.setdefault("width", 2.7)
    return verdicts(rule(drift=detector), block([*WAVE, *points]), calendar, of)


def told(found, row):
    return signal_names(int(found.high[row, 0])), signal_names(int(found.low[row, 0]))


def test_a_cusum_adds_up_what_exceeds_its_allowance_and_begins_anew_after_an_alarm():
    found = judged([1, 2, -1, 3, 2.6, 2])
    np.testing.assert_allclose(found.statistic[24:, 0], [0.5, 2.0, -0.5, 3.0, 5.1, 1.5], atol=1e-9)
    assert told(found, 28) == (("drift",), ())
    assert [told(found, row) for row in (24, 25, 26, 27, 29)] == [((), ())] * 5
    assert timeline(found)[24:] == "....X."
    assert found.excess[28, 0] == pytest.approx(1.1)
    np.testing.assert_allclose(found.centre[24:, 0], 0, atol=1e-12)
    assert set(found.upper[24:, 0].tolist()) == {4.0}
    assert set(found.lower[24:, 0].tolist()) == {-4.0}


def test_the_shown_sum_is_the_larger_one_the_lower_with_a_minus():
    found = judged([-1, -2, 3])
    # below 0.5, 2.0, 0 (2 - 3.5 < 0); above 0, 0, 2.5
    np.testing.assert_allclose(found.statistic[24:, 0], [-0.5, -2.0, 2.5], atol=1e-9)


def test_a_statistic_exactly_on_its_limit_is_not_beyond_it():
    assert timeline(judged([2.5, 2.5], h=4.0))[-1] == "."
    assert timeline(judged([2.5, 2.5], h=3.999))[-1] == "X"
    assert timeline(judged([-2.5, -2.5], h=3.999))[-1] == "i"


def test_an_ewma_is_drawn_in_the_unit_of_the_figures_with_limits_that_widen():
    found = judged([10, 0, -3], method="ewma", width=20)
    np.testing.assert_allclose(found.statistic[24:, 0], [2, 1.6, 0.68], atol=1e-9)
    widths = 20 * np.sqrt(0.2 / 1.8 * (1 - 0.8 ** np.array([2, 4, 6])))
    np.testing.assert_allclose(found.upper[24:, 0], widths, rtol=1e-12)
    np.testing.assert_allclose(found.lower[24:, 0], -widths, rtol=1e-12)
    np.testing.assert_allclose(found.centre[24:, 0], 0, atol=1e-12)


def test_an_ewma_begins_anew_at_the_mean_after_an_alarm():
    found = judged([5, 5, 1], method="ewma", **{"lambda": 0.5, "width": 2})
    assert timeline(found)[24:] == "XX."
    np.testing.assert_allclose(found.statistic[25:, 0], [2.5, 0.5], atol=1e-9)
    np.testing.assert_allclose(found.upper[25, 0], 2 * 0.5, rtol=1e-12)


def test_a_scale_and_a_level_of_its_own_change_nothing_but_the_unit():
    points = [1, 2, -1, 3, 2.6, 2]
    plain = judged(points, method="ewma")
    other = verdicts(
        rule(drift={"method": "ewma", "lambda": 0.2, "width": 2.7, "baseline": "first 24 periods", "min_baseline": 24}),
        block([50 + 4 * figure for figure in [*WAVE, *points]]),
    )
    assert timeline(other) == timeline(plain)
    for name in ("statistic", "centre", "lower", "upper"):
        np.testing.assert_allclose(getattr(other, name), 50 + 4 * getattr(plain, name), rtol=1e-12)


@pytest.mark.parametrize("method", ["cusum", "ewma"])
def test_a_missing_figure_carries_the_statistic_on_and_is_unknown(method):
    found = judged([2, None, 2], method=method)
    assert states(found)[25] == "unknown"
    assert found.statistic[25, 0] == found.statistic[24, 0]
    closed_up = judged([2, 2], method=method)
    assert found.statistic[26, 0] == closed_up.statistic[25, 0]
    assert found.upper[26, 0] == closed_up.upper[25, 0]


def test_a_rebase_begins_the_sum_and_its_baseline_anew():
    rebase = Annotation.model_validate(
        {"id": "step", "effect": "rebase", "measures": "m", "from": "2022-02", "reason": "r", "agreed_by": "A"}
    )
    points = [3, *[3 + figure for figure in WAVE]]
    found = judged(points, Calendar(annotations={"step": rebase}), h=30.0)
    assert found.statistic[24, 0] > 2
    assert np.isnan(found.statistic[25:, 0]).all()
    assert timeline(found)[25:] == "L" * 24
    early = judged(points, Calendar(annotations={"step": rebase}), h=30.0, baseline="first 24 periods")
    assert timeline(early)[25:] == "L" * 12 + "." * 12
    assert np.abs(early.statistic[37:, 0]).max() < 1
    assert judged(points, h=90.0).statistic[48, 0] > 40


def test_below_the_minimum_baseline_it_learns_and_adds_up_nothing():
    found = judged([0], baseline="first 24 periods")
    assert timeline(found) == "L" * 12 + "." * 13
    assert np.isnan(found.statistic[:12, 0]).all()
    assert np.isnan(found.upper[:12, 0]).all()
    assert timeline(judged([0]))[:25] == "L" * 24 + "."


def test_a_level_that_never_varies_is_learning_unless_a_step_is_known():
    flat = [5.0] * 40
    detector = rule(drift={"h": 4.0})
    assert set(timeline(verdicts(detector, block(flat)))) == {"L"}
    found = verdicts(detector, block([*flat, 8, 8]), of=measure(value="v", resolution=1))
    assert timeline(found)[-2:] == ".X"


def test_direction_makes_a_drift_a_concern_or_an_improvement():
    up = [1.5] * 10
    assert "X" in timeline(judged(up))
    assert "i" in timeline(judged(up, of=measure(improvement="increase")))
    assert "c" in timeline(judged(up, of=measure(improvement="neither")))


def test_a_rolling_baseline_judges_each_period_by_its_own():
    rng = np.random.default_rng(8)
    figures = rng.normal(10, 2, 60).round(2)
    found = verdicts(rule(drift={"h": 100.0}), block(figures.tolist()))
    up = down = 0.0
    for row in range(14, 60):
        base = figures[max(0, row - 26) : row - 2]
        sigma = 2.66 / 3 * np.abs(np.diff(base)).mean()
        if (np.abs(base - base.mean()) > 3 * sigma).any():
            pytest.fail("the example was to have no outliers")
        z = (figures[row] - base.mean()) / sigma
        up, down = max(0.0, up + z - 0.5), max(0.0, down - z - 0.5)
        assert found.statistic[row, 0] == pytest.approx(up if up >= down else -down, abs=1e-9)


def test_written_parameters_are_kept_and_others_follow_from_the_shift():
    month = plan(Drift(), Grain.MONTH)
    assert design(Drift(k=0.3, h=7), month) == (0.3, 7)
    assert design(Drift(shift=2, h=7), month) == (1.0, 7)
    ewma_of = {"method": "ewma", "width": 3}
    assert design(Drift.model_validate({**ewma_of, "lambda": 0.3}), month) == (0.3, 3)
    assert [design(Drift(shift=shift, **ewma_of), month)[0] for shift in (0.1, 1, 2.5, 8)] == [0.05, 0.2, 0.5, 1.0]


def test_limits_grow_with_the_interval_and_shrink_with_what_is_known():
    month = plan(Drift(), Grain.MONTH)
    wanted = [limit_for("cusum", 0.5, month, interval) for interval in (50, 51, 370, 400, 740, 3000)]
    assert wanted == sorted(wanted)
    assert limit_for("cusum", 0.5, plan(Drift(), Grain.WEEK), 370) < limit_for("cusum", 0.5, month, 370)


def test_the_table_has_every_default_baseline_rolling_and_frozen():
    for grain in Grain:
        chosen = plan(Drift(), grain)
        for method, weight in (("cusum", 0.5), ("ewma", 0.2)):
            for key in ((True, chosen.length, chosen.gap), (False, chosen.length, 0)):
                limits = SIMULATED[(method, weight, *key)]
                assert len(limits) == len(INTERVALS)
                assert list(limits) == sorted(limits)


@pytest.mark.parametrize(
    ("method", "weight", "baseline", "rolling"),
    [("cusum", 0.5, (24, 3), True), ("ewma", 0.2, (24, 3), True), ("cusum", 0.5, (24, 0), False)],
)
def test_noise_raises_false_alarms_as_seldom_as_was_asked(method, weight, baseline, rolling):
    """With another seed than the one that the limits were found with."""
    noise = standardised_noise(*baseline, rolling=rolling, seed=99)[:, :3000]
    month = plan(Drift(baseline=None if rolling else "first 24 periods"), Grain.MONTH)
    limit = limit_for(method, weight, month, 370)
    side = (cusum if method == "cusum" else ewma)(noise, weight, limit).side[60:]
    assert side.size / np.count_nonzero(side) == pytest.approx(370, rel=0.15)


def test_known_parameters_are_too_narrow_for_a_baseline_of_24():
    """The trap: h = 4.774 gives 370 where level and sigma are known, and an alarm in about 100 periods where not."""
    noise = standardised_noise(24, 3, rolling=True, seed=5)[:, :2000]
    side = cusum(noise, 0.5, 4.774).side[60:]
    assert side.size / np.count_nonzero(side) < 150


def test_a_simulated_limit_with_all_known_is_the_exact_one():
    noise = standardised_noise(0, 0, rolling=False)[:, :2500]
    assert limit_on(noise, "cusum", 0.5, 100, 3.0) == pytest.approx(3.502, abs=0.06)


def test_the_same_design_always_gives_the_same_limit():
    first = simulated_limit("cusum", 1.0, (14, 2), 50, rolling=True)
    simulated_limit.cache_clear()
    assert simulated_limit("cusum", 1.0, (14, 2), 50, rolling=True) == first


figures = st.lists(st.one_of(st.none(), st.floats(-8, 8)), min_size=1, max_size=25)


def _one_sum(points, k, h):
    up = down = 0.0
    for point in points:
        if point is not None:
            up, down = max(0.0, up + (point - k)), max(0.0, down + (-point - k))
        shown = up if up >= down else -down
        alarm = int(np.sign(shown)) if abs(shown) > h * (1 + 1e-12) else 0
        yield shown, alarm
        if alarm:
            up = down = 0.0


@given(figures, st.floats(0, 2), st.floats(0.5, 8))
def test_sums_are_those_of_plain_adding(points, k, h):
    z = np.array([np.nan if point is None else point for point in points])[:, None]
    walk = cusum(z, k, h)
    expected = list(_one_sum(points, k, h))
    assert walk.statistic[:, 0].tolist() == [shown for shown, _ in expected]
    assert walk.side[:, 0].tolist() == [alarm for _, alarm in expected]


@settings(max_examples=40, deadline=None)
@given(figures, figures, st.sampled_from(["cusum", "ewma"]), st.sampled_from(["first 24 periods", "last 14 periods"]))
def test_later_figures_never_change_an_earlier_verdict(points, later, method, baseline):
    short, long = (judged(given_, method=method, baseline=baseline) for given_ in (points, [*points, *later]))
    assert states(short) == states(long)[: short.periods]
    np.testing.assert_array_equal(short.statistic, long.statistic[: short.periods])


@settings(max_examples=40, deadline=None)
@given(st.lists(figures.map(lambda one: (one * 30)[:30]), min_size=2, max_size=4), st.sampled_from(["cusum", "ewma"]))
def test_series_do_not_depend_on_each_other_nor_the_newest_on_being_asked_for_alone(many, method):
    detector = rule(drift={"method": method, "h": 3.0} if method == "cusum" else {"method": method, "width": 2.5})
    together = verdicts(detector, block(*many))
    newest = verdicts(detector, block(*many), every_period=False)
    for j, one in enumerate(many):
        alone = verdicts(detector, block(one))
        assert states(alone) == states(together, j)
        np.testing.assert_array_equal(alone.statistic[:, 0], together.statistic[:, j])
        assert states(newest, j) == states(together, j)[-1:]
        assert newest.high[0, j] == together.high[-1, j]


def test_turning_a_series_over_turns_its_alarms_over():
    z = np.random.default_rng(4).standard_normal((200, 40))
    for walk, over in ((cusum(z, 0.5, 2.5), cusum(-z, 0.5, 2.5)), (ewma(z, 0.2, 2.0), ewma(-z, 0.2, 2.0))):
        assert np.count_nonzero(walk.side) > 100
        np.testing.assert_array_equal(walk.side, -over.side)


@pytest.mark.parametrize("method", ["ewma", "cusum"])
def test_the_lines_of_a_ratio_are_ratios_and_those_of_a_cusum_are_sigma(method):
    logs = np.array([*WAVE, *[0.2, 0.5, 0.7]])
    of = measure(ratio={"of": ["a", "b"], "to": ["c", "d"]})
    detector = {
        "method": method,
        "baseline": "first 24 periods",
        **({"h": 4.0} if method == "cusum" else {"width": 2.7}),
    }
    one = rule(drift=detector)
    plain = verdicts(one, block(logs))
    ratios = replace(block(np.exp(logs)), log_value=logs[:, None])
    found = verdicts(one, ratios, of=of)
    np.testing.assert_allclose(found.centre, np.exp(plain.centre))
    for name in ("lower", "upper", "statistic"):
        expected = getattr(plain, name)
        np.testing.assert_allclose(getattr(found, name), expected if method == "cusum" else np.exp(expected))
