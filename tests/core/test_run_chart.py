"""Run charts by Anhøj's rules: the median, runs about it and crossings of it, at their edges."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.calendar import Annotation, Calendar
from alertd.core.detect.base import Look
from alertd.core.detect.run import _Walk, fewest_crossings_allowed, judge_run, longest_run_allowed
from alertd.core.known import known_of
from alertd.core.rulesets import signal_names
from tests.core.make import block, measure, rule, states, timeline, verdicts

UP, DOWN, ON = 12.0, 8.0, 10.0
SEE_SAW = [figure for step in range(12) for figure in (UP + step / 10, DOWN - step / 10)]
"""Crosses its median of 10 every time; no two figures are equal, so that few lie on the median of any part."""


def judged(points, *, calendar=None, of=None, **more):
    one = rule(spc={"chart": "run", "baseline": "first 24 periods", **more})
    return verdicts(one, block(points), calendar, of)


def sides_at_the_end(points, **more):
    found = judged(points, **more)
    return tuple(set(signal_names(int(mask[-1, 0]))) for mask in (found.high, found.low))


def test_the_centre_line_is_the_median_and_there_are_no_limits():
    found = judged([1, 2, 100] * 8, baseline="all")
    assert set(found.centre[:, 0].tolist()) == {2.0}
    assert np.isnan(found.lower).all()
    assert np.isnan(found.upper).all()
    assert judged([1, 2, 3, 100] * 6, baseline="all").centre[0, 0] == 2.5
    assert judged([1, None, 2, 3, 100] * 6, baseline="all").centre[0, 0] == 2.5


@pytest.mark.parametrize(
    ("useful", "longest"), [(0, 0), (1, 3), (11, 6), (12, 7), (22, 7), (23, 8), (45, 8), (46, 9), (90, 9), (91, 10)]
)
def test_the_longest_run_allowed_grows_with_the_logarithm(useful, longest):
    assert longest_run_allowed(np.array([useful])) == [longest]


@pytest.mark.parametrize(("chances", "fewest"), [(0, 0), (4, 0), (5, 1), (11, 3), (23, 8), (35, 13), (199, 88)])
def test_the_fewest_crossings_allowed_are_the_five_per_cent_quantile(chances, fewest):
    assert fewest_crossings_allowed(np.array([chances])) == [fewest]


def test_a_run_is_too_long_from_the_point_that_makes_it_so():
    points = [*SEE_SAW, *[UP] * 10]
    found = judged(points, signals=["run_length"])
    fired = [bool(found.signals(row, 0)) for row in range(len(points))]
    # 24 + 9 figures may have a run of round(log2 33) + 3 = 8; the first of ten UPs follows a DOWN.
    assert fired == [False] * 32 + [True, True]


def test_figures_on_the_median_are_passed_over_and_break_no_run():
    points = [*SEE_SAW[:-2], ON, ON, *[UP] * 5, ON, *[UP] * 4]
    assert sides_at_the_end(points, baseline="first 24 periods", signals=["run_length"]) == ({"run_length"}, set())
    assert sides_at_the_end(points[:-1], signals=["run_length"]) == (set(), set())


def test_a_missing_period_ends_a_run_and_is_unknown():
    points = [*SEE_SAW, *[UP] * 5, None, *[UP] * 5]
    found = judged(points, signals=["run_length"])
    assert not (found.high | found.low).any()
    assert states(found)[29] == "unknown"


def test_crossings_over_a_missing_period_are_not_counted_and_not_expected():
    slow = [UP, UP, UP, DOWN, DOWN, DOWN] * 4
    whole = judged(slow, baseline="all", signals=["crossings"])
    assert whole.signals(23, 0) == ("crossings",), "7 crossings in 23 chances, where 8 are the fewest"
    gaps = [UP, None, UP, DOWN, None, DOWN] * 4
    # 16 figures: 7 crossings in the 7 chances that span no gap.
    assert judged(gaps, baseline="all", signals=["crossings"]).signals(23, 0) == ()


def test_run_length_is_on_the_side_of_the_longest_run_the_later_one_of_equals():
    only = {"signals": ["run_length"]}
    assert sides_at_the_end([*SEE_SAW, *[DOWN] * 9, *[UP] * 11], **only) == ({"run_length"}, set())
    assert sides_at_the_end([*SEE_SAW, *[UP] * 11, *[DOWN] * 9, UP, DOWN], **only) == ({"run_length"}, set())
    assert sides_at_the_end([*SEE_SAW, UP, *[DOWN] * 9, *[UP] * 9], **only) == ({"run_length"}, set())
    assert sides_at_the_end([*SEE_SAW, *[UP] * 9, *[DOWN] * 9], **only) == (set(), {"run_length"})


def test_crossings_alone_stand_on_both_sides_and_with_a_long_run_on_its_side():
    both = ({"crossings"}, {"crossings"})
    assert sides_at_the_end([UP, UP, UP, DOWN, DOWN, DOWN] * 4, baseline="all") == both
    shifted = [*[DOWN] * 15, *[UP] * 15]
    assert sides_at_the_end(shifted, baseline="all") == ({"run_length", "crossings"}, set())


def test_a_lasting_improvement_is_no_concern():
    shifted = [*[DOWN] * 15, *[UP] * 15]
    assert states(judged(shifted, baseline="all", of=measure(improvement="increase")))[-1] == "improvement"
    assert states(judged(shifted, baseline="all", of=measure(improvement="decrease")))[-1] == "exception"
    assert states(judged(shifted, baseline="all", of=measure(improvement="neither")))[-1] == "changed"


def test_a_rolling_baseline_forgets_an_old_shift():
    points = [*([7.0, 9.0] * 12), *([17.0, 19.0] * 24)]
    found = judged(points, baseline="last 24 periods")
    assert timeline(found).endswith("....")
    assert "X" in timeline(found)


def test_a_frozen_baseline_goes_on_testing_all_since_its_start():
    points = [*([7.0, 9.0] * 12), *([17.0, 19.0] * 24)]
    assert timeline(judged(points)).endswith("XXXX")


def test_a_fixed_baseline_tests_from_its_first_period():
    points = [*[30.0] * 12, *SEE_SAW]
    found = judged(points, baseline={"from": "2021-01", "to": "2022-12"})
    assert timeline(found)[-1] == "."
    assert timeline(judged(points, baseline="all", signals=["run_length"]))[-1] != "."


def test_too_few_figures_are_learning():
    assert timeline(judged(SEE_SAW)) == "L" * 12 + "." * 12
    assert timeline(judged([5.0])) == "L"
    assert timeline(judged([5.0], baseline="all")) == "L"


def test_figures_that_are_all_equal_lie_on_the_median_and_signal_nothing():
    found = judged([0.1] * 40)
    assert not (found.high | found.low).any()
    assert found.centre[-1, 0] == 0.1


def test_a_rebase_begins_the_chart_anew():
    points = [*[DOWN] * 15, *[UP] * 40]
    rebase = Annotation.model_validate(
        {"id": "step", "effect": "rebase", "measures": "m", "from": "2021-04", "reason": "r", "agreed_by": "A"}
    )
    found = judged(points, calendar=Calendar(annotations={"step": rebase}))
    assert timeline(found)[:27] == "L" * 12 + "..." + "L" * 12
    assert timeline(found)[27:] == "." * 28, "every figure is on the new median"
    assert "X" in timeline(judged(points))


figures = st.lists(st.one_of(st.none(), st.integers(0, 6).map(float)), min_size=14, max_size=40)


def runs_by_hand(points, centre):
    """Longest run, figures off the median, crossings and chances to cross, by plain counting."""
    longest = useful = crossings = chances = 0
    before, length = 0, 0
    for point in points:
        if point is None:
            before = length = 0
        elif point != centre:
            side = 1 if point > centre else -1
            useful += 1
            chances += before != 0
            crossings += before == -side
            length = length + 1 if side == before else 1
            longest, before = max(longest, length), side
    return longest, useful, crossings, chances


@settings(max_examples=150, deadline=None)
@given(figures)
def test_runs_and_crossings_are_those_of_plain_counting(points):
    found = judged(points, baseline="all", min_baseline=2)
    centre = float(found.centre[-1, 0])
    if points[-1] is None or np.isnan(centre):
        return
    longest, useful, crossings, chances = runs_by_hand(points, centre)
    expected = set()
    if longest > longest_run_allowed(np.array([useful]))[0]:
        expected.add("run_length")
    if crossings < fewest_crossings_allowed(np.array([chances]))[0]:
        expected.add("crossings")
    assert set(found.signals(found.periods - 1, 0)) == expected


@settings(max_examples=60, deadline=None)
@given(
    figures,
    st.lists(st.integers(0, 6).map(float), max_size=5),
    st.sampled_from(["last 14 periods", "first 14 periods"]),
)
def test_later_figures_never_change_an_earlier_verdict(points, later, baseline):
    short, long = judged(points, baseline=baseline), judged([*points, *later], baseline=baseline)
    assert states(short) == states(long)[: len(points)]
    np.testing.assert_array_equal(short.centre, long.centre[: len(points)])


def test_four_years_of_hours_are_counted_to_their_end():
    """More than 32,767 figures: counts do not begin anew below zero, and limits are there in a moment."""
    walk = _Walk(1)
    walk.go_on(np.tile(np.array([[1], [-1]], dtype=np.int8), (17_000, 1)))
    high, low = walk.signals(("run_length", "crossings"))
    assert (high[0], low[0]) == (0, 0)
    assert fewest_crossings_allowed(np.array([33_999]))[0] == 16_848


@pytest.mark.parametrize(
    "baseline", ["first 24 periods", "all", "last 12 periods", {"from": "2020-06", "to": "2021-06"}]
)
def test_the_runs_test_of_a_row_alone_is_that_of_the_row_among_all(baseline):
    rng = np.random.default_rng(7)
    figures = rng.normal(10, 1, (70, 5))
    figures[rng.random((70, 5)) < 0.1] = np.nan
    figures[40:, :2] += 1.5
    one, series = rule(spc={"chart": "run", "baseline": baseline}), block(*figures.T)
    rebase = {
        "effect": "rebase",
        "from": "2023-01",
        "measures": ["m"],
        "where": {"place": ["A"]},
        "reason": "R",
        "agreed_by": "B",
    }
    calendar = Calendar(annotations={"new": Annotation.model_validate({"id": "new", **rebase})})
    known = known_of(measure(), series, calendar)
    look = Look(measure=measure(), block=series, known=known, rows=np.arange(70))
    every = judge_run(one.spc, look)
    for row in range(70):
        alone = judge_run(one.spc, replace(look, rows=np.array([row])))
        assert (every.high[row].tolist(), every.low[row].tolist()) == (alone.high[0].tolist(), alone.low[0].tolist())
