"""Which chart judges a measure where none is written, and when counts are rare."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.calendar import Annotation, Calendar
from alertd.core.control_charts import chart_used, choice_words, default_chart, misfit, rare_chart
from alertd.core.detect.base import Look
from alertd.core.detect.choice import rare_counts
from alertd.core.known import known_of
from tests.core.make import block, measure, rule, states, verdicts
from tests.core.ratios import ratios

COUNT = measure(count="n")
SHARE = measure(numerator="late", denominator="all")
EXPOSURE = {"column": "days", "kind": "exposure"}
RATE = measure(count="n", denominator=EXPOSURE)
EVENT = measure(event={"date": "on"}, period="on")


@pytest.mark.parametrize(
    ("of", "chart", "why"),
    [
        (SHARE, "pp", "a part of a whole"),
        (measure(numerator="n", denominator=EXPOSURE), "up", "a numerator over an exposure"),
        (RATE, "up", "a count over an exposure"),
        (measure(count="n", denominator="days"), "up", "a count over any denominator is a rate"),
        (COUNT, "up", "a plain count has an exposure of one"),
        (measure(), "xmr", "a value varies about a level"),
        (measure(value="v", standard_error="se"), "xmr", "a survey's figure has its own error"),
        (measure(grade="g", scale=["Poor", "Fair", "Good"]), "xmr", "a grade"),
        (measure(ratio={"of": ["a", "b"], "to": ["c", "d"]}), "xmr", "a ratio of two rates"),
        (measure(aggregate="rows", quantile={"of": "minutes", "at": [0.5]}), "xmr", "a quantile"),
        (EVENT, "t", "single events"),
    ],
)
def test_the_chart_fits_what_is_measured(of, chart, why):
    assert default_chart(of) == chart, why
    assert misfit(chart, of) is None


def test_rare_counts_take_the_time_between_events_and_rare_rates_the_cases():
    assert rare_chart(COUNT) == "t"
    assert rare_chart(RATE) == "g"


def test_the_choice_is_said_in_words():
    words = choice_words(rule(spc="mdc").spc, SHARE)
    assert (
        words == "p' chart (Laney), for a share, or g chart (cases between events) where fewer than one case is usual"
    )
    assert "where fewer than one is usual" in choice_words(rule(spc="mdc").spc, COUNT)
    assert choice_words(rule(spc={"chart": "c"}).spc, COUNT) == "c chart", "what is written needs no reason"


@pytest.mark.parametrize(
    ("of", "pairs", "chart"), [(SHARE, True, "pp"), (RATE, True, "up"), (COUNT, False, "up"), (measure(), False, "xmr")]
)
def test_the_default_judges_as_the_chart_that_it_names(of, pairs, chart):
    random = np.random.default_rng(1)
    counts = random.poisson(40, 40).tolist()
    series = ratios(of, [(count, 400) for count in counts]) if pairs else block(counts)
    plain, named = verdicts(rule(spc="mdc"), series, of=of), verdicts(rule(spc={"chart": chart}), series, of=of)
    assert states(plain) == states(named)
    for name in ("centre", "lower", "upper"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(named, name))


def test_shares_that_come_without_their_denominators_are_judged_as_values():
    found = verdicts(rule(spc="mdc"), block([0.1, 0.2] * 20), of=SHARE)
    named = verdicts(rule(spc={"chart": "xmr"}), block([0.1, 0.2] * 20), of=SHARE)
    np.testing.assert_array_equal(found.upper, named.upper)


def looked_at(*series, calendar=None, of=COUNT):
    made = block(*series)
    return Look(measure=of, block=made, known=known_of(of, made, calendar or Calendar()), rows=np.arange(made.periods))


def rare(*series, calendar=None, **detector):
    return rare_counts(rule(spc={"rules": "mdc", **detector}).spc, looked_at(*series, calendar=calendar))


def test_the_first_twelve_figures_decide_once():
    found = rare([0] * 11 + [11] + [50] * 20, [0] * 11 + [12] + [0] * 20)
    assert found[:11].any() == np.False_, "until there are twelve, nothing is decided"
    assert found[11:, 0].all(), "eleven in twelve periods are fewer than one a period"
    assert not found[:, 1].any(), "a mean of exactly one is not rare"


def test_missing_periods_do_not_count_towards_the_twelve():
    found = rare([None, 0, None, 1] * 6 + [9])
    assert found[:, 0].tolist() == [False] * 23 + [True] * 2


def test_as_many_figures_decide_as_a_baseline_needs():
    assert rare([0, 0, 0, 9, 9, 9], min_baseline=3)[:, 0].tolist() == [False, False, True, True, True, True]


def test_each_segment_decides_for_itself():
    step = Annotation.model_validate(
        {"id": "s", "effect": "rebase", "measures": "m", "from": "2022-01", "reason": "r", "agreed_by": "a"}
    )
    found = rare([0] * 24 + [5] * 24, [5] * 24 + [0] * 24, calendar=Calendar(annotations={"s": step}))
    assert found[:, 0].tolist() == [False] * 11 + [True] * 13 + [False] * 24
    assert found[:, 1].tolist() == [False] * 35 + [True] * 13


def test_limits_from_all_points_have_one_chart_throughout():
    assert rare([0] * 30, baseline="all").all()


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 3).map(float)), min_size=13, max_size=40),
    st.lists(st.one_of(st.none(), st.integers(0, 50).map(float)), max_size=6),
)
def test_a_later_figure_never_changes_the_choice(series, later):
    np.testing.assert_array_equal(rare(series), rare([*series, *later])[: len(series)])


def test_rare_and_common_series_of_one_block_are_judged_each_by_its_own_chart():
    random = np.random.default_rng(4)
    common, seldom = random.poisson(30, 60).tolist(), random.poisson(0.2, 60).tolist()
    both = verdicts(rule(spc="mdc"), block(common, seldom), of=COUNT)
    alone = verdicts(rule(spc={"chart": "up", "rules": "mdc"}), block(common), of=COUNT)
    between = verdicts(rule(spc={"chart": "t", "rules": "mdc"}), block(seldom), of=COUNT)
    assert states(both, 0) == states(alone)
    np.testing.assert_array_equal(both.upper[:, 0], alone.upper[:, 0])
    np.testing.assert_array_equal(both.value[:, 0], common)
    decided = 11
    assert states(both, 1)[decided:] == states(between)[decided:]
    np.testing.assert_array_equal(both.upper[decided:, 1], between.upper[decided:, 0])
    np.testing.assert_array_equal(both.value[decided:, 1], between.value[decided:, 0])
    assert set(states(both, 1)[:decided]) == {"learning"}
    np.testing.assert_array_equal(both.value[:decided, 1], seldom[:decided])


def test_a_series_that_stops_being_rare_at_a_rebase_changes_its_chart_there():
    step = Annotation.model_validate(
        {"id": "s", "effect": "rebase", "measures": "m", "from": "2023-01", "reason": "r", "agreed_by": "a"}
    )
    random = np.random.default_rng(6)
    series = random.poisson(0.2, 36).tolist() + random.poisson(40, 36).tolist()
    calendar = Calendar(annotations={"s": step})
    found = verdicts(rule(spc="mdc"), block(series), calendar, of=COUNT)
    common = verdicts(rule(spc={"chart": "up", "rules": "mdc"}), block(series), calendar, of=COUNT)
    assert states(found)[36:] == states(common)[36:]
    np.testing.assert_array_equal(found.value[36:, 0], series[36:])


def test_rare_counts_without_a_written_rule_set_have_limits_alone():
    seldom = [0, 0, 1, 0] * 15
    plain = verdicts(rule(spc={}), block(seldom), of=COUNT)
    named = verdicts(rule(spc={"chart": "t"}), block(seldom), of=COUNT)
    assert states(plain)[12:] == states(named)[12:]


def shares(numerator, denominator):
    """A block of one series of shares."""
    n, d = (np.array(figures, dtype=float)[:, None] for figures in (numerator, denominator))
    return replace(block([0.0] * len(n)), value=n / d, numerator=n, denominator=d)


def test_a_share_of_rare_cases_is_judged_by_the_cases_between_them():
    random = np.random.default_rng(8)
    found = verdicts(rule(spc="mdc"), shares(random.poisson(0.3, 240), np.full(240, 40)), of=SHARE)
    assert found.gap is not None
    assert found.gap[11:].all()
    assert np.count_nonzero(found.high | found.low) <= 2, "seven months below a mean of .3 are no news"


def test_a_share_of_which_hardly_any_is_missing_tells_no_runs():
    random = np.random.default_rng(9)
    found = verdicts(rule(spc="mdc"), shares(40 - random.poisson(0.3, 240), np.full(240, 40)), of=SHARE)
    assert found.gap is None or not found.gap.any()
    assert np.count_nonzero(found.high | found.low) <= 2
    drop = [40] * 60 + [33]
    fallen = verdicts(rule(spc="mdc"), shares(drop, [40] * 61), of=SHARE)
    assert fallen.signals(60, 0) == ("astronomical",), "a figure beyond its limit is told all the same"


def test_a_notice_names_the_one_chart_that_judged():
    spc = rule(spc="mdc").spc
    assert chart_used(spc, SHARE, gap=False) == "p' chart (Laney)"
    assert chart_used(spc, SHARE, gap=True) == "g chart (cases between events)"
    assert chart_used(spc, COUNT, gap=True) == "t chart (time between events)"
    assert chart_used(rule(spc={"chart": "g"}).spc, COUNT, gap=True) == "g chart (cases between events)"
