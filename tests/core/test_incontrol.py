"""In-control models find the parameters that figures were made with, and make figures that have them again."""

from dataclasses import replace

import numpy as np
import pytest

from alertd.core.calendar import Annotation, Calendar, Suppression
from alertd.core.incontrol import peers_alike, simulate
from alertd.core.incontrol.model import Family
from alertd.core.periods import Grain
from alertd.core.series import Events
from tests.core.incontrol import autoregression, divided, fitted, series_of
from tests.core.make import measure

COUNT = measure(count="n")
SHARE = measure(numerator="n", denominator="d", unit="percent")
RATE = measure(count="n", denominator={"column": "d", "kind": "exposure", "per": 1000})


def drawn(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_values_have_their_mean_and_standard_deviation_and_no_more():
    model = fitted(measure(), series_of(drawn().normal(50, 5, (60, 200))))
    assert model.family is Family.NORMAL
    assert not model.left_out
    assert not model.seasons
    assert model.level.mean() == pytest.approx(50, abs=0.2)
    assert (model.spread**2).mean() == pytest.approx(25, rel=0.06)
    again = simulate(model, 400, drawn())
    np.testing.assert_allclose(again.value.mean(axis=0), model.level, atol=5 * 5 / np.sqrt(400))
    np.testing.assert_allclose(again.value.std(axis=0), model.spread, rtol=0.2)
    assert again.value.std(axis=0).mean() == pytest.approx(model.spread.mean(), rel=0.01)


@pytest.mark.parametrize("mean", [0.4, 3, 40])
@pytest.mark.parametrize("phi", [1, 1.6, 3])
def test_counts_have_their_mean_and_overdispersion(mean, phi):
    level = mean if phi == 1 else drawn().gamma(mean / (phi - 1), phi - 1, (60, 200))
    model = fitted(COUNT, series_of(drawn(2).poisson(level, (60, 200)).astype(float)))
    assert model.family is Family.COUNT
    # Rare events that come in clusters cannot be told from exceptions altogether.
    assert model.level.mean() == pytest.approx(mean, rel=0.03 if mean >= 3 or phi < 3 else 0.15)
    assert model.spread.mean() == pytest.approx(phi, rel=0.08 if mean >= 3 or phi < 3 else 0.35)
    again = simulate(model, 400, drawn()).value
    assert (again == np.rint(again)).all()
    assert again.mean() == pytest.approx(model.level.mean(), rel=0.02)
    moving = model.level > 0  # a place where nothing ever happened stays so
    assert (again.var(axis=0)[moving] / again.mean(axis=0)[moving]).mean() == pytest.approx(
        model.spread[moving].mean(), rel=0.06
    )


def test_phi_of_alike_places_is_pooled_and_that_of_places_that_differ_stays_their_own():
    alike = fitted(COUNT, series_of(drawn().poisson(drawn(2).gamma(40, 1, (60, 60))).astype(float)))
    assert alike.spread.std() < 0.2  # one place alone would be unsure by about .6
    apart = [drawn(3).poisson(30, (60, 30)), drawn(4).poisson(drawn(5).gamma(30 / 9, 9, (60, 30)))]
    model = fitted(COUNT, series_of(np.concatenate(apart, axis=1).astype(float)))
    assert model.spread[:30].mean() < 1.6
    assert model.spread[30:].mean() > 7


def test_shares_have_their_level_their_overdispersion_and_samples_of_their_own_sizes():
    whole = np.tile(np.arange(40.0, 80.0)[None, :] * 5, (60, 1))
    chance = drawn().beta(30 * 0.7, 30 * 0.3, whole.shape)
    cases = drawn(2).binomial(whole.astype(int), chance).astype(float)
    model = fitted(SHARE, divided(SHARE, cases, whole))
    assert model.family is Family.SHARE
    np.testing.assert_allclose(model.level, 0.7, atol=0.06)
    expected = 1 + (whole[0] - 1) / 31
    np.testing.assert_allclose(model.spread, expected, rtol=0.25)
    again = simulate(model, 300, drawn())
    np.testing.assert_array_equal(again.denominator, np.tile(whole[:1], (300, 1)))
    np.testing.assert_allclose(again.value, 100 * again.numerator / again.denominator)
    usual = 100 * np.sqrt(0.7 * 0.3 / whole[0] * model.spread)
    np.testing.assert_allclose(again.value.std(axis=0), usual, rtol=0.25)


def test_rates_come_with_their_own_exposure():
    people = np.tile(drawn().integers(1_000, 9_000, 30).astype(float), (60, 1))
    model = fitted(RATE, divided(RATE, drawn().poisson(people * 0.004).astype(float), people))
    assert model.level.mean() == pytest.approx(0.004, rel=0.03)
    again = simulate(model, 200, drawn())
    np.testing.assert_array_equal(again.denominator[0], people[0])
    assert again.value.mean() == pytest.approx(4, rel=0.03)


def test_amounts_of_an_exposure_vary_as_they_do_and_not_as_counts_would():
    officers = np.full((60, 20), 100.0)
    spent = drawn().normal(3_000.5, 60, officers.shape) / 1_000
    model = fitted(RATE, divided(RATE, spent, officers))
    assert model.family is Family.AMOUNT
    assert simulate(model, 300, drawn()).numerator.std(axis=0).mean() == pytest.approx(0.06, rel=0.1)


@pytest.mark.parametrize(("skewed", "family"), [("lognormal", Family.LOGNORMAL), ("gamma", Family.GAMMA)])
def test_skewed_values_stay_above_nought_and_have_their_moments(skewed, family):
    value = drawn().lognormal(2, 0.5, (60, 40)) if skewed == "lognormal" else drawn().gamma(0.9, 5, (60, 40)).round()
    model = fitted(measure(minimum=0), series_of(value))
    assert model.family is family
    again = simulate(model, 300, drawn()).value
    assert (again >= 0).all()
    assert again.mean() == pytest.approx(value.mean(), rel=0.06)
    assert again.std() == pytest.approx(value.std(), rel=0.12)


def test_figures_keep_to_their_bounds_and_their_resolution():
    value = np.clip(drawn().normal(97, 3, (60, 20)).round(1), 0, 100)
    again = simulate(fitted(measure(minimum=0, maximum=100), series_of(value)), 200, drawn()).value
    assert again.max() == 100
    np.testing.assert_array_equal(again, again.round(1))
    halves = simulate(fitted(measure(resolution=0.5), series_of(value)), 200, drawn()).value
    np.testing.assert_array_equal(halves * 2, np.rint(halves * 2))


def test_ratios_vary_on_the_log_scale():
    logs = drawn().normal(np.log(1.8), 0.2, (60, 40))
    of = measure(ratio={"of": ["a", "b"], "to": ["c", "d"]})
    model = fitted(of, series_of(np.exp(logs), log_value=logs))
    assert model.level.mean() == pytest.approx(np.log(1.8), abs=0.02)
    assert model.spread.mean() == pytest.approx(0.2, rel=0.05)
    again = simulate(model, 50, drawn())
    assert again.log_value is not None
    np.testing.assert_allclose(again.value, np.exp(again.log_value))


def test_a_survey_is_never_steadier_than_its_sample():
    of = measure(standard_error="e")
    value = drawn().normal(60, 0.1, (40, 20))
    model = fitted(of, series_of(value, standard_error=np.full(value.shape, 2.0)))
    again = simulate(model, 300, drawn())
    assert again.value.std(axis=0).mean() == pytest.approx(2, rel=0.05)
    np.testing.assert_array_equal(again.standard_error, 2.0)


def test_rolling_figures_share_data_with_their_neighbours_and_none_a_window_later():
    of = measure(grain="quarter", window={"length": "12 months", "judge_every": "12 months"})
    quarters = drawn().normal(0, 1, (83, 40))
    value = 50 + sum(quarters[shift : shift + 80] for shift in range(4))
    again = simulate(fitted(of, series_of(value, Grain.QUARTER, "2004-Q1")), 200, drawn()).value
    about = again - again.mean(axis=0)

    def alike(lag: int) -> float:
        return float((about[lag:] * about[:-lag]).sum() / (about**2).sum())

    assert again.std(axis=0).mean() == pytest.approx(2, rel=0.12)
    assert alike(1) == pytest.approx(0.75, abs=0.05)
    assert alike(4) == pytest.approx(0, abs=0.05)


def test_a_grade_has_the_chances_of_its_own_history_drawn_towards_those_of_all():
    of = measure(grade="g", scale=["Inadequate", "Poor", "Good", "Outstanding"])
    value = drawn().choice([1.0, 2, 3, 4], (60, 10), p=[0.05, 0.15, 0.6, 0.2])
    value[:, 0] = 3
    model = fitted(of, series_of(value))
    assert model.chances is not None
    np.testing.assert_allclose(model.chances[:, 1:].mean(axis=1), [0.05, 0.15, 0.6, 0.2], atol=0.03)
    assert 0.95 < model.chances[2, 0] < 1
    again = simulate(model, 500, drawn()).value
    for place in range(4):
        assert (again == place + 1).mean() == pytest.approx(model.chances[place].mean(), abs=0.03)


def test_many_grades_a_period_vary_as_much_as_they_did():
    of = measure(grade="g", scale=["Poor", "Fair", "Good"], aggregate="rows")
    rng = drawn()
    shares = rng.dirichlet([4, 6, 10], (60, 12))
    grades = np.moveaxis(rng.multinomial(40, shares), -1, 0).astype(float)
    model = fitted(of, series_of(np.full((60, 12), 2.0), grades=grades))
    again = simulate(model, 300, rng)
    assert again.grades is not None
    np.testing.assert_array_equal(again.grades.sum(axis=0), 40)
    np.testing.assert_allclose(again.grades.mean(axis=(1, 2)) / 40, [0.2, 0.3, 0.5], atol=0.03)
    np.testing.assert_allclose(again.grades.std(axis=(1, 2)), grades.std(axis=(1, 2)), rtol=0.15)
    poor, fair, _ = again.grades
    np.testing.assert_array_equal(again.value, np.where(poor >= 20, 1, np.where(poor + fair >= 20, 2, 3)))


def test_where_a_period_has_one_grade_a_poor_one_is_drawn_as_rarely_as_it_was_given():
    of = measure(grade="g", scale=["failed", "passed"], aggregate="rows")
    grades = np.zeros((2, 13, 3))
    grades[1] = 1
    grades[:, 6, 0] = 1, 0  # one check of 39 failed
    model = fitted(of, series_of(np.where(grades[0] == 1, 1.0, 2.0), grades=grades))
    assert model.chances is not None
    assert model.spread[0] > 1
    again = simulate(model, 20_000, drawn()).value
    np.testing.assert_allclose((again == 1).mean(axis=0), model.chances[0], rtol=0.2)


def test_events_are_a_poisson_process_of_each_series_own_rate():
    of = measure(event={"date": "period"})
    counts = drawn().poisson([0.2, 1.0, 4.0], (120, 3)).astype(float)
    at = np.concatenate(
        [np.sort(16_436 + drawn(j).integers(0, 3_650, int(n))) for j, n in enumerate(counts.sum(axis=0))]
    )
    events = Events(at=at.astype(float), column=np.repeat(np.arange(3), counts.sum(axis=0).astype(int)))
    model = fitted(of, series_of(counts, events=events))
    np.testing.assert_allclose(model.level * 30.44, counts.mean(axis=0), rtol=0.01)
    again = simulate(model, 600, drawn())
    assert again.events is not None
    np.testing.assert_allclose(again.value.mean(axis=0), counts.mean(axis=0), rtol=0.2)
    np.testing.assert_array_equal(np.bincount(again.events.column), again.value.sum(axis=0))
    assert (np.diff(again.events.column) >= 0).all()
    assert (again.events.at == np.floor(again.events.at)).all()
    for column in range(3):
        assert (np.diff(again.events.at[again.events.column == column]) >= 0).all()
    start = again.period(0).start.date().toordinal() - 719_163
    end = (again.period(599) + 1).start.date().toordinal() - 719_163
    assert again.events.at.min() >= start
    assert again.events.at.max() < end


@pytest.mark.parametrize("memory", [0.2, 0.4])
def test_what_a_figure_has_of_the_one_before_is_found_and_made_again(memory):
    z = autoregression(drawn(), 72, 60, memory)
    model = fitted(measure(), series_of(50 + 5 * z))
    assert model.autocorrelation == pytest.approx(memory, abs=0.08)
    assert (model.spread**2).mean() == pytest.approx(25, rel=0.1)
    about = simulate(model, 300, drawn()).value - model.level
    assert (about[1:] * about[:-1]).sum() / (about**2).sum() == pytest.approx(model.autocorrelation, abs=0.03)


def test_counts_and_shares_remember_as_much_as_they_did():
    level = 20 * np.exp(0.35 * autoregression(drawn(), 72, 80, 0.7))
    found = [fitted(COUNT, series_of(drawn(2).poisson(level).astype(float)))]
    whole = np.full(level.shape, 150.0)
    odds = 0.5 * autoregression(drawn(3), 72, 80, 0.7)
    found.append(fitted(SHARE, divided(SHARE, drawn(4).binomial(150, 1 / (1 + np.exp(-odds))).astype(float), whole)))
    for model in found:
        assert 0.25 < model.autocorrelation <= 0.6
        again = simulate(model, 400, drawn()).value
        about = again - again.mean(axis=0)
        assert (about[1:] * about[:-1]).sum() / (about**2).sum() == pytest.approx(model.autocorrelation, abs=0.06)


def test_neither_drift_nor_chance_is_taken_for_memory():
    assert fitted(measure(), series_of(drawn().normal(50, 5, (60, 40)))).autocorrelation == 0
    drifting = drawn().normal(50, 5, (60, 40)) + 5 * 0.15 * np.arange(60)[:, None]
    model = fitted(measure(), series_of(drifting))
    assert model.autocorrelation < 0.15
    assert model.spread.mean() == pytest.approx(5, rel=0.1)


WINTER = np.array([1.3, 1.2, 1.1, 1.0, 0.9, 0.8, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2])


def test_a_season_is_found_and_made_again():
    value = drawn().poisson(20 * np.tile(WINTER, 5)[:, None] * np.ones(20)).astype(float)
    model = fitted(COUNT, series_of(value))
    (season,) = model.seasons
    np.testing.assert_allclose(
        np.exp(season.effect - season.effect.mean()), WINTER / np.exp(np.log(WINTER).mean()), rtol=0.06
    )
    assert model.spread.mean() == pytest.approx(1, abs=0.08)
    again = simulate(model, 36, drawn())  # ends in December, as the figures do
    np.testing.assert_allclose(again.value.reshape(3, 12, -1).mean(axis=(0, 2)), 20 * WINTER, rtol=0.1)


def test_seasons_of_values_that_may_be_negative_are_added():
    value = drawn().normal(0, 2, (60, 20)) + 4 * np.tile(WINTER - 1, 5)[:, None] * 3
    model = fitted(measure(), series_of(value))
    assert len(model.seasons) == 1
    again = simulate(model, 60, drawn()).value.reshape(5, 12, -1).mean(axis=(0, 2))
    np.testing.assert_allclose(again, 12 * (WINTER - 1), atol=1)


def test_days_have_weekdays_and_hours_have_weeks():
    weekday = np.array([1.2, 1.1, 1.0, 1.0, 1.1, 0.8, 0.6])
    days = series_of(
        drawn().poisson(30 * np.tile(weekday, 40)[:, None] * np.ones(5)).astype(float), Grain.DAY, "2024-01-01"
    )
    model = fitted(measure(count="n", grain="day"), days)
    assert [season.cycle.name for season in model.seasons] == ["weekday"]
    np.testing.assert_allclose(np.exp(model.seasons[0].effect), weekday / np.exp(np.log(weekday).mean()), rtol=0.06)
    by_hour = 20 + 15 * np.sin(np.arange(168) / 24 * 2 * np.pi)
    hours = series_of(
        drawn().poisson(np.tile(by_hour, 8)[:, None] * np.ones(3)).astype(float), Grain.HOUR, "2024-01-01T00"
    )
    model = fitted(measure(count="n", grain="hour"), hours)
    assert [season.cycle.name for season in model.seasons] == ["hour of the week"]
    again = simulate(model, 168, drawn()).value.mean(axis=1)
    assert np.corrcoef(again, by_hour)[0, 1] > 0.95


def test_two_years_are_too_few_for_a_season_and_chance_is_none():
    two = drawn().poisson(20 * np.tile(WINTER, 2)[:, None] * np.ones(20)).astype(float)
    assert not fitted(COUNT, series_of(two)).seasons
    found = [fitted(COUNT, series_of(drawn(seed).poisson(9, (60, 8)).astype(float))).seasons for seed in range(60)]
    assert sum(map(bool, found)) <= 3


def test_one_shock_that_moves_every_place_is_no_season():
    value = drawn().poisson(30, (60, 40)).astype(float)
    value[40:43] *= 0.4
    assert not fitted(COUNT, series_of(value)).seasons


def test_figures_are_missing_as_often_as_they_were():
    value = drawn().normal(50, 5, (200, 4))
    value[drawn(2).random(200) < 0.4, 1] = np.nan
    model = fitted(measure(), series_of(value))
    again = simulate(model, 1_000, drawn())
    np.testing.assert_allclose(np.isnan(again.value).mean(axis=0), [0, 0.4, 0, 0], atol=0.1)
    np.testing.assert_array_equal(again.present, ~np.isnan(again.value))
    sparse = fitted(measure(count="n", absent="zero"), series_of(np.where(np.isnan(value), np.nan, 3.0)))
    assert not np.isnan(simulate(sparse, 100, drawn()).value).any()


def test_what_stands_out_is_excluded_or_lies_before_a_rebase_is_no_noise():
    value = drawn().normal(50, 5, (60, 4))
    plain = fitted(measure(), series_of(value))
    spoilt = value.copy()
    spoilt[50, 0] = 190
    spoilt[40:44, 1] = 150
    spoilt[:40, 2] += 400
    calendar = Calendar(
        annotations={"new": Annotation.model_validate(
            {"id": "new", "effect": "rebase", "measures": "m", "from": "2018-05", "reason": "r", "agreed_by": "a",
             "where": {"place": "P0002"}}
        )},
        suppressions={"out": Suppression.model_validate(
            {"id": "out", "effect": "exclude", "measures": "m", "from": "2018-05", "to": "2018-08", "reason": "r",
             "where": {"place": "P0001"}}
        )},
    )  # fmt: skip
    model = fitted(measure(), series_of(spoilt), calendar)
    np.testing.assert_allclose(model.level, plain.level, atol=2.5)
    np.testing.assert_allclose(model.spread, plain.spread, rtol=0.35)


def test_later_figures_than_the_settled_ones_are_not_used():
    value = drawn().normal(50, 5, (60, 4))
    later = value.copy()
    later[48:] = 1e6
    model, cut = fitted(measure(), series_of(later), settled=48), fitted(measure(), series_of(value[:48]))
    np.testing.assert_array_equal(model.level, cut.level)
    np.testing.assert_array_equal(model.spread, cut.spread)
    again = simulate(model, 20, drawn())
    assert again.last == series_of(value[:48]).last
    assert again.periods == 20


def test_a_series_of_few_figures_borrows_and_one_without_any_is_left_out_and_named():
    value = drawn().normal(200, 20, (60, 12))
    value[:57, 0] = np.nan
    value[:, 1] = np.nan
    value[10:, 2] = np.nan
    value[:57, 3], value[57:, 3] = np.nan, 2.0
    model = fitted(measure(), series_of(value))
    assert model.left_out == {("P0001",): "no usable figure", ("P0002",): "no usable figure of late"}
    assert model.borrowed.tolist() == [True, False, False, True] + [False] * 8
    assert model.spread[0] == pytest.approx(20, rel=0.2)
    assert model.spread[3] == pytest.approx(0.2, rel=0.2)
    again = simulate(model, 30, drawn())
    assert again.keys == series_of(value).keys
    assert np.isnan(again.value[:, [1, 2]]).all()
    assert not again.present[:, [1, 2]].any()


def test_few_figures_with_nobody_to_borrow_from_are_left_out():
    model = fitted(measure(), series_of(np.array([[3.0], [4.0], [5.0]])))
    assert model.left_out == {("P0000",): "fewer than 6 figures, and no other series to borrow its spread from"}


def test_the_same_seed_makes_the_same_figures_and_another_one_others():
    model = fitted(COUNT, series_of(drawn().poisson(9, (60, 5)).astype(float)))
    one, same, other = (simulate(model, 40, drawn(seed)).value for seed in (7, 7, 8))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_copies_are_further_columns_of_the_same_series():
    whole = np.full((60, 3), [50.0, 100.0, 200.0])
    model = fitted(SHARE, divided(SHARE, drawn().binomial(whole.astype(int), 0.3).astype(float), whole))
    again = simulate(model, 20, drawn(), copies=4)
    assert again.value.shape == (20, 12)
    assert again.keys == model.keys * 4
    np.testing.assert_array_equal(again.denominator[0], [50, 100, 200] * 4)
    with pytest.raises(ValueError, match="both are 1 or more"):
        simulate(model, 0, drawn())


def test_some_series_of_a_model_are_those_series():
    model = fitted(COUNT, series_of(drawn().poisson([2.0, 20, 200], (60, 3)).astype(float)))
    part = model.take(np.array([2, 0]))
    assert part.keys == (("P0002",), ("P0000",))
    np.testing.assert_array_equal(part.level, model.level[[2, 0]])
    assert simulate(part, 30, drawn()).value.mean(axis=0)[0] > 100


def test_peers_can_be_made_alike_with_sizes_of_their_own():
    whole = np.full((60, 3), [50.0, 100.0, 850.0])
    cases = drawn().binomial(whole.astype(int), [0.2, 0.3, 0.5]).astype(float)
    model = peers_alike(fitted(SHARE, divided(SHARE, cases, whole)))
    np.testing.assert_allclose(model.level, 0.465, atol=0.02)
    np.testing.assert_array_equal(simulate(model, 5, drawn()).denominator[0], whole[0])
    counts = fitted(COUNT, series_of(cases))
    assert peers_alike(counts) is counts


def test_a_reference_that_moves_stands_where_it_stood_last():
    lines = np.tile(np.linspace(80, 90, 60)[:, None], (1, 2))
    of = measure(reference={"column": "ambition", "label": "Ambition"})
    block = replace(series_of(drawn().normal(85, 2, (60, 2))), reference=lines)
    np.testing.assert_array_equal(simulate(fitted(of, block), 10, drawn()).reference, 90.0)
