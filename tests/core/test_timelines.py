"""Timelines: what is written, what it means, and what a rule makes of it."""

import math
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.calendar import Annotation, Calendar, Suppression
from alertd.core.control_charts import misfit
from alertd.core.measures import Measure
from alertd.core.periods import parse_period
from alertd.core.rules import Rule
from alertd.core.timelines import SIGNS, Point, TimelineError, parse_expected, parse_values, signs_of, written
from alertd.core.trials import Outcome, Trial, prepare, tried
from alertd.core.verdicts import State
from tests.core.make import measure, rule

SHARE = {"numerator": "a", "denominator": "b", "unit": "percent", "improvement": "increase"}
SCALE = ["Inadequate", "Requires improvement", "Good", "Outstanding"]
GRADED = {"grade": "g", "scale": SCALE}
EVENTS = {"event": {"date": "period", "complete_to": "c"}}
LOW = {"threshold": {"below": 85}, "for": "2 periods", "clear": {"at_or_above": 87}}


def trial(
    one: Rule, of: Measure, values: Any, expect: Any, starts: str | None = None, as_of: str | None = None
) -> Trial:
    return prepare(
        one,
        {one.id: one},
        {of.id: of},
        values,
        expect,
        None if starts is None else parse_period(starts),
        None if as_of is None else date.fromisoformat(as_of),
    )


def outcomes(one: Rule, of: Measure, values: Any, expect: Any, *dates: str | None) -> tuple[Outcome, ...]:
    return tried(trial(one, of, values, expect, *dates), Calendar())


def got(one: Rule, of: Measure, values: str) -> str:
    (found,) = outcomes(one, of, values, "quiet")
    return found.got


def refusal(one: Rule, of: Measure, values: Any, expect: Any = "quiet") -> TimelineError:
    with pytest.raises(TimelineError) as caught:
        trial(one, of, values, expect)
    return caught.value


numbers = st.floats(-1e12, 1e12).map(lambda number: number + 0.0)
words = st.text("abcGé 1_*.+:", min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
points = st.one_of(
    st.just(Point()),
    st.builds(Point, number=numbers),
    st.builds(Point, number=numbers, denominator=st.floats(0.5, 1e9)),
    st.builds(Point, number=numbers, error=st.floats(0, 1e9)),
    st.builds(Point, at=st.datetimes(datetime(1900, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))),
    st.builds(Point, grades=st.lists(st.tuples(words, st.integers(1, 99)), min_size=1, max_size=3).map(tuple)),
)


@given(st.lists(points, min_size=1, max_size=30))
def test_what_is_written_is_read_again(given_points: list[Point]) -> None:
    assert parse_values(written(given_points)) == tuple(given_points)


@given(st.text("".join(SIGNS), min_size=1, max_size=60))
def test_expected_signs_are_read_again_with_and_without_repeats(signs: str) -> None:
    assert parse_expected(written(signs)) == signs
    assert parse_expected(signs) == signs


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_read_or_refused_in_words(values: str, expect: str) -> None:
    for read, text in ((parse_values, values), (parse_expected, expect)):
        with suppress(TimelineError):  # nothing else may be raised
            assert read(text)


def test_figures_repeats_shares_gaps_and_grades_are_read() -> None:
    text = '91*3 84.5 93/126 _*2 -1e3 Good Requires_improvement*2 "Requires improvement"'
    low = Point(grades=(("Requires improvement", 1),))
    assert parse_values(text) == (
        *[Point(number=91)] * 3,
        Point(number=84.5),
        Point(number=93, denominator=126),
        *[Point()] * 2,
        Point(number=-1000),
        Point(grades=(("Good", 1),)),
        *[low] * 3,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no figure"),
        ("91**3", "cannot be read"),
        ("91 *3", "cannot be read"),
        ("91*0", "at least `\\*1`"),
        ("91*5001", "more than 5,000"),
        ("91*9999999999999", "more than 5,000"),
        ("1e999", "without bound"),
        ("1/-1e300", "without bound"),
        ("91,5", "no figure"),
        ("91%", "no figure"),
        ('"Good', "cannot be read"),
    ],
)
def test_figures_that_cannot_be_read_are_refused(text: str, words: str) -> None:
    with pytest.raises(TimelineError, match=words):
        parse_values(text)


@pytest.mark.parametrize("text", ["", "x", "f", "..p*3", "quiet .", "L*0", "L*5001", "Quiet"])
def test_expectations_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(TimelineError) as caught:
        parse_expected(text)
    assert caught.value.key == "expect"


