"""XmR charts of seasonally adjusted figures: factors by hand, simulated seasons, and the properties that must hold."""

import warnings
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.calendar import Annotation, Calendar, Suppression
from alertd.core.detect import adjusted
from alertd.core.detect.adjusted import season_codes, season_of
from alertd.core.detect.base import Known, Look
from alertd.core.detect.seasons import misfit
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.periods import Grain
from alertd.core.rulesets import signal_bit
from alertd.core.series import SeriesBlock
from tests.core.make import block, measure, rule, states, timeline, verdicts

SHAPE = np.array([0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.3, 1.1, 0.95, 0.8, 0.7])
RNG = np.random.default_rng(8)
ADJUSTED = rule(seasonal={"method": "adjusted_xmr"})


def noisy(months, series=1, *, level=100.0, spread=0.05, shift=0.0, since=None, rng=RNG):
    """Months x series with a season, about 5% noise, and a shift from some month on."""
    at = np.arange(months)
    centre = level * SHAPE[at % 12] * (1 + shift * (at >= (months if since is None else since)))
    return centre[:, None] * (1 + spread * rng.standard_normal((months, series)))


def many(figures, first="2015-01"):
    one = block([0.0], first=first)
    keys = tuple((str(j),) for j in range(figures.shape[1]))
    return replace(one, value=figures, present=~np.isnan(figures), keys=keys)


def judged(figures, one=ADJUSTED, calendar=None, of=None, first="2015-01", **more):
    return verdicts(one, many(np.asarray(figures, dtype=float), first), calendar, of=of, **more)


def seasons(figures, row, year=12, codes=None):
    figures = np.asarray(figures, dtype=float)
    segment = np.zeros(figures.shape, dtype=np.int64)
    return season_of(figures, segment, row, codes or (np.arange(len(figures)) % year,), year)


# factors


def test_an_exact_season_gives_its_exact_factors():
    season = seasons(50 * np.tile(SHAPE, 5)[:, None], 48)
    factor = season.times[:, 0] / season.times[:, 0].mean() * np.tile(SHAPE, 5).mean()
    np.testing.assert_allclose(factor, np.tile(SHAPE, 5), rtol=1e-12)
    assert (season.plus == 0).all()


def test_a_trend_is_no_season():
    season = seasons((100 + 2.0 * np.arange(48))[:, None], 48 - 1)
    np.testing.assert_allclose(season.times, 1.0, rtol=1e-9)


def test_a_figure_is_adjusted_by_the_other_years_alone_and_the_judged_one_by_all():
    figures = noisy(48, rng=np.random.default_rng(1))
    figures[24] *= 1.08  # a January of the years that are used, no odder than others
    season = seasons(figures, 36)
    level = figures[:36].reshape(3, 12).mean(axis=1)
    middle = np.array([5.5, 17.5, 29.5])
    line = [
        level[0] + (0 - middle[0]) / 12 * (level[1] - level[0]),
        level[0] + (12 - middle[0]) / 12 * (level[1] - level[0]),
        level[1] + (24 - middle[1]) / 12 * (level[2] - level[1]),
    ]
    januaries = figures[[0, 12, 24], 0]
    assert season.times[36, 0] == pytest.approx(januaries.sum() / sum(line))
    assert season.times[24, 0] == pytest.approx(januaries[:2].sum() / sum(line[:2]))
    assert season.times[0, 0] == pytest.approx(januaries[1:].sum() / sum(line[1:]))


@pytest.mark.parametrize("below", [0, 200])  # from 200 below nought on seasons are additive
@pytest.mark.parametrize("change", [0.4, 2.2])
def test_a_spring_unlike_all_others_tells_nothing_of_springs(below, change):
    as_ever = noisy(60, 20, spread=0.02, rng=np.random.default_rng(2))
    figures = as_ever.copy()
    figures[27:29] *= change  # April and May of one year
    season, wanted = seasons(figures - below, 48), seasons(as_ever - below, 48)
    np.testing.assert_allclose(season.times, wanted.times, rtol=0.08)
    np.testing.assert_allclose(season.plus, wanted.plus, atol=8)


def test_the_springs_after_a_lockdown_are_as_ever():
    figures = noisy(60, 200, spread=0.04, rng=np.random.default_rng(3))
    figures[27:29] *= 0.6
    found = judged(figures)
    told = [state for column in range(200) for state in states(found, column)[39:41]]
    assert np.mean([state in ("exception", "improvement") for state in told]) < 0.05


def test_what_half_of_the_years_do_is_the_season():
    figures = np.tile(SHAPE, 4)[:, None] * 100.0
    figures[[6, 18, 30]] *= 2  # every July but that of the last year, which is judged
    season = seasons(figures, 36)
    assert season.times[42, 0] / season.times[41, 0] > 1.8 * SHAPE[6] / SHAPE[5]


