"""What people record of qualitative measures.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, Date, Integer, String, Text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "entries",
        Column("number", Integer, autoincrement=False, nullable=False),
        Column("kind", String, nullable=False),
        Column("measure", String, nullable=False),
        Column("series", Text, nullable=False),
        Column("day", Date, nullable=False),
        Column("began", Date),
        Column("ended", Date),
        Column("grade", Text),
        Column("by", Text, nullable=False),
        Column("finding", Text, nullable=False),
        Column("reference", Text, nullable=False),
        Column("withdrawn", Text),
        Column("source", Text, nullable=False),
        Column("recorded_by", Text, nullable=False),
        Column("recorded_at", String, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_entries"),
    )
    op.create_index("ix_entries_measure_day", "entries", ["measure", "day"])


def downgrade() -> None:
    """Forget every entry."""
    op.drop_table("entries")
