"""Posts are edited, with what stood there before kept; entries take in what comes from elsewhere

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ADDED = {"threads": ("accepted_at", "edited_at"), "replies": ("edited_at",)}


def upgrade() -> None:
    # In place: SQLite's way of altering a table would drop the one that replies and gaps refer to.
    for table, columns in ADDED.items():
        for name in columns:
            op.add_column(table, sa.Column(name, MOMENT, nullable=True))
    op.create_table(
        "post_edits",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(120), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_post_edits_thread_id_threads")),
        sa.PrimaryKeyConstraint("thread_id", "number", "version", name=op.f("pk_post_edits")),
    )
    op.create_table(
        "entry_sources",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_sources_entry_id_entries")),
        sa.PrimaryKeyConstraint("entry_id", "source", name=op.f("pk_entry_sources")),
    )
    op.create_index(op.f("ix_entry_sources_source"), "entry_sources", ["source"])
    op.create_index(op.f("ix_entries_derived_from"), "entries", ["derived_from"])


def downgrade() -> None:
    op.drop_index(op.f("ix_entries_derived_from"), "entries")
    op.drop_table("entry_sources")
    op.drop_table("post_edits")
    for table, columns in ADDED.items():
        for name in columns:
            op.drop_column(table, name)
