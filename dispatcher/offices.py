"""What only one process does at a time: an office, held by an advisory lock of PostgreSQL.

The lock lives on a connection of its own: losing the connection is losing the office. A process
that was asleep meanwhile believes it still holds it, so every transaction of the office asks again
inside itself, behind a second lock that ends with the transaction: two holders can then neither
work at once nor one after the other without the second knowing. With SQLite there is one process,
which holds every office.
"""

import logging
import threading
from contextlib import suppress
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from dispatcher.database import Tx
from dispatcher.errors import Conflict

log = logging.getLogger("cpo.offices")

# The first of the two numbers of an advisory lock; the second is the office's.
HELD, AT_WORK = 0x43504F01, 0x43504F02

SILENT_MS = 10_000
"""An office whose holder does not call `hold` for so long is free again."""

_TAKE = text("SELECT pg_try_advisory_lock(:held, :office), pg_backend_pid()")
_GIVE_UP = text("SELECT pg_advisory_unlock_all()")
_PING = text("SELECT 1")
_ENTER = text("SELECT pg_try_advisory_xact_lock(:work, :office)")
_STILL = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = :pid "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND classid = :held AND objid = CAST(:office AS oid) AND objsubid = 2"
)


class OfficeLost(Conflict):
    """Another process does this now."""


class Offices:
    """The offices of one process."""

    def __init__(self, url: str) -> None:
        """Hold nothing; connects at the first `hold`."""
        self._engine: Engine | None = None
        if url.startswith("postgresql"):
            # A dead network is found in seconds, not in the hours of an idle connection; and a
            # holder that is frozen, and so stops asking, is shown out by the server.
            watched = {
                "connect_timeout": 5,
                "tcp_user_timeout": 5000,
                "options": f"-c idle_session_timeout={SILENT_MS}",
            }
            self._engine = create_engine(
                url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=watched
            )
        self._connection: Connection | None = None
        self._pid = 0
        self._mine: set[str] = set()
        self._lock = threading.Lock()

    def hold(self, office: str) -> bool:
        """Take an office or keep it; return whether it is held now. For threads: it asks the
        database.
        """
        if self._engine is None:
            return True
        with self._lock:
            try:
                return self._hold(self._engine, office)
            except SQLAlchemyError as error:
                log.warning("offices_lost", extra={"reason": type(error).__name__})
                self._leave()
                return False

    def check(self, tx: Tx, office: str) -> None:
        """Make sure, inside a transaction, that its office is still held until it commits.

        Raises:
            OfficeLost: It is not: nothing of the transaction may be stored.
        """
        if self._engine is None:
            return
        which = {"work": AT_WORK, "held": HELD, "office": _number(office), "pid": self._pid}
        session = tx.session
        entered = session.execute(_ENTER, which).scalar_one()
        if not entered or not session.execute(_STILL, which).scalar_one():
            raise OfficeLost("another process holds this office", office=office)

    def resign(self) -> None:
        """Give up every office."""
        with self._lock, suppress(SQLAlchemyError):
            if self._connection is not None:
                # At once; the server may take a moment to see that a connection has ended.
                self._connection.execute(_GIVE_UP)
        with self._lock:
            self._leave()

    def _hold(self, engine: Engine, office: str) -> bool:
        if self._connection is None:
            self._connection = engine.connect()
        if office in self._mine:
            self._connection.execute(_PING)
            return True
        which: dict[str, Any] = {"held": HELD, "office": _number(office)}
        taken, self._pid = self._connection.execute(_TAKE, which).one()
        if taken:
            self._mine.add(office)
            log.info("office_taken", extra={"office": office})
        return bool(taken)

    def _leave(self) -> None:
        self._mine.clear()
        self._pid = 0
        if self._connection is not None:
            # Not given back: the end of the connection is what frees its locks.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _number(office: str) -> int:
    """Return the number of an office: 31 bits, for PostgreSQL's integers have a sign."""
    return crc32(office.encode()) & 0x7FFFFFFF
