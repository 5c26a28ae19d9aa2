"""Notices go by mail, and documents are taken apart before they are taken over

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("notices") as notices:
        notices.add_column(sa.Column("mail", sa.String(length=32), nullable=False, server_default="none"))
    with op.batch_alter_table("notices") as notices:
        notices.alter_column("mail", server_default=None, existing_type=sa.String(length=32), existing_nullable=False)
        notices.create_index(op.f("ix_notices_mail_user_id"), ["mail", "user_id"])
    op.create_table(
        "notice_choices",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("telling", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notice_choices_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notice_choices")),
    )
    op.create_table(
        "mailboxes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mailboxes_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mailboxes")),
    )
    op.create_table(
        "letters",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_letters_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    op.create_index(op.f("ix_letters_user_id"), "letters", ["user_id"])
    op.create_index(op.f("ix_letters_state_next_try_at"), "letters", ["state", "next_try_at"])
    op.create_table(
        "letter_lines",
        sa.Column("notice_id", BIG, nullable=False),
        sa.Column("letter_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_letter_lines_notice_id_notices")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_letter_lines_letter_id_letters")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_letter_lines")),
    )
    op.create_index(op.f("ix_letter_lines_letter_id"), "letter_lines", ["letter_id"])
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("cuts", JSON, nullable=False),
        sa.Column("alike", JSON, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_imports_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_user_id"), "imports", ["user_id"])
    op.create_index(op.f("ix_imports_digest"), "imports", ["digest"])
    op.create_table(
        "import_drafts",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_drafts_import_id_imports")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_import_drafts_entry_id_entries")),
        sa.PrimaryKeyConstraint("import_id", "start", name=op.f("pk_import_drafts")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_import_drafts_entry_id")),
    )


def downgrade() -> None:
    for table in ("import_drafts", "imports", "letter_lines", "letters", "mailboxes", "notice_choices"):
        op.drop_table(table)
    with op.batch_alter_table("notices") as notices:
        notices.drop_index(op.f("ix_notices_mail_user_id"))
        notices.drop_column("mail")
