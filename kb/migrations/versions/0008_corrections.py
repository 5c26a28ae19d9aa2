"""What people say is wrong with an entry, and what became of it

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("reported_severity", sa.String(length=32), nullable=False),
        sa.Column("passage", sa.String(length=500), nullable=False),
        sa.Column("wrong", sa.String(length=1000), nullable=False),
        sa.Column("right", sa.String(length=2000), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("severity", sa.String(length=32), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
        sa.Column("fixed_revision_id", sa.Integer(), nullable=True),
        sa.Column("fixed_by_id", sa.Integer(), nullable=True),
        sa.Column("fixed_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("hold", sa.String(length=32), nullable=False),
        sa.Column("suspend_at", MOMENT, nullable=True),
        sa.Column("held_by_id", sa.Integer(), nullable=True),
        sa.Column("held_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_corrections_entry_id_entries")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_corrections_revision_id_revisions")),
        sa.ForeignKeyConstraint(
            ["fixed_revision_id"], ["revisions.id"], name=op.f("fk_corrections_fixed_revision_id_revisions")
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of_id"], ["corrections.id"], name=op.f("fk_corrections_duplicate_of_id_corrections")
        ),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], ["users.id"], name=op.f(f"fk_corrections_{name}_id_users"))
            for name in ("reporter", "decided_by", "fixed_by", "held_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("reporter_id", "token", name=op.f("uq_corrections_reporter_id_token")),
    )
    for columns in (("entry_id",), ("duplicate_of_id",), ("state", "due_at"), ("hold",), ("reported_at",)):
        op.create_index(op.f(f"ix_corrections_{'_'.join(columns)}"), "corrections", list(columns))


def downgrade() -> None:
    op.drop_table("corrections")
