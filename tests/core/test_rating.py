"""Grades: a fall, a poor one, too many poor ones, and one that does not come when it is due."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.calendar import Annotation, Calendar, Suppression
from alertd.core.detect.rating import place_of
from alertd.core.measures import Measure
from tests.core.make import FAR, LONDON, block, measure, rule, states, timeline, verdicts

SCALE = ["Inadequate", "Requires improvement", "Good", "Outstanding"]
GRADED = measure(grade="g", scale=SCALE, improvement="increase", value=None)
QUARTERLY = measure(grade="g", scale=SCALE, improvement="increase", value=None, grain="quarter")


def line(values, of=GRADED, calendar=None, **keys):
    return timeline(verdicts(rule(rating=keys), block(values), calendar, of=of))


@pytest.mark.parametrize(
    ("keys", "values", "expected"),
    [
        ({"dropped": "1 grade"}, [3, 3, 2, 2, 4, 1], "..X..X"),
        ({"dropped": "2 grades"}, [4, 3, 2, 4, 2], "....X"),
        ({"dropped": 1}, [3, None, None, 2, None, 2], ".??X?."),
        ({"dropped": 1}, [None, 2, 3], "?.."),
        ({"at_or_below": "requires  Improvement"}, [3, 2, 1, None, 2, 4], ".XX?X."),
        ({"failed": "true"}, [1, 2, 1, 4], "X.X."),
        ({"dropped": "1 grade", "at_or_below": "Requires improvement"}, [4, 3, 2, 2, 1, 3], "..X.X."),
        ({"dropped": "1 grade", "failed": "true"}, [3, 2, 1, 1], "..X."),
    ],
)
def test_each_key_of_a_rating_and_all_that_are_given_together(keys, values, expected):
    """R16; the keys of one detector must all hold."""
    assert line(values, **keys) == expected


def test_a_gap_between_assessments_is_unknown_and_ends_nothing():
    found = verdicts(rule(rating={"failed": True}), block([3, 1, None, None, 1, None, 3]), of=GRADED)
    assert timeline(found) == ".X??X?."
    assert [found.signals(row, 0) for row in (1, 2, 4, 6)] == [("failed",), (), ("failed",), ()]


def test_a_fall_is_never_seen_across_a_rebase_or_against_an_excluded_grade():
    rebase = Annotation.model_validate(
        {"id": "a", "measures": "m", "from": "2020-03", "effect": "rebase", "reason": "new form", "agreed_by": "x"}
    )
    assert line([4, 4, 2, 1], dropped=1) == "..XX"
    assert line([4, 4, 2, 1], calendar=Calendar(annotations={"a": rebase}), dropped=1) == "...X"
    left_out = Suppression.model_validate(
        {"id": "s", "measures": "m", "from": "2020-02", "to": "2020-02", "effect": "exclude", "reason": "wrong form"}
    )
    assert line([2, 4, 2, 1], calendar=Calendar(suppressions={"s": left_out}), dropped=1) == ".m.X"


def test_a_lower_grade_is_a_concern_whichever_way_the_measure_is_said_to_improve_unless_neither():
    """R3: `neither` is changed, never worse."""
    unsaid = measure(grade="g", scale=SCALE, value=None).model_dump(exclude_none=True)
    del unsaid["improvement"]
    assert line([3, 2], Measure.model_validate(unsaid), dropped=1) == ".X"
    decrease = measure(grade="g", scale=SCALE, improvement="decrease", value=None)
    assert line([3, 2], decrease, dropped=1) == ".X"
    neither = measure(grade="g", scale=SCALE, improvement="neither", value=None)
    assert line([3, 2], neither, dropped=1) == ".c"


def test_the_limit_is_the_highest_grade_that_fires_and_lower_grades_lie_further_out():
    found = verdicts(rule(rating={"dropped": "1 grade", "at_or_below": "Good"}), block([4, 4, 2, 1]), of=GRADED)
    assert found.lower[:, 0].tolist()[1:] == [3, 3, 1]
    assert np.isnan(found.lower[0, 0]), "there is nothing to fall from"
    assert found.excess[:, 0].tolist() == [0, 0, 2, 3]
    assert np.isnan(found.centre).all()
    assert np.isnan(found.upper).all()


def test_a_share_of_single_grades_is_taken_over_the_last_twelve():
    keys = {"share_above": {"grade": "Requires improvement", "share": "25 percent"}}
    assert line([1, 3, 3, 3], **keys) == "LLL.", "1 of 4 is a quarter, and not above it"
    assert line([1, 3, 2, 3], **keys) == "LLLX"
    values = [1, 1, 1, 1, *[4] * 12]
    assert line(values, **keys) == "LLLXXXXXXXXX...."
    found = verdicts(rule(rating=keys), block(values), of=GRADED)
    assert (found.numerator[15, 0], found.denominator[15, 0]) == (0, 12)
    assert found.numerator[12, 0] / found.denominator[12, 0] == found.statistic[12, 0] == 3 / 12
    assert line([1, None, 1, None, 1, 1, None], **keys) == "L?L?LX?"


def counted(*grades):
    """A block of one series with several grades a period: a tuple of counts by grade, or None."""
    counts = np.array([[np.nan] * 4 if one is None else one for one in grades], dtype=float).T[:, :, None]
    places = []
    for one in grades:
        each = [] if one is None else [place + 1 for place, count in enumerate(one) for _ in range(count)]
        places.append(each[(len(each) - 1) // 2] if each else None)
    return replace(block(places), grades=counts)


def test_a_share_of_the_several_grades_of_a_period():
    keys = {"share_above": {"grade": "Requires improvement", "share": 0.29}}
    several = counted((9, 20, 61, 10), (9, 21, 60, 10), None, (0, 0, 1, 0), (0, 1, 0, 0))
    found = verdicts(rule(rating=keys), several, of=GRADED)
    assert timeline(found) == ".X?.X", "29 of 100 is not above 0.29"
    assert found.value[:2, 0].tolist() == [3, 3]
    assert found.numerator[:2, 0].tolist() == [29, 30]
    assert np.isnan(found.denominator[2, 0])
    assert found.denominator[[0, 1, 3], 0].tolist() == [100, 100, 1], "R15: n is shown"
    plain = verdicts(rule(rating={"at_or_below": "Good"}), several, of=GRADED)
    assert plain.denominator[0, 0] == 100
    assert plain.numerator is None


def test_a_grade_that_is_not_on_the_scale_is_named_with_those_that_are():
    with pytest.raises(ValueError, match="`Fair` is no grade of measure `m`; it has Inadequate, Requires"):
        place_of("Fair", GRADED)


def at(day):
    return datetime.fromisoformat(f"{day}T23:59:59.999999").replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("day", "expected"), [("2020-10-29", "quiet"), ("2020-10-30", "exception"), ("2021-03-01", "exception")]
)
def test_a_grade_is_overdue_once_its_period_has_ended_and_the_span_has_passed(day, expected):
    """The newest is of April to June 2020; the next is of July to September, and overdue when 30 days are over."""
    one = rule(rating={"overdue": "30 days"})
    found = verdicts(one, block([3, 4], first="2020-Q1"), of=QUARTERLY, now=at(day), every_period=False)
    assert states(found) == [expected]
    assert found.signals(0, 0) == (("overdue",) if expected == "exception" else ())


def test_each_series_is_overdue_by_itself_and_the_newest_grade_ends_it():
    one = rule(rating={"overdue": "1 month"})
    series = block([3, 4, None, 3], [3, None, None, None], [None, None, None, 2], first="2020-Q1")
    found = verdicts(one, series, of=QUARTERLY, now=at("2021-02-15"))
    assert [timeline(found, j) for j in range(3)] == ["..X.", ".XXX", "???."]
    assert str(found.period(3)) == "2020-Q4"
    later = verdicts(one, series, of=QUARTERLY, now=at("2021-08-15"))
    assert [timeline(later, j) for j in range(3)] == ["..X.XX", ".XXXXX", "???.XX"]
    newest = verdicts(one, series, of=QUARTERLY, now=at("2021-08-15"), every_period=False)
    assert (str(newest.period(0)), states(newest, 0)) == ("2021-Q2", ["exception"])


def test_a_series_with_rows_and_no_grade_is_overdue_and_a_feed_without_rows_says_nothing():
    one = rule(rating={"overdue": "1 month"})
    series = block([3, 4], [None, None], first="2020-Q1")
    rows = replace(series, present=np.ones((2, 2), dtype=bool))
    assert timeline(verdicts(one, rows, of=QUARTERLY, now=at("2020-08-15")), 1) == "XX"
    nothing = block([], first="2020-Q1").take([])
    assert verdicts(one, nothing, of=QUARTERLY, now=FAR, every_period=False).keys == ()


def test_overdue_is_a_concern_also_where_neither_way_is_better():
    neither = measure(grade="g", scale=SCALE, improvement="neither", value=None, grain="quarter")
    found = verdicts(rule(rating={"overdue": "1 day"}), block([3], first="2020-Q1"), of=neither, every_period=False)
    assert states(found) == ["exception"]


def test_a_rating_may_have_to_last():
    one = rule(rating={"at_or_below": "Good"}, **{"for": "2 periods"})
    assert timeline(verdicts(one, block([4, 3, 3, 4, 2, None, 2]), of=GRADED)) == ".pX.p?p"


grades = st.lists(st.one_of(st.none(), st.integers(1, 4)), min_size=1, max_size=30)
KEYS = [
    {"dropped": 1},
    {"at_or_below": "Good"},
    {"dropped": 2, "failed": True},
    {"share_above": {"grade": "Good", "share": 0.5}},
]


@settings(max_examples=60, deadline=None)
@given(grades, st.sampled_from(KEYS))
def test_later_grades_never_change_earlier_states_and_the_newest_row_alone_says_the_same(values, keys):
    one = rule(rating=keys)
    whole = timeline(verdicts(one, block(values), of=GRADED))
    for length in range(1, len(values) + 1):
        newest = verdicts(one, block(values[:length]), of=GRADED, every_period=False)
        assert timeline(newest) == whole[length - 1]


@settings(max_examples=60, deadline=None)
@given(grades, st.integers(0, 12))
def test_what_was_overdue_stays_so_in_hindsight_whatever_comes_later(values, months):
    one = rule(rating={"overdue": "20 days"})
    now = datetime(2020, 1, 21, tzinfo=LONDON).replace(year=2020 + (len(values) + months) // 12)
    now = now.replace(month=(len(values) + months) % 12 + 1)
    whole = timeline(verdicts(one, block(values), of=GRADED, now=now))
    again = timeline(verdicts(one, block([*values, 3]), of=GRADED, now=now))
    due = len(values) + months - 1  # 20 days after its end are over
    assert whole[: min(due, len(values))] == again[: min(due, len(values))]


@settings(max_examples=40, deadline=None)
@given(st.lists(grades, min_size=2, max_size=4), st.sampled_from(KEYS))
def test_series_are_judged_by_themselves(several, keys):
    longest = max(map(len, several))
    filled = [one + [None] * (longest - len(one)) for one in several]
    one = rule(rating=keys)
    together = verdicts(one, block(*filled), of=GRADED)
    for column, values in enumerate(filled):
        assert timeline(together, column) == timeline(verdicts(one, block(values), of=GRADED))