def test_negative_figures_have_additive_seasons():
    figures = (np.tile(SHAPE, 5) - 1)[:, None] * 40
    season = seasons(figures, 48)
    assert (season.times == 1).all()
    np.testing.assert_allclose((figures - season.plus)[:48], figures.mean(), atol=1e-9)


def test_the_newest_five_complete_years_are_used():
    long = np.tile(SHAPE, 8)[:, None] * 100
    other = long.copy()
    other[:36] = other[:36][::-1]
    np.testing.assert_array_equal(seasons(other, 95).times[95:], seasons(long, 95).times[95:])


def codes_of(grain, first, periods, factors, holidays=frozenset()):
    figures = np.ones((periods, 1))
    one = SeriesBlock(
        measure="m", grain=grain, by=(), keys=((),), first=first, value=figures, numerator=None, denominator=None,
        present=figures > 0,
    )  # fmt: skip
    nothing = np.zeros(figures.shape, dtype=bool)
    known = Known(nothing, nothing, np.zeros(figures.shape, dtype=np.int64), holidays)
    look = Look(measure=measure(grain=grain.value), block=one, known=known, rows=np.arange(1))
    return season_codes(Seasonal(method="adjusted_xmr", factors=factors), look)


def test_each_day_has_its_month_its_weekday_and_whether_it_is_a_bank_holiday():
    start = date(2021, 12, 24)
    days = [start + timedelta(days=number) for number in range(12)]
    closed = {date(2021, 12, 27), date(2021, 12, 28), date(2022, 1, 3)}
    slot = (start - date(1970, 1, 1)).days
    month, weekday, holiday = codes_of(Grain.DAY, slot, 12, ("month", "weekday", "bank_holiday"), frozenset(closed))
    assert month.tolist() == [day.month - 1 for day in days]
    assert weekday.tolist() == [day.weekday() for day in days]
    assert holiday.tolist() == [int(day in closed) for day in days]


def test_a_week_counts_to_the_month_of_its_thursday():
    monday = date(2021, 12, 27)
    slot = (monday - date(1969, 12, 29)).days // 7
    (month,) = codes_of(Grain.WEEK, slot, 6, ("month",))
    assert month.tolist() == [(monday + timedelta(days=7 * at + 3)).month - 1 for at in range(6)]


@pytest.mark.parametrize(
    ("factors", "grain", "says"),
    [
        (["month"], Grain.YEAR, "grain is year"),
        (["weekday"], Grain.MONTH, "tells days apart"),
        (["month", "bank_holiday"], Grain.WEEK, "write `factors: [month]`"),
    ],
)
def test_factors_that_do_not_fit_the_grain_say_what_to_write(factors, grain, says):
    assert says in misfit(Seasonal(method="adjusted_xmr", factors=factors), grain)


def test_factors_that_do_not_fit_are_learning_and_never_fail():
    one = rule(seasonal={"method": "adjusted_xmr", "factors": ["weekday"]})
    assert set(timeline(judged(noisy(60), one))) == {"L"}


# judging


def test_learning_until_there_are_three_complete_years():
    assert timeline(judged(noisy(48, spread=0.01)))[:37] == "L" * 36 + "."


def test_lines_are_shown_in_the_measures_unit_and_follow_the_season():
    figures = noisy(84, 200, spread=0.02)
    found = judged(figures)
    ratio = (found.centre[60:] / 100).mean(axis=1)
    np.testing.assert_allclose(ratio, np.tile(SHAPE, 7)[60:], rtol=0.01)
    near = np.abs(figures[60:] / found.centre[60:] - 1) < 0.12
    assert near.mean() > 0.999
    assert (found.lower[60:] < found.centre[60:]).all()
    assert (found.centre[60:] < found.upper[60:]).all()


def test_it_flags_far_fewer_months_than_a_plain_chart_and_as_few_as_where_there_is_no_season():
    figures = noisy(84, 400)
    plain = judged(figures, rule(spc="mdc"))
    ours = judged(figures)
    flat = judged(figures / np.tile(SHAPE, 7)[:, None], rule(spc="mdc"))
    share = [np.mean((one.high[48:] | one.low[48:]) != 0) for one in (ours, plain, flat)]
    assert share[0] < share[1] / 2
    assert share[0] == pytest.approx(share[2], abs=0.015)


def test_it_still_finds_a_shift():
    figures = noisy(84, 300, shift=0.15, since=78)  # three standard deviations
    found = judged(figures)
    assert np.mean((found.high[78:84] != 0).any(axis=0)) > 0.95
    assert np.mean(found.high[77] != 0) < 0.05


