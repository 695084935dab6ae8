"""Posts that nobody holds, and that ops were told of.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "vacancies",
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("since", sa.String),
        sa.PrimaryKeyConstraint("owner", "place", name="pk_vacancies"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("vacancies")
