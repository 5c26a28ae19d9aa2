"""Alembic's entry: runs migrations on the connection that ``kb.home.migrate`` passes in."""

from alembic import context

from kb.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite can't alter a table in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
