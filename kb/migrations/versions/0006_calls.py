"""Calls, their steps, and what is left of a week of them

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "call_spreads",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.Column("median", sa.Integer(), nullable=False),
        sa.Column("p90", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("week", "by", "key", "measure", name=op.f("pk_call_spreads")),
    )
    op.create_table(
        "call_weeks",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("empty", sa.Integer(), nullable=False),
        sa.Column("solved", sa.Integer(), nullable=False),
        sa.Column("unsolved", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("week", "by", "key", name=op.f("pk_call_weeks")),
    )
    op.create_table(
        "calls",
        sa.Column("id", ID, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("cti", sa.String(length=64), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("team_key", sa.String(length=64), nullable=True),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=32), nullable=True),
        sa.Column("region_key", sa.String(length=64), nullable=True),
        sa.Column("module_key", sa.String(length=64), nullable=True),
        sa.Column("product_key", sa.String(length=64), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("spelling", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=True),
        sa.Column("ticket", sa.String(length=40), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("copied", sa.Boolean(), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("unsolved_reason", sa.String(length=32), nullable=True),
        sa.Column("outcome_ms", sa.Integer(), nullable=True),
        sa.Column("first_key_ms", sa.Integer(), nullable=True),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("empty", sa.Integer(), nullable=False),
        sa.Column("first_card_ms", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_calls_entry_id_entries")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_calls_revision_id_revisions")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_calls_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("reference", name=op.f("uq_calls_reference")),
    )
    op.create_index("ix_calls_closed_at_last_at", "calls", ["closed_at", "last_at"], unique=False)
    op.create_index("ix_calls_opened_at", "calls", ["opened_at"], unique=False)
    op.create_index("ix_calls_ticket_opened_at", "calls", ["ticket", "opened_at"], unique=False)
    op.create_index("ix_calls_user_id_closed_at", "calls", ["user_id", "closed_at"], unique=False)
    op.create_index("ix_calls_user_id_cti", "calls", ["user_id", "cti"], unique=False)
    op.create_index("ix_calls_user_id_opened_at", "calls", ["user_id", "opened_at"], unique=False)
    op.create_index("ix_calls_week", "calls", ["week"], unique=False)
    op.create_table(
        "call_steps",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("page", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("spelling", sa.String(length=200), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_steps_call_id_calls")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_call_steps_entry_id_entries")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_call_steps_revision_id_revisions")),
        sa.PrimaryKeyConstraint("call_id", "page", "number", name=op.f("pk_call_steps")),
    )


def downgrade() -> None:
    op.drop_table("call_steps")
    op.drop_table("calls")
    op.drop_table("call_weeks")
    op.drop_table("call_spreads")
