"""One transaction writes a round, its cases, its notices and its letters; nothing is written over another's change."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertd.core.cases import CaseState
from alertd.core.errors import StateError
from alertd.core.letters import LetterState
from alertd.core.periods import Grain, Period
from alertd.store import Store, open_store
from alertd.store.records import SlotRun
from tests.edges.store.make import NOW, case, finding, keep, letter, outcome, queued, recipient, round_of


def _commit(store: Store, *changes: tuple, queued_: Sequence = (), letters: Sequence = ()) -> None:
    store.commit_round(round_of(outcome()), list(changes), list(queued_), list(letters))


def test_a_case_comes_back_as_it_went_in(store: Store) -> None:
    one = case(
        told_value=math.nan,
        told_excess=math.inf,
        told_faults=("a;b", 'quote " and ünïcode'),
        key=("Fylde\r\nBcc: x", ""),
        by=("district", "crime"),
        opened_at=NOW.astimezone(ZoneInfo("Europe/London")),
        muted=True,
    )
    _commit(store, (None, one))
    found = store.case(one.id)
    assert found is not None
    assert math.isnan(found.told_value)
    assert replace(found, told_value=0.0) == replace(one, told_value=0.0)
    assert found.opened_at.tzinfo is not None
    assert set(store.open_cases()) == {(one.rule, one.key)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grain=st.sampled_from(list(Grain)), slot=st.integers(0, 600), value=st.floats(allow_nan=False))
def test_every_period_and_figure_survives_the_database(tmp_path, grain: Grain, slot: int, value: float) -> None:
    store = open_store("sqlite:///state.db", root=tmp_path)
    one = case(opened_period=Period(grain, slot), told_period=Period(grain, slot + 1), told_value=value)
    _commit(store, (None, one))
    assert store.case(one.id) == one
    store.close()


def test_a_quiet_round_is_recorded_too(store: Store) -> None:
    """R20: the quiet run is still recorded and provable."""
    earlier = round_of(outcome(exceptions=0), finished_at=NOW - timedelta(days=1))
    later = round_of(outcome(rule="b"), outcome(rule="a", status="error", message="no table", newest_period=None))
    store.commit_round(earlier, [], [], [])
    store.commit_round(later, [], [], [])
    newest, before = store.last_rounds(5)
    assert before == earlier
    assert [one.rule for one in newest.outcomes] == ["a", "b"]
    assert not newest.ok
    assert before.ok


def versions(store: Store) -> dict[str, str]:
    return {rule: reading.version for rule, reading in store.judged_rules().items()}


def test_a_rule_counts_as_judged_only_where_it_could_be(store: Store) -> None:
    assert store.judged_rules() == {}
    store.commit_round(round_of(outcome(rule="a"), outcome(rule="b", status="error", message="x")), [], [], [])
    assert versions(store) == {"a": "v1"}
    store.commit_round(round_of(outcome(rule="a", rule_version="v2"), outcome(rule="b")), [], [], [])
    assert versions(store) == {"a": "v2", "b": "v1"}


def test_the_newest_outcome_of_a_rule_is_found_behind_any_number_of_other_rounds(store: Store) -> None:
    assert store.latest_outcomes() == {}
    broken = outcome(rule="monthly", status="error", message="no table", newest_period=None)
    store.commit_round(round_of(outcome(rule="monthly"), finished_at=NOW - timedelta(days=300)), [], [], [])
    backfill = round_of(broken, finished_at=NOW - timedelta(days=200), now=NOW - timedelta(days=900), as_of=True)
    store.commit_round(backfill, [], [], [])
    for hour in range(150):
        judged = outcome(rule="hourly", exceptions=hour)
        store.commit_round(round_of(judged, finished_at=NOW + timedelta(hours=hour)), [], [], [])
    assert store.latest_outcomes() == {"monthly": broken, "hourly": outcome(rule="hourly", exceptions=149)}
    assert store.latest_outcomes(["monthly", "never judged"]) == {"monthly": broken}
    assert store.latest_outcomes([]) == {}
    first, second = store.last_outcomes()
    assert (first.outcome.rule, first.as_of) == ("monthly", NOW - timedelta(days=900))
    assert (second.outcome.rule, second.as_of) == ("hourly", None)


def test_a_change_over_another_processs_change_writes_nothing_at_all(store: Store) -> None:
    one, other = case(), case()
    _commit(store, (None, one), (None, other))
    theirs = replace(one, told_excess=99.0)
    _commit(store, (one, theirs))
    with pytest.raises(StateError, match="changed by another process"):
        _commit(
            store,
            (other, replace(other, told_excess=50.0)),
            (one, replace(one, state=CaseState.CLEARED)),
            letters=[letter()],
        )
    found = store.open_cases()
    assert found[one.rule, one.key].told_excess == 99.0
    assert found[other.rule, other.key] == other
    assert store.letters() == []
    assert len(store.last_rounds(10)) == 2


def test_each_change_counts_up_the_version(store: Store) -> None:
    one = case()
    _commit(store, (None, one))
    _commit(store, (one, replace(one, told_excess=12.0)))
    changed = store.case(one.id)
    assert changed is not None
    assert changed.version == one.version + 1
    _commit(store, (changed, replace(changed, told_excess=13.0)))
    assert store.case(one.id) == replace(changed, told_excess=13.0, version=changed.version + 1)


def test_an_unchanged_case_is_not_written(store: Store) -> None:
    one = case(told_value=math.nan)
    _commit(store, (None, one))
    _commit(store, (one, replace(one)))
    found = store.case(one.id)
    assert found is not None
    assert found.version == one.version


def test_a_series_has_one_open_case_of_a_rule(store: Store) -> None:
    one = case()
    _commit(store, (None, one))
    with pytest.raises(StateError, match="another process wrote the same thing first"):
        _commit(store, (None, case(key=one.key)))
    assert len(store.all_cases()) == 1


def test_a_case_may_close_and_another_open_in_its_place_in_one_round(store: Store) -> None:
    one = case()
    _commit(store, (None, one))
    ended = replace(one, state=CaseState.CLEARED, closed_at=NOW, closed_period=one.told_period)
    fresh = case(key=one.key)
    _commit(store, (None, fresh), (one, ended))
    assert store.open_cases()[one.rule, one.key].id == fresh.id
    assert {found.id for found in store.all_cases(state=CaseState.CLEARED)} == {one.id}


def test_open_cases_of_some_rules_are_only_theirs(store: Store) -> None:
    mine, other = case(rule="mine"), case(rule="other")
    _commit(store, (None, mine), (None, other))
    assert list(store.open_cases(["mine"]).values()) == [mine]
    assert store.open_cases([]) == {}


def test_many_cases_change_in_one_round(store: Store) -> None:
    many = [case() for _ in range(700)]
    _commit(store, *((None, one) for one in many))
    _commit(store, *((one, replace(one, told_excess=1.0)) for one in many))
    assert {one.told_excess for one in store.open_cases().values()} == {1.0}


def test_what_was_told_of_a_case_is_its_history(store: Store) -> None:
    one, sent = case(), letter()
    first, second = queued(one, sent), queued(one)
    _commit(store, (None, one), queued_=[first, second], letters=[sent])
    assert [told.finding for told in store.told_of(one.id)] == [first.finding, second.finding]
    assert store.told_of("nothing") == []


def test_findings_wait_until_they_are_due_and_then_go_into_one_letter(store: Store) -> None:
    one = case()
    now, later = queued(one), queued(one, due_at=NOW + timedelta(hours=1))
    _commit(store, (None, one), queued_=[later, now])
    assert store.waiting(NOW) == [now]
    assert store.waiting(NOW + timedelta(hours=1)) == [later, now]
    made = letter(recipient="Lead@Example.org")
    store.commit_letters([made], {made.id: [now.finding.number]})
    assert store.waiting(NOW) == []
    assert [found.id for found in store.letters(LetterState.PENDING)] == [made.id]


def test_findings_that_another_process_composed_are_not_told_twice(store: Store) -> None:
    one = case()
    wait = queued(one)
    _commit(store, (None, one), queued_=[wait])
    first, second = letter(), letter()
    store.commit_letters([first], {first.id: [wait.finding.number]})
    with pytest.raises(StateError, match="another process put the same findings"):
        store.commit_letters([second], {second.id: [wait.finding.number]})
    assert [found.id for found in store.letters()] == [first.id]


def test_two_recipients_of_one_notice_number_keep_their_own_letters(store: Store) -> None:
    one = case()
    told = finding(one)
    ours = replace(queued(one), finding=told)
    theirs = replace(queued(one), finding=told, recipient=recipient("steward@example.org"))
    _commit(store, (None, one), queued_=[ours, theirs])
    made = letter()
    store.commit_letters([made], {made.id: [told.number]})
    assert store.waiting(NOW) == [theirs]


def test_a_letter_refers_to_the_first_letter_of_its_case_to_the_same_address(store: Store) -> None:
    one = case()
    first, second, other = letter(), letter(made_at=NOW + timedelta(days=1)), letter(recipient="steward@example.org")
    tell = [queued(one, first), queued(one, other), queued(one, second)]
    _commit(store, (None, one), queued_=tell, letters=[first, second, other])
    assert store.first_message_ids({one.id, "unknown"}) == {
        (one.id, "lead@example.org"): first.message_id,
        (one.id, "steward@example.org"): other.message_id,
    }


def test_a_message_id_is_used_once(store: Store) -> None:
    made = letter()
    keep(store, [made])
    with pytest.raises(StateError):
        keep(store, [letter(message_id=made.message_id)])


def test_a_slot_runs_once_whoever_tries(store: Store) -> None:
    slot = SlotRun("default", "2023-01-05T07:00", "ran", NOW)
    store.commit_round(round_of(outcome()), [], [], [], slots=[slot])
    assert store.slot_done("default", "2023-01-05T07:00")
    assert not store.slot_done("other", "2023-01-05T07:00")
    with pytest.raises(StateError):
        store.commit_round(round_of(outcome()), [(None, case())], [], [], slots=[slot])
    assert store.all_cases() == []
    store.record_slots([SlotRun("default", "2023-01-06T07:00", "missed", NOW)])
    assert store.last_slot("default") == "2023-01-06T07:00"
    assert store.last_slot("other") is None
    assert [run.how for run in store.slot_runs()] == ["missed", "ran"]


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StateError, match="without a time zone"):
        _commit(store, (None, case(opened_at=NOW.replace(tzinfo=None))))


def test_a_failure_in_the_middle_leaves_no_trace(store: Store) -> None:
    """The last thing of the transaction, the finding of a case that is not there, fails."""
    with pytest.raises(StateError):
        _commit(store, (None, case()), queued_=[queued(case())], letters=[letter()])
    assert (store.letters(), store.all_cases(), store.last_rounds(1)) == ([], [], [])
