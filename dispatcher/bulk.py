"""Many new rows in one statement: `INSERT … VALUES (…), (…), …`.

The driver's own way (`executemany`) runs a statement a row, and each run hands the interpreter to
another thread and, on PostgreSQL, is a message of its own.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Connection, Dialect, Table, insert
from sqlmodel.sql.sqltypes import UTCDateTime

VALUES_AT_MOST = 16_000
"""Of one statement: SQLite takes 32,766, PostgreSQL 65,535."""

_NAMED = re.compile(r"%\((\w+)\)s")


class Encoded(str):
    """JSON that is text already, for a column that keeps JSON."""

    __slots__ = ()


class _Form:
    """How rows of a table are written for a database.

    Attributes:
        names: Columns in the order of their values.
    """

    def __init__(self, table: Table, dialect: Dialect, names: tuple[str, ...]) -> None:
        text = str(insert(table).compile(dialect=dialect, column_keys=list(names)))
        ordered = _NAMED.findall(text)
        self.names = tuple(ordered) or names
        self._head, self._places = _NAMED.sub("%s", text).split(" VALUES ", 1)
        self._columns = [(name, _processor(table, dialect, name)) for name in self.names]
        self.rows_at_most = max(1, VALUES_AT_MOST // len(names))

    def statement(self, count: int) -> str:
        """Return the statement for so many rows."""
        return f"{self._head} VALUES {', '.join([self._places] * count)}"

    def values(self, rows: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
        """Return what goes in the statement's places."""
        columns = self._columns
        return tuple(
            [
                row[name] if process is None else process(row[name])
                for row in rows
                for name, process in columns
            ]
        )


def insert_rows(
    connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Store rows, as they are: without the defaults of columns and without the ORM.

    Args:
        connection: In a transaction.
        table: Where they go.
        names: Its columns; each row has them all, and may have more.
        rows: Values by column; JSON as a value or as `Encoded`.
    """
    form = _form(table, connection.dialect, names)
    for start in range(0, len(rows), form.rows_at_most):
        part = rows[start : start + form.rows_at_most]
        connection.exec_driver_sql(form.statement(len(part)), form.values(part))


@lru_cache(maxsize=256)
def _form(table: Table, dialect: Dialect, names: tuple[str, ...]) -> _Form:
    return _Form(table, dialect, names)


def _processor(table: Table, dialect: Dialect, name: str) -> Callable[[Any], Any] | None:
    """Return what turns a column's value into the driver's, or None where it goes in as it is."""
    kind = table.columns[name].type.dialect_impl(dialect)
    process: Callable[[Any], Any] | None = kind.bind_processor(dialect)
    if process is None:
        return None
    if isinstance(kind, JSON):
        encode = process
        return lambda value: value if type(value) is Encoded else encode(value)
    if isinstance(kind, UTCDateTime):
        # The rows of a group share a few instants.
        return lru_cache(maxsize=64)(process)
    return process
