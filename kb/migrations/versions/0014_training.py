"""Training: exams and their attempts, licences, plans, lessons, launch packs

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "exams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("sections", JSON, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("pass_share", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("wait_hours", sa.Integer(), nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("teams", JSON, nullable=False),
        sa.Column("people", JSON, nullable=False),
        sa.Column("grants_tier", sa.String(length=64), nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_exams_author_id_users")),
        sa.ForeignKeyConstraint(["grants_tier"], ["tiers.key"], name=op.f("fk_exams_grants_tier_tiers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exams")),
    )
    with op.batch_alter_table("exams", schema=None) as batch_op:
        batch_op.create_index("ix_exams_closes_at", ["closes_at"], unique=False)

    op.create_table(
        "licences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("tier_key", sa.String(length=64), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["users.id"], name=op.f("fk_licences_revoked_by_id_users")),
        sa.ForeignKeyConstraint(["tier_key"], ["tiers.key"], name=op.f("fk_licences_tier_key_tiers")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_licences_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_licences_attempt_id")),
    )
    with op.batch_alter_table("licences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_licences_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index("ix_licences_user_id_expires_at", ["user_id", "expires_at"], unique=False)

    op.create_table(
        "training_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("team_key", sa.String(length=64), nullable=True),
        sa.Column("follows_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint("since < until", name=op.f("ck_training_plans_evidence")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_training_plans_author_id_users")),
        sa.ForeignKeyConstraint(
            ["follows_id"], ["training_plans.id"], name=op.f("fk_training_plans_follows_id_training_plans")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_plans")),
    )
    with op.batch_alter_table("training_plans", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_plans_state"), ["state"], unique=False)

    op.create_table(
        "exam_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("ending", sa.String(32), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_exam_attempts_exam_id_exams")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_exam_attempts_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_attempts")),
        sa.UniqueConstraint("exam_id", "user_id", "number", name=op.f("uq_exam_attempts_exam_id_user_id_number")),
    )
    with op.batch_alter_table("exam_attempts", schema=None) as batch_op:
        batch_op.create_index("ix_exam_attempts_submitted_at_ends_at", ["submitted_at", "ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_attempts_user_id"), ["user_id"], unique=False)

    op.create_table(
        "launch_packs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("module_key", sa.String(length=64), nullable=False),
        sa.Column("launch_at", MOMENT, nullable=False),
        sa.Column("teams", JSON, nullable=False),
        sa.Column("entry_keys", JSON, nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("exam_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_launch_packs_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_launch_packs_exam_id_exams")),
        sa.ForeignKeyConstraint(["module_key"], ["modules.key"], name=op.f("fk_launch_packs_module_key_modules")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_launch_packs_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch_packs")),
    )
    with op.batch_alter_table("launch_packs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_launch_packs_launch_at"), ["launch_at"], unique=False)

    op.create_table(
        "training_plan_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("module_key", sa.String(length=64), nullable=False),
        sa.Column("team_key", sa.String(length=64), nullable=False),
        sa.Column("people", JSON, nullable=False),
        sa.Column("path", sa.String(32), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("leaders_first", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("trainer_id", sa.Integer(), nullable=True),
        sa.Column("pack_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["module_key"], ["modules.key"], name=op.f("fk_training_plan_items_module_key_modules")
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["launch_packs.id"], name=op.f("fk_training_plan_items_pack_id_launch_packs")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["training_plans.id"], name=op.f("fk_training_plan_items_plan_id_training_plans")
        ),
        sa.ForeignKeyConstraint(["trainer_id"], ["users.id"], name=op.f("fk_training_plan_items_trainer_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_plan_items")),
    )
    with op.batch_alter_table("training_plan_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_plan_items_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "exam_attempt_questions",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("module_key", sa.String(length=64), nullable=False),
        sa.Column("item", JSON, nullable=False),
        sa.Column("answer", JSON, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("right", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["exam_attempts.id"], name=op.f("fk_exam_attempt_questions_attempt_id_exam_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_exam_attempt_questions_question_id_questions")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "place", name=op.f("pk_exam_attempt_questions")),
    )
    with op.batch_alter_table("exam_attempt_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exam_attempt_questions_question_id"), ["question_id"], unique=False)

    op.create_table(
        "lessons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("trainer_id", sa.Integer(), nullable=True),
        sa.Column("leaders_only", sa.Boolean(), nullable=False),
        sa.Column("entry_keys", JSON, nullable=False),
        sa.Column("held_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["training_plan_items.id"], name=op.f("fk_lessons_item_id_training_plan_items")
        ),
        sa.ForeignKeyConstraint(["trainer_id"], ["users.id"], name=op.f("fk_lessons_trainer_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lessons")),
    )
    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lessons_item_id"), ["item_id"], unique=False)

    op.create_table(
        "training_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_training_checks_exam_id_exams")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["training_plan_items.id"], name=op.f("fk_training_checks_item_id_training_plan_items")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_checks")),
        sa.UniqueConstraint("exam_id", name=op.f("uq_training_checks_exam_id")),
        sa.UniqueConstraint("item_id", "stage", name=op.f("uq_training_checks_item_id_stage")),
    )
    op.create_table(
        "lesson_assignments",
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_assignments_lesson_id_lessons")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_lesson_assignments_user_id_users")),
        sa.PrimaryKeyConstraint("lesson_id", "user_id", name=op.f("pk_lesson_assignments")),
    )
    with op.batch_alter_table("lesson_assignments", schema=None) as batch_op:
        batch_op.create_index("ix_lesson_assignments_user_id", ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("lesson_assignments", schema=None) as batch_op:
        batch_op.drop_index("ix_lesson_assignments_user_id")

    op.drop_table("lesson_assignments")
    op.drop_table("training_checks")
    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lessons_item_id"))

    op.drop_table("lessons")
    with op.batch_alter_table("exam_attempt_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_attempt_questions_question_id"))

    op.drop_table("exam_attempt_questions")
    with op.batch_alter_table("training_plan_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_plan_items_plan_id"))

    op.drop_table("training_plan_items")
    with op.batch_alter_table("launch_packs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_launch_packs_launch_at"))

    op.drop_table("launch_packs")
    with op.batch_alter_table("exam_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_attempts_user_id"))
        batch_op.drop_index("ix_exam_attempts_submitted_at_ends_at")

    op.drop_table("exam_attempts")
    with op.batch_alter_table("training_plans", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_plans_state"))

    op.drop_table("training_plans")
    with op.batch_alter_table("licences", schema=None) as batch_op:
        batch_op.drop_index("ix_licences_user_id_expires_at")
        batch_op.drop_index(batch_op.f("ix_licences_expires_at"))

    op.drop_table("licences")
    with op.batch_alter_table("exams", schema=None) as batch_op:
        batch_op.drop_index("ix_exams_closes_at")

    op.drop_table("exams")
