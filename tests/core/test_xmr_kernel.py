"""The quick ways of the XmR kernel give what the plain ways give: to the last bit where sums are made, and for every signal."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.detect import means as the_means
from alertd.core.detect import xmr
from alertd.core.detect.means import means
from alertd.core.detect.promising import promising
from alertd.core.detect.runs import pattern_signals, runs_on_one_side
from alertd.core.rulesets import RULE_SETS
from tests.core.make import block, measure, rule, verdicts

ARRAYS = ("state", "high", "low", "centre", "lower", "upper", "excess")


def matrix(seed, periods=40, series=23, *, gaps=0.0, steps=None):
    """Figures about 100 (periods x series), with a new level in every third series from the middle on."""
    random = np.random.default_rng(seed)
    figures = random.normal(100, 10, (periods, series))
    figures[periods // 2 :, ::3] += 45
    if steps is not None:
        figures = np.round(figures / steps) * steps
    figures[random.random(figures.shape) < gaps] = np.nan
    return figures


def plain_means(column, *, screen=False):
    """The mean and the mean moving range of one series, with Python's own arithmetic."""
    points = [float(v) for v in column]
    there = [v for v in points if v == v]
    ranges = [abs(b - a) for a, b in pairwise(points) if a == a and b == b]
    if screen and ranges and sum(ranges) > 0:
        most = 3.267 * (sum(ranges) / len(ranges))
        ranges = [v for v in ranges if v < most]
    centre = sum(there) / len(there) if there else np.nan
    return centre, sum(ranges) / len(ranges) if ranges else np.nan, len(there)


@pytest.mark.parametrize("screen", [False, True])
@pytest.mark.parametrize("gaps", [0.0, 0.01, 0.1, 0.6, 1.0])
def test_means_are_those_of_plain_arithmetic_with_and_without_gaps(gaps, screen):
    figures = matrix(1, periods=24, gaps=gaps)
    with np.errstate(all="ignore"):
        found = means(figures, screen=screen)
    expected = np.array([plain_means(column, screen=screen) for column in figures.T])
    np.testing.assert_allclose(found.centre, expected[:, 0], rtol=1e-13)
    np.testing.assert_allclose(found.moving_range, expected[:, 1], rtol=1e-13)
    np.testing.assert_array_equal(found.points, expected[:, 2])


@pytest.mark.parametrize("periods", [0, 1, 2])
def test_means_of_next_to_nothing_are_nothing(periods):
    with np.errstate(all="ignore"):
        found = means(np.full((periods, 3), 5.0))
    assert np.isnan(found.moving_range).all() or periods == 2
    assert found.points.tolist() == [periods] * 3
    np.testing.assert_array_equal(found.centre, np.full(3, 5.0 if periods else np.nan))


def test_extremes_pass_over_gaps():
    with np.errstate(all="ignore"):
        found = means(np.array([[np.nan, 3.0], [2.0, 1.0], [np.nan, 5.0]]))
    assert found.lowest.tolist() == [2, 1]
    assert found.highest.tolist() == [2, 5]


@pytest.mark.parametrize("gaps", [0.0, 0.005, 0.1])
def test_a_series_has_the_same_means_to_the_last_bit_whoever_stands_beside_it(gaps, monkeypatch):
    figures = matrix(2, gaps=gaps, series=101)
    with np.errstate(all="ignore"):
        together = means(figures)
        for size in (1, 7, 64):
            monkeypatch.setattr(the_means, "_IN_CACHE", size)
            for whole, parts in zip(together, means(figures), strict=True):
                np.testing.assert_array_equal(whole, parts)


@pytest.mark.parametrize("gaps", [0.0, 0.1])
@pytest.mark.parametrize("detector", ["mdc", {"screen": True}, {"baseline": "first 24 periods"}, {"baseline": "all"}])
def test_the_size_of_the_blocks_changes_no_verdict(detector, gaps, monkeypatch):
    series = block(*matrix(3, gaps=gaps).T)
    together = verdicts(rule(spc=detector), series)
    assert together.high.any(), "there must be something to get wrong"
    for size in (1, 2, 7):
        monkeypatch.setattr(xmr, "SERIES_AT_ONCE", size)
        apart = verdicts(rule(spc=detector), series)
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(apart, name), getattr(together, name), err_msg=name)


@pytest.mark.parametrize("name", [name for name, one in RULE_SETS.items() if "crossings" not in one.signals])
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), gaps=st.sampled_from([0.0, 0.1]), steps=st.sampled_from([None, 5.0]))
def test_the_quick_look_passes_over_no_series_with_a_signal(name, seed, gaps, steps):
    rule_set = RULE_SETS[name]
    recent = matrix(seed, periods=rule_set.longest, series=400, gaps=gaps, steps=steps)
    recent[:, ::4] = np.sort(recent[:, ::4], axis=0)
    centre, reach = np.full(400, 100.0), np.full(400, 20.0)
    high, low = pattern_signals(recent, centre, reach, reach, rule_set, rule_set.signals)
    may = promising(recent, centre, reach, rule_set, rule_set.signals)
    assert set(np.flatnonzero(high | low)) <= set(may.tolist())
    assert high.any()


def test_the_quick_look_spares_most_series():
    rule_set = RULE_SETS["mdc-2024"]
    recent = np.random.default_rng(4).normal(100, 10, (7, 1000))
    may = promising(recent, np.full(1000, 100.0), np.full(1000, 30.0), rule_set, rule_set.signals)
    assert 20 < len(may) < 150


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("+-0?"), min_size=1, max_size=30), st.integers(2, 9))
def test_runs_are_those_that_one_would_count_by_hand(marks, length):
    figures = np.array([{"+": 1.0, "-": -1.0, "0": 0.0, "?": np.nan}[mark] for mark in marks])[:, None]
    found = runs_on_one_side(figures, np.zeros(1), np.ones(1), length)[:, 0]
    expected, start = [False] * len(marks), 0
    for here in range(1, len(marks) + 1):
        if here == len(marks) or marks[here] != marks[start]:
            if marks[start] in "+-" and here - start >= length:
                expected[start:here] = [True] * (here - start)
            start = here
    assert found.tolist() == expected


def test_a_flat_series_keeps_its_limits_under_screening():
    found = verdicts(rule(spc={"chart": "xmr", "screen": True}), block([5.0] * 24 + [5.0, 9.0]), of=measure(count="n"))
    assert found.upper[-1, 0] == pytest.approx(5 + 2.66)
