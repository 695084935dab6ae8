"""How rules read, as the store keeps it: one link of the audit for each change, in the round's own transaction."""

import json

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from alertd.core.errors import StateError
from alertd.core.rule_changes import RuleReading
from alertd.store import Store
from alertd.store.records import SlotRun
from alertd.store.schema import MIGRATIONS
from tests.edges.store.make import NOW, outcome, round_of

A = RuleReading(version="a1", parts={"threshold": "1", "advice": "1"})
A2 = RuleReading(version="a2", parts={"threshold": "2", "advice": "1"})
B = RuleReading(version="b1", parts={"spc": "1"})


def links(store: Store) -> list[dict[str, str]]:
    """Of each link about rules, what became of which."""
    found = [json.loads(entry.details) for entry in store.audit_entries() if entry.event == "rules changed"]
    return [{one["rule"]: one["change"] for one in link["rules"]} for link in found]


def test_a_difference_is_one_link_whichever_rules_the_round_judged(store: Store) -> None:
    store.commit_round(round_of(outcome(rule="a", rule_version="a1")), [], [], [], in_force={"a": A})
    found = store.commit_round(round_of(), [], [], [], in_force={"a": A2, "b": B})
    assert [(one.rule, one.change, one.keys) for one in found] == [("a", "changed", ("threshold",)), ("b", "added", ())]
    assert store.judged_rules() == {"a": A}, "neither has been judged as it reads now"
    judged = round_of(outcome(rule="a", rule_version="a2"), outcome(rule="b", rule_version="b1"))
    assert store.commit_round(judged, [], [], [], in_force={"a": A2, "b": B}) == ()
    assert store.judged_rules() == {"a": A2, "b": B}
    store.commit_round(round_of(), [], [], [], in_force={"b": B})
    assert store.judged_rules() == {"b": B}
    assert links(store) == [{"a": "added"}, {"a": "changed", "b": "added"}, {"a": "withdrawn"}]
    assert store.verify_audit() is None


def test_a_round_that_cannot_be_written_leaves_no_link_and_the_next_one_does(store: Store) -> None:
    slot = SlotRun("measures hourly", "2023-01-05T07:00", "ran", NOW)
    store.record_slots([slot])
    with pytest.raises(StateError):
        store.commit_round(round_of(), [], [], [], slots=[slot], in_force={"a": A})
    assert links(store) == []
    store.commit_round(round_of(), [], [], [], in_force={"a": A})
    assert links(store) == [{"a": "added"}]


def test_rules_that_an_older_alertd_judged_are_known_by_their_versions(store: Store) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        connection.execute(text("INSERT INTO judged_rules (rule, rule_version) VALUES ('a', 'a1'), ('b', 'b0')"))
        command.upgrade(config, "head")
    assert store.judged_rules() == {"a": RuleReading(version="a1"), "b": RuleReading(version="b0")}
    same = RuleReading(version="b0", parts=B.parts)
    assert store.commit_round(round_of(), [], [], [], in_force={"a": A, "b": same}) == ()
    assert links(store) == []
    (change,) = store.commit_round(round_of(), [], [], [], in_force={"a": A2, "b": same})
    assert change.keys == ("threshold",), "from then on each key is known"
