"""What all tables share: ids, JSON columns, and the version that guards against lost updates."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import JSON, Column, Integer
from sqlalchemy.dialects.postgresql import JSONB

JSON_TYPE = JSON().with_variant(JSONB(), "postgresql")


def json_column() -> Column[Any]:
    """Return a JSON column (JSONB on PostgreSQL) that is never null."""
    return Column(JSON_TYPE, nullable=False)


def version_column() -> Column[int]:
    """Return the row version; an UPDATE from another version than the one read touches no row and
    fails.
    """
    return Column("version", Integer, nullable=False, default=1)


class Versioned(Protocol):
    """A row that counts its versions."""

    version: int
    updated_at: datetime


def touch(row: Versioned, now: datetime) -> None:
    """Give a row its next version; the UPDATE is then refused if another writer came first."""
    row.version += 1
    row.updated_at = now
