"""What all tables share: ids, JSON columns, and the version that guards against lost updates."""

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from typing import Any, Protocol

from sqlalchemy import JSON, Column, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

JSON_TYPE = JSON().with_variant(JSONB(), "postgresql")


def json_column() -> Column[Any]:
    """Return a JSON column (JSONB on PostgreSQL) that is never null."""
    return Column(JSON_TYPE, nullable=False)


def maybe_json_column() -> Column[Any]:
    """Return a JSON column that is null, not the JSON word null, when it holds None."""
    return Column(JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"))


def version_column() -> Column[int]:
    """Return the row version; an UPDATE from another version than the one read touches no row and
    fails.
    """
    return Column("version", Integer, nullable=False, default=1)


class Row(SQLModel):
    """A table's row that is made quickly: one update of its dictionary instead of an instrumented
    assignment for each column, which for a report cost more than storing it. For tables without
    relationships, whose values SQLAlchemy reads from that dictionary when it inserts them.
    """

    def __init__(self, **values: Any) -> None:
        """Make a row with the defaults of the columns that are not given.

        Raises:
            TypeError: A column that must be given is missing, or there is no such column.
        """
        defaults, required = _fields_of(type(self))
        if not required <= values.keys() <= defaults.keys() | required:
            raise TypeError(f"wrong columns for {type(self).__name__}: {sorted(values)}")
        made = {name: default() for name, default in defaults.items() if name not in values}
        self.__dict__.update(made, **values)


@cache
def _fields_of(kind: type[SQLModel]) -> tuple[dict[str, Callable[[], Any]], frozenset[str]]:
    """Return what makes the value of each optional column, and the names of the others."""
    fields = kind.model_fields
    defaults: dict[str, Callable[[], Any]] = {
        name: partial(field.get_default, call_default_factory=True)
        for name, field in fields.items()
        if not field.is_required()
    }
    return defaults, frozenset(fields.keys() - defaults.keys())


class Versioned(Protocol):
    """A row that counts its versions."""

    version: int
    updated_at: datetime


def touch(row: Versioned, now: datetime) -> None:
    """Give a row its next version; the UPDATE is then refused if another writer came first."""
    row.version += 1
    row.updated_at = now
