"""Questions about entries, must-reads, and what people study of them

Revision ID: 0013
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("suspended_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("prompt", sa.String(length=300), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("right", JSON, nullable=False),
        sa.Column("entries", JSON, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_questions_entry_id_entries")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_questions_revision_id_revisions")),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], ["users.id"], name=op.f(f"fk_questions_{name}_id_users"))
            for name in ("author", "changed_by", "published_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("entry_id", "fingerprint", name=op.f("uq_questions_entry_id_fingerprint")),
    )
    op.create_index(op.f("ix_questions_entry_id_state"), "questions", ["entry_id", "state"])
    op.create_index(op.f("ix_questions_state"), "questions", ["state"])
    _must_reads()
    _study()


def _must_reads() -> None:
    op.create_table(
        "must_reads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("teams", JSON, nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_must_reads_entry_id_entries")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_must_reads_question_id_questions")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["users.id"], name=op.f("fk_must_reads_asked_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_must_reads")),
    )
    op.create_index(op.f("ix_must_reads_entry_id"), "must_reads", ["entry_id"])
    op.create_index(op.f("ix_must_reads_withdrawn_at"), "must_reads", ["withdrawn_at"])
    op.create_table(
        "must_read_receipts",
        sa.Column("must_read_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["must_read_id"], ["must_reads.id"], name=op.f("fk_must_read_receipts_must_read_id_must_reads")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_must_read_receipts_user_id_users")),
        sa.PrimaryKeyConstraint("must_read_id", "edition", "user_id", name=op.f("pk_must_read_receipts")),
    )
    op.create_index(op.f("ix_must_read_receipts_user_id"), "must_read_receipts", ["user_id"])


def _study() -> None:
    op.create_table(
        "study_cards",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("box", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("lapses", sa.Integer(), nullable=False),
        sa.Column("sure_wrong", sa.Boolean(), nullable=False),
        sa.Column("stability", sa.Double(), nullable=True),
        sa.Column("hardness", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_study_cards_user_id_users")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_study_cards_question_id_questions")),
        sa.PrimaryKeyConstraint("user_id", "question_id", name=op.f("pk_study_cards")),
    )
    op.create_index(op.f("ix_study_cards_question_id"), "study_cards", ["question_id"])
    op.create_index(op.f("ix_study_cards_user_id_due_at"), "study_cards", ["user_id", "due_at"])
    op.create_table(
        "study_answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("given", JSON, nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_study_answers_user_id_users")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_study_answers_question_id_questions")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_study_answers_entry_id_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_answers")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_study_answers_user_id_key")),
    )
    op.create_index(op.f("ix_study_answers_user_id_at"), "study_answers", ["user_id", "at"])
    op.create_index(op.f("ix_study_answers_question_id_at"), "study_answers", ["question_id", "at"])
    op.create_table(
        "study_scopes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("tier_key", sa.String(length=64), nullable=True),
        sa.Column("modules", JSON, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_study_scopes_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_study_scopes")),
    )


def downgrade() -> None:
    for table in ("study_scopes", "study_answers", "study_cards", "must_read_receipts", "must_reads", "questions"):
        op.drop_table(table)
