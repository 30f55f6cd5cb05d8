"""How Alembic reaches our database: by the connection it is handed, in one transaction."""

from alembic import context

from network.db import Row

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Row.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    user_module_prefix="network.db.",
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
