"""Schedules: what may be written, and that each local slot is due exactly once, whatever the clocks do (R38)."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from alertd.core.schedules import Schedule, Slot, first_instant

LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 6, 1, tzinfo=LONDON)


def locals_of(text: str, after: datetime, until: datetime, zone: ZoneInfo = LONDON, holidays=frozenset()) -> list[str]:
    return [slot.text for slot in Schedule.parse(text).slots(after, until, zone, holidays)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("weekdays 07:00", ["1T07:00", "2T07:00", "3T07:00", "4T07:00", "5T07:00"]),
        ("Weekdays  at 7:00", ["1T07:00", "2T07:00", "3T07:00", "4T07:00", "5T07:00"]),
        ("daily 06:30", [f"{day}T06:30" for day in range(1, 8)]),
        ("weekends 09:00", ["6T09:00", "7T09:00"]),
        ("mondays 07:00", ["1T07:00"]),
        ("monday,thursday 07:00", ["1T07:00", "4T07:00"]),
        ("mon and thu 07:00", ["1T07:00", "4T07:00"]),
        ("every friday 07:00", ["5T07:00"]),
        ("tuesdays 07:00, 13:00", ["2T07:00", "2T13:00"]),
        ("tuesdays 13:00 and 07:00", ["2T07:00", "2T13:00"]),
        ("monthly on day 5 07:00", ["5T07:00"]),
        ("monthly on the 5th at 07:00", ["5T07:00"]),
        ("every 12 hours", [f"{day}T{hour}:00" for day in range(1, 8) for hour in ("00", "12")]),
        ("0 7 * * mon", ["1T07:00"]),
        ("0 7 * * mon-wed", ["1T07:00", "2T07:00", "3T07:00"]),
        ("0 7 * * sat-mon", ["1T07:00", "6T07:00", "7T07:00"]),
        ("0 7 * * MON,FRI", ["1T07:00", "5T07:00"]),
        ("0 7 3-7/2 jun *", ["3T07:00", "5T07:00", "7T07:00"]),
        ("0 7 3 6 *", ["3T07:00"]),
        ("30 8-18/5 2 * *", ["2T08:30", "2T13:30", "2T18:30"]),
        ("*/30 7 4 * *", ["4T07:00", "4T07:30"]),
        ("0 7 4 jul *", []),
    ],
)
def test_a_schedule_runs_when_its_words_say(text, expected):
    end = MONDAY + timedelta(days=7) - timedelta(minutes=1)
    assert locals_of(text, MONDAY - timedelta(minutes=1), end) == [f"2026-06-0{rest}" for rest in expected]


def test_every_quarter_of_an_hour_and_every_hour_fill_the_day():
    day = MONDAY - timedelta(minutes=1), MONDAY + timedelta(days=1, minutes=-1)
    assert len(locals_of("every 15 minutes", *day)) == 96
    assert locals_of("hourly", *day) == [f"2026-06-01T{hour:02}:00" for hour in range(24)]


def test_weekdays_include_a_bank_holiday_and_working_days_do_not():
    holidays = frozenset({date(2026, 6, 2)})
    week = MONDAY, MONDAY + timedelta(days=2, hours=23)
    assert locals_of("weekdays 07:00", *week, holidays=holidays) == [f"2026-06-0{day}T07:00" for day in (1, 2, 3)]
    assert locals_of("working days 07:00", *week, holidays=holidays) == [f"2026-06-0{day}T07:00" for day in (1, 3)]


def test_a_monthly_day_that_a_month_lacks_is_its_last_day():
    year = datetime(2026, 1, 1, tzinfo=LONDON), datetime(2026, 5, 1, tzinfo=LONDON)
    expected = ["2026-01-31T07:00", "2026-02-28T07:00", "2026-03-31T07:00", "2026-04-30T07:00"]
    assert locals_of("monthly on day 31 07:00", *year) == locals_of("monthly on the last day 07:00", *year) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 6 * * 1", "write its name (cron's 1 is `mon`)"),
        ("0 6 * * 0", "cron's 0 is `sun`"),
        ("0 6 * * 7", "cron's 7 is `sun`"),
        ("0 6 * * 1-5", "write its name"),
        ("0 7 31 feb *", "can never run"),
        ("0 7 30 2 *", "can never run"),
        ("0 7 31 apr,jun *", "can never run"),
        ("0 7 1 * mon", "write `*` for one of them"),
        ("0 25 * * *", "`25` in `0 25 * * *` is no hour; write 0 to 23"),
        ("60 7 * * *", "is no minute"),
        ("0 7 0 * *", "is no day of the month"),
        ("0 18-8 * * *", "runs backwards"),
        ("*/0 7 * * *", "or a step"),
        ("5/15 7 * * *", "or a step"),
        ("0 7 * * fryday", "`fryday` in `0 7 * * fryday` is no day"),
        ("weekdays 24:00", "no time of day"),
        ("weekdays 07:60", "no time of day"),
        ("weekdays", "is no schedule; write for example `weekdays 07:00`"),
        ("weekdays 7", "is no schedule"),
        ("", "is no schedule"),
        ("fortnightly 07:00", "`fortnightly` in `fortnightly 07:00` is no day"),
        ("every 7 minutes", "write every 1, 2, 3"),
        ("every 0 minutes", "does not divide"),
        ("every 5 hours", "12 or 24 hours"),
        ("monthly on day 32 07:00", "can never run"),
    ],
)
def test_a_schedule_that_cannot_be_read_or_never_runs_is_refused_with_a_remedy(text, said):
    with pytest.raises(ValueError) as refused:
        Schedule.parse(text)
    assert said in str(refused.value)


def test_a_model_reads_a_schedule_and_writes_it_as_text():
    adapter = TypeAdapter(Schedule)
    schedule = adapter.validate_python(" weekdays   07:00 ")
    assert adapter.dump_json(schedule) == b'"weekdays 07:00"'
    assert adapter.validate_python(schedule) == adapter.validate_json('"weekdays 07:00"') == schedule
    with pytest.raises(ValidationError, match="is no schedule"):
        adapter.validate_python("now and then")


def test_a_slot_in_the_spring_gap_is_due_at_the_first_instant_after_it():
    """In London 01:00 to 01:59 of 29 March 2026 do not exist; the clocks go forward at 01:00 UTC."""
    slots = Schedule.parse("daily 01:30").slots(
        datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC), LONDON
    )
    assert [(slot.text, slot.at) for slot in slots] == [
        ("2026-03-29T01:30", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("2026-03-30T01:30", datetime(2026, 3, 30, 0, 30, tzinfo=UTC)),
    ]


def test_a_slot_in_the_autumn_repeat_is_due_once_at_its_first_occurrence():
    """In London 01:00 to 01:59 of 25 October 2026 come twice, first at 00:00 UTC."""
    slots = Schedule.parse("daily 01:30").slots(
        datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC), LONDON
    )
    assert [(slot.text, slot.at) for slot in slots] == [
        ("2026-10-25T01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-26T01:30", datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ]


def test_the_next_slot_is_later_than_its_moment_even_a_leap_day_eight_years_off():
    at_seven = datetime(2026, 6, 1, 7, tzinfo=LONDON)
    weekdays = Schedule.parse("weekdays 07:00")
    assert weekdays.next_slot(at_seven - timedelta(seconds=1), LONDON).text == "2026-06-01T07:00"
    assert weekdays.next_slot(at_seven, LONDON).text == "2026-06-02T07:00"
    leap = Schedule.parse("0 7 29 2 *").next_slot(datetime(2096, 3, 1, tzinfo=LONDON), LONDON)
    assert leap.text == "2104-02-29T07:00"


def test_a_gap_of_a_whole_day_still_gives_its_slots_once():
    """Samoa left out 30 December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    slots = Schedule.parse("daily 07:00").slots(
        datetime(2011, 12, 29, 12, tzinfo=apia), datetime(2011, 12, 31, 12, tzinfo=apia), apia
    )
    assert [slot.text for slot in slots] == ["2011-12-30T07:00", "2011-12-31T07:00"]
    assert slots[0].at == datetime(2011, 12, 31, tzinfo=apia).astimezone(UTC)


