"""Rounds, cases, findings, letters, attempts, slots, leadership and the audit.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Boolean, Column, DateTime, Float, ForeignKeyConstraint, Integer, LargeBinary, String, Text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _create(name: str, *parts: sa.schema.SchemaItem, key: tuple[str, ...] = ("id",)) -> None:
    op.create_table(name, *parts, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))


def _refer(table: str, column: str, other: str, other_column: str, ondelete: str | None = None) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        [column], [f"{other}.{other_column}"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def upgrade() -> None:
    """Create every table."""
    _rounds()
    _cases()
    _outbox()
    _create(
        "slots",
        Column("name", String, nullable=False),
        Column("slot", String, nullable=False),
        Column("how", String, nullable=False),
        Column("at", String, nullable=False),
        key=("name", "slot"),
    )
    _create(
        "leadership",
        Column("id", Integer, autoincrement=False, nullable=False),
        Column("epoch", Integer, nullable=False),
        Column("holder", Text),
        Column("expires_at", DateTime(timezone=True)),
    )
    _audit()
    op.bulk_insert(sa.table("leadership", Column("id"), Column("epoch")), [{"id": 1, "epoch": 0}])
    op.bulk_insert(sa.table("meta", Column("name"), Column("value")), [{"name": "audit_head", "value": "0:"}])


def _rounds() -> None:
    _create("meta", Column("name", String, nullable=False), Column("value", Text, nullable=False), key=("name",))
    _create(
        "rounds",
        Column("id", String, nullable=False),
        Column("started_at", String, nullable=False),
        Column("finished_at", String, nullable=False),
        Column("now", String, nullable=False),
        Column("as_of", Boolean, nullable=False),
        Column("digest", String, nullable=False),
    )
    _index("rounds", "finished_at")
    _create(
        "rule_outcomes",
        Column("round_id", String, nullable=False),
        Column("rule", String, nullable=False),
        Column("measure", String, nullable=False),
        Column("status", String, nullable=False),
        Column("message", Text, nullable=False),
        Column("series", Integer, nullable=False),
        Column("exceptions", Integer, nullable=False),
        Column("newest_period", String),
        Column("data_version", String, nullable=False),
        Column("rule_version", String, nullable=False),
        _refer("rule_outcomes", "round_id", "rounds", "id", ondelete="CASCADE"),
        key=("round_id", "rule"),
    )
    _create(
        "judged_rules",
        Column("rule", String, nullable=False),
        Column("rule_version", String, nullable=False),
        key=("rule",),
    )


def _cases() -> None:
    _create(
        "cases",
        Column("id", String, nullable=False),
        Column("rule", String, nullable=False),
        Column("measure", String, nullable=False),
        Column("by", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("direction", String, nullable=False),
        Column("state", String, nullable=False),
        Column("opened_period", String, nullable=False),
        Column("opened_at", String, nullable=False),
        Column("told_period", String, nullable=False),
        Column("told_at", String, nullable=False),
        Column("told_signals", Text, nullable=False),
        Column("told_value", Float(53)),
        Column("told_excess", Float(53)),
        Column("told_faults", Text, nullable=False),
        Column("escalated_at", String),
        Column("closed_period", String),
        Column("closed_at", String),
        Column("muted", Boolean, nullable=False),
        Column("version", Integer, nullable=False),
    )
    _index("cases", "opened_at")
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_cases_open", "cases", ["rule", "key"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )


def _outbox() -> None:
    _create(
        "letters",
        Column("id", String, nullable=False),
        Column("message_id", String, nullable=False),
        Column("origin", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("recipient", String, nullable=False),
        Column("recipient_name", Text, nullable=False),
        Column("owner", String, nullable=False),
        Column("deputy", String),
        Column("subject", Text, nullable=False),
        Column("message", LargeBinary, nullable=False),
        Column("keys", Text, nullable=False),
        Column("made_at", String, nullable=False),
        Column("state", String, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("next_attempt_at", String),
        Column("epoch", Integer, nullable=False),
        Column("last_error", Text),
        Column("finished_at", String),
        sa.UniqueConstraint("message_id", name="uq_letters_message_id"),
    )
    _index("letters", "origin")
    _index("letters", "state", "channel", "next_attempt_at")
    _create(
        "attempts",
        Column("id", Integer, nullable=False),
        Column("letter_id", String, nullable=False),
        Column("number", Integer, nullable=False),
        Column("epoch", Integer, nullable=False),
        Column("started_at", String, nullable=False),
        Column("finished_at", String),
        Column("outcome", String),
        Column("detail", Text),
        _refer("attempts", "letter_id", "letters", "id", ondelete="CASCADE"),
        sa.UniqueConstraint("letter_id", "number", name="uq_attempts_letter_id_number"),
    )
    _create(
        "findings",
        Column("id", Integer, nullable=False),
        Column("number", String, nullable=False),
        Column("case_id", String, nullable=False),
        Column("rule", String, nullable=False),
        Column("period", String, nullable=False),
        Column("transition", String, nullable=False),
        Column("address", String, nullable=False),
        Column("recipient", Text, nullable=False),
        Column("channel", String, nullable=False),
        Column("due_at", String, nullable=False),
        Column("letter_id", String),
        Column("finding", Text, nullable=False),
        _refer("findings", "case_id", "cases", "id", ondelete="CASCADE"),
        _refer("findings", "letter_id", "letters", "id", ondelete="CASCADE"),
    )
    for column in ("number", "case_id", "letter_id"):
        _index("findings", column)
    waiting = sa.text("letter_id IS NULL")
    op.create_index("ix_findings_waiting", "findings", ["due_at"], sqlite_where=waiting, postgresql_where=waiting)


def _audit() -> None:
    _create(
        "audit",
        Column("seq", Integer, autoincrement=False, nullable=False),
        Column("at", String, nullable=False),
        Column("event", String, nullable=False),
        Column("letter_id", String, nullable=False),
        Column("details", Text, nullable=False),
        Column("people_hash", String, nullable=False),
        Column("prev_hash", String, nullable=False),
        Column("hash", String, nullable=False),
        key=("seq",),
    )
    _index("audit", "letter_id")
    _create(
        "audit_people",
        Column("seq", Integer, autoincrement=False, nullable=False),
        Column("salt", String, nullable=False),
        Column("people", Text, nullable=False),
        _refer("audit_people", "seq", "audit", "seq"),
        key=("seq",),
    )


def downgrade() -> None:
    """Drop every table."""
    for table in (
        "audit_people",
        "audit",
        "leadership",
        "slots",
        "findings",
        "attempts",
        "letters",
        "cases",
        "judged_rules",
        "rule_outcomes",
        "rounds",
        "meta",
    ):
        op.drop_table(table)
