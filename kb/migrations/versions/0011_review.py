"""Remarks, set times of publishing, overlays, reminders, the calendar of working days

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("approvals", sa.Column("publish_at", MOMENT, nullable=True))
    op.add_column("entries", sa.Column("review_due", sa.Date(), nullable=True))
    op.execute(
        "UPDATE entries SET review_due ="
        " (SELECT review_due FROM revisions WHERE revisions.id = entries.live_revision_id)"
    )
    op.create_table(
        "remarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("quote", sa.String(length=500), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=True),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_remarks_entry_id_entries")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_remarks_revision_id_revisions")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_remarks_author_id_users")),
        sa.ForeignKeyConstraint(["resolved_by_id"], ["users.id"], name=op.f("fk_remarks_resolved_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remarks")),
    )
    op.create_index(op.f("ix_remarks_entry_id"), "remarks", ["entry_id"])
    op.create_table(
        "overlays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("region_key", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_overlays_entry_id_entries")),
        sa.ForeignKeyConstraint(["region_key"], ["regions.key"], name=op.f("fk_overlays_region_key_regions")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_overlays_author_id_users")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["users.id"], name=op.f("fk_overlays_ended_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overlays")),
    )
    op.create_index("ix_overlays_entry_id_region_key", "overlays", ["entry_id", "region_key"])
    op.create_table(
        "verification_nudges",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("region_key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_verification_nudges_revision_id_revisions")
        ),
        sa.ForeignKeyConstraint(
            ["region_key"], ["regions.key"], name=op.f("fk_verification_nudges_region_key_regions")
        ),
        sa.PrimaryKeyConstraint("revision_id", "region_key", "kind", name=op.f("pk_verification_nudges")),
    )
    op.create_table(
        "date_reminders",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("days_before", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_date_reminders_entry_id_entries")),
        sa.PrimaryKeyConstraint("entry_id", "kind", "day", "days_before", name=op.f("pk_date_reminders")),
    )
    op.create_table(
        "special_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_special_days")),
    )


def downgrade() -> None:
    for table in ("special_days", "date_reminders", "verification_nudges", "overlays", "remarks"):
        op.drop_table(table)
    op.drop_column("entries", "review_due")
    op.drop_column("approvals", "publish_at")