def test_what_is_open_stays_open_through_what_is_unknown_and_clears_once() -> None:
    states = (".", "p", "X", "X", "?", "X", "L", "m", "p", ".", ".")
    named = {".": "quiet", "p": "pending", "X": "exception", "?": "unknown", "L": "learning", "m": "muted"}
    assert signs_of(State(named[one]) for one in states) == ".pFo?oLmpC."


def test_a_change_of_side_fires_anew() -> None:
    assert signs_of([State.IMPROVEMENT, State.IMPROVEMENT, State.EXCEPTION, State.QUIET]) == "FoFC"


def test_the_example_of_a_rule_with_for_and_clear() -> None:
    (found,) = outcomes(rule(**LOW), measure(**SHARE), "91*3  84 88 84 83 86 88", "...   p  .  p  F  o  C")
    assert found.passed
    assert (found.fired, found.stayed_quiet) == (True, False)
    (found,) = outcomes(rule(**LOW), measure(**SHARE), "85*6", "quiet")
    assert found.passed
    assert (found.fired, found.stayed_quiet) == (False, True)


def test_the_first_difference_is_named() -> None:
    (found,) = outcomes(rule(**LOW), measure(**SHARE), "91 84 84 91", "..oC")
    assert (found.passed, found.differs, found.got) == (False, 1, ".pFC")


def test_a_share_is_judged_in_the_unit_of_its_measure() -> None:
    assert got(rule(threshold={"below": 85}), measure(**SHARE), "84/100 85/100 _ 169/200") == "FC?F"


def test_a_gap_is_unknown_and_breaks_what_must_hold() -> None:
    assert got(rule(**LOW), measure(**SHARE), "84 _ 84 84") == "p?pF"


def test_grades_are_judged_by_their_place_whatever_their_capitals() -> None:
    of = measure(grade="g", scale=SCALE)
    one = rule(rating={"at_or_below": "Requires improvement"})
    assert got(one, of, "good Requires_improvement INADEQUATE _ Outstanding") == ".Fo?C"


def test_a_grade_of_several_words_may_stand_as_it_does_in_the_scale() -> None:
    of = measure(grade="g", scale=SCALE)
    one = rule(rating={"at_or_below": "Requires improvement"})
    assert got(one, of, 'Good requires  improvement*2 _ Outstanding "Requires improvement" Good') == ".Fo?CFC"
    assert (
        got(
            one,
            measure(grade="g", scale=SCALE, aggregate="rows"),
            "Good:3+Requires improvement:1 Requires improvement:5",
        )
        == ".F"
    )


def test_a_chart_learns_and_then_finds_a_point_beyond_its_limits() -> None:
    assert got(rule(spc="mdc"), measure(), "10 12 " * 12 + "40") == "L" * 14 + "." * 10 + "F"


def test_nothing_judged_is_not_quiet() -> None:
    (found,) = outcomes(rule(spc="mdc"), measure(), "5*3", "quiet")
    assert not found.passed
    assert "judged no period" in found.fault
    (found,) = outcomes(rule(threshold={"above": 5}), measure(), "_*3", "quiet")
    assert not found.passed


def test_quiet_and_fires_are_opposite() -> None:
    one = rule(threshold={"above": 5})
    for values, fires in (("6", True), ("5", False)):
        for expect in ("fires", "quiet"):
            (found,) = outcomes(one, measure(), values, expect)
            assert found.passed == (fires == (expect == "fires"))


def test_several_series_are_judged_side_by_side() -> None:
    values = {"Preston": "6 6 4", "Burnley": "4 6 4", "Chorley": "9*3"}
    found = outcomes(rule(threshold={"above": 5}), measure(), values, {"Preston": "FoC", "Burnley": ".FC"})
    assert [(one.name, one.got, one.passed) for one in found] == [("Preston", "FoC", True), ("Burnley", ".FC", True)]


def test_peers_are_compared_with_each_other() -> None:
    values = {f"P{j:02}": "50/100*3" for j in range(12)} | {"Far": "99/100*3"}
    of = measure(**{**SHARE, "improvement": "decrease"})
    found = outcomes(
        rule(funnel={"limits": 99.8, "overdispersion": "none"}), of, values, {"Far": "fires", "P01": "quiet"}
    )
    assert [one.passed for one in found] == [True, True]


def test_several_columns_name_a_series_together() -> None:
    of = measure(by=["district", "crime"])
    (found,) = outcomes(rule(threshold={"above": 5}), of, {"Preston, Burglary": "6"}, "F")
    assert found.verdicts.keys == (("Preston", "Burglary"),)


