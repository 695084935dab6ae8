"""Who held the post when a case was last told there.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; of cases of before it is not known."""
    op.add_column("cases", sa.Column("holder", sa.String))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("cases", "holder")
