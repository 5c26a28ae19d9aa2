"""The centre's words

Revision ID: 0003
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def kept(table: str) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["users.id"], name=op.f(f"fk_{table}_changed_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.create_table(
        "lexicon_synonyms",
        sa.Column("line", sa.String(length=720), nullable=False),
        sa.Column("direction", sa.String(32), nullable=False),
        sa.Column("said", JSON, nullable=False),
        sa.Column("ours", JSON, nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        *kept("lexicon_synonyms"),
        sa.UniqueConstraint("line", name=op.f("uq_lexicon_synonyms_line")),
    )
    op.create_table(
        "lexicon_words",
        sa.Column("text", sa.String(length=16), nullable=False),
        sa.Column("part_of_speech", sa.String(32), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        *kept("lexicon_words"),
        sa.UniqueConstraint("text", name=op.f("uq_lexicon_words_text")),
    )
    op.create_table(
        "lexicon_pins",
        sa.Column("query", sa.String(length=100), nullable=False),
        sa.Column("query_key", sa.String(length=200), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_lexicon_pins_entry_id_entries")),
        *kept("lexicon_pins"),
        sa.UniqueConstraint("query_key", "entry_id", name=op.f("uq_lexicon_pins_query_key_entry_id")),
    )
    with op.batch_alter_table("lexicon_pins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lexicon_pins_query_key"), ["query_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_lexicon_pins_entry_id"), ["entry_id"], unique=False)
    op.create_table(
        "lexicon_switched_off",
        sa.Column("word_list", sa.String(32), nullable=False),
        sa.Column("line", sa.String(length=400), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_lexicon_switched_off_by_id_users")),
        sa.PrimaryKeyConstraint("word_list", "line", name=op.f("pk_lexicon_switched_off")),
    )
    op.create_table(
        "lexicon_dismissals",
        sa.Column("text", sa.String(length=16), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_lexicon_dismissals_by_id_users")),
        sa.PrimaryKeyConstraint("text", name=op.f("pk_lexicon_dismissals")),
    )


def downgrade() -> None:
    for table in [
        "lexicon_dismissals",
        "lexicon_switched_off",
        "lexicon_pins",
        "lexicon_words",
        "lexicon_synonyms",
    ]:
        op.drop_table(table)
