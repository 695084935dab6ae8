"""Capacity against demand: what is expected, how sure that is, and from which figures; worked by hand where that can be done."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy import stats

from alertd.core.beside import held_against
from alertd.core.calendar import Calendar
from alertd.core.composites.components import measures_needed
from alertd.core.detect.base import Look
from alertd.core.detect.forecast import Expected, expected_after
from alertd.core.judgement import basis_of, history_of
from alertd.core.known import known_of
from alertd.core.parameters.forecast import Forecast
from alertd.core.periods import Grain, Period
from alertd.core.rules import Rule
from alertd.core.series import Capacity, Floats, SeriesBlock
from alertd.core.verdicts import Verdicts
from tests.core.make import FAR, block, measure, rule, timeline, verdicts

FORECAST = {"forecast": {"capacity": "crews"}}


def crews(*figures: float | None, first: str = "2020-01") -> SeriesBlock:
    """One force-wide series of a capacity."""
    return replace(block(figures, first=first), measure="crews", by=(), keys=((),))


def demand(figures: Floats, capacity: float) -> SeriesBlock:
    """A block of months by series, with one capacity for all of it."""
    made = block(*np.zeros((figures.shape[1], 1)).tolist(), keys=[f"P{j}" for j in range(figures.shape[1])])
    return replace(
        made,
        value=figures,
        present=~np.isnan(figures),
        capacity=Capacity(figures=np.full(figures.shape, capacity), of=np.zeros(figures.shape, dtype=np.int64)),
    )


def expected(figures: Floats, of: Any = None, **more: Any) -> Expected:
    """What is expected after the last row."""
    made, what = demand(figures, 0), of or measure()
    look = Look(measure=what, block=made, known=known_of(what, made, Calendar()), rows=np.array([len(figures) - 1]))
    return expected_after(Forecast(capacity="crews", **more), look, len(figures) - 1)


def test_without_three_years_it_is_the_mean_of_the_last_year_with_students_limits() -> None:
    """Twelve figures: a prediction interval for one more from the same distribution (Hahn and Meeker 1991, 4.8)."""
    figures = np.array([10, 12, 9, 11, 13, 8, 10, 12, 11, 9, 10, 14], dtype=float)
    found = expected(figures[:, None], within=2, confidence=90)
    least = figures.mean() - stats.t.ppf(0.9, 11) * figures.std(ddof=1) * np.sqrt(1 + 1 / 12)
    np.testing.assert_allclose(found.centre[:, 0], figures.mean())
    np.testing.assert_allclose(found.at_least[:, 0], least)


def test_the_season_of_the_coming_month_is_expected_and_not_that_of_the_last() -> None:
    season = np.array([60, 60, 80, 90, 110, 120, 150, 150, 110, 100, 90, 80], dtype=float)
    figures = np.tile(season, 4)[: 3 * 12 + 5]  # up to May
    found = expected(figures[:, None], within=4)
    np.testing.assert_allclose(found.centre[:, 0], [120, 150, 150, 110])
    np.testing.assert_allclose(found.at_least, found.centre, atol=1e-6)  # a season that repeats itself leaves no doubt


def test_a_lasting_trend_is_carried_on_and_damped() -> None:
    line = np.arange(48, dtype=float)[:, None] * 2 + 100
    found = expected(line, within=3)
    # From 194 on, each step nine tenths of the one before it; the seasons of a straight line are all but none.
    np.testing.assert_allclose(found.centre[:, 0], 194 + 2 * np.cumsum([0.9, 0.81, 0.729]), rtol=0.01)


@pytest.mark.parametrize(
    ("season", "trend", "counted"),
    [(0.0, 0.0, False), (0.3, 0.0, False), (0.3, 0.004, False), (0.0, 0.0, True), (0.3, 0.0, True)],
)
def test_demand_is_above_what_is_exceeded_with_a_confidence_about_as_often(
    season: float, trend: float, counted: bool
) -> None:
    rng = np.random.default_rng(4)
    when = np.arange(75)[:, None]
    mean = 40 * (1 + trend) ** when * (1 + season * np.sin(2 * np.pi * when / 12)) * np.ones(1500)
    figures = rng.poisson(mean).astype(float) if counted else mean + rng.normal(0, 5, mean.shape)
    found = expected(figures[:72], measure(count="n") if counted else None, within=3, confidence=80)
    share = (figures[72:] > found.at_least).mean(axis=1)
    assert ((share > 0.77) & (share < 0.89)).all()


def test_a_level_that_moved_this_quarter_is_the_one_that_is_expected() -> None:
    season = np.tile(np.array([60, 60, 80, 90, 110, 120, 150, 150, 110, 100, 90, 80], dtype=float), 5)[:, None]
    figures = season + np.random.default_rng(3).normal(0, 2, (60, 200))
    figures[-3:] *= 1.3
    found = expected(figures, within=2)
    # January and February with three tenths more, and not the quarter of that which the year's mean would make of it.
    np.testing.assert_allclose(found.centre.mean(axis=1), [78, 78], rtol=0.03)
    assert (found.at_least > 70).mean() > 0.95


@pytest.mark.parametrize(("room", "confidence", "most"), [(0, 80, 0.6), (0, 95, 0.04), (1, 80, 0.03), (2, 90, 0.003)])
def test_false_alarms_are_few_where_there_is_room_for_demand(room: int, confidence: int, most: float) -> None:
    """Demand that never passes its capacity, of `room` standard deviations above it: exceptions opened in a year."""
    figures = 100 + np.random.default_rng(5).normal(0, 5, (84, 300))
    one = rule(forecast={"capacity": "crews", "confidence": confidence})
    over = (verdicts(one, demand(figures, 100 + 5 * room)).high != 0)[48:]
    opened = np.count_nonzero(over[1:] & ~over[:-1]) / (300 * 35 / 12)
    assert opened <= most


def test_a_count_is_never_taken_to_vary_less_than_chance() -> None:
    figures = np.full((12, 1), 16.0)
    found = expected(figures, measure(count="n"), within=1)
    np.testing.assert_allclose(found.at_least, 16 - stats.t.ppf(0.8, 11) * np.sqrt(16 * (1 + 1 / 12)))
    np.testing.assert_allclose(expected(figures, within=1).at_least, 16)


def fired(found: Verdicts) -> list[tuple[str, float, float, int]]:
    return [
        (str(found.period(row)), float(found.centre[row, 0]), float(found.upper[row, 0]), int(found.ahead[row, 0]))
        for row in range(found.periods)
        if found.ahead is not None and found.high[row, 0]
    ]


def test_it_fires_before_demand_passes_capacity_and_says_when_that_is_first_expected() -> None:
    season = np.array([60, 60, 80, 90, 110, 120, 150, 150, 110, 100, 90, 80], dtype=float)
    found = verdicts(rule(**FORECAST), demand(np.tile(season, 4)[:, None], 140))
    # July and August pass 140: April looks three months ahead, in July only August is left, and then it is over.
    assert fired(found) == [
        ("2023-04", pytest.approx(150), 140, 3),
        ("2023-05", pytest.approx(150), 140, 2),
        ("2023-06", pytest.approx(150), 140, 1),
        ("2023-07", pytest.approx(150), 140, 1),
    ]
    assert timeline(found)[36:] == "...XXXX....."
    higher = verdicts(rule(**FORECAST), demand(np.tile(season, 4)[:, None], 150))
    assert not higher.high.any()  # as much as there is room for is not more


def test_more_confidence_and_fewer_periods_fire_later() -> None:
    rng = np.random.default_rng(8)
    figures = demand(np.round(rng.normal(100, 10, (60, 40))), 95)
    counts = [
        int(
            (
                verdicts(rule(forecast={"capacity": "crews", "confidence": sure, "within": within}), figures).high != 0
            ).sum()
        )
        for sure, within in ((95, 3), (80, 3), (60, 3), (60, 1))
    ]
    assert counts[0] <= counts[1] < counts[2]
    assert counts[3] <= counts[2]


def test_more_demand_than_capacity_is_a_concern_whichever_way_the_measure_improves() -> None:
    figures = demand(np.full((14, 1), 50.0), 40)
    for way in ("increase", "decrease", "neither", {"towards": [45, 55]}):
        assert timeline(verdicts(rule(**FORECAST), figures, of=measure(improvement=way))) == "L" * 10 + "XXXX"


def test_a_rule_that_joins_a_forecast_tells_an_exception_and_not_a_change() -> None:
    calls, one = measure(improvement="neither"), rule(**FORECAST)
    joined = Rule.model_validate({"id": "j", "measure": "m", "any_of": ["r", "s"]})
    rules = {"r": one, "s": rule(id="s", threshold={"above": 99}), "j": joined}
    measures = {"m": calls, "crews": measure(id="crews", by=[])}
    assert measures_needed(joined, rules) == ("m", "crews")
    blocks = {"m": block([50.0] * 14), "crews": crews(*[40.0] * 14)}
    found = history_of(basis_of(joined, rules, measures, blocks), Calendar(), FAR)
    assert timeline(found) == "L" * 10 + "XXXX"


def test_a_capacity_stands_until_a_newer_figure_and_none_of_later_periods_is_known() -> None:
    figures = block([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], keys=["Burnley", "Preston"])
    joined = held_against(figures, crews(None, 120, None, 130, first="2019-12"))
    assert joined.capacity is not None
    np.testing.assert_array_equal(joined.capacity.figures[:, 0], [120, 120, 130, 130, 130])
    np.testing.assert_array_equal(joined.capacity.figures[:, 1], joined.capacity.figures[:, 0])
    late = held_against(figures, crews(99, first="2020-04")).capacity
    assert late is not None
    np.testing.assert_array_equal(late.figures[:, 0], [np.nan, np.nan, np.nan, 99, 99])
    assert joined.data_version != figures.data_version


def planned(figures: SeriesBlock, other: SeriesBlock, **more: Any) -> SeriesBlock:
    """The figures with the capacity that is planned, as a rule's basis has it."""
    one = rule(forecast={"capacity": "crews", **more})
    measures = {"m": measure(), "crews": measure(id="crews", by=[], planned=True)}
    found = basis_of(one, {"r": one}, measures, {"m": figures, "crews": other}).block
    assert found is not None
    return found


