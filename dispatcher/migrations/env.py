"""Alembic's entry: one connection, one transaction per migration run."""

from alembic import context

from dispatcher.engines import connect
from dispatcher.models import metadata

engine = connect(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
