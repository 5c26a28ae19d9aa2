"""The first tables

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(32), nullable=False),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_events_seq_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("seq", name=op.f("uq_events_seq")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_subject", ["subject_kind", "subject_id"], unique=False)
        batch_op.create_index("ix_events_kind_seq", ["subject_kind", "seq"], unique=False)

    op.create_table(
        "modules",
        sa.Column("parent_key", sa.String(length=64), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_key"], ["modules.key"], name=op.f("fk_modules_parent_key_modules")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_modules")),
    )
    with op.batch_alter_table("modules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_modules_parent_key"), ["parent_key"], unique=False)

    op.create_table(
        "products",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_products")),
    )
    op.create_table(
        "regions",
        sa.Column("parent_key", sa.String(length=64), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_key"], ["regions.key"], name=op.f("fk_regions_parent_key_regions")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_regions")),
    )
    with op.batch_alter_table("regions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_regions_parent_key"), ["parent_key"], unique=False)

    op.create_table(
        "tiers",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tiers")),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("region_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["region_key"], ["regions.key"], name=op.f("fk_teams_region_key_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("key", name=op.f("uq_teams_key")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("region_key", sa.String(length=64), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region_key"], ["regions.key"], name=op.f("fk_users_region_key_regions")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_users_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_team_id"), ["team_id"], unique=False)

    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_tokens_user_id"), ["user_id"], unique=False)

    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("derived_from", sa.String(length=80), nullable=True),
        sa.Column("live_state", sa.String(32), nullable=True),
        sa.Column("work_state", sa.String(32), nullable=True),
        sa.Column("live_revision_id", sa.Integer(), nullable=True),
        sa.Column("work_revision_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(live_state IS NULL) = (live_revision_id IS NULL)", name=op.f("ck_entries_live_slot")),
        sa.CheckConstraint("(work_state IS NULL) = (work_revision_id IS NULL)", name=op.f("ck_entries_work_slot")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_entries_created_by_id_users")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_entries_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_entries_key")),
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entries_live_state"), ["live_state"], unique=False)
        batch_op.create_index(batch_op.f("ix_entries_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_entries_work_state"), ["work_state"], unique=False)

    op.create_table(
        "expertise",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("module_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["module_key"], ["modules.key"], name=op.f("fk_expertise_module_key_modules")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_expertise_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "module_key", name=op.f("pk_expertise")),
    )
    op.create_table(
        "role_grants",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_role_grants_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_role_grants")),
    )
    op.create_table(
        "threads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("module_key", sa.String(length=64), nullable=False),
        sa.Column("region_key", sa.String(length=64), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(length=80), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_threads_author_id_users")),
        sa.ForeignKeyConstraint(["module_key"], ["modules.key"], name=op.f("fk_threads_module_key_modules")),
        sa.ForeignKeyConstraint(["region_key"], ["regions.key"], name=op.f("fk_threads_region_key_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
        sa.UniqueConstraint("key", name=op.f("uq_threads_key")),
    )
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_threads_active_at"), ["active_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_threads_module_key"), ["module_key"], unique=False)

    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(length=80), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_replies_author_id_users")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_replies_thread_id_threads")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("thread_id", "number", name=op.f("uq_replies_thread_id_number")),
    )
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_replies_thread_id"), ["thread_id"], unique=False)

    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("module_key", sa.String(length=64), nullable=False),
        sa.Column("tier_key", sa.String(length=64), nullable=False),
        sa.Column("freshness", sa.String(32), nullable=False),
        sa.Column("answer", sa.String(length=240), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("internal_note", sa.Text(), nullable=False),
        sa.Column("exceptions", sa.Text(), nullable=False),
        sa.Column("fees", sa.Text(), nullable=False),
        sa.Column("deadlines", sa.Text(), nullable=False),
        sa.Column("transfer_to", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("products", JSON, nullable=False),
        sa.Column("regions", JSON, nullable=False),
        sa.Column("wordings", JSON, nullable=False),
        sa.Column("audience", JSON, nullable=False),
        sa.Column("related", JSON, nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_due", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_revisions_author_id_users")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_revisions_entry_id_entries")),
        sa.ForeignKeyConstraint(["module_key"], ["modules.key"], name=op.f("fk_revisions_module_key_modules")),
        sa.ForeignKeyConstraint(["tier_key"], ["tiers.key"], name=op.f("fk_revisions_tier_key_tiers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_revisions_entry_id_number")),
    )
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revisions_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_revisions_module_key"), ["module_key"], unique=False)

    op.create_table(
        "approvals",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_approvals_reviewer_id_users")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_approvals_revision_id_revisions")),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_approvals")),
    )
    op.create_table(
        "verifications",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("region_key", sa.String(length=64), nullable=False),
        sa.Column("verifier_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region_key"], ["regions.key"], name=op.f("fk_verifications_region_key_regions")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_verifications_revision_id_revisions")),
        sa.ForeignKeyConstraint(["verifier_id"], ["users.id"], name=op.f("fk_verifications_verifier_id_users")),
        sa.PrimaryKeyConstraint("revision_id", "region_key", name=op.f("pk_verifications")),
    )

    # Entries and revisions point at each other.
    with op.batch_alter_table("entries", schema=None) as batch_op:
        for slot in ("live", "work"):
            batch_op.create_foreign_key(
                f"fk_entries_{slot}_revision_id_revisions", "revisions", [f"{slot}_revision_id"], ["id"]
            )


def downgrade() -> None:
    with op.batch_alter_table("entries", schema=None) as batch_op:
        for slot in ("live", "work"):
            batch_op.drop_constraint(f"fk_entries_{slot}_revision_id_revisions", type_="foreignkey")
    for table in [
        "verifications",
        "approvals",
        "revisions",
        "replies",
        "threads",
        "role_grants",
        "expertise",
        "entries",
        "api_tokens",
        "users",
        "teams",
        "tiers",
        "regions",
        "products",
        "modules",
        "events",
    ]:
        op.drop_table(table)
