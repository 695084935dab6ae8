"""The flexible Farrington detector against figures worked out by hand, other solvers, and the properties that it must keep."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from alertd.core.calendar import Annotation, Calendar, Suppression
from alertd.core.detect import farrington
from alertd.core.detect.farrington import design_of, expect
from alertd.core.detect.quasipoisson import dispersion, fit, leverage, surge_weights
from alertd.core.detect.seasons import Shape, misfit, shape_of
from alertd.core.detect.surge_bounds import nb_plugin
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.periods import Grain
from tests.core.make import block, measure, rule, states, timeline, verdicts

RNG = np.random.default_rng(20)
MONTHS = measure(count="n")
WEEKS = measure(grain="week", count="n")


def farr(**more):
    return rule(seasonal={"method": "farrington_flexible", **more})


def plain(**more):
    """Comparable months alone, no trend, no reweighting: expectation and bound can be worked out by hand."""
    return farr(**{"years": 3, "noperiods": 1, "trend": False, "reweight": False, **more})


def monthly(*columns, **more):
    return block(*[[*column] for column in columns], first="2016-01", **more)


def seasonal_counts(months=61, mean=20.0, amplitude=0.4):
    at = np.arange(months)
    return RNG.poisson(mean * (1 + amplitude * np.sin(2 * np.pi * at / 12))).astype(float)


# which periods are compared, and in which season


def test_a_year_of_twelve_months_is_split_as_published():
    design = design_of(Shape(year=12, years=2, half_window=1, seasons=4, exclude_recent=3))
    season = dict(zip(design.offsets.tolist(), design.season.tolist(), strict=True))
    # judged season (3): 11 to 13 and 23 to 25 months ago; between, in order of time, three seasons of three months
    assert [season[offset] for offset in (11, 12, 13, 23, 24, 25)] == [3] * 6
    assert [season[offset] for offset in (22, 21, 20, 19, 18, 17, 16, 15, 14)] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert [season[offset] for offset in (10, 9, 8, 7, 6, 5, 4)] == [0, 0, 0, 1, 1, 1, 2]
    assert sorted(season) == list(range(4, 26)), "the newest three months and the judged one are left out"
    assert design.judged == 3


def test_where_a_year_does_not_split_evenly_its_first_seasons_are_longer():
    design = design_of(Shape(year=52, years=1, half_window=3, seasons=10, exclude_recent=0))
    sizes = np.bincount(design.season)
    assert sizes[:9].tolist() == [5] * 9, "45 weeks in nine seasons"
    design = design_of(Shape(year=52, years=1, half_window=2, seasons=10, exclude_recent=0))
    assert np.bincount(design.season)[:9].tolist() == [6, 6, 5, 5, 5, 5, 5, 5, 5], "47 weeks in nine seasons"


def test_one_season_means_the_comparable_weeks_of_each_year_alone():
    design = design_of(Shape(year=52, years=2, half_window=3, seasons=1, exclude_recent=3))
    assert sorted(design.offsets.tolist()) == [*range(49, 56), *range(101, 108)]


def test_recent_weeks_within_the_half_window_count_where_they_are_not_left_out():
    design = design_of(Shape(year=52, years=1, half_window=3, seasons=1, exclude_recent=1))
    assert sorted(design.offsets.tolist()) == [2, 3, *range(49, 56)]


@pytest.mark.parametrize("seasons", [1, 2, 10])
@pytest.mark.parametrize("recent", [0, 2, 5, 26, 60])
def test_as_many_past_periods_are_used_as_are_counted(seasons, recent):
    shape = Shape(52, 2, 3, seasons, recent)
    assert len(design_of(shape).offsets) == shape.figures


@pytest.mark.parametrize(
    ("grain", "expected"),
    [
        (Grain.WEEK, Shape(52, 5, 3, 10, 26)),
        (Grain.MONTH, Shape(12, 5, 1, 10, 3)),
        (Grain.QUARTER, Shape(4, 5, 0, 4, 1)),
        (Grain.DAY, Shape(364, 5, 3, 10, 26)),
    ],
)
def test_every_default_fits_its_grain(grain, expected):
    assert shape_of(Seasonal(method="farrington_flexible"), grain) == expected


@pytest.mark.parametrize(
    ("keys", "grain", "says"),
    [
        ({}, Grain.YEAR, "grain is year"),
        ({}, Grain.HOUR, "write `method: ears_c1`"),
        ({"half_window": 6}, Grain.MONTH, "write at most 5"),
        ({"noperiods": 11}, Grain.MONTH, "write at most 10"),
        ({"years": 1, "exclude_recent": 50}, Grain.WEEK, "leaves nothing"),
        ({"years": 1}, Grain.MONTH, "10 past periods are too few for a model of 10 seasons"),
        ({"years": 1, "noperiods": 1}, Grain.MONTH, "3 past periods are too few"),
    ],
)
def test_a_rule_that_can_never_judge_says_what_to_write(keys, grain, says):
    assert says in misfit(Seasonal(method="farrington_flexible", **keys), grain)


def test_a_rule_that_does_not_fit_its_grain_is_learning_and_never_fails():
    assert set(timeline(verdicts(farr(), block([5] * 20, first="2000"), of=measure(grain="year", count="n")))) == {"L"}


def test_keys_of_other_methods_are_refused():
    with pytest.raises(ValidationError, match="does not go with"):
        Seasonal(method="farrington_flexible", window=7)


# expectation and bound, by hand


def test_without_trend_and_seasons_the_expectation_is_the_mean_of_the_comparable_months():
    counts = np.arange(1.0, 39.0)
    found = verdicts(plain(), monthly(counts), of=MONTHS)
    row = 37
    compared = np.array([counts[row - 12 * year + step] for year in (1, 2, 3) for step in (-1, 0, 1)])
    mean = compared.mean()
    phi = ((compared - mean) ** 2 / mean).sum() / 8
    assert found.centre[row, 0] == pytest.approx(mean, rel=1e-9)
    assert found.upper[row, 0] == stats.nbinom.ppf(0.99, mean / (phi - 1), 1 / phi)
    assert np.isnan(found.lower).all()
    assert timeline(found) == "L" * 37 + "."


def test_a_rate_is_expected_by_its_denominator():
    events, people = seasonal_counts(40), RNG.uniform(800, 1200, 40)
    series = monthly(1000 * events / people)
    series = replace(series, numerator=events[:, None], denominator=people[:, None])
    rates = measure(numerator="n", denominator={"column": "d", "kind": "exposure", "per": 1000})
    found = verdicts(plain(), series, of=rates)
    row = 39
    compared = [row - 12 * year + step for year in (1, 2, 3) for step in (-1, 0, 1)]
    rate = events[compared].sum() / people[compared].sum()
    assert found.centre[row, 0] == pytest.approx(1000 * rate, rel=1e-6)
    bound = found.upper[row, 0] / 1000 * people[row]
    assert bound == pytest.approx(round(bound), abs=1e-9), "the bound is a whole number of events"


def test_the_fit_solves_the_equations_of_a_poisson_model():
    exposure = RNG.uniform(0.5, 2, (237, 4))
    counts = RNG.poisson(exposure * np.array([0.5, 4, 60, 3000])).astype(float)
    design = design_of(shape_of(Seasonal(method="farrington_flexible"), Grain.WEEK))
    model = fit(design, counts, exposure, np.ones_like(counts), trend=True)
    assert model.settled.all()
    left = counts - model.mean
    scale = np.sqrt(counts.sum(axis=0))
    assert (np.abs(design.sums(left)) < 1e-4 * scale).all(), "each season's sum is that of its figures"
    assert (np.abs((design.time * left).sum(axis=0)) < 1e-2 * scale).all(), "and the trend's moment"
    pulls = leverage(design, model)
    np.testing.assert_allclose(pulls.sum(axis=0), 11, rtol=1e-9)  # ten seasons and a trend
    np.testing.assert_allclose(dispersion(model, counts), 1, atol=0.5)


def test_the_hat_matrix_is_that_of_weighted_least_squares():
    counts = RNG.poisson(5, (34, 1)).astype(float)
    design = design_of(Shape(12, 3, 1, 4, 3))
    model = fit(design, counts, np.ones_like(counts), np.ones_like(counts), trend=True)
    x = np.column_stack([design.season == season for season in range(4)] + [design.time[:, 0]]).astype(float)
    root = np.sqrt(model.weight)
    q, _ = np.linalg.qr(root * x)
    np.testing.assert_allclose(leverage(design, model)[:, 0], (q**2).sum(axis=1), rtol=1e-9)


def test_whole_bounds_are_the_smallest_counts_with_enough_chance():
    mean = np.array([0.0, 1e-9, 0.3, 2.0, 17.5, 400.0, 2.5e6, 3.0, 3.0])
    phi = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 4.0, 1.0 + 1e-9])
    for alpha in (0.001, 0.01, 0.1, 0.4):
        ours = nb_plugin(np.zeros_like(mean), mean, phi, alpha).upper
        poisson = stats.poisson.ppf(1 - alpha, mean)
        over = stats.nbinom.ppf(1 - alpha, 3.0 / 3.0, 1 / 4)
        np.testing.assert_array_equal(ours[phi <= 1.1], np.maximum(poisson, 0)[phi <= 1.1])
        assert ours[7] == over


def test_each_threshold_gives_its_own_bound_about_one_expectation():
    counts = seasonal_counts(66)
    found = {
        name: verdicts(farr(threshold=name), monthly(counts), of=MONTHS) for name in ("delta", "nb_plugin", "muan")
    }
    centres = [one.centre[-1, 0] for one in found.values()]
    assert centres[0] == centres[1] == centres[2]
    assert found["muan"].upper[-1, 0] > found["nb_plugin"].upper[-1, 0], "muan spends alpha twice"
    assert found["delta"].upper[-1, 0] > centres[0]


# which state follows


def test_only_the_upper_side_is_judged():
    counts = seasonal_counts(66, mean=50)
    assert states(verdicts(farr(), monthly([*counts, 0]), of=MONTHS))[-1] == "quiet"
    found = verdicts(farr(), monthly([*counts, 400]), of=MONTHS)
    assert states(found)[-1] == "exception"
    assert found.signals(66, 0) == ("surge",)
    assert found.excess[66, 0] > 3
    more = measure(count="n", improvement="increase")
    assert states(verdicts(farr(), monthly([*counts, 400]), of=more))[-1] == "improvement"


def test_a_count_on_the_bound_is_no_surge():
    counts = np.tile([4.0, 6, 5, 7, 5, 6, 4, 5, 6, 7, 5, 4], 4)
    bound = verdicts(plain(), monthly([*counts, 5]), of=MONTHS).upper[-1, 0]
    assert states(verdicts(plain(), monthly([*counts, bound]), of=MONTHS))[-1] == "quiet"
    assert states(verdicts(plain(), monthly([*counts, bound + 1]), of=MONTHS))[-1] == "exception"


def test_fewer_than_five_cases_in_four_periods_raise_nothing():
    quiet = [0.0] * 66
    found = verdicts(farr(), monthly([*quiet, 4]), of=MONTHS)
    assert states(found)[-1] == "quiet"
    assert np.isnan(found.upper[-1, 0]), "no bound applies"
    assert states(verdicts(farr(limit54=[0, 4]), monthly([*quiet, 1]), of=MONTHS))[-1] == "exception"
    assert states(verdicts(farr(), monthly([*quiet, 1, 1, 1, 2]), of=MONTHS))[-4:] == [*["quiet"] * 3, "exception"]


@pytest.mark.parametrize("threshold", ["delta", "nb_plugin", "muan"])
def test_where_nothing_ever_happened_nothing_is_expected(threshold):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = verdicts(farr(threshold=threshold), monthly([0.0] * 66 + [5]), of=MONTHS)
    assert found.centre[-1, 0] == 0
    assert found.upper[-1, 0] == 0
    assert states(found)[-2:] == ["quiet", "exception"]
    assert np.isfinite(found.excess).all()


@pytest.mark.parametrize("threshold", ["delta", "nb_plugin", "muan"])
def test_odd_histories_have_defined_results_and_no_warnings(threshold):
    at = np.arange(67)
    odd = {
        "always the same": np.full(67, 5.0),
        "one event long ago": np.where(at == 10, 1.0, 0.0),
        "nothing in the judged season": np.where((at - 66) % 12 < 2, 0.0, 8.0) * (at % 12 != 5),
        "began last year": np.where(at > 55, 30.0, 0.0),
        "doubles every half-year": np.round(2.0 ** (at / 6)),
        "huge": 1e9 + 1e6 * np.sin(at),
        "fractions": 0.1 + 0.01 * np.cos(at),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = verdicts(farr(threshold=threshold, limit54=[0, 4]), monthly(*odd.values()), of=MONTHS)
    assert np.isfinite(found.centre[-1]).all()
    assert np.isfinite(found.upper[-1]).all(), dict(zip(odd, found.upper[-1], strict=True))
    assert (found.upper[-1] >= 0).all()


def test_learning_until_every_year_that_is_looked_back_over_is_there():
    counts = seasonal_counts(70)
    found = verdicts(farr(years=4), monthly(counts), of=MONTHS)
    assert timeline(found)[:49] == "L" * 49  # four years and the month before them
    assert "L" not in timeline(found)[49:]


def test_a_rebase_starts_the_years_anew():
    since = Annotation.model_validate(
        {"id": "r", "effect": "rebase", "measures": "m", "from": "2017-01", "reason": "r", "agreed_by": "a"}
    )
    found = verdicts(farr(years=3), monthly(seasonal_counts(60)), Calendar(annotations={"r": since}), of=MONTHS)
    line = timeline(found)
    assert line[:12] == "L" * 12
    assert line[12:49] == "L" * 37
    assert "L" not in line[49:]


def test_missing_and_excluded_months_drop_out_of_the_model():
    counts = seasonal_counts(40)
    row, hole = 39, 39 - 12
    gone = [None if at == hole else v for at, v in enumerate(counts)]
    out = Suppression.model_validate(
        {"id": "s", "measures": "m", "from": "2018-04", "to": "2018-04", "effect": "exclude", "reason": "r"}
    )
    without = verdicts(plain(), monthly(gone), of=MONTHS)
    excluded = verdicts(plain(), monthly(counts), Calendar(suppressions={"s": out}), of=MONTHS)
    compared = [row - 12 * year + step for year in (1, 2, 3) for step in (-1, 0, 1)]
    mean = counts[[at for at in compared if at != hole]].mean()
    assert without.centre[row, 0] == pytest.approx(mean, rel=1e-7)
    assert excluded.centre[row, 0] == without.centre[row, 0]
    assert excluded.upper[row, 0] == without.upper[row, 0]


def test_a_missing_month_is_unknown_and_too_many_missing_ones_are_learning():
    counts = seasonal_counts(66)
    assert states(verdicts(farr(), monthly([*counts, None]), of=MONTHS))[-1] == "unknown"
    third = [None if at % 3 else v for at, v in enumerate(counts)]
    assert states(verdicts(farr(), monthly([*third, 20]), of=MONTHS))[-1] == "learning"


def test_a_figure_below_zero_is_no_count():
    counts = seasonal_counts(66)
    values = measure()
    found = verdicts(farr(), monthly([*counts, -3]), of=values)
    assert states(found)[-1] == "unknown"
    assert found.signals(66, 0) == ()


# what the model does with past surges, recent figures and trends


def test_recent_figures_are_left_out_so_that_a_surge_does_not_hide_itself():
    counts = seasonal_counts(67)
    more = counts.copy()
    more[63:66] = 300
    before, after = (verdicts(farr(), monthly(one), of=MONTHS) for one in (counts, more))
    assert after.centre[66, 0] == before.centre[66, 0]
    assert after.upper[66, 0] == before.upper[66, 0]


def test_reweighting_makes_an_earlier_surge_count_for_less():
    counts = seasonal_counts(67, mean=30, amplitude=0)
    surged = counts.copy()
    surged[66 - 24] = 200
    with_, without = (verdicts(farr(reweight=on, trend=False), monthly(surged), of=MONTHS) for on in (True, False))
    assert with_.centre[66, 0] < without.centre[66, 0] - 3
    assert with_.upper[66, 0] < without.upper[66, 0]


def test_surge_weights_sum_to_the_number_of_figures_used():
    counts = RNG.poisson(10, (237, 3)).astype(float)
    counts[40] = 90
    design = design_of(shape_of(Seasonal(method="farrington_flexible"), Grain.WEEK))
    used = np.ones(counts.shape, dtype=bool)
    used[5:30, 1] = False
    counts[~used] = 0
    model = fit(design, counts, np.ones_like(counts), used.astype(float), trend=True)
    phi = np.maximum(dispersion(model, counts), 1)
    weight = surge_weights(design, model, counts, phi, used, 2.58)
    np.testing.assert_allclose(weight.sum(axis=0), used.sum(axis=0))
    assert (weight[~used] == 0).all()
    assert (weight[40] < 0.2).all()


def expectation(counts, **keys):
    """What is expected of the month after some counts, and the trend that was kept."""
    of = Seasonal(method="farrington_flexible", **keys)
    design = design_of(shape_of(of, Grain.MONTH))
    past = np.asarray(counts, dtype=float)[-design.offsets][:, None]
    return expect(of, design, past, np.ones_like(past), np.ones(1))


def test_a_trend_is_kept_where_it_is_significant_and_within_what_was_seen():
    at = np.arange(66)
    falling = np.round(120 * np.exp(-0.02 * at))
    assert expectation(falling).slope[0] == pytest.approx(-0.02, rel=0.05)
    assert expectation(falling).mean[0] == pytest.approx(120 * np.exp(-0.02 * 66), rel=0.05)
    assert expectation(falling, trend=False).slope[0] == 0
    assert expectation(falling, years=2).slope[0] == 0, "two years are too few"
    rising = falling[::-1]
    assert expectation(rising).slope[0] == 0, "it would lead above every figure that was seen"
    assert expectation(40 + 5 * (-1.0) ** at).slope[0] == 0, "there is none"


# properties


def test_false_alarms_keep_to_alpha():
    season = 15 * (1 + 0.3 * np.sin(2 * np.pi * np.arange(67) / 12))
    counts = RNG.poisson(season[:, None], (67, 1500)).astype(float)
    series = monthly(*counts.T, keys=[str(j) for j in range(1500)])
    for threshold in ("delta", "nb_plugin", "muan"):
        found = verdicts(farr(threshold=threshold), series, of=MONTHS, every_period=False)
        assert np.mean(found.high != 0) < 0.03, threshold


def test_a_series_is_judged_alike_alone_and_among_others(monkeypatch):
    weeks = RNG.poisson(6, (272, 40)).astype(float)
    weeks[RNG.random(weeks.shape) < 0.05] = np.nan
    columns = [[None if np.isnan(v) else v for v in column] for column in weeks.T]
    keys = [str(j) for j in range(40)]
    whole = verdicts(farr(), block(*columns, first="2015-W01", keys=keys), of=WEEKS)
    monkeypatch.setattr(farrington, "_FITS_AT_ONCE", 7)
    parts = verdicts(farr(), block(*columns, first="2015-W01", keys=keys), of=WEEKS)
    for one in (parts, verdicts(farr(), block(*columns[::-1], first="2015-W01", keys=keys), of=WEEKS)):
        turn = slice(None) if one is parts else slice(None, None, -1)
        np.testing.assert_allclose(one.centre[:, turn], whole.centre, rtol=1e-10)
        np.testing.assert_array_equal(one.upper[:, turn], whole.upper)
        np.testing.assert_array_equal(one.state[:, turn], whole.state)
    newest = verdicts(farr(), block(*columns, first="2015-W01", keys=keys), of=WEEKS, every_period=False)
    np.testing.assert_array_equal(newest.upper[0], whole.upper[-1])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 60).map(float)), min_size=40, max_size=56),
    st.sampled_from(["delta", "nb_plugin", "muan"]),
    st.integers(1, 4),
)
def test_a_later_figure_never_changes_an_earlier_verdict(figures, threshold, noperiods):
    one = farr(years=2, threshold=threshold, noperiods=noperiods, limit54=[0, 4])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        short = verdicts(one, monthly(figures[:-1]), of=MONTHS)
        long = verdicts(one, monthly(figures), of=MONTHS)
    np.testing.assert_array_equal(short.state, long.state[:-1])
    np.testing.assert_array_equal(short.upper, long.upper[:-1])
    assert (short.low == 0).all()
    assert not (short.high[np.isnan(short.value)]).any(), "NaN never signals"
