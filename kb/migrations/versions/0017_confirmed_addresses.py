"""Mail goes only to addresses that their people have confirmed

Addresses that were entered before are asked for when their people next look: none of them was ever shown to be right.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("mailboxes") as mailboxes:
        mailboxes.add_column(sa.Column("confirmed_at", MOMENT, nullable=True))
    with op.batch_alter_table("letters") as letters:
        letters.add_column(sa.Column("confirms", sa.String(length=254), nullable=True))
        letters.create_index(op.f("ix_letters_confirms"), ["confirms"])


def downgrade() -> None:
    with op.batch_alter_table("letters") as letters:
        letters.drop_index(op.f("ix_letters_confirms"))
        letters.drop_column("confirms")
    with op.batch_alter_table("mailboxes") as mailboxes:
        mailboxes.drop_column("confirmed_at")
