"""Entries are found by their dates: reminders look for those that are near.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_entries_review_due", "entries", ["review_due"])
    op.create_index("ix_revisions_valid_until", "revisions", ["valid_until"])


def downgrade() -> None:
    """Take them back."""
    op.drop_index("ix_revisions_valid_until", table_name="revisions")
    op.drop_index("ix_entries_review_due", table_name="entries")
