"""Searches, outcomes, learned wordings, gaps

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "search_records",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("spelling", sa.String(200), nullable=False),
        sa.Column("region_key", sa.String(64), nullable=True),
        sa.Column("module_key", sa.String(64), nullable=True),
        sa.Column("forum", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("top", JSON, nullable=False),
        sa.Column("took_ms", sa.Double(), nullable=False),
        sa.Column("door", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_records")),
    )
    op.create_index("ix_search_records_at", "search_records", ["at"])
    op.create_index("ix_search_records_spelling_at", "search_records", ["spelling", "at"])
    op.create_table(
        "search_summaries",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spelling", sa.String(200), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_summaries")),
    )
    op.create_index("ix_search_summaries_day_spelling", "search_summaries", ["day", "spelling"])
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("spelling", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_outcomes_entry_id_entries")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_outcomes_revision_id_revisions")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_outcomes_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
        sa.UniqueConstraint("entry_id", "user_id", "day", name=op.f("uq_outcomes_entry_id_user_id_day")),
    )
    op.create_index("ix_outcomes_entry_id_spelling", "outcomes", ["entry_id", "spelling"])
    op.create_index(op.f("ix_outcomes_spelling"), "outcomes", ["spelling"])
    op.create_index(op.f("ix_outcomes_user_id"), "outcomes", ["user_id"])
    op.create_table(
        "learned_wordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("spelling", sa.String(200), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("solved", sa.Integer(), nullable=False),
        sa.Column("unsolved", sa.Integer(), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_learned_wordings_decided_by_id_users")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_learned_wordings_entry_id_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_wordings")),
        sa.UniqueConstraint("entry_id", "spelling", name=op.f("uq_learned_wordings_entry_id_spelling")),
    )
    op.create_index(op.f("ix_learned_wordings_state"), "learned_wordings", ["state"])
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spelling", sa.String(200), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("region_key", sa.String(64), nullable=True),
        sa.Column("module_key", sa.String(64), nullable=True),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
        sa.UniqueConstraint("day", "spelling", name=op.f("uq_gaps_day_spelling")),
    )
    op.create_table(
        "gap_reports",
        sa.Column("gap_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name=op.f("fk_gap_reports_gap_id_gaps")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_gap_reports_user_id_users")),
        sa.PrimaryKeyConstraint("gap_id", "user_id", name=op.f("pk_gap_reports")),
    )


def downgrade() -> None:
    for table in ("gap_reports", "gaps", "learned_wordings", "outcomes", "search_summaries", "search_records"):
        op.drop_table(table)
