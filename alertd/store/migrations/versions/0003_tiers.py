"""The tiers of governance that a case was passed on to.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; cases of before were passed on to one owner, if to any."""
    op.add_column("cases", sa.Column("tiers", sa.Text, nullable=False, server_default="[]"))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("cases", "tiers")
