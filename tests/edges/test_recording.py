"""Recorded entries as rows of a measure: what corrects what, what was known when, and how actions stand month by month."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.calendar import Calendar
from alertd.core.evaluate import judge
from alertd.core.measures import Measure
from alertd.core.periods import Grain, Period
from alertd.core.places import Place, Places
from alertd.core.recording import (
    FORMS,
    Entry,
    Kind,
    Recorded,
    columns_of,
    decide,
    entry_rows,
    standing,
    was_withdrawn,
)
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import STATES, State
from alertd.round.sources import Sources
from alertd.warehouse import open_warehouse
from tests.journeys.support import fill

LONDON = ZoneInfo("Europe/London")
PLACES = Places(places={name: Place(level="district") for name in ("Burnley", "Preston")})


def entry(day: str = "2022-04-03", grade: str | None = "Good", *, at: str = "Preston", **more: object) -> Entry:
    values = {"kind": Kind.ASSESSMENT, "measure": "m", "by": "Insp A", **more}
    return Entry(series={"district": at}, day=date.fromisoformat(day), grade=grade, **values)  # type: ignore[arg-type]


def kept(*entries: tuple[Entry, str], withdrawn: dict[int, str] | None = None) -> list[Recorded]:
    """Entries, each with the day on which it was recorded, numbered from 1."""
    return [
        Recorded(
            number=number,
            entry=one,
            recorded_at=datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC),
            withdrawn=(withdrawn or {}).get(number),
        )
        for number, (one, day) in enumerate(entries, start=1)
    ]


def measure(kind: Kind = Kind.ASSESSMENT, **more: object) -> Measure:
    form = FORMS[kind]
    keys = {
        "id": "m",
        "name": "A",
        "recorded": kind,
        "grain": "month",
        "period": form.day,
        "by": ["district"],
        "owner": "lead",
        **(
            {"grade": form.grade, "scale": ["Inadequate", "Requires improvement", "Good", "Outstanding"]}
            if form.grade
            else {}
        ),
    }
    return Measure.model_validate({**keys, **more})


def read(of: Measure, known: list[Recorded], day: str, *, as_of: bool = True) -> SeriesBlock:
    sources = Sources(warehouse=None, entries=lambda _: known)  # type: ignore[arg-type]
    now = datetime.fromisoformat(day).replace(hour=23, tzinfo=LONDON)
    return sources.read(of, now=now, places=PLACES, as_of=as_of)


def test_a_grade_is_its_place_on_the_scale_and_places_without_an_entry_are_no_fault() -> None:
    block = read(
        measure(), kept((entry(), "2022-04-04"), (entry("2022-06-03", "inadequate"), "2022-06-04")), "2022-07-01"
    )
    assert block.keys == (("Burnley",), ("Preston",))
    np.testing.assert_array_equal(block.value[:, 1], [3, np.nan, 1])
    assert block.faults == ()
    assert read(measure(), [], "2022-07-01").faults == ()


def test_a_correction_takes_the_place_of_what_it_corrects_and_a_withdrawal_leaves_nothing() -> None:
    known = kept((entry(), "2022-05-02"), (entry(grade="Inadequate"), "2022-05-20"))
    assert read(measure(), known, "2022-06-01").value[0, 1] == 1
    known = kept((entry(), "2022-05-02"), (entry(), "2022-05-20"), withdrawn={2: "wrong place"})
    assert read(measure(), known, "2022-06-01").periods == 0
    assert standing(known) == []


def test_what_was_known_on_a_day_is_seen_where_the_measure_says_when_rows_were_loaded() -> None:
    known = kept((entry(), "2022-05-02"), (entry(grade="Inadequate"), "2022-05-20"))
    dated = measure(loaded_at="loaded_at")
    assert read(dated, known, "2022-05-01").periods == 0
    assert read(dated, known, "2022-05-10").value[0, 1] == 3
    assert read(dated, known, "2022-05-20").value[0, 1] == 1
    assert read(measure(), known, "2022-05-01").value[0, 1] == 1, "without it, what stands today always stood"


def test_two_entries_in_a_period_need_rows_to_be_aggregated() -> None:
    known = kept((entry(), "2022-04-04"), (entry("2022-04-05", "Inadequate"), "2022-04-06"))
    assert [fault.found for fault in read(measure(), known, "2022-06-01").faults] == ["2 rows"]
    assert read(measure(aggregate="rows"), known, "2022-06-01").value[0, 1] == 1


def test_a_self_assessment_that_did_not_come_back_is_there_without_a_grade_and_without_a_fault() -> None:
    due = entry("2022-03-31", None, kind=Kind.SELF_ASSESSMENT, by="")
    back = entry("2022-03-31", "Good", kind=Kind.SELF_ASSESSMENT, ended=date(2022, 5, 20))
    of = measure(Kind.SELF_ASSESSMENT)
    for known, day in (
        (kept((due, "2022-03-01")), "2022-06-01"),
        (kept((due, "2022-03-01"), (back, "2022-05-20")), "2022-05-19"),
    ):
        block = read(of, known, day)
        assert block.present[0, 1]
        assert np.isnan(block.value[0, 1])
        assert block.faults == ()
    assert read(of, kept((due, "2022-03-01"), (back, "2022-05-20")), "2022-05-20").value[0, 1] == 3
    assert read(of, kept((due, "2022-03-01")), "2022-03-30", as_of=False).periods == 0, "it is due tomorrow"


def test_an_action_stands_in_every_month_from_when_it_was_agreed_to_the_present_one() -> None:
    action = entry(
        "2022-03-15", None, kind=Kind.ACTION, began=date(2022, 1, 5), ended=date(2022, 5, 2), finding="Sell two vans"
    )
    rows = [row.values for row in entry_rows(kept((action, "2022-06-01")), datetime(2022, 6, 2, tzinfo=LONDON))]
    assert [(f"{row['month']:%m}", row["state"], row["open_actions"], row["overdue"], row["done"]) for row in rows] == [
        ("01", "open", 1, 0, 0),
        ("02", "open", 1, 0, 0),
        ("03", "overdue", 1, 1, 0),
        ("04", "overdue", 1, 1, 0),
        ("05", "done", 0, 0, 1),
        ("06", "done", 0, 0, 0),
    ]
    assert [row["overdue_action"] for row in rows if row["overdue_action"]] == [
        "Not done: Sell two vans, due 15 March 2022, Insp A."
    ] * 2


def test_an_action_is_not_overdue_on_the_day_on_which_it_falls_due() -> None:
    action = entry("2022-03-31", None, kind=Kind.ACTION, finding="Sell two vans")
    rows = [row.values for row in entry_rows(kept((action, "2022-03-01")), datetime(2022, 4, 30, tzinfo=LONDON))]
    assert [row["overdue"] for row in rows] == [0, 1]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_entry_has_the_columns_that_its_kind_names(kind: Kind) -> None:
    full = entry(kind=kind, began=date(2022, 4, 1), ended=date(2022, 4, 4), finding="Words", reference="R1")
    (first, *_) = entry_rows(kept((full, "2022-04-05")), datetime(2022, 4, 30, tzinfo=LONDON))
    assert set(columns_of(kind)) <= set(first.values)


def test_entries_and_the_same_rows_of_a_warehouse_give_the_same_figures_and_words(tmp_path: Path) -> None:
    entries = [
        entry("2022-04-03", "inadequate", kind=Kind.REALITY_CHECK, finding="No plan", reference="1"),
        entry("2022-04-20", "Good", kind=Kind.REALITY_CHECK, finding="A plan", reference="2"),
        entry("2022-05-20", "Outstanding", kind=Kind.REALITY_CHECK, at="Burnley"),
    ]
    rows = [(one.day, one.series["district"], one.grade, one.by, one.finding or None) for one in entries]
    columns = "checked_on date, district varchar, result varchar, checked_by varchar, finding varchar"
    fill(tmp_path, "reality_checks", columns, rows)
    of = measure(Kind.REALITY_CHECK, aggregate="rows", finding="finding", assessed_by="checked_by")
    there = of.model_copy(update={"recorded": None, "table": "reality_checks"})
    url = "duckdb:///warehouse.duckdb"
    warehouse = open_warehouse(url, root=tmp_path, timeout=timedelta(minutes=1), max_rows=1000, zone=LONDON)
    stored = warehouse.read(there, now=datetime(2022, 6, 2, tzinfo=LONDON), places=PLACES)
    block = read(of, kept(*((one, "2022-06-01") for one in entries)), "2022-06-02")
    assert (block.keys, block.first) == (stored.keys, stored.first)
    np.testing.assert_array_equal(block.value, stored.value)
    np.testing.assert_array_equal(block.grades, stored.grades)
    assert block.entries is not None
    assert stored.entries is not None
    assert (block.entries.words, block.entries.by) == (stored.entries.words, stored.entries.by)
    assert set(block.entries.words) == {"No plan", "A plan"}
    warehouse.close()


DAYS = st.dates(date(2022, 1, 1), date(2022, 1, 4)).map(str)
ENTRIES = st.builds(
    entry,
    DAYS,
    st.sampled_from(["Good", "Inadequate"]),
    at=st.sampled_from(["Preston", "Burnley"]),
    reference=st.sampled_from(["", "R1"]),
)


def _recorded(batches: list[list[Entry]], *, again: bool) -> list[Recorded]:
    known: list[Recorded] = []
    for hours, batch in enumerate(batches):
        single = list({one.identity: one for one in batch}.values())
        for one, _ in decide(single, known, again=again).new:
            at = datetime(2022, 2, 1, tzinfo=UTC) + timedelta(hours=hours)
            known.append(Recorded(number=len(known) + 1, entry=one, recorded_at=at))
    return known


@given(st.lists(st.lists(ENTRIES, max_size=6), max_size=5), st.booleans())
def test_whatever_is_recorded_one_entry_stands_for_each_identity_and_nothing_is_added_twice(
    batches: list[list[Entry]], again: bool
) -> None:
    known = _recorded(batches, again=again)
    assert {one.entry.identity for one in standing(known)} == {one.entry.identity for one in known}
    assert len(standing(known)) == len({one.entry.identity for one in known})
    assert decide([one.entry for one in standing(known)], known, again=again).new == ()
    if again:  # what was said last is what stands
        last = {one.identity: one for batch in batches for one in batch}
        assert {one.entry.identity: one.entry for one in standing(known)} == last
    else:  # a file that is read again undoes nothing
        for batch in batches:
            single = list({one.identity: one for one in batch}.values())
            assert decide(single, known, again=False).new == ()


@pytest.mark.parametrize(
    ("days", "withdrawn", "told", "expected"),
    [
        (["2022-04-03"], [], "2022-04", False),
        (["2022-04-03"], [1], "2022-04", True),
        (["2022-04-03", "2022-04-20"], [1], "2022-04", False),
        (["2022-04-03", "2022-03-20"], [1], "2022-04", True),
        (["2022-04-03", "2022-05-20"], [1], "2022-04", False),
        (["2022-03-03"], [1], "2022-04", False),
    ],
)
def test_a_case_rests_on_the_entries_of_its_period_until_all_of_them_are_withdrawn(
    days: list[str], withdrawn: list[int], told: str, expected: bool
) -> None:
    given = [(entry(day), "2022-06-01") for day in days]
    known = kept(*given, *(given[number - 1] for number in withdrawn))
    known = [replace(one, withdrawn="x") if one.number > len(days) else one for one in known]
    period = Period.containing(date.fromisoformat(told + "-01"), Grain.MONTH)
    assert was_withdrawn(known, Kind.ASSESSMENT, {"district": "Preston"}, period) is expected
    assert not was_withdrawn(known, Kind.ASSESSMENT, {"district": "Burnley"}, period)


def test_a_self_assessment_is_overdue_only_for_periods_in_which_one_was_due() -> None:
    rule = Rule.model_validate({"id": "r", "measure": "m", "rating": {"overdue": "30 days"}})
    kind = Kind.SELF_ASSESSMENT
    returned = {"kind": kind, "ended": date(2022, 4, 20)}
    m = measure(kind)

    def state(*entries: Entry) -> State:
        known = kept(*((one, "2022-04-01") for one in entries))
        verdicts = judge(rule, m, read(m, known, "2022-09-01"), Calendar(), datetime(2022, 9, 1, 23, tzinfo=LONDON))
        return STATES[int(verdicts.state[-1, verdicts.keys.index(("Preston",))])]

    back, due = entry("2022-04-03", **returned), entry("2022-06-03", None, kind=kind, by="")
    assert state(back) is State.QUIET, "none was asked for since"
    assert state(back, due) is State.EXCEPTION
    assert state(due) is State.EXCEPTION
    assert state(back, due, entry("2022-06-03", **returned)) is State.QUIET
