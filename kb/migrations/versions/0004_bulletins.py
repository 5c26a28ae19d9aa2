"""Bulletins, shifts and briefs, and who has read them

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "bulletins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("words", JSON, nullable=False),
        sa.Column("regions", JSON, nullable=False),
        sa.Column("teams", JSON, nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("must_read", sa.Boolean(), nullable=False),
        sa.Column("prompt", sa.String(length=200), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("right", sa.Integer(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_bulletins_validity")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_bulletins_author_id_users")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["users.id"], name=op.f("fk_bulletins_changed_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletins")),
    )
    with op.batch_alter_table("bulletins", schema=None) as batch_op:
        batch_op.create_index("ix_bulletins_valid_until", ["valid_until"], unique=False)
    op.create_table(
        "bulletin_receipts",
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=True),
        sa.Column("right", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_bulletin_receipts_bulletin_id_bulletins")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bulletin_receipts_user_id_users")),
        sa.PrimaryKeyConstraint("bulletin_id", "version", "user_id", name=op.f("pk_bulletin_receipts")),
    )
    with op.batch_alter_table("bulletin_receipts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletin_receipts_user_id"), ["user_id"], unique=False)
    op.create_table(
        "shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_shifts_team_id_teams")),
        sa.ForeignKeyConstraint(["set_by_id"], ["users.id"], name=op.f("fk_shifts_set_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.create_index("ix_shifts_team_id_starts_at", ["team_id", "starts_at"], unique=True)
    op.create_table(
        "brief_receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_brief_receipts_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_receipts")),
    )
    with op.batch_alter_table("brief_receipts", schema=None) as batch_op:
        batch_op.create_index("ix_brief_receipts_user_id_at", ["user_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_table("brief_receipts")
    op.drop_table("shifts")
    op.drop_table("bulletin_receipts")
    op.drop_table("bulletins")
