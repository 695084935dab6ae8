"""Figures as they are judged: pooled, apart, by logarithm, no surer than their survey, and towards a band."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.baseline_rows import baseline_rows
from alertd.core.calendar import Annotation, Calendar, Effect, Suppression
from alertd.core.charting import line_at
from alertd.core.detect.base import Known
from alertd.core.detect.shaping import pooled
from alertd.core.known import known_of
from alertd.core.measures import Reference
from alertd.core.periods import parse_period
from alertd.core.series import Events, SeriesBlock
from tests.core.make import LONDON, block, measure, rule, states, timeline, verdicts

NAN = float("nan")
POOL = {"until_denominator": "30", "at_most": "4 periods"}


def shares(cases: Sequence[float], sample: Sequence[float], first: str = "2020-01") -> SeriesBlock:
    made = block([0.0] * len(cases), first=first)
    numerator, denominator = (np.array(column, dtype=float)[:, None] for column in (cases, sample))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = numerator / denominator
    return replace(made, value=value, numerator=numerator, denominator=denominator, present=~np.isnan(numerator))


def pooling(series: SeriesBlock, calendar: Calendar | None = None, **more: Any) -> SeriesBlock:
    of = measure(numerator="a", denominator="b", pool=POOL, **more)
    return pooled(of, series, known_of(of, series, calendar or Calendar()))


def test_samples_are_pooled_newest_first_until_they_are_large_enough() -> None:
    found = pooling(shares([1, 2, 3, 4, 5, 40], [10, 10, 10, 10, 10, 50]))
    np.testing.assert_array_equal(found.denominator[:, 0], [10, 20, 30, 30, 30, 50])  # type: ignore[index]
    np.testing.assert_array_equal(found.numerator[:, 0], [NAN, NAN, 6, 9, 12, 40])  # type: ignore[index]
    np.testing.assert_allclose(found.value[:, 0], [NAN, NAN, 0.2, 0.3, 0.4, 0.8])


def test_a_sample_that_stays_too_small_has_no_figure() -> None:
    found = pooling(shares([1] * 6, [7] * 6))
    np.testing.assert_array_equal(found.denominator[:, 0], [7, 14, 21, 28, 28, 28])  # type: ignore[index]
    assert np.isnan(found.value).all()
    exactly = pooling(shares([1] * 4, [7, 7, 7, 9]))
    np.testing.assert_allclose(exactly.value[3], [4 / 30])


def test_a_missing_period_stays_missing_and_adds_nothing_to_others() -> None:
    found = pooling(shares([3, NAN, 3, 3, 0], [15, NAN, 15, 15, 0]))
    np.testing.assert_allclose(found.value[:, 0], [NAN, NAN, 0.2, 0.2, 0.2])


def test_no_sample_is_taken_from_beyond_a_rebase_or_from_an_excluded_period() -> None:
    rebase = Annotation(
        id="a", effect=Effect.REBASE, measures=("m",), from_=parse_period("2020-03"), reason="x", agreed_by="y"
    )
    exclude = Suppression(
        id="s", measures=("m",), from_=parse_period("2020-02"), to=parse_period("2020-02"), effect="exclude", reason="x"
    )
    series = shares([3] * 4, [15] * 4)
    rebased = pooling(series, Calendar(annotations={"a": rebase}))
    np.testing.assert_allclose(rebased.value[:, 0], [NAN, 0.2, NAN, 0.2])
    excluded = pooling(series, Calendar(suppressions={"s": exclude}))
    np.testing.assert_array_equal(excluded.denominator[:, 0], [15, 30, 30, 30])  # type: ignore[index]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=12))
def test_pooling_is_what_adding_up_by_hand_gives(samples: list[tuple[int, int]]) -> None:
    series = shares([min(pair) for pair in samples], [max(pair) for pair in samples])
    found = pooling(series)
    for row in range(len(samples)):
        cases = total = 0
        for back in range(min(4, row + 1)):
            if total < 30:
                cases, total = cases + min(samples[row - back]), total + max(samples[row - back])
        assert found.denominator[row, 0] == total  # type: ignore[index]
        np.testing.assert_allclose(found.value[row, 0], cases / total if total >= 30 else NAN)


def test_a_pooled_figure_is_judged_and_shown_with_its_whole_sample() -> None:
    of = measure(numerator="a", denominator="b", pool=POOL)
    found = verdicts(rule(threshold={"above": 0.3}), shares([1, 2, 3, 8], [10] * 4), of=of)
    assert timeline(found) == "??.X"
    assert found.denominator is not None
    assert (found.value[3, 0], found.denominator[3, 0]) == (13 / 30, 30)


def test_a_sample_that_stays_too_small_is_judged_by_no_chart_and_is_part_of_no_baseline() -> None:
    of = measure(numerator="a", denominator="b", pool=POOL)
    series = shares([9] * 30 + [0] * 4, [10] * 30 + [7] * 4)
    found = verdicts(rule(spc={"chart": "p", "rules": "three-sigma"}), series, of=of)
    assert found.signals(32, 0) == ("astronomical",)
    assert found.signals(33, 0) == ()  # 28 cases of the 30 that are asked for
    assert timeline(verdicts(rule(spc={"chart": "p"}), shares([1] * 40, [7] * 40), of=of)) == "?" * 40


def test_run_rules_are_off_where_neighbouring_figures_share_data() -> None:
    rng = np.random.default_rng(4)
    sample = np.full(40, 100.0)
    cases = rng.binomial(100, 0.3, 40).astype(float)
    cases[-8:] = 34
    series = shares(list(cases), list(sample))
    one = rule(spc={"rules": "mdc", "chart": "p"})
    plain = verdicts(one, series, of=measure(numerator="a", denominator="b"))
    assert "shift" in plain.signals(39, 0)
    joined = verdicts(one, series, of=measure(numerator="a", denominator="b", pool=POOL))
    assert all(set(joined.signals(row, 0)) <= {"astronomical"} for row in range(joined.periods))


YEARS = {"length": "12 months", "judge_every": "12 months"}


def quarters(values: Sequence[float | None], first: str = "2010-Q1") -> SeriesBlock:
    return block(values, first=first)


def test_only_the_last_of_each_year_is_judged_unless_another_is_named() -> None:
    series = quarters([1] * 10, first="2018-Q1")
    of = measure(grain="quarter", window=YEARS)
    one = rule(threshold={"above": 0})
    assert timeline(verdicts(one, series, of=of)) == "uuuXuuuXuu"
    newest = verdicts(one, series, of=of, every_period=False)
    assert str(newest.period(0)) == "2019-Q4"
    march = measure(grain="quarter", window={**YEARS, "judged": "2022-Q1"})
    assert timeline(verdicts(one, series, of=march)) == "XuuuXuuuXu"
    assert str(verdicts(one, series, of=march, every_period=False).period(0)) == "2020-Q1"


def test_figures_are_compared_with_those_that_share_no_data_with_them() -> None:
    """Quarters between belong to other years, so that however wild they are they change no limit."""
    steady = [10.0, 10.5, 9.5, 10.2, 9.8, 10.1, 9.9, 10.4, 9.6, 10.0, 10.3, 9.7, 10.0, 20.0]
    wild = [value for year in steady for value in (999.0, -999.0, 0.0, year)]
    found = verdicts(rule(spc="mdc"), quarters(wild), of=measure(grain="quarter", window=YEARS))
    alone = verdicts(rule(spc="mdc"), block(steady, first="2010"), of=measure(grain="year"))
    judged = range(3, len(wild), 4)
    np.testing.assert_array_equal(found.upper[list(judged), 0], alone.upper[:, 0])
    assert [states(found)[row] for row in judged] == states(alone)
    assert states(alone)[-1] == "exception"
    assert {state for row, state in enumerate(states(found)) if row % 4 != 3} == {"unsettled"}


def test_figures_judged_more_often_than_they_renew_have_limits_from_their_own_kind() -> None:
    rng = np.random.default_rng(1)
    figures = list(rng.normal(50, 2, 80))
    of = measure(grain="quarter", window={"length": "12 months", "judge_every": "3 months"})
    found = verdicts(rule(spc="mdc"), quarters(figures), of=of)
    for start in range(4):
        alone = verdicts(rule(spc="three-sigma"), block(figures[start::4], first="2010"), of=measure(grain="year"))
        np.testing.assert_array_equal(found.upper[start::4, 0], alone.upper[:, 0])
    assert "unsettled" not in states(found)


def test_for_counts_judged_figures_and_an_exception_lasts_over_those_between() -> None:
    of = measure(grain="quarter", window=YEARS)
    series = quarters([5] * 12, first="2018-Q1")
    found = verdicts(rule(threshold={"above": 3}, **{"for": "2 periods"}), series, of=of)
    assert timeline(found) == "uuupuuuXuuuX"


def test_a_rebase_between_judged_figures_hides_those_before_it() -> None:
    annotation = Annotation(
        id="a", effect=Effect.REBASE, measures=("m",), from_=parse_period("2022-Q2"), reason="x", agreed_by="y"
    )
    of = measure(grain="quarter", window=YEARS)
    rng = np.random.default_rng(2)
    series = quarters(list(rng.normal(50, 2, 60)))
    found = verdicts(rule(spc="mdc"), series, Calendar(annotations={"a": annotation}), of=of)
    row = parse_period("2022-Q4").slot - series.first
    assert states(found)[row] == "learning"
    assert states(found)[row - 4] != "learning"


def test_ratios_are_judged_on_the_log_scale_and_shown_as_ratios() -> None:
    ratios = np.array([1.0, 1.1, 0.9, 1.05, 0.95, 1.08, 0.93, 1.02, 0.98, 1.06, 0.94, 1.0, 1.03, 0.97, 2.0, 0.5])
    series = replace(block(list(ratios)), log_value=np.log(ratios)[:, None])
    of = measure(ratio={"of": ["a", "b"], "to": ["c", "d"]}, improvement={"towards": [0.95, 1.05]})
    spc = {"rules": "three-sigma", "baseline": "first 12 periods"}
    found = verdicts(rule(spc=spc), series, of=of)
    logs = verdicts(rule(spc=spc), block(list(np.log(ratios))))
    np.testing.assert_allclose(found.upper[12:], np.exp(logs.upper[12:]))
    np.testing.assert_allclose(found.lower[12:], np.exp(logs.lower[12:]))
    np.testing.assert_array_equal(found.value, series.value)
    assert states(found)[-2:] == ["exception", "exception"]  # twice and half are as far
    np.testing.assert_allclose(found.excess[-2], found.excess[-1], rtol=0.2)
    assert timeline(verdicts(rule(threshold={"above": 1.5}), series, of=of)) == "." * 14 + "X."


@pytest.mark.parametrize(
    ("condition", "values", "errors", "expected"),
    [
        ({"above": 10}, [12, 12, 11.95, NAN], [1.0, 1.1, 1.0, 1.0], "X..?"),
        ({"at_or_below": 10}, [8.0, 8.1], [1.0, 1.0], "X."),
        ({"outside": ["5", "10"]}, [12, 3, 11, 4], [1.0, 1.0, 1.0, 1.0], "XX.."),
        ({"at_or_above": 5, "below": 10}, [7.5, 9.0], [1.0, 1.0], "X."),
        ({"above": 10}, [99, 99], [NAN, 0.0], ".X"),
    ],
)
def test_a_survey_fires_only_where_its_whole_interval_lies_beyond(
    condition: dict[str, Any], values: list[float], errors: list[float], expected: str
) -> None:
    series = replace(block(values), standard_error=np.array(errors)[:, None])
    of = measure(value="v", standard_error="s", improvement="neither")
    found = verdicts(rule(threshold=condition), series, of=of)
    assert timeline(found).replace("c", "X") == expected


def test_a_chart_takes_no_figure_to_be_surer_than_its_survey() -> None:
    steady = [50 + 0.1 * (row % 2) for row in range(30)] + [53.0]
    of = measure(value="v", standard_error="s")
    sure = verdicts(rule(spc="three-sigma"), block(steady), of=measure())
    assert states(sure)[-1] == "exception"
    series = replace(block(steady), standard_error=np.full((31, 1), 1.5))
    unsure = verdicts(rule(spc="three-sigma"), series, of=of)
    assert states(unsure)[-1] == "quiet"
    np.testing.assert_allclose(unsure.upper[-1] - unsure.centre[-1], 4.5)
    series.standard_error[-1] = 5.0  # type: ignore[index]
    np.testing.assert_allclose(verdicts(rule(spc="three-sigma"), series, of=of).upper[-1] - unsure.centre[-1], 15)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 1.2, 1.4], "..X"),  # above the band, and beyond
        ([1.0, 0.8, 0.6], "..X"),  # below it
        ([1.0, 1.06, 0.94], "..."),
    ],
)
def test_away_from_a_band_is_a_concern_on_either_side(values: list[float], expected: str) -> None:
    of = measure(value="v", improvement={"towards": [0.95, 1.05]})
    assert timeline(verdicts(rule(threshold={"outside": ["0.7", "1.3"]}), block(values), of=of)) == expected


def test_a_signal_towards_or_inside_a_band_is_an_improvement() -> None:
    of = measure(value="v", improvement={"towards": [0.95, 1.05]})
    figures = [2.0 + 0.02 * (row % 3) for row in range(24)] + [1.5, 1.0, 0.9]
    spc = {"rules": "three-sigma", "baseline": "first 24 periods"}
    assert states(verdicts(rule(spc=spc), block(figures), of=of))[-3:] == ["improvement", "improvement", "exception"]


def test_events_follow_the_columns_that_are_taken() -> None:
    series = replace(
        block([1, 1], [1, 0], [0, 2]),
        events=Events(at=np.array([3.0, 40.0, 5.0, 41.0, 42.0]), column=np.array([0, 0, 1, 2, 2])),
    )
    taken = series.take([2, 0]).events
    assert taken is not None
    assert (taken.at.tolist(), taken.column.tolist()) == ([41.0, 42.0, 3.0, 40.0], [0, 0, 1, 1])
    nothing = series.take([]).events
    assert nothing is not None
    assert len(nothing.at) == len(nothing.column) == 0


def test_what_is_known_is_not_changed_by_judging_apart() -> None:
    series = quarters([1] * 8)
    of = measure(grain="quarter", window=YEARS)
    known = known_of(of, series, Calendar())
    before = Known(*(part.copy() if isinstance(part, np.ndarray) else part for part in known))
    verdicts(rule(threshold={"above": 0}), series, of=of)
    for one, other in zip(known, before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_dates_of_a_baseline_are_those_of_the_figures_that_limits_come_from() -> None:
    of = measure(grain="quarter", window=YEARS)
    series = quarters([float(value % 7) for value in range(60)])
    judged = parse_period("2022-Q4")
    rows = baseline_rows(rule(spc="mdc"), of, series, Calendar(), judged)
    assert (str(series.period(rows.start)), str(series.period(rows.stop - 1))) == ("2012-Q4", "2021-Q4")
    alone = baseline_rows(
        rule(spc="mdc"), measure(), block([1.0] * 60, first="2018-01"), Calendar(), parse_period("2022-12")
    )
    assert (alone.start, alone.stop) == (33, 57)


def test_a_moving_reference_stands_where_its_column_says_or_said_last() -> None:
    series = replace(block([1, 2, 3]), reference=np.array([[4.0], [NAN], [5.0]]))
    assert [line_at(series, row) for row in range(3)] == [4, 4, 5]
    assert line_at(block([1]), 0) is None
    of = measure(value="v", reference={"column": "goal", "label": "the plan"})
    assert of.reference is not None
    assert of.reference.at(4.0) == Reference(value=4, label="the plan")
    assert of.reference.at(None) is None


def test_a_feed_in_which_no_row_means_none_is_late_only_where_it_is_not_complete() -> None:
    """R11: a quarter without a homicide is no late figure."""
    series = block([1, 0, 0], [0, 0, 1])
    series.present[:] = [[True, False], [False, False], [False, True]]
    now = datetime(2020, 4, 20, tzinfo=LONDON)
    late = rule(freshness={"late_after": "5 days", "missing": "any"})
    sparse = verdicts(late, series, of=measure(count="n", absent="zero"), now=now)
    assert [timeline(sparse, column) for column in (0, 1)] == ["...", "..."]
    counted = verdicts(late, series, of=measure(count="n"), now=now)
    assert [timeline(counted, column) for column in (0, 1)] == [".XX", "XX."]
    after = verdicts(late, series, of=measure(count="n", absent="zero"), now=datetime(2020, 5, 20, tzinfo=LONDON))
    assert timeline(after) == "...X"


def test_a_gap_between_rare_events_is_still_a_gap_where_figures_are_judged_apart() -> None:
    yearly = measure(count="n", grain="quarter", window={"length": "12 months", "judge_every": "12 months"})
    series = block([1, 0, 2, 1] * 6, first="2010-Q1")
    found = verdicts(rule(spc={"chart": "t"}), series, of=yearly)
    assert found.gap is not None
    np.testing.assert_array_equal(found.gap[:, 0], [False, False, False, True] * 6)
