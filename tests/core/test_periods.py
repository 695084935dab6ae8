"""Periods, spans and their words."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.durations import Span
from alertd.core.periods import Grain, Period, parse_period, period_at
from alertd.core.settling import is_complete, newest_settled


@pytest.mark.parametrize(
    ("text", "words", "start", "end"),
    [
        ("2022-10-03", "3 October 2022", datetime(2022, 10, 3), datetime(2022, 10, 4)),
        ("2022-W40", "week to 9 October 2022", datetime(2022, 10, 3), datetime(2022, 10, 10)),
        ("2020-W53", "week to 3 January 2021", datetime(2020, 12, 28), datetime(2021, 1, 4)),
        ("2022-10", "October 2022", datetime(2022, 10, 1), datetime(2022, 11, 1)),
        ("2022-Q4", "October to December 2022", datetime(2022, 10, 1), datetime(2023, 1, 1)),
        ("2022-H2", "July to December 2022", datetime(2022, 7, 1), datetime(2023, 1, 1)),
        ("2022", "2022", datetime(2022, 1, 1), datetime(2023, 1, 1)),
        ("2022-10-03T14", "3 October 2022, 14:00 to 15:00", datetime(2022, 10, 3, 14), datetime(2022, 10, 3, 15)),
    ],
)
def test_every_form_of_a_period_is_read_written_and_said(text, words, start, end):
    period = parse_period(text)
    assert (str(period), period.words, period.start, period.end) == (text, words, start, end)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.sampled_from(list(Grain)))
def test_a_period_holds_its_day_and_reads_back_as_itself(day, grain):
    period = Period.containing(day, grain)
    assert period.start <= datetime.combine(day, datetime.min.time()) < period.end
    assert parse_period(str(period)) == period
    assert (period + 1).start == period.end


@pytest.mark.parametrize("text", ["", "2022-13", "2022-Q5", "2022-W54", "22-10", "October", "2022-10-32", "2022-02-30"])
def test_text_that_is_no_period_is_an_error_that_says_so(text):
    with pytest.raises(ValueError):
        parse_period(text)


def test_a_finer_form_floors_and_a_coarser_one_is_an_error():
    assert str(period_at("2022-10-17", Grain.MONTH)) == "2022-10"
    assert str(period_at("2022-10-17 23:59:59", Grain.WEEK)) == "2022-W42"
    with pytest.raises(ValueError, match="names a quarter"):
        period_at("2022-Q4", Grain.MONTH)


@pytest.mark.parametrize(
    ("span", "moment", "after"),
    [
        ("5 days", datetime(2022, 9, 30, 7), datetime(2022, 10, 5, 7)),
        ("5 working days", datetime(2022, 12, 22, 9), datetime(2023, 1, 3, 9)),  # 23, 28, 29, 30 December, 3 January
        ("1 working day", datetime(2023, 1, 1), datetime(2023, 1, 4)),  # a Sunday, a bank holiday, then Tuesday passes
        ("1 working day", datetime(2022, 12, 1), datetime(2022, 12, 2)),
        ("2 periods", datetime(2022, 9, 1), datetime(2022, 11, 1)),
        ("1 month", datetime(2023, 1, 31, 9), datetime(2023, 2, 28, 9)),
        ("4 weeks", datetime(2022, 9, 30), datetime(2022, 10, 28)),
        ("3", datetime(2022, 9, 1), datetime(2022, 12, 1)),
    ],
)
def test_spans_count_what_they_name(span, moment, after):
    bank_holidays = frozenset({date(2022, 12, 26), date(2022, 12, 27), date(2023, 1, 2)})
    assert Span.parse(span).after(moment, Grain.MONTH, bank_holidays) == after


@pytest.mark.parametrize("text", ["", "five days", "-1 days", "2 fortnights", "1.5 days"])
def test_text_that_is_no_span_is_an_error_that_says_what_to_write(text):
    with pytest.raises(ValueError, match="write for example"):
        Span.parse(text)


def test_a_period_is_complete_at_the_end_of_its_last_day():
    december = parse_period("2022-12")
    assert not is_complete(december, datetime(2022, 12, 31, 12))
    assert is_complete(december, datetime(2022, 12, 31, 23, 59, 59, 999999)), (
        "the end of 31 December is --as-of 31 December"
    )
    assert str(newest_settled(Grain.MONTH, datetime(2023, 1, 5), Span.parse("5 days"), frozenset())) == "2022-11"
    assert str(newest_settled(Grain.MONTH, datetime(2023, 1, 6), Span.parse("5 days"), frozenset())) == "2022-12"
