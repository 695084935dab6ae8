"""Rounds and what became of each rule in them, as rows."""

from sqlalchemy import Connection, delete, select

from alertd.store.records import Round, RuleOutcome
from alertd.store.rows import columns_of, fields_from, insert_all
from alertd.store.tables import judged_rules, rounds, rule_outcomes


def write_round(connection: Connection, round_: Round) -> None:
    """Insert a round with its outcomes, and note the rule versions that it judged."""
    insert_all(connection, rounds, [columns_of(round_, leave_out=["outcomes"])])
    insert_all(
        connection, rule_outcomes, [columns_of(outcome) | {"round_id": round_.id} for outcome in round_.outcomes]
    )
    known = judged(connection)
    fresh = {outcome.rule: outcome.rule_version for outcome in round_.outcomes if outcome.status == "ok"}
    changed = {rule: version for rule, version in fresh.items() if known.get(rule) != version}
    for rule in changed.keys() & known.keys():
        connection.execute(delete(judged_rules).where(judged_rules.c.rule == rule))
    insert_all(connection, judged_rules, [{"rule": rule, "rule_version": version} for rule, version in changed.items()])


def judged(connection: Connection) -> dict[str, str]:
    """Rule id to the version of it that was last judged."""
    query = select(judged_rules.c.rule, judged_rules.c.rule_version)
    return {row[0]: row[1] for row in connection.execute(query)}


def last_rounds(connection: Connection, number: int) -> list[Round]:
    """The last rounds that finished, newest first."""
    query = select(rounds).order_by(rounds.c.finished_at.desc(), rounds.c.started_at.desc()).limit(number)
    found = connection.execute(query).mappings().all()
    ids = [row["id"] for row in found]
    outcomes: dict[str, list[RuleOutcome]] = {round_id: [] for round_id in ids}
    of_them = select(rule_outcomes).where(rule_outcomes.c.round_id.in_(ids)).order_by(rule_outcomes.c.rule)
    for row in connection.execute(of_them).mappings():
        outcomes[row["round_id"]].append(RuleOutcome(**fields_from(RuleOutcome, row)))
    return [Round(**fields_from(Round, row), outcomes=tuple(outcomes[row["id"]])) for row in found]
