"""The tables of the state database.

rounds ─< rule_outcomes          what was judged, and whether it could be
judged_rules                     how each rule read when it was last judged
rules_in_force                   how each rule read in the last round, judged there or not
cases ─< findings >─ letters     what was found, what is told of it, and the bytes that tell it
                     letters ─< attempts
vacancies                        posts that nobody holds, and that ops were told of
entries                          what people recorded of qualitative measures; each with the number of its link in the audit
slots                            which local slots of which schedule have run
leadership                       one row: the epoch of who delivers
audit ─ audit_people             who was told what; people apart, so that they can be erased
meta                             single values, such as the end of the audit's chain
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from alertd.store.columns import Figure, Moment, PeriodText, SeriesText, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table("meta", metadata, Column("name", String, primary_key=True), Column("value", Text, nullable=False))

rounds = Table(
    "rounds",
    metadata,
    Column("id", String, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment, nullable=False, index=True),
    Column("now", Moment, nullable=False),
    Column("as_of", Boolean(create_constraint=False), nullable=False),
    Column("digest", String, nullable=False),
)

rule_outcomes = Table(
    "rule_outcomes",
    metadata,
    Column("round_id", ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True),
    Column("rule", String, primary_key=True),
    Column("measure", String, nullable=False),
    Column("status", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("series", Integer, nullable=False),
    Column("exceptions", Integer, nullable=False),
    Column("newest_period", String),
    Column("data_version", String, nullable=False),
    Column("rule_version", String, nullable=False),
)

judged_rules = Table(
    "judged_rules",
    metadata,
    Column("rule", String, primary_key=True),
    Column("rule_version", String, nullable=False),
    Column("parts", Text, nullable=False, server_default=""),
)

rules_in_force = Table(
    "rules_in_force",
    metadata,
    Column("rule", String, primary_key=True),
    Column("rule_version", String, nullable=False),
    Column("parts", Text, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("id", String, primary_key=True),
    Column("rule", String, nullable=False),
    Column("measure", String, nullable=False),
    Column("by", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("direction", String, nullable=False),
    Column("state", String, nullable=False),
    Column("opened_period", PeriodText, nullable=False),
    Column("opened_at", Moment, nullable=False, index=True),
    Column("told_period", PeriodText, nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("told_signals", Words, nullable=False),
    Column("told_value", Figure),
    Column("told_excess", Figure),
    Column("told_faults", Words, nullable=False),
    Column("escalated_at", Moment),
    Column("tiers", Words, nullable=False, server_default="[]"),
    Column("holder", String),
    Column("closed_period", PeriodText),
    Column("closed_at", Moment),
    Column("muted", Boolean(create_constraint=False), nullable=False),
    Column("version", Integer, nullable=False),
)
Index(
    "uq_cases_open",
    cases.c.rule,
    cases.c.key,
    unique=True,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)

letters = Table(
    "letters",
    metadata,
    Column("id", String, primary_key=True),
    Column("message_id", String, nullable=False),
    Column("origin", String, nullable=False, index=True),  # the letter that its findings were composed into
    Column("channel", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("recipient_name", Text, nullable=False),
    Column("owner", String, nullable=False),
    Column("deputy", String),
    Column("subject", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("keys", Words, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment),
    Column("epoch", Integer, nullable=False),
    Column("last_error", Text),
    Column("finished_at", Moment),
    UniqueConstraint("message_id"),
    Index(None, "state", "channel", "next_attempt_at"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("letter_id", ForeignKey("letters.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("outcome", String),
    Column("detail", Text),
    UniqueConstraint("letter_id", "number"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String, nullable=False, index=True),
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("rule", String, nullable=False),
    Column("period", String, nullable=False),
    Column("transition", String, nullable=False),
    Column("address", String, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("channel", String, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("letter_id", ForeignKey("letters.id", ondelete="CASCADE"), index=True),
    Column("finding", Text, nullable=False),
)
Index(
    "ix_findings_waiting",
    findings.c.due_at,
    sqlite_where=text("letter_id IS NULL"),
    postgresql_where=text("letter_id IS NULL"),
)

vacancies = Table(
    "vacancies",
    metadata,
    Column("owner", String, primary_key=True),
    Column("place", String, primary_key=True),
    Column("since", String),
)

entries = Table(
    "entries",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("measure", String, nullable=False),
    Column("series", SeriesText, nullable=False),
    Column("day", Date, nullable=False),
    Column("began", Date),
    Column("ended", Date),
    Column("grade", Text),
    Column("by", Text, nullable=False),
    Column("finding", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("withdrawn", Text),  # why, of an entry that takes an earlier one away
    Column("source", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),  # empty where it was forgotten
    Column("recorded_at", Moment, nullable=False),
    Index(None, "measure", "day"),
)

slots = Table(
    "slots",
    metadata,
    Column("name", String, primary_key=True),
    Column("slot", String, primary_key=True),
    Column("how", String, nullable=False),
    Column("at", Moment, nullable=False),
)

leadership = Table(
    "leadership",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("holder", Text),
    Column("expires_at", DateTime(timezone=True)),  # the database's own clock, so not a Moment
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("event", String, nullable=False),
    Column("letter_id", String, nullable=False, index=True),
    Column("details", Text, nullable=False),
    Column("people_hash", String, nullable=False),
    Column("prev_hash", String, nullable=False),
    Column("hash", String, nullable=False),
)

audit_people = Table(
    "audit_people",
    metadata,
    Column("seq", ForeignKey("audit.seq"), primary_key=True, autoincrement=False),
    Column("salt", String, nullable=False),
    Column("people", Text, nullable=False),
)
