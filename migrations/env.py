"""Alembic's entrance; the connection comes from bot/migrate.py."""

from alembic import context

from models.search import told_by_database
from models.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    user_module_prefix=None,
    include_name=told_by_database,
)
with context.begin_transaction():
    context.run_migrations()
