"""Tests of rules that judge more than one plain figure a period: joined rules, late and overdue data, events, surveys."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.calendar import Calendar
from alertd.core.periods import parse_period
from alertd.core.rules import Rule
from alertd.core.timelines import SIGNS, TimelineError
from alertd.core.trials import Outcome, prepare, tried
from tests.core.make import measure

SCALE = ["Inadequate", "Requires improvement", "Good", "Outstanding"]
MEASURES = {
    one.id: one
    for one in (
        measure(),
        measure(id="weekly", grain="week"),
        measure(id="crimes", by=["place", "crime"]),
        measure(id="whole", by=[]),
        measure(id="share", numerator="a", denominator="b", unit="percent", improvement="increase"),
        measure(id="graded", grade="g", scale=SCALE),
        measure(id="cases", grade="g", scale=SCALE, aggregate="rows"),
        measure(id="events", event={"date": "period", "complete_to": "c"}),
        measure(id="survey", standard_error="se"),
        measure(id="interval", confidence={"lower": "lo", "upper": "hi"}),
    )
}


def _rule(name: str, on: str, **more: Any) -> Rule:
    return Rule.model_validate({"id": name, "measure": on, **more})


HIGH = {"threshold": {"above": 50}}
RULES = {
    one.id: one
    for one in (
        _rule("high", "m", **HIGH),
        _rule("twice", "m", threshold={"above": 10}, **{"for": "2 periods"}),
        _rule("weekly-high", "weekly", **HIGH),
        _rule("crime-high", "crimes", **HIGH),
        _rule("whole-high", "whole", **HIGH),
        _rule("both", "m", all_of=["high", "weekly-high"]),
        _rule("either", "m", any_of=["high", "crime-high"], within="2 periods"),
        _rule("one-measure", "m", all_of=["high", "twice"]),
        _rule("nested", "m", all_of=["either", "whole-high"]),
        _rule("late", "m", freshness={"late_after": "5 working days"}),
        _rule("missing", "m", freshness={"missing": "any"}),
        _rule("shrunk", "m", freshness={"shrunk_by": "50 percent"}),
        _rule("high-and-late", "m", any_of=["high", "late"]),
        _rule("overdue", "graded", rating={"overdue": "30 days"}),
        _rule("poor", "cases", rating={"share_above": {"grade": "Inadequate", "share": "20 percent"}}),
        _rule("dropped", "graded", rating={"dropped": "1 grade"}),
        _rule("between", "events", spc={"chart": "t"}),
        _rule("many", "events", threshold={"above": 2}),
        _rule("survey-high", "survey", **HIGH),
        _rule("interval-high", "interval", **HIGH),
        _rule("survey-trend", "survey", spc="mdc"),
        _rule("share-trend", "share", spc="mdc"),
    )
}


def outcomes(name: str, values: Any, expect: Any, *dates: str) -> tuple[Outcome, ...]:
    starts = parse_period(dates[0]) if dates else None
    as_of = date.fromisoformat(dates[1]) if len(dates) > 1 else None
    return tried(prepare(RULES[name], RULES, MEASURES, values, expect, starts, as_of), Calendar())


def got(name: str, values: Any, *dates: str) -> str:
    (found,) = outcomes(name, values, "quiet", *dates)
    return found.got


def refusal(name: str, values: Any, expect: Any = "quiet", *dates: str) -> str:
    with pytest.raises(TimelineError) as caught:
        outcomes(name, values, expect, *dates)
    return str(caught.value)


def test_a_rule_that_joins_others_has_a_timeline_for_each_measure() -> None:
    # Thirteen weeks end in October, November and December; the last five of them in December.
    assert got("both", {"m": "60 60 40", "weekly": "40*8 60*5"}) == "..."
    assert got("both", {"m": "40 60 60", "weekly": "40*8 60*5"}) == "..F"


def test_finer_series_and_windows_are_joined_as_in_a_round() -> None:
    values = {
        "m": {"Preston": "40*4", "Burnley": "40*4"},
        "crimes": {"Preston, Burglary": "40 60 40 40", "Burnley, Burglary": "40*4", "Burnley, Theft": "40*4"},
    }
    preston, burnley = outcomes("either", values, {"Preston": ".FoC", "Burnley": "quiet"})
    assert (preston.passed, burnley.passed) == (True, True)
    assert dict(burnley.figures) == {"m": ("40",) * 4, "crimes": ("40,40",) * 4}


def test_rules_on_one_measure_are_joined_over_one_timeline() -> None:
    assert got("one-measure", "60 60 20 60") == ".FCF"
    assert got("one-measure", {"m": "60 60"}) == ".F"


def test_joined_rules_are_joined_again() -> None:
    values = {"m": "60 40 40", "crimes": "40*3", "whole": "60 60 60"}
    (found,) = outcomes("nested", values, "FoC")
    assert found.passed


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("1 2", "judged from m, weekly"),
        ({"m": "1"}, "found m"),
        ({"m": "1", "weekly": "1", "n": "1"}, "found m, weekly, n"),
        ({"m": {"A": "60"}, "weekly": {"B": "60*4"}}, "judges no series"),
    ],
)
def test_joined_rules_need_the_figures_of_each_measure(values: Any, words: str) -> None:
    assert words in refusal("both", values)


def test_the_periods_of_joined_rules_are_those_of_the_coarsest_grain() -> None:
    assert "judged at 2 periods, 2024-11 to 2024-12," in refusal("both", {"m": "1 1", "weekly": "1*5"}, "...")


def test_what_does_not_come_is_late_until_it_comes() -> None:
    assert got("late", "5 5 _ 5") == "..FC"
    assert got("late", "5*3", "2024-01", "2024-05-20") == "...F"
    assert got("late", "5*3", "2024-01", "2024-05-06") == "..."  # the fourth working day of May
    assert got("high-and-late", "5*3", "2024-01", "2024-05-20") == "..F?"  # late now, at the newest figures there are


def test_a_series_is_missing_where_others_are_there() -> None:
    values = {"Preston": "5*3", "Burnley": "5 _ 5"}
    assert all(one.passed for one in outcomes("missing", values, {"Preston": "...", "Burnley": ".FC"}))


def test_a_feed_shrinks_by_the_number_of_its_series() -> None:
    values = {f"P{j}": "5*5" if j < 2 else "5*4 _" for j in range(6)}
    assert outcomes("shrunk", values, {"P0": "....F"})[0].passed


def test_a_grade_is_overdue_where_none_comes() -> None:
    assert got("overdue", "Good _ _ Good") == ".FoC"


def test_several_grades_of_a_period_are_counted() -> None:
    assert got("poor", "Good:12+Inadequate:3 Good:3+Inadequate Inadequate _ Good") == ".Fo?C"
    assert "one a period" in refusal("dropped", "Good:2")
    assert "no grade" in refusal("poor", "Good+Bad")


def test_events_are_a_number_a_period_or_days() -> None:
    assert got("many", "1 3 0") == ".FC"
    assert got("many", "2024-01-05 2024-02-01 2024-02-29*2 2024-03-31") == ".FC"
    assert got("many", "2024-02-29*3", "2024-01", "2024-04-15") == ".FC"
    assert "before the first period" in refusal("many", "2023-12-31", "quiet", "2024-01")


def test_a_long_silence_between_events_fires_before_it_ends() -> None:
    assert got("between", "1*30 0*12 1").startswith("L")
    (found,) = outcomes("between", "1*30 0*12 1", "fires")
    assert found.passed
    assert "F" in found.got[30:42]


def test_a_survey_fires_only_where_its_whole_interval_lies_beyond() -> None:
    assert got("survey-high", "52±0.5 52±2 52+-0.5") == "FCF"
    assert got("interval-high", "52±1 52±3") == "FC"  # half the interval, as its columns would say
    assert "has no margin" in refusal("survey-high", "52")


def test_what_is_judged_on_a_day_is_not_settled_later() -> None:
    assert "not complete at the end of 2024-03-30" in refusal("high", "1*3", "quiet", "2024-01", "2024-03-30")
    assert "`as_of` needs `starts`" in str(_refused_day())


def _refused_day() -> TimelineError:
    with pytest.raises(TimelineError) as caught:
        prepare(RULES["high"], RULES, MEASURES, "1", "quiet", None, date(2024, 3, 30))
    return caught.value


@pytest.mark.parametrize("day", [date.min, date.max, date(9999, 11, 30), date(4000, 1, 1)])
@pytest.mark.parametrize("name", ["high", "late", "overdue", "many", "high-and-late"])
def test_days_at_the_ends_of_the_calendar_are_refused_or_judged(name: str, day: date) -> None:
    for starts in ("0001-01", "2024-01", "9999-11"):
        with suppress(TimelineError):
            text = "Good" if name == "overdue" else "1"
            assert tried(prepare(RULES[name], RULES, MEASURES, text, "quiet", parse_period(starts), day), Calendar())


words = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "_",
            "0",
            "7",
            "55.5*3",
            "60*40",
            "30/40*13",
            "1/0",
            "Good",
            "Good:3+Inadequate",
            "Inadequate*3",
            "54±2",
            "2024-01-05",
            "2024-02-30",
            "9999-12-31",
            "1e200",
            "-3",
            "0001-01-01",
            "1*5000",
            "quiet",
            "fires",
            "F",
            ".*3",
            "?",
            "L*14",
        ]
    ),
    st.text("".join(SIGNS), min_size=1, max_size=6),
)
texts = st.lists(words, max_size=8).map(" ".join)
names = st.one_of(st.sampled_from([*MEASURES, "A", "B", "A, x", ""]), st.text(max_size=4))
values_given = st.one_of(
    texts,
    st.dictionaries(names, texts, max_size=3),
    st.dictionaries(
        st.sampled_from([*MEASURES]), st.one_of(texts, st.dictionaries(names, texts, max_size=2)), max_size=3
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from([*RULES]),
    values=values_given,
    expect=st.one_of(texts, st.just("quiet"), st.dictionaries(names, texts, max_size=2)),
    starts=st.sampled_from([None, "2024-01", "2024-W10", "0001-01", "9999-12"]),
)
def test_any_text_gives_outcomes_or_an_error_in_words(name: str, values: Any, expect: Any, starts: str | None) -> None:
    found: tuple[Outcome, ...] = ()
    with suppress(TimelineError):  # nothing else may be raised
        found = outcomes(name, values, expect, *([starts] if starts else []))
    for one in found:
        assert set(one.got) <= set(SIGNS)
        assert {len(cells) for cells in one.figures.values()} <= {len(one.got)}
