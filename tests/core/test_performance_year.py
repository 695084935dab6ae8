"""The performance year from April, beside calendar quarters, half-years and years for data and commands (R38)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.performance_year import YearStart
from alertd.core.periods import MONTHS, Grain, Period

APRIL = YearStart.parse("starts in April")
DAYS = st.dates(min_value=date(1971, 1, 1), max_value=date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "year", "quarter", "calendar"),
    [
        (date(2022, 3, 31), "2021/22", 4, "2022-Q1"),
        (date(2022, 4, 1), "2022/23", 1, "2022-Q2"),
        (date(2022, 12, 31), "2022/23", 3, "2022-Q4"),
        (date(2023, 1, 1), "2022/23", 4, "2023-Q1"),
        (date(1999, 4, 1), "1999/00", 1, "1999-Q2"),
    ],
)
def test_the_year_begins_in_april_and_data_keep_their_calendar_quarter(day, year, quarter, calendar):
    found = APRIL.year_of(day)
    assert (str(found), found.quarter_of(day)) == (year, quarter)
    period = Period.containing(day, Grain.QUARTER)
    assert str(period) == calendar
    assert period.start.month in (1, 4, 7, 10)
    assert str(Period.containing(day, Grain.YEAR)) == str(day.year)
    assert str(Period.containing(day, Grain.HALF_YEAR)) == f"{day.year}-H{1 if day.month < 7 else 2}"


@given(DAYS, st.sampled_from(MONTHS))
def test_every_day_lies_in_one_year_of_four_quarters_that_begin_where_the_last_one_ended(day, month):
    start = YearStart.parse(month)
    year, after = start.year_of(day), day + timedelta(days=1)
    assert date(year.begins, start.month, 1) <= day < date(year.begins + 1, start.month, 1)
    assert year.quarter_of(day) in (1, 2, 3, 4)
    if start.year_of(after) != year:
        assert (year.quarter_of(day), after.day, after.month) == (4, 1, start.month)
        assert start.year_of(after).begins == year.begins + 1


@pytest.mark.parametrize("text", ["starts in Aprile", "in April", "4", "", "starts in"])
def test_what_names_no_month_is_refused_with_what_to_write(text):
    with pytest.raises(ValueError, match="write for example `starts in April`"):
        YearStart.parse(text)


def test_it_reads_as_it_is_written_whatever_the_capitals():
    assert str(YearStart.parse(" Starts  in APRIL ")) == "starts in April"
    assert str(YearStart.parse("january").year_of(date(2022, 12, 31))) == "2022"