def test_a_planned_capacity_is_that_of_each_coming_month_and_stands_until_a_newer_one() -> None:
    other = replace(crews(100, 100, 100), plan=crews(90, None, 80, first="2020-05"))
    found = planned(block([1, 2, 3]), other, within=5).capacity
    assert found is not None
    there, of = found.known_at(2, np.arange(1, 6))
    assert there[:, 0].tolist() == [100, 90, 90, 80, 80]  # nothing is planned for April, June and August
    months = [str(Period(Grain.MONTH, slot)) for slot in of[:, 0].tolist()]
    assert months == ["2020-03", "2020-05", "2020-05", "2020-07", "2020-07"]
    there, _ = found.known_at(0, np.arange(1, 6))
    assert there[:, 0].tolist() == [100, 100, 100, 90, 90]  # what became of a plan is taken for the plan that there was


def test_a_month_with_fewer_planned_crews_is_told_before_it_comes_and_only_that_one() -> None:
    figures = block([50.0] * 24)
    other = crews(*[60.0] * 24)
    assert timeline(verdicts(rule(**FORECAST), planned(figures, other)))[11:] == "." * 13
    away = replace(other, plan=crews(60, 40, 60, first="2022-01"))
    found = verdicts(rule(**FORECAST), planned(figures, away))
    assert fired(found) == [("2021-11", 50, 40, 3), ("2021-12", 50, 40, 2)]
    later = verdicts(rule(forecast={"capacity": "crews", "within": 1}), planned(figures, away, within=1))
    assert fired(later) == []