ZONES = st.sampled_from(
    [LONDON, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kolkata"), ZoneInfo("UTC")]
)
TEXTS = st.sampled_from(
    [
        "daily 01:30",
        "hourly",
        "every 15 minutes",
        "weekdays 07:00, 13:00",
        "working days 02:15",
        "0 1-3 * * sun",
        "45 1 * * *",
        "monthly on day 29 01:00",
        "*/20 0-4 * * mon-sat",
    ]
)
HOLIDAYS = frozenset(date(year, 12, 25) for year in range(2015, 2041)) | frozenset(
    date(year, 3, 30) for year in range(2015, 2041)
)


def changes(year: int) -> list[datetime]:
    """London's clock changes of a year, in UTC: 01:00 on the last Sundays of March and October."""
    last = (datetime(year, month, 31, 1, tzinfo=UTC) for month in (3, 10))
    return [day - timedelta(days=(day.weekday() + 1) % 7) for day in last]


def watched_clock(text: str, start: datetime, hours: int, zone: ZoneInfo) -> list[str]:
    """An oracle that steps through every minute of real time, looks at the wall clock, and never repeats itself.

    A slot is due when the wall clock first shows its minute or, in a gap, jumps past it.
    """
    schedule, told = Schedule.parse(text), []
    seen = (start - timedelta(minutes=1)).astimezone(zone).replace(tzinfo=None)
    for minute in range(hours * 60):
        shown = (start + timedelta(minutes=minute)).astimezone(zone).replace(tzinfo=None)
        while seen < shown:
            seen += timedelta(minutes=1)
            if seen.hour * 60 + seen.minute in schedule.minutes and schedule.days.include(seen.date(), HOLIDAYS):
                told.append((seen.isoformat(timespec="minutes"), start + timedelta(minutes=minute)))
    return told


@given(text=TEXTS, zone=ZONES, year=st.integers(2016, 2039), season=st.integers(0, 1), before=st.integers(120, 40 * 60))
@settings(max_examples=150, deadline=None)
def test_around_a_clock_change_every_slot_is_due_once_in_order_when_the_wall_clock_says(
    text, zone, year, season, before
):
    start = changes(year)[season] - timedelta(minutes=before)
    hours = before // 60 + 30
    end = start + timedelta(hours=hours, minutes=-1)
    slots = Schedule.parse(text).slots(start - timedelta(minutes=1), end, zone, HOLIDAYS)
    assert [(slot.text, slot.at) for slot in slots] == watched_clock(text, start, hours, zone)


@given(
    text=TEXTS,
    zone=ZONES,
    start=st.datetimes(datetime(2016, 1, 1), datetime(2039, 1, 1), timezones=st.just(UTC)),
    cuts=st.lists(st.integers(0, 400 * 24 * 60), max_size=6),
)
@settings(max_examples=30, deadline=None)
def test_however_a_stretch_of_years_is_cut_every_slot_falls_in_one_piece(text, zone, start, cuts):
    schedule = Schedule.parse(text)
    marks = [start, *sorted(start + timedelta(minutes=cut) for cut in cuts), start + timedelta(days=400)]
    whole = schedule.slots(marks[0], marks[-1], zone, HOLIDAYS)
    pieces = [
        slot for after, until in itertools.pairwise(marks) for slot in schedule.slots(after, until, zone, HOLIDAYS)
    ]
    assert pieces == whole == sorted(whole)
    assert len({slot.local for slot in whole}) == len(whole)


@given(zone=ZONES, local=st.datetimes(datetime(2016, 1, 1), datetime(2039, 1, 1)))
def test_the_first_instant_of_a_local_minute_shows_it_or_the_end_of_its_gap(zone, local):
    local = local.replace(second=0, microsecond=0, fold=0)
    at = Slot.of(local, zone).at
    assert at == first_instant(local, zone)
    assert at.astimezone(zone).replace(tzinfo=None) >= local
    assert (at - timedelta(minutes=1)).astimezone(zone).replace(tzinfo=None) < local
