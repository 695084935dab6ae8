"""Every pattern of every rule set at its edges, through `judge`, on a chart whose lines are whole numbers.

The baseline has mean 0 and a mean moving range of 3/2.66, so that one sigma is 1 and the limits are -3 and 3.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.detect.runs import pattern_signals, runs_on_one_side
from alertd.core.rulesets import (
    RULE_SETS,
    SIGNAL_NAMES,
    default_rules,
    rule_set_named,
    signal_bit,
    signal_names,
)
from tests.core.make import block, measure, rule, states, verdicts

HALF = 1.5 / 2.66
WAVE = [HALF, -HALF] * 12
ALL_FOUR = {"mdc-2024": 7, "nhsr-plotthedots": 7, "western-electric-1956": 8, "nelson-1984": 9}


def judged(rules, points, **more):
    """The verdicts on a steady baseline and then some points, under `improvement: decrease`."""
    detector = {"chart": "xmr", "rules": rules, "baseline": "first 24 periods", **more}
    return verdicts(rule(spc=detector), block([*WAVE, None, *points]))


def at_the_end(rules, points, **more):
    """The names of the signals at the last point, and of those on the upper and on the lower side."""
    found = judged(rules, points, **more)
    high, low = (set(signal_names(int(mask[-1, 0]))) for mask in (found.high, found.low))
    assert high | low == set(found.signals(found.periods - 1, 0))
    return high | low, high, low


def turned(points):
    return [None if point is None else -point for point in points]


ONE_SIDED = [
    # rule set, points, signals at the last, why
    ("mdc-2024", [3.01], {"astronomical"}, "just beyond the limit"),
    ("mdc-2024", [3], set(), "exactly at the limit is not beyond it"),
    ("mdc-2024", [3 + 1e-13], set(), "as far beyond as rounding puts it"),
    ("mdc-2024", [0.1] * 7, {"shift"}, "seven on one side"),
    ("mdc-2024", [0.1] * 6, set(), "six are not enough"),
    ("mdc-2024", [*[0.1] * 7, 0], set(), "a point on the centre line belongs to no side"),
    ("mdc-2024", [0.1, 0.1, 0.1, 0, 0.1, 0.1, 0.1], set(), "a point on the centre line breaks the run"),
    ("mdc-2024", [*[0.1] * 3, None, *[0.1] * 4], set(), "a missing period breaks the run"),
    ("mdc-2024", [-0.6, -0.5, -0.4, -0.3, 0.2, 0.3, 0.4], {"trend"}, "seven points rising"),
    ("mdc-2024", [-0.5, -0.4, -0.3, 0.2, 0.3, 0.4], set(), "six points are five steps"),
    ("mdc-2024", [-0.6, -0.5, -0.4, -0.4, 0.2, 0.3, 0.4], set(), "a tie breaks the trend"),
    ("mdc-2024", [-0.6, -0.5, None, -0.3, -0.2, 0.2, 0.3, 0.4], set(), "a missing period breaks the trend"),
    ("mdc-2024", [2.1, 0.2, 2.1], {"two_in_three"}, "the third may lie between"),
    ("mdc-2024", [2.1, -0.2, 2.1], {"two_in_three"}, "and on the other side"),
    ("mdc-2024", [-1, 2.1, 2.1], {"two_in_three"}, "or before them"),
    ("mdc-2024", [2.1, 2.1, 1], set(), "the newest is one of the two"),
    ("mdc-2024", [2, 1, 2.1], set(), "exactly at two sigma is not beyond"),
    ("mdc-2024", [-2.1, 1, 2.1], set(), "one on each side"),
    ("mdc-2024", [2.1, None, 2.1], set(), "all three must be there"),
    ("mdc-2024", [None, 2.1, 2.1], set(), "all three must be there"),
    ("mdc-2024", [3.5, 1, 2.1], {"two_in_three"}, "a point beyond the limit is beyond two sigma too"),
    ("mdc-2024", [2.1, 1, 3.5], {"two_in_three", "astronomical"}, "and when it is the newest"),
    ("nhsr-plotthedots", [3.01], {"astronomical"}, "just beyond the limit"),
    ("nhsr-plotthedots", [0.1] * 7, {"shift"}, "seven on one side"),
    ("nhsr-plotthedots", [-0.6, -0.5, -0.4, -0.3, 0.2, 0.3, 0.4], {"trend"}, "seven points rising"),
    ("nhsr-plotthedots", [2.1, 0.2, 2.1], {"two_in_three"}, "all three on one side"),
    ("nhsr-plotthedots", [2.1, -0.2, 2.1], set(), "the third on the other side"),
    ("nhsr-plotthedots", [2.1, 0, 2.1], set(), "the third on no side"),
    ("nhsr-plotthedots", [3.5, 1, 2.1], set(), "beyond three sigma does not count"),
    ("nhsr-plotthedots", [2.1, 1, 3.5], {"astronomical"}, "nor as the newest"),
    ("nhsr-plotthedots", [2.1, 3.5, 2.1], {"two_in_three"}, "and does no harm as the third"),
    ("nhsr-plotthedots", [2.1, 1, 3], {"two_in_three"}, "exactly at the limit is within it"),
    ("nhsr-plotthedots", [2, 1, 2.1], set(), "exactly at two sigma is not beyond"),
    ("western-electric-1956", [3.01], {"astronomical"}, "beyond the limit"),
    ("western-electric-1956", [2.1, -0.2, 2.1], {"two_in_three"}, "two of three, the other anywhere"),
    ("western-electric-1956", [2.1, 2.1, 1], set(), "the newest is one of the two"),
    ("western-electric-1956", [1.1, 1.1, -2, 1.1, 1.1], {"four_in_five"}, "four of five, the other anywhere"),
    ("western-electric-1956", [-2, 1.1, 1.1, 1.1, 1.1], {"four_in_five"}, "or before them"),
    ("western-electric-1956", [1.1, 1.1, 1.1, 1.1, 0.9], set(), "the newest is one of the four"),
    ("western-electric-1956", [1.1, 1.1, 1, 1.1, 0.5, 1.1], set(), "exactly at one sigma is not beyond"),
    ("western-electric-1956", [1.1, None, 1.1, 1.1, 1.1], set(), "all five must be there"),
    ("western-electric-1956", [0.1] * 8, {"shift"}, "eight on one side"),
    ("western-electric-1956", [0.1] * 7, set(), "seven are not enough"),
    ("western-electric-1956", [-0.6, -0.5, -0.4, -0.3, 0.2, 0.3, 0.4, 0.5], set(), "a trend is none of its tests"),
    ("nelson-1984", [3.01], {"astronomical"}, "test 1"),
    ("nelson-1984", [0.1] * 9, {"shift"}, "test 2: nine on one side"),
    ("nelson-1984", [0.1] * 8, set(), "eight are not enough"),
    ("nelson-1984", [-0.6, -0.5, -0.4, 0.2, 0.3, 0.4], {"trend"}, "test 3: six points rising are five steps"),
    ("nelson-1984", [-0.5, -0.4, 0.2, 0.3, 0.4], set(), "five are not enough"),
    ("nelson-1984", [2.1, -0.2, 2.1], {"two_in_three"}, "test 5: the third anywhere"),
    ("nelson-1984", [1.1, 1.1, -2, 1.1, 1.1], {"four_in_five"}, "test 6"),
    ("three-sigma", [3.01], {"astronomical"}, "beyond the limit"),
    ("three-sigma", [2.9] * 15, set(), "and nothing else"),
]


@pytest.mark.parametrize(("rules", "points", "signals", "why"), ONE_SIDED)
def test_a_pattern_with_a_side_holds_there_and_its_mirror_image_on_the_other(rules, points, signals, why):
    assert at_the_end(rules, points) == (signals, signals, set()), why
    assert at_the_end(rules, turned(points)) == (signals, set(), signals), f"turned over: {why}"


ZIGZAG = [0.5, -0.5] * 7
NEAR = [0.3, -0.4, 0.3, 0.35, -0.2, -0.6, 0.9, 0.2, -0.9, -0.1, 0.4, 0.5, -0.3, -0.35, 0.1]
FAR = [1.2, -1.2, -1.3, 1.4, 1.3, -1.2, 1.2, -2.5]
TWO_SIDED = [
    (ZIGZAG, {"alternating"}, "test 4: fourteen points, each step against the last"),
    (ZIGZAG[1:], set(), "thirteen are not enough"),
    ([*ZIGZAG[:6], -0.6, *ZIGZAG[7:]], set(), "two steps the same way break it"),
    ([0.5, 0.5, *ZIGZAG[2:]], set(), "a tie is no step"),
    ([*ZIGZAG[:6], None, *ZIGZAG[7:]], set(), "a missing period breaks it"),
    (NEAR, {"stratified"}, "test 7: fifteen within one sigma"),
    (NEAR[1:], set(), "fourteen are not enough"),
    ([1, *NEAR[1:-1], 1], {"stratified"}, "exactly at one sigma is within"),
    ([1.01, *NEAR[1:]], set(), "one just outside breaks it"),
    ([0, *NEAR[1:]], {"stratified"}, "a point on the centre line is as near as can be"),
    ([*NEAR[:7], None, *NEAR[8:]], set(), "a missing period breaks it"),
    (FAR, {"eight_outside"}, "test 8: eight beyond one sigma, on both sides"),
    (FAR[1:], set(), "seven are not enough"),
    ([1, *FAR[1:]], set(), "exactly at one sigma is not beyond"),
    ([*FAR[:3], None, *FAR[4:]], set(), "a missing period breaks it"),
]


@pytest.mark.parametrize(("points", "signals", "why"), TWO_SIDED)
def test_patterns_of_spread_have_no_side_and_stand_on_both(points, signals, why):
    for turn in (list, turned):
        assert at_the_end("nelson-1984", turn(points)) == (signals, signals, signals), why


def test_eight_outside_needs_points_on_both_sides():
    """Nelson: in a row on both sides. All on one side they are four of five already."""
    assert at_the_end("nelson-1984", [1.2] * 8)[0] == {"four_in_five"}


@pytest.mark.parametrize("improvement", ["increase", "decrease", "neither"])
def test_a_pattern_without_a_side_is_a_concern_whichever_way_is_better(improvement):
    series = block([*WAVE, None, *ZIGZAG])
    detector = rule(spc={"chart": "xmr", "rules": "nelson-1984", "baseline": "first 24 periods"})
    found = verdicts(detector, series, of=measure(improvement=improvement))
    assert states(found)[-1] == ("changed" if improvement == "neither" else "exception")


@pytest.mark.parametrize(("rules", "length"), ALL_FOUR.items())
def test_a_run_holds_from_the_period_that_completes_it_and_never_before(rules, length):
    found = judged(rules, [0.1] * (length + 3), signals=["shift"])
    assert [bool(found.signals(25 + i, 0)) for i in range(length + 3)] == [False] * (length - 1) + [True] * 4


@pytest.mark.parametrize("name", RULE_SETS)
def test_every_signal_of_a_set_can_be_had_alone(name):
    chart = "run" if name == "anhoej-2014" else "xmr"
    for signal in RULE_SETS[name].signals:
        assert rule(spc={"chart": chart, "rules": name, "signals": [signal]}).spc.signals == (signal,)


def test_signals_that_were_not_asked_for_are_silent():
    assert at_the_end("nelson-1984", [3.5] * 9, signals=["shift"])[0] == {"shift"}
    assert at_the_end("nelson-1984", [3.5] * 9)[0] == {"astronomical", "shift", "two_in_three", "four_in_five"}


def test_one_figure_alone_signals_nothing_but_a_limit():
    line = np.zeros(1)
    high, low = pattern_signals(
        np.array([[4.0]]),
        line,
        line + 3,
        line + 3,
        rule_set_named("nelson-1984"),
        rule_set_named("nelson-1984").signals,
    )
    assert (signal_names(int(high[0])), signal_names(int(low[0]))) == (("astronomical",), ())


def test_limits_may_lie_at_different_distances_and_differ_from_point_to_point():
    mdc = rule_set_named("mdc")
    centre = np.full((3, 1), 10.0)
    up, down = np.array([[6.0], [3.0], [3.0]]), np.array([[3.0], [3.0], [9.0]])
    recent = np.array([[13.0], [12.5], [10.0]])
    assert not pattern_signals(recent[1:], centre[1:], up[1:], down[1:], mdc, mdc.signals)[0].any()
    high, _ = pattern_signals(recent[::-1], centre, up[::-1], down, mdc, mdc.signals)
    # Newest first now: 13 lies 3 above the centre, within two thirds of its own 6.
    assert high[0] == 0
    high, low = pattern_signals(recent[[2, 1, 0]], centre, np.full((3, 1), 3.0), down, mdc, mdc.signals)
    assert signal_names(int(high[0])) == ("two_in_three",)
    assert low[0] == 0


@pytest.mark.parametrize("absent", [np.nan, np.inf])
def test_a_limit_that_is_not_there_is_never_passed_and_hides_no_run(absent):
    mdc = rule_set_named("mdc")
    none, three = np.full(1, absent), np.full(1, 3.0)
    high, low = pattern_signals(np.full((7, 1), -9.0), np.zeros(1), three, none, mdc, mdc.signals)
    assert high[0] == 0
    assert signal_names(int(low[0])) == ("shift",)


@given(st.lists(st.sampled_from([-4.0, -2.5, -1.5, -0.5, 0.0, 0.5, 1.5, 2.5, 4.0, np.nan]), min_size=1, max_size=20))
def test_turning_a_series_over_turns_its_signals_over(points):
    recent = np.array(points)[:, None]
    for rule_set in RULE_SETS.values():
        lines = (np.zeros(1), np.full(1, 3.0), np.full(1, 3.0))
        high, low = pattern_signals(recent, *lines, rule_set, rule_set.signals)
        assert (low, high) == pattern_signals(-recent, *lines, rule_set, rule_set.signals)
        if np.isnan(points[-1]):
            assert not (high | low).any()


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0, np.nan]), min_size=1, max_size=24), st.integers(2, 9))
def test_points_of_long_runs_are_found_as_by_counting(points, length):
    found = runs_on_one_side(np.array(points)[:, None], np.zeros(1), np.ones(1), length)[:, 0]
    expected = [
        any(
            all(point == side for point in points[start : start + length])
            for side in (-1.0, 1.0)
            for start in range(max(0, i - length + 1), min(i, len(points) - length) + 1)
        )
        for i in range(len(points))
    ]
    assert found.tolist() == expected


def test_rule_sets_say_how_much_history_they_need():
    assert {name: rule_set.longest for name, rule_set in RULE_SETS.items()} == {
        "mdc-2024": 7,
        "nhsr-plotthedots": 7,
        "western-electric-1956": 8,
        "nelson-1984": 15,
        "three-sigma": 1,
        "anhoej-2014": 1,
    }


def test_names_bits_and_defaults():
    assert len({signal_bit(name) for name in SIGNAL_NAMES}) == len(SIGNAL_NAMES) <= 32
    assert all(signal_names(signal_bit(name)) == (name,) for name in SIGNAL_NAMES)
    assert rule_set_named("mdc").name == "mdc-2024"
    assert {chart: default_rules(chart) for chart in ("run", "g", "t", "g_3sigma", "p", None)} == {
        "run": "anhoej-2014",
        "g": "three-sigma",
        "t": "three-sigma",
        "g_3sigma": "three-sigma",
        "p": "mdc",
        None: "mdc",
    }
    with pytest.raises(ValueError, match="`mdc-1999` is no rule set; write one of mdc, mdc-2024, nhsr-plotthedots"):
        rule_set_named("mdc-1999")
