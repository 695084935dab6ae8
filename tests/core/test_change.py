"""Two-point comparisons: what a figure is compared with, when a change is told, and when nothing can be said (R1)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.calendar import Annotation, Calendar, Suppression
from alertd.core.rules import Rule
from alertd.core.verdicts import Verdicts
from tests.core.make import block, measure, rule, timeline, verdicts


def change_of(**parameters: object) -> Rule:
    return rule(change={"versus": "previous period", **parameters}, accept_noise="agreed with the board")


def judged(*figures: float | None, first: str = "2020-01", calendar=None, of=None, **parameters: object) -> Verdicts:
    """The verdicts over one series of a measure where lower is better, unless another is given."""
    return verdicts(change_of(**parameters), block(figures, first=first), calendar, of)


@pytest.mark.parametrize(
    ("figures", "parameters", "expected"),
    [
        # The first has nothing before it; a rise of just the amount is told, one below it is not.
        ((100, 120), {"worse_by": "20 percent"}, "LX"),
        ((100, 119.9), {"worse_by": "20 percent"}, "L."),
        ((100, 121), {"worse_by": "20 percent"}, "LX"),
        ((100, 140), {"worse_by": "40 hours"}, "LX"),
        ((100, 139), {"worse_by": "40 hours"}, "L."),
        ((100, 140), {"worse_by": "40"}, "LX"),
        # Sums of decimals that are just the amount, whatever rounding makes of them.
        ((1.0, 1.1), {"worse_by": "0.1"}, "LX"),
        ((0.3, 0.33), {"worse_by": "10 percent"}, "LX"),
        ((4.35, 4.35 * 1.2), {"worse_by": "20 percent"}, "LX"),
        # Both conditions must hold.
        ((10, 20), {"worse_by": "20 percent", "and_at_least": "40 hours"}, "L."),
        ((1000, 1050), {"worse_by": "20 percent", "and_at_least": "40 hours"}, "L."),
        ((200, 240), {"worse_by": "20 percent", "and_at_least": "40 hours"}, "LX"),
        ((199, 239), {"worse_by": "20 percent", "and_at_least": "40 hours"}, "LX"),
        ((199, 238.9), {"worse_by": "20 percent", "and_at_least": "40 hours"}, "L."),
        ((100, 140), {"and_at_least": "40 hours"}, "LX"),
        # A fall of as much is an improvement, and each point is compared with the one before.
        ((100, 80), {"worse_by": "20 percent"}, "Li"),
        ((100, 81), {"worse_by": "20 percent"}, "L."),
        ((100, 130, 130, 130), {"worse_by": "20 percent"}, "LX.."),
        ((100, 130, 100), {"worse_by": "20 percent"}, "LXi"),
        # Equal figures never changed.
        ((5, 5, 5), {"worse_by": "20 percent"}, "L.."),
        ((0, 0, 0), {"worse_by": "20 percent"}, "L.."),
        # A percentage of zero is nothing: any change from zero meets it, and only the amount holds it back.
        ((0, 1), {"worse_by": "20 percent"}, "LX"),
        ((0, 1), {"worse_by": "20 percent", "and_at_least": "5"}, "L."),
        ((0, 5), {"worse_by": "20 percent", "and_at_least": "5"}, "LX"),
        ((5, 0), {"worse_by": "20 percent"}, "Li"),
        # Percentages are of the size of a negative figure.
        ((-100, -80), {"worse_by": "20 percent"}, "LX"),
        ((-100, -81), {"worse_by": "20 percent"}, "L."),
        ((-100, -120), {"worse_by": "20 percent"}, "Li"),
        ((-10, 10), {"worse_by": "200 percent"}, "LX"),
        # A missing figure is unknown, and so is what is compared with it. It is never zero.
        ((100, None, 200, 200), {"worse_by": "20 percent"}, "L??."),
        # A change stands at its own period only.
        ((None, 100, 130), {"worse_by": "20 percent"}, "?LX"),
    ],
)
def test_truth_table_of_changes_where_lower_is_better(figures, parameters, expected):
    found = judged(*figures, **parameters)
    assert timeline(found) == expected


@pytest.mark.parametrize(
    ("improvement", "rise", "fall"), [("decrease", "X", "i"), ("increase", "i", "X"), ("neither", "c", "c")]
)
def test_the_measure_says_which_way_is_worse(improvement, rise, fall):
    of = measure(improvement=improvement)
    assert timeline(judged(100, 120, of=of, worse_by="20 percent")) == "L" + rise
    assert timeline(judged(100, 80, of=of, worse_by="20 percent")) == "L" + fall


def test_the_centre_is_the_earlier_figure_and_the_limits_are_where_a_change_is_told():
    found = judged(200, 290, worse_by="20 percent", and_at_least="50")
    assert (found.centre[1, 0], found.lower[1, 0], found.upper[1, 0]) == (200, 150, 250)
    assert found.excess[1, 0] == 40
    assert np.isnan(found.centre[0, 0])
    assert judged(200, 250, worse_by="20 percent", and_at_least="50").excess[1, 0] == 0
    assert judged(200, 120, worse_by="20 percent").excess[1, 0] == 40, "in the unit, downwards too"
    assert judged(200, 205, worse_by="20 percent").excess[1, 0] == 0


@pytest.mark.parametrize(
    ("first", "periods"),
    [("2020-01", 12), ("2020-Q1", 4), ("2020-H1", 2), ("2019", 1), ("2019-W01", 52), ("2019-01-01", 364)],
)
def test_the_same_period_last_year_is_a_year_back_on_every_grain(first, periods):
    figures = [10.0] + [5.0] * (periods - 1) + [20.0, 5.0]
    of = measure(grain=block([1.0], first=first).grain.value)
    found = judged(*figures, first=first, of=of, versus="same period last year", worse_by="50 percent")
    last = periods if periods > 1 else 1
    assert found.centre[last, 0] == 10
    assert timeline(found)[last] == "X"
    assert timeline(found)[:last] == "L" * last


def test_a_day_is_compared_with_the_same_weekday_a_year_ago():
    series = block([1.0] * 366, first="2021-10-04")
    assert series.period(0).start.weekday() == series.period(364).start.weekday()


def test_an_hour_is_compared_with_the_same_hour_of_the_same_weekday():
    figures = np.full(364 * 24 + 1, 5.0)
    figures[0], figures[-1] = 10, 20
    found = verdicts(
        change_of(versus="same period last year", worse_by="50 percent"),
        block(figures.tolist(), first="2021-01-01T00"),
        of=measure(grain="hour"),
        every_period=False,
    )
    assert found.centre[0, 0] == 10
    assert timeline(found) == "X"


def test_no_comparison_spans_a_rebase():
    calendar = Calendar(
        annotations={
            "a": Annotation.model_validate(
                {"id": "a", "effect": "rebase", "measures": "m", "from": "2020-03", "reason": "r", "agreed_by": "a"}
            )
        }
    )
    assert timeline(judged(100, 100, 200, 300, calendar=calendar, worse_by="20 percent")) == "L.LX"
    found = judged(
        *([100] * 13), *([200] * 13), calendar=calendar, versus="same period last year", worse_by="20 percent"
    )
    assert timeline(found) == "L" * 14 + "X" * 11 + ".", "March 2021 is the first with a March before it"


def test_an_excluded_figure_is_not_compared_with():
    calendar = Calendar(
        suppressions={
            "s": Suppression.model_validate(
                {"id": "s", "measures": "m", "from": "2020-02", "to": "2020-02", "effect": "exclude", "reason": "r"}
            )
        }
    )
    assert timeline(judged(100, 900, 100, 100, calendar=calendar, worse_by="20 percent")) == "Lm?."


def test_the_newest_period_alone_is_judged_as_it_is_among_all():
    series = block([100, 130, None, 90], [1, 2, 3, 9], [None, None, 4, 1], [5, None, None, None])
    one = change_of(worse_by="20 percent")
    every, newest = verdicts(one, series), verdicts(one, series, every_period=False)
    for name in ("state", "high", "low", "centre", "lower", "upper", "excess"):
        np.testing.assert_array_equal(getattr(newest, name)[0], getattr(every, name)[-1])


figures = st.lists(st.one_of(st.none(), st.integers(-1000, 1000)), min_size=3, max_size=12)


@given(figures, st.integers(1, 80), st.integers(1, 500))
def test_a_change_is_told_just_where_both_conditions_hold(series, percent, amount):
    found = judged(*series, worse_by=f"{percent} percent", and_at_least=str(amount))
    told = (found.high[:, 0] != 0).astype(int) - (found.low[:, 0] != 0).astype(int)
    for row in range(1, len(series)):
        old, new = series[row - 1], series[row]
        if old is None or new is None:
            assert told[row] == 0, "an unknown figure never signals"
            continue
        step = new - old
        enough = abs(step) * 100 >= percent * abs(old) and abs(step) >= amount
        assert told[row] == (int(np.sign(step)) if enough else 0)


@given(figures, st.sampled_from([0.25, 2, 64]))
def test_scaling_a_series_scales_its_limits(series, scale):
    one = judged(*series, worse_by="20 percent")
    other = judged(*[None if figure is None else figure * scale for figure in series], worse_by="20 percent")
    np.testing.assert_allclose(one.upper * scale, other.upper, rtol=1e-12)
    np.testing.assert_array_equal(one.state, other.state)


@given(figures, st.integers(-1000, 1000))
def test_a_later_figure_changes_no_earlier_verdict(series, later):
    short, long = judged(*series, worse_by="20 percent"), judged(*series, later, worse_by="20 percent")
    np.testing.assert_array_equal(short.state, long.state[:-1])
    np.testing.assert_array_equal(short.upper, long.upper[:-1])