def test_the_series_without_a_name_is_one_that_the_rule_judges() -> None:
    (found,) = outcomes(rule(threshold={"above": 5}, where={"place": ["Preston"]}), measure(), "6", "F")
    assert found.verdicts.keys == (("Preston",),)


def test_annotations_and_suppressions_count_only_where_a_test_has_dates() -> None:
    muted = Suppression.model_validate(
        {"id": "s", "measures": "m", "from": "2024-12", "to": "2024-12", "effect": "exclude", "reason": "r"}
    )
    known = Annotation.model_validate(
        {"id": "a", "measures": "m", "from": "2024-12", "effect": "known_event", "reason": "r"}
    )
    calendar = Calendar(suppressions={"s": muted}, annotations={"a": known})
    one = rule(threshold={"above": 5})
    assert tried(trial(one, measure(), "6 6", "Fo"), calendar)[0].passed
    assert tried(trial(one, measure(), "6 6", "Fm", "2024-11"), calendar)[0].passed


@pytest.mark.parametrize("grain", ["hour", "day", "week", "month", "quarter", "half_year", "year"])
def test_every_grain_is_judged_to_its_last_period_however_late_it_settles(grain: str) -> None:
    of = measure(grain=grain, settles_after="3 periods")
    assert got(rule(threshold={"above": 5}), of, "4 6 6 4") == ".FoC"