def test_a_capacity_that_is_only_planned_is_held_against_the_months_that_it_is_planned_for() -> None:
    figures = block([50.0] * 24)
    nothing = replace(crews(), first=figures.first, keys=())
    found = verdicts(rule(**FORECAST), planned(figures, replace(nothing, plan=crews(40, first="2022-03"))))
    assert timeline(found) == "?" * 23 + "X"
    assert fired(found) == [("2021-12", 50, 40, 3)]


def test_each_series_has_the_capacity_of_its_own_place_whatever_the_order() -> None:
    figures = replace(
        block([1, 2], [3, 4], keys=["Burnley", "Preston"]),
        by=("place", "kind"),
        keys=(("Burnley", "calls"), ("Preston", "calls")),
    )
    other = block([20, 21], [10, 11], [30, 31], keys=["Preston", "Burnley", "Leyland"])
    joined = held_against(figures, other)
    np.testing.assert_array_equal(joined.capacity.figures, [[10, 20], [11, 21]])
    nothing = held_against(figures, replace(other, keys=(("X",), ("Y",), ("Z",))))
    assert nothing.capacity is not None
    assert np.isnan(nothing.capacity.figures).all()


def test_without_a_capacity_nothing_is_known_and_without_a_year_nothing_is_expected() -> None:
    figures = demand(np.full((14, 1), 50.0), np.nan)
    assert timeline(verdicts(rule(**FORECAST), figures)) == "?" * 14
    assert timeline(verdicts(rule(**FORECAST), replace(figures, capacity=None))) == "?" * 14
    first = Period.containing(date(2010, 1, 1), Grain.YEAR).slot
    years = replace(demand(np.full((9, 1), 50.0), 40), grain=Grain.YEAR, first=first)
    found = verdicts(rule(**FORECAST), years, of=measure(grain="year"))
    assert timeline(found) == "LLLLLLLXX"
