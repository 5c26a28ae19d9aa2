"""Maturity: evidence, levels, rubric, ratings, flags, nominations

Revision ID: 0009
Revises: 0008
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)

FIRST_RUBRIC = {
    "accuracy": {"1": "有错，照着说会误导客户", "3": "基本对，个别地方要再核", "5": "逐条核过，和现行政策一致"},
    "completeness": {"1": "缺关键步骤或费用", "3": "主干齐全，例外没写", "5": "步骤、例外、费用、时限都有"},
    "wording": {"1": "没有话术，或念出来别扭", "3": "能用，要自己改几句", "5": "照着念客户就明白"},
    "applicability": {"1": "只对个别客户有用", "3": "常见情形能用", "5": "写清了谁能用、谁不能用"},
    "reusability": {"1": "是一次个案的记录", "3": "换个地区要改", "5": "别的班组和区县拿来就能用"},
}


def upgrade() -> None:
    op.create_table(
        "maturity_progress",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("passed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maturity_progress")),
    )
    op.create_table(
        "maturity_flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("entry_ids", JSON, nullable=False),
        sa.Column("user_ids", JSON, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_maturity_flags_decided_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maturity_flags")),
        sa.UniqueConstraint("name", "key", name=op.f("uq_maturity_flags_name_key")),
    )
    with op.batch_alter_table("maturity_flags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_maturity_flags_state"), ["state"], unique=False)

    op.create_table(
        "rubrics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("words", JSON, nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_rubrics_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubrics")),
    )
    op.create_table(
        "level_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_level_changes_entry_id_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_changes")),
    )
    with op.batch_alter_table("level_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_level_changes_at"), ["at"], unique=False)
        batch_op.create_index("ix_level_changes_entry_id_at", ["entry_id", "at"], unique=False)

    op.create_table(
        "level_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("held_by_id", sa.Integer(), nullable=True),
        sa.Column("held_at", MOMENT, nullable=False),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["ended_by_id"], ["users.id"], name=op.f("fk_level_holds_ended_by_id_users")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_level_holds_entry_id_entries")),
        sa.ForeignKeyConstraint(["held_by_id"], ["users.id"], name=op.f("fk_level_holds_held_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_holds")),
    )
    with op.batch_alter_table("level_holds", schema=None) as batch_op:
        batch_op.create_index(
            "ix_level_holds_open",
            ["entry_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "maturity_set_aside",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_maturity_set_aside_entry_id_entries")),
        sa.ForeignKeyConstraint(
            ["flag_id"], ["maturity_flags.id"], name=op.f("fk_maturity_set_aside_flag_id_maturity_flags")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_maturity_set_aside_user_id_users")),
        sa.PrimaryKeyConstraint("entry_id", "user_id", "flag_id", name=op.f("pk_maturity_set_aside")),
    )
    op.create_table(
        "nominations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_nominations_by_id_users")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_nominations_entry_id_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominations")),
    )
    with op.batch_alter_table("nominations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nominations_decided_at"), ["decided_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_nominations_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(
            "ix_nominations_open",
            ["entry_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "maturity_standings",
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("live_revision_id", sa.Integer(), nullable=False),
        sa.Column("base_revision_id", sa.Integer(), nullable=False),
        sa.Column("checklist", sa.Double(), nullable=False),
        sa.Column("solved", sa.Integer(), nullable=False),
        sa.Column("unsolved", sa.Integer(), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.Column("teams", sa.Integer(), nullable=False),
        sa.Column("raters", sa.Integer(), nullable=False),
        sa.Column("rater_teams", sa.Integer(), nullable=False),
        sa.Column("merit", sa.Double(), nullable=False),
        sa.Column("aged_for", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["base_revision_id"], ["revisions.id"], name=op.f("fk_maturity_standings_base_revision_id_revisions")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_maturity_standings_entry_id_entries")),
        sa.ForeignKeyConstraint(
            ["live_revision_id"], ["revisions.id"], name=op.f("fk_maturity_standings_live_revision_id_revisions")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_maturity_standings")),
    )
    op.create_table(
        "panel_votes",
        sa.Column("nomination_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("approves", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["nomination_id"], ["nominations.id"], name=op.f("fk_panel_votes_nomination_id_nominations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_panel_votes_user_id_users")),
        sa.PrimaryKeyConstraint("nomination_id", "user_id", name=op.f("pk_panel_votes")),
    )
    op.create_table(
        "ratings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("rater_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("accuracy", sa.Integer(), nullable=False),
        sa.Column("completeness", sa.Integer(), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column("applicability", sa.Integer(), nullable=False),
        sa.Column("reusability", sa.Integer(), nullable=False),
        sa.Column("overall", sa.Double(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=True),
        sa.CheckConstraint("accuracy BETWEEN 1 AND 5", name=op.f("ck_ratings_accuracy")),
        sa.CheckConstraint("applicability BETWEEN 1 AND 5", name=op.f("ck_ratings_applicability")),
        sa.CheckConstraint("completeness BETWEEN 1 AND 5", name=op.f("ck_ratings_completeness")),
        sa.CheckConstraint("reusability BETWEEN 1 AND 5", name=op.f("ck_ratings_reusability")),
        sa.CheckConstraint("wording BETWEEN 1 AND 5", name=op.f("ck_ratings_wording")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_ratings_entry_id_entries")),
        sa.ForeignKeyConstraint(["rater_id"], ["users.id"], name=op.f("fk_ratings_rater_id_users")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_ratings_revision_id_revisions")),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubrics.id"], name=op.f("fk_ratings_rubric_id_rubrics")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_ratings_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
    )
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ratings_current",
            ["entry_id", "rater_id"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_ratings_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ratings_rater_id"), ["rater_id"], unique=False)

    op.add_column("revisions", sa.Column("material", sa.Boolean(), nullable=True))
    _fill()


def _fill() -> None:
    """Add the rubric to begin with, and where following the event log begins."""
    progress = sa.table("maturity_progress", sa.column("id", sa.Integer), sa.column("seq", sa.Integer))
    op.bulk_insert(progress, [{"id": 1, "seq": 0}])
    rubrics = sa.table("rubrics", sa.column("at", MOMENT), sa.column("words", JSON), sa.column("note", sa.String))
    first = {"at": datetime(2026, 1, 1, tzinfo=UTC), "words": FIRST_RUBRIC, "note": ""}
    op.bulk_insert(rubrics, [first])


def downgrade() -> None:
    op.drop_table("ratings")
    op.drop_table("panel_votes")
    op.drop_table("maturity_standings")
    op.drop_table("nominations")
    op.drop_table("maturity_set_aside")
    op.drop_table("level_holds")
    op.drop_table("level_changes")
    op.drop_table("rubrics")
    op.drop_table("maturity_flags")
    op.drop_table("maturity_progress")
    op.drop_column("revisions", "material")
