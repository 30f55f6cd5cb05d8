"""How Alembic reaches our database: by the connection it is handed, in one transaction."""

from alembic import context

from network.db import Row

LOCK = 0x48696C6F  # a number that nobody else on this database will take

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Row.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    user_module_prefix="network.db.",
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":  # two machines at once: one does it, one waits
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    context.run_migrations()
connection.commit()
