"""What people record in the state database: numbered as in the audit, kept while it stands, and never recorded twice at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from alertd.core.errors import StateError
from alertd.core.recording import Decided, Entry, Kind, Recorded, decide, standing
from alertd.store import Store
from tests.edges.store.make import NOW, keep, letter


def entry(day: int = 1, **more: object) -> Entry:
    values = {"kind": Kind.ASSESSMENT, "measure": "m", "grade": "Good", "by": "Insp A", **more}
    return Entry(series={"district": "Pr\u00e9ston; a=b"}, day=date(2022, 4, day), **values)  # type: ignore[arg-type]


def record(store: Store, *entries: Entry, at: datetime = NOW) -> range:
    def choose(known: Sequence[Recorded]) -> Decided:
        return decide(entries, known, again=True)

    return store.record({one.measure for one in entries}, choose, source="a.csv", who="anna", at=at)


def test_an_entry_comes_back_as_it_was_recorded(store: Store) -> None:
    full = entry(
        kind=Kind.ACTION,
        began=date(2022, 1, 1),
        ended=date(2022, 5, 1),
        finding="Words\n\u2019and more",
        reference="R1",
    )
    record(store, full, entry(2, grade=None))
    first, second = store.recorded(["m"])
    assert (first.entry, second.entry) == (full, entry(2, grade=None))
    assert (first.recorded_by, first.recorded_at, first.source, first.withdrawn) == ("anna", NOW, "a.csv", None)
    assert store.recorded(["other"]) == []


def test_its_number_is_that_of_its_link_in_the_audit(store: Store) -> None:
    keep(store, [letter()])
    assert record(store, entry(1), entry(2)) == range(1, 3)
    store.resolve(store.listed()[0].id, "reason", who="anna", now=NOW)
    assert record(store, entry(1, grade="Poor")) == range(4, 5)
    assert [link.seq for link in store.audit_entries() if link.event == "recorded"] == [1, 2, 4]
    assert store.verify_audit() is None


def test_two_who_record_the_same_at_once_record_it_once(store: Store) -> None:
    with ThreadPoolExecutor(2) as both:
        numbers = list(both.map(lambda _: record(store, *(entry(day) for day in range(1, 29))), range(2)))
    assert sorted(map(len, numbers)) == [0, 28]
    assert len(store.recorded()) == 28
    assert store.verify_audit() is None


def test_what_fails_on_the_way_records_nothing(store: Store) -> None:
    def fail(known: Sequence[Recorded]) -> Decided:
        raise StateError("no")

    with pytest.raises(StateError):
        store.record({"m"}, fail, who="anna", at=NOW)
    assert (store.recorded(), store.audit_entries()) == ([], [])


def test_entries_are_kept_while_they_stand_and_corrected_ones_go_with_the_names(store: Store) -> None:
    old, new = datetime(2020, 1, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC)
    record(store, entry(1), entry(2), entry(3), at=old)
    record(store, entry(1, grade="Poor"), at=old + timedelta(days=1))
    store.withdraw(2, "wrong day", who="anna", at=old + timedelta(days=1))
    record(store, entry(3, grade="Poor"), at=new)
    before = standing(store.recorded())
    gone = store.forget(datetime(2021, 1, 1, tzinfo=UTC))
    assert gone["entries"] == 3, "one corrected, one withdrawn, and its withdrawal"
    assert [one.entry for one in standing(store.recorded())] == [one.entry for one in before]
    assert [(one.number, one.recorded_by) for one in store.recorded()] == [(3, ""), (4, ""), (6, "anna")]
    assert store.verify_audit() is None
    assert store.forget(datetime(2021, 1, 1, tzinfo=UTC))["entries"] == 0