def steady(months):
    """One series with a season and small steps that repeat every five months, so that they are no season."""
    return (100 * SHAPE[np.arange(months) % 12] * (1 + 0.02 * np.resize([1, -1, 0.5, -0.5, 0], months)))[:, None]


def with_end(figures, *factors):
    """The last figures as so many times what their season makes usual."""
    ended, last = figures.copy(), np.arange(len(figures))[-len(factors) :]
    ended[last, 0] = 100 * SHAPE[last % 12] * np.array(factors)
    return ended


@pytest.mark.parametrize(
    ("factors", "signal", "side"),
    [
        ([1.2], "astronomical", "high"),
        ([0.8], "astronomical", "low"),
        ([1.03] * 7, "shift", "high"),
        ([0.97] * 7, "shift", "low"),
        ([0.91, 0.94, 0.97, 1.0, 1.03, 1.06, 1.09], "trend", "high"),
        ([1.06, 1.0, 1.06], "two_in_three", "high"),
    ],
)
def test_every_signal_of_the_rule_set_is_judged_on_adjusted_figures(factors, signal, side):
    assert not (judged(steady(60)).high | judged(steady(60)).low).any()
    found = judged(with_end(steady(60), *factors))
    assert signal in found.signals(59, 0)
    assert getattr(found, side)[59, 0]


def test_a_year_with_a_missing_month_still_counts_and_one_with_two_does_not():
    figures = steady(60)
    figures[40] = np.nan
    line = timeline(judged(figures))
    assert line[:41] == "L" * 36 + "...." + "?"
    assert set(line[41:]) == {"."}
    young = steady(44)
    young[[10, 11]] = np.nan
    assert timeline(judged(young))[36:] == "L" * 8, "one of the only three years lacks two months"


def test_a_missing_month_of_the_season_does_not_lower_its_years_level():
    figures = np.tile(SHAPE, 4)[:, None] * 100
    whole = seasons(figures, 47)
    figures[30] = np.nan  # a July, 40% above the mean
    holed = seasons(figures, 47)
    np.testing.assert_allclose(holed.times[47:] / holed.times[46], whole.times[47:] / whole.times[46], rtol=1e-3)
    np.testing.assert_allclose(holed.times, whole.times, rtol=2e-2)


def test_an_excluded_month_is_a_hole_and_a_rebase_starts_the_years_anew():
    figures = steady(84)
    figures[60] *= 3
    out = Suppression.model_validate(
        {"id": "s", "measures": "m", "from": "2020-01", "to": "2020-01", "effect": "exclude", "reason": "r"}
    )
    found = judged(figures, calendar=Calendar(suppressions={"s": out}))
    assert states(found)[60] == "muted"
    assert set(timeline(found)[61:]) == {"."}
    since = Annotation.model_validate(
        {"id": "r", "effect": "rebase", "measures": "m", "from": "2017-01", "reason": "r", "agreed_by": "a"}
    )
    line = timeline(judged(steady(84), calendar=Calendar(annotations={"r": since})))
    assert line[24:60] == "L" * 36
    assert set(line[60:]) == {"."}


def test_a_month_in_which_nothing_ever_happens_has_no_factor_and_is_learning():
    figures = steady(60)
    figures[3::12] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        line = timeline(judged(figures))
    assert line[36:] == "...L...........L........"


def test_odd_series_have_defined_results_and_no_warnings():
    at = np.arange(60)
    odd = np.column_stack(
        [np.zeros(60), np.full(60, 5.0), np.full(60, np.nan), 2.0**at, -at, np.where(at % 12 == 6, 1.0, 0.0)]
    ).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = judged(odd)
    assert not np.isinf(found.upper).any()
    assert set(timeline(found, 2)) == {"?"}


def test_daily_figures_by_month_weekday_and_bank_holiday():
    days = 364 * 3 + 120
    start = date(2018, 1, 1)
    dates = [start + timedelta(days=number) for number in range(days)]
    closed = frozenset(day for day in dates if (day.month, day.day) in {(1, 1), (5, 1), (8, 27), (12, 25), (3, 10)})
    weekday = np.array([1.0, 1, 1, 1, 1.2, 1.5, 1.3])
    expected = np.array([100 * SHAPE[d.month - 1] * weekday[d.weekday()] * (0.5 if d in closed else 1) for d in dates])
    figures = expected[:, None] * (1 + 0.03 * RNG.standard_normal((days, 8)))
    one = rule(seasonal={"method": "adjusted_xmr", "factors": ["month", "weekday", "bank_holiday"]})
    of = measure(grain="day")
    found = judged(figures, one, Calendar(holidays=closed), of=of, first="2018-01-01")
    rows = np.arange(364 * 3 + 10, days)
    np.testing.assert_allclose(found.centre[rows].mean(axis=1), expected[rows], rtol=0.05)
    assert np.mean((found.high | found.low)[rows] != 0) < 0.06
    holiday = dates.index(date(2021, 3, 10))
    assert holiday in rows
    assert found.centre[holiday].mean() == pytest.approx(expected[holiday], rel=0.05)


