"""How rules read: when each was last judged, and in the last round; and what the audit says of a difference."""

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, Table, delete, select

from alertd.core.owners import OWNER_OUTCOME
from alertd.core.rule_changes import RuleDifference, RuleReading, differences
from alertd.store import audit
from alertd.store.records import Round
from alertd.store.rows import chunks, insert_all
from alertd.store.tables import judged_rules, rounds, rules_in_force

RULES_CHANGED = "rules changed"


def judged(connection: Connection) -> dict[str, RuleReading]:
    """How each rule read when it was last judged."""
    return _read(connection, judged_rules)


def note_judged(connection: Connection, round_: Round, readings: Mapping[str, RuleReading]) -> None:
    """Take down how the rules read that a round could judge; of one without a reading, its version."""
    fresh = {
        outcome.rule: readings.get(outcome.rule) or RuleReading(version=outcome.rule_version)
        for outcome in round_.outcomes
        if outcome.status == "ok" and not outcome.rule.startswith(OWNER_OUTCOME)
    }
    _write(connection, judged_rules, judged(connection), fresh)


def take_over(
    connection: Connection, round_: Round, readings: Mapping[str, RuleReading], people: Mapping[str, str]
) -> tuple[RuleDifference, ...]:
    """Put readings in force in place of the last round's; a difference is one link of the audit.

    A rule that is gone is forgotten, so that it begins anew should it come back. The link holds ids, versions, names of
    keys and digests of the home; `people` is its personal part.
    """
    before = _read(connection, rules_in_force)
    found = differences(before, readings)
    gone = [rule for rule in before.keys() | judged(connection).keys() if rule not in readings]
    _forget(connection, rules_in_force, gone)
    _forget(connection, judged_rules, gone)
    _write(connection, rules_in_force, before, readings)  # also where only what is known of them grew
    if not found:
        return ()
    earlier = select(rounds.c.digest).where(rounds.c.id != round_.id)
    newest_first = earlier.order_by(rounds.c.finished_at.desc(), rounds.c.started_at.desc())
    details = {
        "round": round_.id,
        "home_before": connection.execute(newest_first.limit(1)).scalar(),
        "home_after": round_.digest,
        "rules": [
            {
                "rule": one.rule,
                "change": one.change.value,
                "version_before": one.before,
                "version_after": one.after,
                "keys": list(one.keys),
            }
            for one in found
        ],
    }
    audit.append(connection, RULES_CHANGED, "", details, people, round_.finished_at)
    return found


def _read(connection: Connection, table: Table) -> dict[str, RuleReading]:
    rows = connection.execute(select(table.c.rule, table.c.rule_version, table.c.parts))
    return {row[0]: RuleReading(version=row[1], parts=json.loads(row[2] or "{}")) for row in rows}


def _write(
    connection: Connection, table: Table, known: Mapping[str, RuleReading], fresh: Mapping[str, RuleReading]
) -> None:
    changed = {rule: reading for rule, reading in fresh.items() if known.get(rule) != reading}
    _forget(connection, table, changed.keys() & known.keys())
    rows = [
        {"rule": rule, "rule_version": one.version, "parts": json.dumps(one.parts, sort_keys=True) if one.parts else ""}
        for rule, one in changed.items()
    ]
    insert_all(connection, table, rows)


def _forget(connection: Connection, table: Table, rules: Iterable[str]) -> None:
    names: Sequence[str] = sorted(rules)
    for some in chunks(names):
        connection.execute(delete(table).where(table.c.rule.in_(some)))
