"""A standing says by which version of the writing standard its Q was counted

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was counted until now was counted by no version there is: the first look at it counts it anew.
    with op.batch_alter_table("maturity_standings") as standings:
        standings.add_column(sa.Column("standard", sa.String(length=20), nullable=False, server_default=""))
    with op.batch_alter_table("maturity_standings") as standings:
        standings.alter_column(
            "standard", server_default=None, existing_type=sa.String(length=20), existing_nullable=False
        )


def downgrade() -> None:
    with op.batch_alter_table("maturity_standings") as standings:
        standings.drop_column("standard")
