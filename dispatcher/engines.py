"""Connections to SQLite and PostgreSQL, set up so that what was committed is on disk.

Reading connections see snapshots and cannot write; there is one connection that writes.
"""

from typing import Any

from pydantic_core import to_json
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

SQLITE_BUSY_MS = 5000
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""When libpq believes that PostgreSQL is gone: else the kernel takes hours for one behind a network
that swallows everything. Seconds, but the last one milliseconds; the URL may say otherwise.
"""


def connect(url: str, *, read_only: bool = False) -> Engine:
    """Return an engine set up for durability: SQLite in WAL with full sync, or PostgreSQL as it is.

    Args:
        url: SQLAlchemy URL.
        read_only: A pool of snapshots that cannot write; else a single writing connection.

    Errors never quote what was to be stored: logs are no place for people's words.
    """
    if url.startswith("sqlite"):
        return _sqlite(url, read_only=read_only)
    asked = make_url(url).query
    patience = {name: value for name, value in PATIENCE.items() if name not in asked}
    if read_only:
        return create_engine(
            url,
            connect_args=patience,
            pool_size=8,
            max_overflow=4,
            pool_timeout=5,
            pool_pre_ping=True,
            hide_parameters=True,
            json_serializer=_json,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
        )
    return create_engine(
        url,
        connect_args=patience,
        pool_size=1,
        max_overflow=1,
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=_json,
    )


def _json(value: Any) -> str:
    """Return JSON as the columns keep it; a report writes eleven, and this is the quick writer."""
    return to_json(value, inf_nan_mode="strings").decode()


def _sqlite(url: str, *, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": SQLITE_BUSY_MS / 1000},
        poolclass=QueuePool,
        pool_size=8 if read_only else 1,
        max_overflow=4,
        pool_timeout=5,
        hide_parameters=True,
        json_serializer=_json,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: a deferred BEGIN that later writes fails
        # at once with SQLITE_BUSY_SNAPSHOT, whatever the busy timeout says.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        # Else INSERT OR REPLACE deletes rows past the triggers that guard the log.
        cursor.execute("PRAGMA recursive_triggers=ON")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        else:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
