"""R34: who was told what, when, by which version of which rule over which data; and nobody can change it unseen."""

import json

import pytest
from sqlalchemy import text

from alertd.core.letters import Attempt, LetterState, Outcome
from alertd.store import Store, delivery_lock
from alertd.store.engine import writing
from tests.edges.store.make import NOW, keep, letter


def _tell(store: Store, number: int) -> None:
    keep(store, [letter() for _ in range(number)])
    with delivery_lock(store) as epoch:
        for claimed in store.claim(NOW, limit=number, epoch=epoch):
            store.mark(claimed, Attempt(outcome=Outcome.DELIVERED, detail="250 ok"), NOW)


def _change(store: Store, statement: str) -> None:
    with writing(store.engine) as connection:
        connection.execute(text(statement))


def test_it_says_who_was_told_what_by_which_rule_version_over_which_data(store: Store) -> None:
    _tell(store, 1)
    (entry,) = store.audit_entries()
    assert (entry.event, entry.at) == ("told", NOW)
    assert json.loads(entry.people) == {"address": "lead@example.org", "name": "Supt A Example", "owner": "lead"}
    (finding,) = json.loads(entry.details)["findings"]
    assert finding["rule"] == "response-low"
    assert finding["rule_version"] == "v1"
    assert finding["data_version"] == "d1"
    assert (finding["period"], finding["transition"]) == ("2022-12", "opened")
    assert finding["series"].keys() == {"district"}


def test_an_untouched_chain_holds(store: Store) -> None:
    assert store.verify_audit() is None
    _tell(store, 5)
    assert store.verify_audit() is None
    assert [entry.seq for entry in store.audit_entries()] == [1, 2, 3, 4, 5]
    assert [entry.seq for entry in store.audit_entries(limit=2)] == [4, 5]


@pytest.mark.parametrize(
    ("tampering", "first_broken"),
    [
        ("UPDATE audit SET details = '{}' WHERE seq = 3", 3),
        ("UPDATE audit SET event = 'resolved' WHERE seq = 2", 2),
        ("UPDATE audit SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = 4", 4),
        ("UPDATE audit_people SET people = '{}' WHERE seq = 1", 1),
        ("DELETE FROM audit_people WHERE seq = 5; DELETE FROM audit WHERE seq = 5", 5),
        ("DELETE FROM audit_people WHERE seq = 2; DELETE FROM audit WHERE seq = 2", 2),
    ],
)
def test_what_was_changed_or_taken_out_shows(store: Store, tampering: str, first_broken: int) -> None:
    _tell(store, 5)
    for statement in tampering.split("; "):
        _change(store, statement)
    assert store.verify_audit() == first_broken


def test_people_can_be_erased_without_breaking_the_chain(store: Store) -> None:
    _tell(store, 3)
    _change(store, "DELETE FROM audit_people WHERE seq = 2")
    assert store.verify_audit() is None
    assert [bool(entry.people) for entry in store.audit_entries()] == [True, False, True]


def test_the_same_person_has_another_hash_each_time(store: Store) -> None:
    """The hash is salted, or an erased address could be found by trying addresses."""
    _tell(store, 2)
    with writing(store.engine) as connection:
        hashes = set(connection.execute(text("SELECT people_hash FROM audit")).scalars())
    assert len(hashes) == 2


def test_released_and_refused_letters_are_in_it(store: Store) -> None:
    keep(store, [letter(state=LetterState.HELD)])
    store.release_held(who="ops", now=NOW)
    with delivery_lock(store) as epoch:
        (claimed,) = store.claim(NOW, limit=1, epoch=epoch)
        copy = letter()
        store.mark(claimed, Attempt(outcome=Outcome.REFUSED, detail="550 unknown"), NOW, instead=[copy])
    released, refused = store.audit_entries()
    assert (released.event, json.loads(released.people)) == ("released", {"who": "ops"})
    assert json.loads(refused.details)["instead"] == [copy.id]
    assert json.loads(refused.people)["said"] == "550 unknown"
    assert store.verify_audit() is None


def test_the_findings_of_a_copy_are_those_of_the_refused_letter(store: Store) -> None:
    keep(store, [letter()])
    with delivery_lock(store) as epoch:
        (claimed,) = store.claim(NOW, limit=1, epoch=epoch)
        copy = letter(recipient="deputy@example.org")
        store.mark(claimed, Attempt(outcome=Outcome.REFUSED, detail="550"), NOW, instead=[copy])
        (claimed,) = store.claim(NOW, limit=1, epoch=epoch)
        store.mark(claimed, Attempt(outcome=Outcome.DELIVERED, detail="250"), NOW)
    told = store.audit_entries()[-1]
    assert len(json.loads(told.details)["findings"]) == 1
    assert json.loads(told.people)["address"] == "deputy@example.org"
