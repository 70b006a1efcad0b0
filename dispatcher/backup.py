"""One file that holds everything, from either kind of store and for either kind of store.

A backup is taken from one snapshot while the service runs. It is gzip over lines of JSON: what it
is, then every row of every table and every attached file, then how many there were and their
SHA-256. Because nothing in it
belongs to one database, it is also the way from a laptop's SQLite file to PostgreSQL.

A restored log is another incarnation of it: it gets a new epoch, so that every screen that still
remembers the old one is told to fetch a fresh picture.
"""

import base64
import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Date, DateTime, Table, Time, TypeDecorator, Uuid, func, select
from sqlmodel import col

from dispatcher import event_log, migrations
from dispatcher.actors import system
from dispatcher.attachments.files import SMALL, Folder
from dispatcher.clock import SystemClock, secret_token
from dispatcher.database import Clocks, Store, Tx
from dispatcher.engines import connect
from dispatcher.errors import NotFound
from dispatcher.models import Attachment, LogHead, metadata

FORMAT = "cpo-backup"
BATCH = 500
FILE = "@file"
"""In place of a table's name, what marks the line of an attached file."""
HOUR_S = 3600.0
RESTORER = system("restore")


class BackupRefused(Exception):
    """This backup cannot be restored, and why."""


def backup(url: str, path: Path, at: datetime, folder: Folder | None = None) -> dict[str, int]:
    """Write everything to a file that appears only once it is whole; return rows by table.

    Args:
        url: SQLAlchemy URL of the database.
        path: The file to write; one that exists is replaced.
        at: Now, for the label.
        folder: Where attached files lie; without it their rows are saved alone.
    """
    engine = connect(url, read_only=True)
    draft = path.with_name(path.name + ".part")
    try:
        with engine.connect() as connection, draft.open("wb") as file:
            os.chmod(draft, 0o600)
            counts = _write(connection, file, at, folder)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
        engine.dispose()
    return counts


def restore(
    url: str, path: Path, *, replace: bool = False, folder: Folder | None = None
) -> dict[str, int]:
    """Fill a database from a backup that proved whole; return rows by table.

    Args:
        url: SQLAlchemy URL of the database; its tables are made when absent.
        path: The backup.
        replace: Empty the database first when it holds something.
        folder: Where attached files go; without it they stay in the backup.

    Raises:
        BackupRefused: The file is not a whole backup, is of another schema version, or the database
            holds something.
    """
    label = _inspect(path)
    if replace and _schema_of(url) is not None:
        migrations.downgrade(url)
    migrations.upgrade(url)
    if label["schema"] != (ours := _schema_of(url)):
        raise BackupRefused(f"it is of schema {label['schema']}, this program of {ours}")
    clock = SystemClock()
    store = Store(url, Clocks(clock, clock), event_log.append)
    with store.read() as session:
        if not _holds_nothing(session.connection()):
            store.stop()
            raise BackupRefused("the database holds something")
    store.start()
    if folder is not None:
        # Before the rows: a row without its file would promise what nobody can see.
        _unpack(path, folder)
    try:
        return store.submit_wait(partial(_fill, rows=_rows(path)), RESTORER, deadline_s=HOUR_S)
    finally:
        store.stop()


def _write(
    connection: Connection, file: BinaryIO, at: datetime, folder: Folder | None
) -> dict[str, int]:
    digest, counts = hashlib.sha256(), dict.fromkeys((t.name for t in metadata.sorted_tables), 0)
    with gzip.open(file, "wt", encoding="utf-8", newline="\n") as out:
        label = {"format": FORMAT, "v": 1, "schema": _schema(connection), "at": at.isoformat()}
        out.write(json.dumps(label) + "\n")
        for table in metadata.sorted_tables:
            for row in connection.execution_options(yield_per=BATCH).execute(select(table)):
                values = {name: _to_json(value) for name, value in row._mapping.items()}
                line = json.dumps([table.name, values], ensure_ascii=False) + "\n"
                digest.update(line.encode())
                out.write(line)
                counts[table.name] += 1
        packed = 0
        for line in _packed(connection, folder) if folder is not None else ():
            digest.update(line.encode())
            out.write(line)
            packed += 1
        out.write(
            json.dumps({"rows": sum(counts.values()) + packed, "sha256": digest.hexdigest()}) + "\n"
        )
    return counts


def _packed(connection: Connection, folder: Folder) -> Iterator[str]:
    """Yield the line of every attached file that a row names."""
    for name in connection.execute(select(col(Attachment.name))).scalars().all():
        for one, small in ((name, False), (name + SMALL, True)):
            try:
                path = folder.find(name, small=small)
            except NotFound:
                continue
            if path.name == one:
                data = base64.b64encode(path.read_bytes()).decode()
                yield json.dumps([FILE, {"name": one, "data": data}]) + "\n"


def _unpack(path: Path, folder: Folder) -> None:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if line.startswith(f'["{FILE}"'):
                values = json.loads(line)[1]
                folder.put(values["name"], base64.b64decode(values["data"]))


def _inspect(path: Path) -> dict[str, Any]:
    """Return a backup's label once the whole file proved sound; the database is not touched yet."""
    digest, rows, foot = hashlib.sha256(), -1, {}
    label: dict[str, Any] = {}
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            label = json.loads(next(lines, "null")) or {}
            for line in lines:
                rows += 1
                if line.startswith("{"):
                    foot = json.loads(line)
                    break
                digest.update(line.encode())
    except (OSError, EOFError, ValueError, AttributeError) as error:
        raise BackupRefused(f"{path.name} cannot be read: {type(error).__name__}") from error
    if not isinstance(label, dict) or label.get("format") != FORMAT or label.get("v") != 1:
        raise BackupRefused(f"{path.name} is not a backup of this service")
    if foot.get("sha256") != digest.hexdigest() or foot.get("rows") != rows:
        raise BackupRefused(f"{path.name} is damaged or cut short")
    return label


def _rows(path: Path) -> Iterator[tuple[Table, dict[str, Any]]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        next(lines)
        for line in lines:
            if line.startswith("[") and not line.startswith(f'["{FILE}"'):
                name, values = json.loads(line)
                table = metadata.tables[name]
                yield table, {key: _from_json(table, key, v) for key, v in values.items()}


def _fill(tx: Tx, rows: Iterable[tuple[Table, dict[str, Any]]]) -> dict[str, int]:
    connection = tx.session.connection()
    counts = dict.fromkeys((t.name for t in metadata.sorted_tables), 0)
    waiting: list[dict[str, Any]] = []
    current: Table | None = None
    for table, values in rows:
        if current is not None and (table is not current or len(waiting) == BATCH):
            connection.execute(current.insert(), waiting)
            waiting = []
        current = table
        waiting.append(values)
        counts[table.name] += 1
    if current is not None and waiting:
        connection.execute(current.insert(), waiting)
    heads = metadata.tables[str(LogHead.__tablename__)]
    connection.execute(heads.update().values(epoch=secret_token()[:8]))
    return counts


def _schema(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _schema_of(url: str) -> str | None:
    """Return a database's schema version, None when it has no tables of ours."""
    engine = connect(url)
    try:
        with engine.connect() as connection:
            return _schema(connection)
    finally:
        engine.dispose()


def _holds_nothing(connection: Connection) -> bool:
    return not any(
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    )


def _to_json(value: object) -> object:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return value


def _from_json(table: Table, name: str, value: Any) -> Any:
    if value is None:
        return None
    kind = table.columns[name].type
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    match plain:
        case Uuid():
            return UUID(value)
        case DateTime():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case Time():
            return time.fromisoformat(value)
        case _:
            return value
