"""The forum's marks, votes and moderation; attachments

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ADDED = {
    "threads": {
        "derived_from": sa.String(80), "merged_into": sa.String(64), "state_reason": sa.String(300), "drawn_at": MOMENT,
    },
    "replies": {"hidden_reason": sa.String(300)},
}  # fmt: skip


def upgrade() -> None:
    # In place: SQLite's way of altering a table would drop the one that replies and gaps refer to.
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_index(op.f("ix_threads_merged_into"), "threads", ["merged_into"])
    op.create_table(
        "post_votes",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_post_votes_thread_id_threads")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_post_votes_user_id_users")),
        sa.PrimaryKeyConstraint("thread_id", "number", "user_id", name=op.f("pk_post_votes")),
    )
    op.create_table(
        "thread_marks",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("read_number", sa.Integer(), nullable=True),
        sa.Column("follows", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_thread_marks_thread_id_threads")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_thread_marks_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "thread_id", name=op.f("pk_thread_marks")),
    )
    op.create_index(op.f("ix_thread_marks_thread_id"), "thread_marks", ["thread_id"])
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("uploader_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["uploader_id"], ["users.id"], name=op.f("fk_attachments_uploader_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("key", name=op.f("uq_attachments_key")),
    )
    op.create_index(op.f("ix_attachments_digest"), "attachments", ["digest"])
    op.create_table(
        "attachment_uses",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_attachment_uses_attachment_id_attachments")
        ),
        sa.PrimaryKeyConstraint("attachment_id", "subject_kind", "subject_id", name=op.f("pk_attachment_uses")),
    )


def downgrade() -> None:
    for table in ("attachment_uses", "attachments", "thread_marks", "post_votes"):
        op.drop_table(table)
    op.drop_index(op.f("ix_threads_merged_into"), "threads")
    for table, columns in ADDED.items():
        for name in columns:
            op.drop_column(table, name)
