"""Rounds and what became of each rule in them, as rows."""

from collections.abc import Collection

from sqlalchemy import Connection, String, column, exists, select, values

from alertd.store.records import LastOutcome, Round, RuleOutcome
from alertd.store.rows import columns_of, fields_from, insert_all
from alertd.store.tables import rounds, rule_outcomes


def write_round(connection: Connection, round_: Round) -> None:
    """Insert a round with its outcomes."""
    insert_all(connection, rounds, [columns_of(round_, leave_out=["outcomes"])])
    insert_all(
        connection, rule_outcomes, [columns_of(outcome) | {"round_id": round_.id} for outcome in round_.outcomes]
    )


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


def last_outcomes(connection: Connection, rules: Collection[str] | None) -> list[LastOutcome]:
    """The newest outcome of each of `rules` (None for all that were ever judged), however long ago, oldest first.

    For each rule, the rounds are walked from the newest back until one judged it, which for most is the first.
    """
    if rules is not None and not rules:
        return []
    if rules is None:
        known = select(rule_outcomes.c.rule).distinct().cte("known")
    else:
        known = values(column("rule", String), name="known").data([(rule,) for rule in sorted(set(rules))]).cte("known")
    other = rule_outcomes.alias()
    # A semi-join, not a join: SQLite would turn a join round and read every outcome for each rule.
    judges_it = exists().where(other.c.round_id == rounds.c.id, other.c.rule == known.c.rule).correlate(rounds, known)
    newest = (
        select(rounds.c.id)
        .where(judges_it)
        .order_by(rounds.c.finished_at.desc(), rounds.c.started_at.desc())
        .limit(1)
        .correlate(known)
        .scalar_subquery()
    )
    query = (
        select(rule_outcomes, rounds.c.finished_at, rounds.c.now, rounds.c.as_of)
        .select_from(known)
        .join(rule_outcomes, (rule_outcomes.c.rule == known.c.rule) & (rule_outcomes.c.round_id == newest))
        .join(rounds, rounds.c.id == rule_outcomes.c.round_id)
        .order_by(rounds.c.finished_at, rule_outcomes.c.rule)
    )
    return [
        LastOutcome(
            outcome=RuleOutcome(**fields_from(RuleOutcome, row)),
            finished_at=row["finished_at"],
            as_of=row["now"] if row["as_of"] else None,
        )
        for row in connection.execute(query).mappings()
    ]
