"""What each agent's desk is narrowed to

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_scopes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("region_key", sa.String(length=64), nullable=True),
        sa.Column("module_key", sa.String(length=64), nullable=True),
        sa.Column("product_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_desk_scopes_user_id_users")),
        sa.ForeignKeyConstraint(["region_key"], ["regions.key"], name=op.f("fk_desk_scopes_region_key_regions")),
        sa.ForeignKeyConstraint(["module_key"], ["modules.key"], name=op.f("fk_desk_scopes_module_key_modules")),
        sa.ForeignKeyConstraint(["product_key"], ["products.key"], name=op.f("fk_desk_scopes_product_key_products")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_desk_scopes")),
    )


def downgrade() -> None:
    op.drop_table("desk_scopes")