@pytest.mark.parametrize(
    ("one", "of", "values", "expect", "words"),
    [
        ({"threshold": {"above": 5}}, {}, "1/2", "quiet", "has a denominator, and measure `m` has none"),
        ({"threshold": {"above": 5}}, {}, "Good", "quiet", "has no grades"),
        ({"rating": {"failed": True}}, {"grade": "g", "scale": SCALE}, "Goood", "quiet", "is no grade"),
        ({"rating": {"failed": True}}, {"grade": "g", "scale": SCALE}, "3", "quiet", "is no grade"),
        ({"threshold": {"above": 5}}, SHARE, "3/2", "quiet", "larger than its whole"),
        ({"threshold": {"above": 5}}, SHARE, "101", "quiet", "more than the whole"),
        ({"threshold": {"above": 5}}, SHARE, "0/0", "quiet", "not above zero"),
        ({"threshold": {"above": 5}}, SHARE, "1/2 50", "quiet", "write all of them"),
        ({"spc": "mdc"}, SHARE, "50*20", "quiet", "pp chart"),
        ({"spc": {"chart": "xmr", "min_denominator": 5}}, SHARE, "50*20", "quiet", "min_denominator"),
        ({"threshold": {"above": 5}}, {"numerator": "a", "denominator": "b"}, "1e-9/1e-310", "quiet", "larger than"),
        ({"threshold": {"above": 5}}, {"count": "n", "denominator": "b"}, "9e299/1e-9", "quiet", "without bound"),
        ({"funnel": {}}, SHARE, "50*20", "quiet", "a funnel"),
        ({"threshold": {"above": 5}}, {"count": "n"}, "-1", "quiet", "below zero"),
        ({"threshold": {"above": 5}}, {"ratio": {"of": ["a", "b"], "to": ["c", "d"]}}, "0", "quiet", "log scale"),
        ({"threshold": {"above": 5}}, {}, "1 2", "...", "has 2 periods and `expect` has 3"),
        ({"threshold": {"above": 5}}, {}, {"A": "1 2", "B": "1"}, "..", "as many periods"),
        ({"threshold": {"above": 5}}, {}, {"A": "1 2"}, {"B": ".."}, "`B` has no `values`"),
        ({"threshold": {"above": 5}}, {}, {"A": "1 2"}, {}, "nothing is expected"),
        ({"threshold": {"above": 5}}, {}, {}, "quiet", "names no series"),
        ({"threshold": {"above": 5}}, {}, "1 2", {"A": ".."}, "without a name"),
        ({"threshold": {"above": 5}}, {"by": []}, {"A": "1"}, ".", "names no series of measure"),
        ({"threshold": {"above": 5}, "where": {"place": ["A"]}}, {}, {"B": "1"}, ".", "does not judge B"),
        ({"threshold": {"above": 5}}, {"grain": "year"}, "1*5000", "quiet", "beyond the calendar"),
        ({"threshold": {"above": 5}}, {"standard_error": "se"}, "1", "quiet", "`1±2.5`"),
        ({"threshold": {"above": 5}}, {}, "1±2", "quiet", "its measure lacks"),
        ({"threshold": {"above": 5}}, {}, "2024-01-05", "quiet", "days are for `event` measures"),
        ({"spc": {"chart": "t"}}, EVENTS, "2024-01-05 2024-02-30", "quiet", "no day of the calendar"),
        ({"spc": {"chart": "t"}}, EVENTS, "2024-01-05 1", "quiet", "or how many each period has"),
        ({"spc": {"chart": "t"}}, EVENTS, "1.5", "quiet", "no number of events"),
        ({"spc": {"chart": "t"}}, EVENTS, "100000*5000", "quiet", "100,000 events"),
        ({"spc": {"chart": "t"}}, EVENTS, "0001-01-01 2024-01-05", "quiet", "5,000 periods"),
        ({"rating": {"failed": True}}, GRADED, "Good:2", "quiet", "has one a period"),
        ({"threshold": {"above": 5}}, {}, {"m": {}}, "quiet", "names no series"),
        ({"threshold": {"above": 5}}, {}, {"n": {"A": "1"}}, "quiet", "is judged from m; found n"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_words(one: Any, of: Any, values: Any, expect: Any, words: str) -> None:
    assert words in str(refusal(rule(**one), measure(**of), values, expect))


@given(st.lists(st.one_of(st.just(math.nan), st.floats(0, 100)), min_size=1, max_size=40))
def test_what_a_rule_does_is_what_it_is_expected_to_do(figures: list[float]) -> None:
    text = " ".join("_" if math.isnan(figure) else repr(figure) for figure in figures)
    for detector in (
        {"threshold": {"above": 50}, "for": "2 of 3 periods"},
        {"spc": "mdc"},
        {"drift": {"method": "ewma"}},
    ):
        one = rule(**detector)
        (found,) = outcomes(one, measure(), text, "quiet")
        (again,) = outcomes(one, measure(), text, written(found.got))
        assert again.passed
        assert again.differs is None


TOKENS = st.sampled_from(
    ["_", "0", "1e200", "-3", "7", "55.5*4", "0/9", "30/40*13", "9/9", "Good*2", "Inadequate", "_*6"]
)
DETECTORS: tuple[dict[str, Any], ...] = (
    {"threshold": {"outside": [3, 50]}, "for": "2 of 3 periods"},
    {"spc": "mdc"},
    {"spc": {"chart": "c", "rules": "nelson-1984", "baseline": "first 12 periods"}},
    {"spc": {"chart": "run", "rules": "anhoej-2014"}},
    {"spc": {"chart": "xmr", "screen": True}},
    {"spc": {"chart": "t"}},
    {"seasonal": {"method": "farrington_flexible"}},
    {"seasonal": {"method": "ears_c2"}},
    {"seasonal": {"method": "adjusted_xmr", "factors": ["month"]}},
    {"drift": {"method": "cusum"}},
    {"drift": {"method": "ewma"}},
    {"funnel": {"last": "3 periods"}},
    {"change": {"versus": "previous period", "worse_by": "20 percent"}, "accept_noise": "yes"},
    {"rating": {"dropped": "1 grade"}},
    {"rating": {"share_above": {"grade": "Inadequate", "share": "30 percent"}}},
)
MEASURES: tuple[dict[str, Any], ...] = (
    {},
    SHARE,
    {"count": "n"},
    {"count": "n", "denominator": {"column": "d", "per": 1000}},
    {"grade": "g", "scale": SCALE},
    {"ratio": {"of": ["a", "b"], "to": ["c", "d"]}},
    {**SHARE, "pool": {"until_denominator": 30, "at_most": "4 periods"}},
    {"window": {"length": "12 months", "judge_every": "12 months"}, "settles_after": "5 working days"},
    {"aggregate": "rows", "quantile": {"of": "minutes", "at": [0.5, 0.9]}},
    {"improvement": {"towards": [3, 9]}, "absent": "zero", "count": "n"},
)


def _fits(one: Rule, of: Measure) -> bool:
    """Whether `check` lets a rule judge a measure, as far as charts and grades go."""
    if one.spc is not None and one.spc.chart is not None:
        return misfit(one.spc.chart, of) is None
    return one.rating is None or of.scale is not None


FITTING = [(one, of) for one in DETECTORS for of in MEASURES if _fits(rule(**one), measure(**of))]


@pytest.mark.parametrize(("detector", "of"), FITTING)
@settings(max_examples=8)
@given(tokens=st.lists(TOKENS, min_size=1, max_size=40))
def test_any_rule_is_tried_or_refused_in_words(detector: dict[str, Any], of: dict[str, Any], tokens: list[str]) -> None:
    try:
        one = trial(rule(**detector), measure(**of), " ".join(tokens), "quiet")
    except TimelineError:
        return
    (found,) = tried(one, Calendar())
    assert {len(cells) for cells in found.figures.values()} == {len(found.got)}