# properties


def test_a_series_is_judged_alike_alone_and_among_others(monkeypatch):
    figures = noisy(70, 23)
    figures[RNG.random(figures.shape) < 0.01] = np.nan
    whole = judged(figures)
    monkeypatch.setattr(adjusted, "_SERIES_AT_ONCE", 5)
    parts = judged(figures)
    turned = judged(figures[:, ::-1])
    for one, turn in ((parts, slice(None)), (turned, slice(None, None, -1))):
        np.testing.assert_allclose(one.upper[:, turn], whole.upper, rtol=1e-10)
        np.testing.assert_array_equal(one.state[:, turn], whole.state)
    newest = judged(figures, every_period=False)
    np.testing.assert_allclose(newest.upper[0], whole.upper[-1], rtol=1e-12)
    np.testing.assert_array_equal(newest.state[0], whole.state[-1])


figures = st.lists(st.one_of(st.just(None), st.integers(0, 1000).map(float)), min_size=40, max_size=52)


@settings(max_examples=40, deadline=None)
@given(figures, st.floats(0.01, 100))
def test_scaling_scales_limits_and_a_later_figure_changes_nothing(series, scale):
    values = np.array([[np.nan if v is None else v] for v in series])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole, short, scaled = judged(values), judged(values[:-1]), judged(scale * values)
    np.testing.assert_array_equal(short.state, whole.state[:-1])
    np.testing.assert_array_equal(short.upper, whole.upper[:-1])
    np.testing.assert_allclose(scaled.upper, scale * whole.upper, rtol=1e-6, atol=1e-6)
    assert not (whole.high | whole.low)[np.isnan(whole.value)].any(), "NaN never signals"


def test_figures_that_share_data_say_nothing_by_their_runs():
    figures = np.abs(noisy(72, 40)) * 100
    pooled = measure(numerator="a", denominator="b", pool={"until_denominator": 1, "at_most": "4 periods"})
    sample = np.full(figures.shape, 1e6)
    shares = replace(many(figures / sample), numerator=figures, denominator=sample)
    found = verdicts(ADJUSTED, shares, of=pooled)
    bits = {int(bit) for mask in (found.high, found.low) for bit in np.unique(mask)}
    assert bits <= {0, signal_bit("astronomical")}


def test_a_survey_is_no_surer_of_a_figure_in_a_season_that_makes_it_large():
    figures = noisy(72, 3, spread=0.01)
    of = measure(standard_error="se")
    at_rest, error = np.tile(SHAPE, 6)[:, None], 20.0
    surveyed = replace(many(figures), standard_error=np.broadcast_to(error * at_rest, figures.shape).copy())
    found = verdicts(ADJUSTED, surveyed, of=of)
    reach = (found.upper - found.centre)[60:]
    np.testing.assert_allclose(reach, np.broadcast_to(3 * error * at_rest[60:], reach.shape), rtol=0.05)


# chosen signals


def test_only_the_signals_that_are_chosen_are_told_and_wider_limits_tell_less():
    months = np.arange(72)
    chance = 1 + 0.05 * np.random.default_rng(5).standard_normal(72)
    figures = (100 * SHAPE[months % 12] * chance * np.where(months >= 60, 1.1, 1.0))[:, None]  # small, and lasts: a run
    figures[70] *= 1.35
    shift, far = np.uint32(signal_bit("shift")), np.uint32(signal_bit("astronomical"))
    every = judged(figures).high
    chosen = judged(figures, rule(seasonal={"method": "adjusted_xmr", "signals": ["astronomical"]})).high
    assert (every & shift).any()
    assert not (chosen & shift).any()
    assert ((every & far) == (chosen & far)).all()
    assert (chosen & far).any()
    wide = rule(seasonal={"method": "adjusted_xmr", "signals": ["astronomical"], "multiplier": 10})
    assert not judged(figures, wide).high.any()


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ({"signals": ["shifts"]}, "`shifts` is no signal of the mdc rules"),
        ({"signals": []}, "could never fire"),
        ({"method": "ears_c1", "signals": ["astronomical"]}, "`signals` does not go with `ears_c1`"),
    ],
)
def test_signals_that_could_never_be_are_refused(written, wrong):
    with pytest.raises(ValueError, match=wrong):
        Seasonal(**{"method": "adjusted_xmr", **written})
