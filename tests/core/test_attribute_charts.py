"""Charts of shares, rates and counts against figures worked out by hand, and the properties that each must keep."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom, nbinom

from alertd.core.calendar import Annotation, Calendar, Suppression
from alertd.core.detect import shewhart
from alertd.core.detect.base import Look
from alertd.core.detect.exact import THREE_SIGMA_TAIL
from alertd.core.detect.shewhart import judge_attribute
from alertd.core.errors import UsageError
from alertd.core.known import known_of
from tests.core.make import block, measure, rule, states, timeline, verdicts
from tests.core.ratios import ratios

SHARE = measure(numerator="late", denominator="all")
PERCENT = measure(numerator="late", denominator="all", unit="percent")
RATE = measure(count="n", denominator={"column": "days", "kind": "exposure", "per": 1000})
COUNT = measure(count="n")


def spc(chart, **more):
    return rule(spc={"chart": chart, "baseline": "first 24 periods", "exact_below": 0, **more})


def last(found):
    """Centre line and limits of the newest period of the first series."""
    return tuple(float(getattr(found, name)[-1, 0]) for name in ("centre", "lower", "upper"))


def shares(points, of=SHARE, **detector):
    """Verdicts over 24 periods of 20 in 100 and some points: centre .2, sigma .04, limits .08 and .32."""
    chart = detector.pop("chart", "p")
    return verdicts(spc(chart, **detector), ratios(of, [(20, 100)] * 24 + points), of=of)


def signals(found):
    return set(found.signals(found.periods - 1, 0))


@pytest.mark.parametrize(
    ("points", "found", "why"),
    [
        ([(32, 100)], set(), "exactly at the upper limit is not beyond it"),
        ([(33, 100)], {"astronomical"}, "beyond the upper limit"),
        ([(8, 100)], set(), "exactly at the lower limit"),
        ([(7, 100)], {"astronomical"}, "beyond the lower limit"),
        ([(33, 75)], {"astronomical"}, "limits follow the point's own denominator"),
        ([(13, 40)], set(), "a small sample has wider limits"),
        ([(104, 400)], set(), "exactly at the limit .26 of four hundred"),
        ([(105, 400)], {"astronomical"}, "a large sample has narrower limits"),
        ([(21, 100)] * 7, {"shift"}, "seven above the centre line"),
        ([(21, 100)] * 3 + [(20, 100)] + [(21, 100)] * 4, set(), "a point on the centre line breaks the run"),
        ([(21, 100)] * 3 + [None] + [(21, 100)] * 4, set(), "a missing period breaks the run"),
        ([(n, 100) for n in (17, 18, 19, 21, 22, 23, 24)], {"trend"}, "seven points rising"),
        ([(n, 100) for n in (17, 18, 19, 19, 22, 23, 24)], set(), "a tie breaks the trend"),
        ([(29, 100), (20, 100), (29, 100)], {"two_in_three"}, "two of three beyond two sigma, .28"),
        ([(28, 100), (20, 100), (28, 100)], set(), "on the two-sigma line is not beyond it"),
        ([(13, 50), (20, 100), (29, 100)], set(), "each point has the zones of its own denominator"),
        ([(97, 400), (20, 100), (29, 100)], {"two_in_three"}, "beyond .24, the two sigma of four hundred"),
    ],
)
def test_each_signal_of_a_p_chart_at_its_edges(points, found, why):
    assert signals(shares(points)) == found, why


def test_percent_is_the_unit_of_centre_and_limits():
    assert last(shares([(20, 100)])) == pytest.approx((0.2, 0.08, 0.32), rel=1e-12)
    assert last(shares([(20, 100)], of=PERCENT)) == pytest.approx((20, 8, 32), rel=1e-12)


def test_the_centre_line_is_a_ratio_of_sums_and_no_mean_of_shares():
    found = verdicts(spc("p"), ratios(SHARE, [(10, 100), (90, 300)] * 12 + [(20, 100)]), of=SHARE)
    assert last(found)[0] == pytest.approx(0.25, rel=1e-12)


def test_limits_stop_where_no_share_can_be():
    low = verdicts(spc("p"), ratios(SHARE, [(2, 100)] * 24 + [(0, 100)]), of=SHARE)
    assert last(low) == pytest.approx((0.02, 0.0, 0.02 + 3 * np.sqrt(0.02 * 0.98 / 100)))
    assert signals(low) == set()
    high = verdicts(spc("p"), ratios(SHARE, [(98, 100)] * 24 + [(100, 100)]), of=SHARE)
    assert last(high)[2] == 1
    assert signals(high) == set()


def test_a_u_chart_shows_rates_for_so_many_of_its_unit():
    found = verdicts(spc("u"), ratios(RATE, [(40, 400)] * 24 + [(73, 400)]), of=RATE)
    assert last(found) == pytest.approx((100, 100 - 3 * np.sqrt(0.1 / 400) * 1000, 100 + 3 * np.sqrt(0.1 / 400) * 1000))
    assert signals(found) == {"astronomical"}


@pytest.mark.parametrize(
    ("points", "found"),
    [([28], set()), ([29], {"astronomical"}), ([4], set()), ([3], {"astronomical"}), ([25, 16, 25], {"two_in_three"})],
)
def test_a_c_chart_lies_three_roots_of_its_mean_about_it(points, found):
    judged = verdicts(spc("c"), block([16] * 24 + points), of=COUNT)
    assert last(judged) == pytest.approx((16, 4, 28))
    assert signals(judged) == found


def test_a_c_chart_of_a_rate_judges_and_shows_the_count_itself():
    found = verdicts(spc("c"), ratios(RATE, [(16, 400)] * 24 + [(29, 100)]), of=RATE)
    assert last(found) == pytest.approx((16, 4, 28))
    assert found.value[-1, 0] == 29
    assert signals(found) == {"astronomical"}


SCATTERED = [(10, 100), (30, 100)] * 12  # z is -2.5 and 2.5 in turn, so every moving range is 5


def test_laneys_limits_are_as_wide_as_points_really_scatter():
    wide = 5 / 1.128
    found = verdicts(spc("pp"), ratios(PERCENT, [*SCATTERED, (20, 100)]), of=PERCENT)
    assert last(found) == pytest.approx((20, 0, 20 + 12 * wide), rel=1e-12)
    rates = verdicts(spc("up"), ratios(RATE, [(10, 100), (30, 100)] * 12 + [(20, 100)]), of=RATE)
    z = 10 / np.sqrt(20)
    assert last(rates)[2] == pytest.approx(200 + 3 * np.sqrt(0.2 / 100) * 1000 * 2 * z / 1.128, rel=1e-12)


def test_laneys_limits_are_never_narrower_than_chance_makes_them():
    assert last(shares([(20, 100)], chart="pp")) == pytest.approx((0.2, 0.08, 0.32), rel=1e-12)
    look = Look(
        measure=SHARE,
        block=(series := ratios(SHARE, [(20, 100), (21, 100)] * 12 + [(20, 100)])),
        known=known_of(SHARE, series, Calendar()),
        rows=np.array([24]),
    )
    floored, unfloored = (judge_attribute(spc("pp").spc, look, least_scatter=least) for least in (1, 0))
    assert floored.upper[0, 0] == pytest.approx(0.205 + 3 * np.sqrt(0.205 * 0.795 / 100), rel=1e-12)
    sigma_z = 0.01 / np.sqrt(0.205 * 0.795 / 100) / 1.128
    assert unfloored.upper[0, 0] == pytest.approx(0.205 + 3 * sigma_z * np.sqrt(0.205 * 0.795 / 100), rel=1e-9)


def test_a_jump_does_not_widen_laneys_limits():
    """A moving range of 3.267 times the mean is left out, once; here the 45 of the jump, and not the 2s."""
    jump = [(20, 100), (22, 100)] * 6 + [(64, 100), (66, 100)] * 6
    found = verdicts(spc("pp"), ratios(SHARE, [*jump, (20, 100)]), of=SHARE)
    centre = (21 + 65) / 200
    sigma_z = max(1.0, 0.02 / np.sqrt(centre * (1 - centre) / 100) / 1.128)
    assert last(found)[2] == pytest.approx(centre + 3 * sigma_z * np.sqrt(centre * (1 - centre) / 100), rel=1e-12)


def test_no_moving_range_spans_a_missing_period():
    gappy = [(10, 100), None, (30, 100), None] * 6
    found = verdicts(spc("pp"), ratios(SHARE, [*gappy, (20, 100)]), of=SHARE)
    assert last(found) == pytest.approx((0.2, 0.08, 0.32), rel=1e-12), "no neighbours, so nothing says how they scatter"


def test_small_samples_have_exact_limits():
    found = verdicts(spc("p", exact_below=25), ratios(SHARE, [(5, 20)] * 24 + [(5, 30)]), of=SHARE)
    model = betabinom(30, 5 * 24 + 0.5, 15 * 24 + 0.5)
    assert last(found) == pytest.approx(
        (0.25, model.ppf(THREE_SIGMA_TAIL) / 30, model.ppf(1 - THREE_SIGMA_TAIL) / 30), rel=1e-12
    )
    rate = verdicts(spc("u", exact_below=25), ratios(RATE, [(5, 20)] * 24 + [(5, 30)]), of=RATE)
    rates = nbinom(5 * 24 + 0.5, 480 / 510)
    assert last(rate)[2] == pytest.approx(rates.ppf(1 - THREE_SIGMA_TAIL) / 30 * 1000, rel=1e-12)
    count = verdicts(spc("c", exact_below=25), block([5] * 25), of=COUNT)
    assert last(count)[2] == nbinom(120.5, 24 / 25).ppf(1 - THREE_SIGMA_TAIL)


def test_exactly_at_an_exact_limit_is_not_beyond_it():
    upper = nbinom(120.5, 24 / 25).ppf(1 - THREE_SIGMA_TAIL)
    for point, found in ((upper, set()), (upper + 1, {"astronomical"})):
        assert signals(verdicts(spc("c", exact_below=25), block([5] * 24 + [point]), of=COUNT)) == found


def test_twenty_five_expected_are_no_small_sample():
    judged = verdicts(spc("c", exact_below=25), block([25] * 25, [24] * 25), of=COUNT)
    assert judged.upper[-1, 0] == pytest.approx(40)
    assert judged.upper[-1, 1] == nbinom(24 * 24 + 0.5, 24 / 25).ppf(1 - THREE_SIGMA_TAIL)
    ends = [(75, 100)] * 24 + [(75, 100)]
    assert last(verdicts(spc("p", exact_below=25), ratios(SHARE, ends), of=SHARE))[2] == pytest.approx(
        0.75 + 3 * np.sqrt(0.75 * 0.25 / 100)
    ), "25 expected failures"


def test_laneys_chart_widens_exact_limits_by_the_scatter():
    found = verdicts(spc("pp", exact_below=25), ratios(SHARE, [*SCATTERED, (20, 100)]), of=SHARE)
    exact = betabinom(100, 480.5, 1920.5).ppf([THREE_SIGMA_TAIL, 1 - THREE_SIGMA_TAIL]) / 100
    wide = 5 / 1.128
    assert last(found) == pytest.approx((0.2, max(0.0, 0.2 + wide * (exact[0] - 0.2)), 0.2 + wide * (exact[1] - 0.2)))


def test_where_nought_is_not_rare_nothing_is_too_low():
    quiet = verdicts(spc("c", exact_below=25), block([2] * 24 + [0, 0, 0]), of=COUNT)
    assert last(quiet)[1] == 0
    assert signals(quiet) == set(), "three months without a case are no two in three where two are usual"


def test_where_everything_is_not_rare_nothing_is_too_high():
    found = verdicts(spc("p", exact_below=25), ratios(SHARE, [(18, 20)] * 24 + [(20, 20)] * 3), of=SHARE)
    assert last(found)[2] == 1
    assert signals(found) == set()


@pytest.mark.parametrize(
    ("exact_below", "point", "found"), [(25, 1, set()), (25, 2, {"astronomical"}), (0, 1, {"astronomical"})]
)
def test_a_series_of_noughts_is_steady_and_has_limits(exact_below, point, found):
    judged = verdicts(spc("c", exact_below=exact_below), block([0] * 24 + [point]), of=COUNT)
    assert signals(judged) == found
    assert np.isfinite(judged.excess).all()
    assert signals(verdicts(spc("c", exact_below=exact_below), block([0] * 25), of=COUNT)) == set()


def test_another_multiplier_moves_plain_limits_and_exact_ones():
    assert last(shares([(20, 100)], multiplier=2)) == pytest.approx((0.2, 0.12, 0.28))
    found = verdicts(spc("c", exact_below=25, multiplier=2), block([5] * 25), of=COUNT)
    assert last(found)[2] == nbinom(120.5, 24 / 25).ppf(1 - 0.0227501319)


def test_a_figure_of_too_small_a_denominator_is_unknown_and_outside_the_baseline():
    series = ratios(SHARE, [(20, 100), (19, 19)] * 12 + [(20, 100), (19, 19), (10, 20)])
    found = verdicts(spc("p", min_denominator=20), series, of=SHARE)
    assert last(found)[0] == pytest.approx(0.2)
    assert states(found)[-2:] == ["unknown", "exception"]
    assert set(states(found)[1:24:2]) == {"unknown"}


def test_an_outlier_leaves_the_rolling_baseline_and_a_run_of_seven_stays():
    steady = [(20, 100)] * 24
    rolling = rule(spc={"chart": "p", "exact_below": 0})
    found = verdicts(rolling, ratios(SHARE, [*steady[1:], (60, 100), (20, 100), (20, 100), (20, 100)]), of=SHARE)
    assert last(found)[0] == pytest.approx(0.2), "60 in 100 lies in the baseline, beyond its limits"
    absorbed = verdicts(rolling, ratios(SHARE, steady + [(60, 100)] * 30), of=SHARE)
    assert last(absorbed)[0] == pytest.approx(0.6)
    line = timeline(absorbed)
    assert "X" in line
    assert line.endswith("....")
    frozen = verdicts(spc("p"), ratios(SHARE, [*steady[1:], (60, 100), (20, 100)]), of=SHARE)
    assert last(frozen)[0] == pytest.approx((23 * 20 + 60) / 2400), "a frozen baseline drops nothing"


def test_an_outlier_is_told_by_the_limits_of_its_own_denominator():
    rolling = rule(spc={"chart": "p", "exact_below": 0, "gap": 1})
    wide = verdicts(rolling, ratios(SHARE, [(20, 100)] * 23 + [(14, 40), (20, 100)]), of=SHARE)
    assert last(wide)[0] == pytest.approx(474 / 2340), "14 in 40 is within the limits of forty"
    narrow = verdicts(rolling, ratios(SHARE, [(20, 100)] * 23 + [(140, 400), (20, 100)]), of=SHARE)
    assert last(narrow)[0] == pytest.approx(0.2), "140 in 400 is not"


def test_figures_that_share_data_have_no_runs():
    pooled = measure(numerator="late", denominator="all", pool={"until_denominator": 30, "at_most": "4 periods"})
    assert signals(shares([(21, 100)] * 7)) == {"shift"}
    assert signals(shares([(21, 100)] * 7, of=pooled)) == set()
    assert signals(shares([(40, 100)] * 7, of=pooled)) == {"astronomical"}


def test_a_rebase_and_an_exclusion_bear_on_counts_as_on_any_figure():
    series = ratios(SHARE, [(20, 100)] * 20 + [(90, 100)] + [(20, 100)] * 10)
    out = Suppression.model_validate(
        {"id": "x", "measures": "m", "from": "2021-09", "to": "2021-09", "effect": "exclude", "reason": "strike"}
    )
    found = verdicts(spc("p"), series, Calendar(suppressions={"x": out}), of=SHARE)
    assert last(found)[0] == pytest.approx(0.2)
    assert states(found)[20] == "muted"
    step = Annotation.model_validate(
        {"id": "s", "effect": "rebase", "measures": "m", "from": "2022-01", "reason": "r", "agreed_by": "a"}
    )
    moved = ratios(SHARE, [(20, 100)] * 24 + [(50, 100)] * 26)
    line = timeline(verdicts(spc("p"), moved, Calendar(annotations={"s": step}), of=SHARE))
    assert line == "L" * 12 + "." * 12 + "L" * 12 + "." * 14


def test_a_chart_that_cannot_be_drawn_of_a_measure_says_what_to_write():
    for chart, of, wanted in (
        ("p", RATE, "`chart: up`"),
        ("pp", COUNT, "`chart: up`"),
        ("u", measure(), "`chart: xmr`"),
    ):
        with pytest.raises(UsageError, match=wanted):
            verdicts(rule(spc={"chart": chart}), block([1.0] * 30), of=of)
    with pytest.raises(UsageError, match="93/126"):
        verdicts(rule(spc={"chart": "p"}), block([0.5] * 30), of=SHARE)


pairs = st.lists(
    st.one_of(st.none(), st.tuples(st.integers(0, 60), st.integers(0, 200)).map(lambda p: (p[0], max(1, p[0] + p[1])))),
    min_size=16,
    max_size=44,
)
charts = st.sampled_from(["p", "pp", "u", "up", "c"])


def judged(chart, *series, of=None, **more):
    of = of or (SHARE if chart in ("p", "pp") else RATE)
    return verdicts(rule(spc={"chart": chart, **more}), ratios(of, *series), of=of)


@settings(max_examples=25, deadline=None)
@given(charts, pairs, pairs)
def test_later_points_never_change_an_earlier_verdict(chart, series, later):
    short, long = judged(chart, series), judged(chart, [*series, *later])
    assert states(short) == states(long)[: len(series)]
    for name in ("centre", "lower", "upper"):
        np.testing.assert_array_equal(getattr(short, name), getattr(long, name)[: len(series)])


@settings(max_examples=15, deadline=None)
@given(charts, st.lists(pairs.map(lambda one: (one * 3)[:30]), min_size=2, max_size=5), st.randoms())
def test_a_permutation_of_series_and_the_size_of_a_block_change_nothing(chart, many, random):
    order = list(range(len(many)))
    random.shuffle(order)
    together, mixed = judged(chart, *many), judged(chart, *[many[j] for j in order])
    for place, j in enumerate(order):
        alone = judged(chart, many[j])
        assert states(together, j) == states(mixed, place) == states(alone)
        for name in ("centre", "lower", "upper", "excess"):
            np.testing.assert_array_equal(getattr(together, name)[:, j], getattr(alone, name)[:, 0])


@settings(max_examples=25, deadline=None)
@given(charts, pairs)
def test_a_missing_figure_never_signals_and_nothing_is_infinite(chart, series):
    found = judged(chart, series)
    for row, pair in enumerate(series):
        if pair is None:
            assert found.signals(row, 0) == ()
            assert states(found)[row] == "unknown"
    assert np.isfinite(found.excess).all()
    assert not np.isinf(found.upper).any()


@settings(max_examples=15, deadline=None)
@given(charts, st.lists(pairs.map(lambda one: (one * 3)[:40]), min_size=1, max_size=4))
def test_the_newest_period_alone_is_judged_as_it_is_among_all(chart, many):
    of = SHARE if chart in ("p", "pp") else RATE
    one, series = rule(spc={"chart": chart}), ratios(of, *many)
    every, newest = verdicts(one, series, of=of), verdicts(one, series, of=of, every_period=False)
    assert [states(newest, j)[0] for j in range(len(many))] == [states(every, j)[-1] for j in range(len(many))]


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(["u", "up"]), pairs, st.sampled_from([0.125, 4.0, 1024.0]))
def test_the_unit_of_an_exposure_scales_rates_and_changes_no_verdict(chart, series, scale):
    longer = [None if pair is None else (pair[0], pair[1] * scale) for pair in series]
    plain, scaled = judged(chart, series), judged(chart, longer)
    assert states(plain) == states(scaled)
    for name in ("centre", "lower", "upper"):
        np.testing.assert_allclose(getattr(scaled, name) * scale, getattr(plain, name), rtol=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(["p", "pp"]), pairs)
def test_failures_have_the_limits_of_successes_mirrored(chart, series):
    failures = [None if pair is None else (pair[1] - pair[0], pair[1]) for pair in series]
    plain = judged(chart, series, exact_below=0)
    mirrored = judged(chart, failures, exact_below=0)
    np.testing.assert_allclose(1 - mirrored.upper, plain.lower, atol=1e-9)
    np.testing.assert_allclose(1 - mirrored.lower, plain.upper, atol=1e-9)


def test_percent_changes_the_unit_and_no_verdict():
    random = np.random.default_rng(3)
    series = [(int(random.binomial(n, 0.3)), int(n)) for n in random.integers(5, 400, 60)]
    fraction, percent = judged("pp", series), judged("pp", series, of=PERCENT)
    assert states(fraction) == states(percent)
    np.testing.assert_allclose(percent.upper, 100 * fraction.upper, rtol=1e-12)


@pytest.mark.parametrize(
    ("chart", "size", "share"), [("pp", 2000, 0.2), ("pp", 60, 0.2), ("p", 60, 0.2), ("p", 20, 0.9), ("p", 8, 0.5)]
)
def test_steady_shares_hardly_ever_lie_beyond_a_limit(chart, size, share):
    """Two tails of .135% promise .27% of points; chance in the baseline may add a little to large samples."""
    random = np.random.default_rng(5)
    cases = random.binomial(size, share, (28, 20_000)).astype(float)
    sample = np.full(cases.shape, float(size))
    series = replace(
        ratios(SHARE, *([[(1, 2)] * 28] * 1)).take(np.zeros(20_000, dtype=np.int64)),
        value=cases / sample,
        numerator=cases,
        denominator=sample,
    )
    look = Look(measure=SHARE, block=series, known=known_of(SHARE, series, Calendar()), rows=np.array([27]))
    found = judge_attribute(rule(spc={"chart": chart, "rules": "three-sigma"}).spc, look)
    assert ((found.high | found.low) > 0).mean() < 0.0045


@pytest.mark.parametrize("window", ["last 24 periods", "first 24 periods", "all"])
@pytest.mark.parametrize(("chart", "of"), [("p", SHARE), ("pp", SHARE), ("up", RATE), ("c", COUNT)])
def test_rows_judged_side_by_side_are_judged_as_they_are_alone(chart, of, window, monkeypatch):
    random = np.random.default_rng(7)
    sample = random.integers(5, 400, (40, 3)).astype(float)
    cases = random.binomial(sample.astype(int), 0.2).astype(float)
    cases[30:33, 1] += sample[30:33, 1] / 2
    cases[5, 0] = cases[12:15, 2] = np.nan
    pairs = np.stack([cases, sample], axis=-1).transpose(1, 0, 2).tolist()
    points = [[None if np.isnan(n) else (n, d) for n, d in one] for one in pairs]
    series = ratios(of, *points) if of is not COUNT else block(*cases.T)
    anew = {
        "id": "form",
        "effect": "rebase",
        "measures": "m",
        "from": "2022-04",
        "reason": "A new form",
        "agreed_by": "PM",
    }
    rebased = Calendar(annotations={"form": Annotation.model_validate({**anew, "where": {"place": "B"}})})
    how = rule(spc={"chart": chart, "baseline": window, "min_baseline": 6})
    together = verdicts(how, series, of=of, calendar=rebased)
    assert (together.high | together.low).any(), "there must be something to get wrong"
    for size in (1, 7, 13):
        monkeypatch.setattr(shewhart, "SERIES_AT_ONCE", size)
        apart = verdicts(how, series, of=of, calendar=rebased)
        for name in ("state", "high", "low", "centre", "lower", "upper", "excess"):
            np.testing.assert_array_equal(getattr(apart, name), getattr(together, name), err_msg=name)
