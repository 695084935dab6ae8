"""How rules read when they were last judged, and in the last round.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; of rules that were judged before, only the versions are known."""
    op.add_column("judged_rules", sa.Column("parts", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "rules_in_force",
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("rule_version", sa.String, nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("rule", name="pk_rules_in_force"),
    )
    op.execute("INSERT INTO rules_in_force (rule, rule_version, parts) SELECT rule, rule_version, '' FROM judged_rules")


def downgrade() -> None:
    """Forget both."""
    op.drop_table("rules_in_force")
    op.drop_column("judged_rules", "parts")
