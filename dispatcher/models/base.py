"""What all tables share: ids, JSON columns, and the version that guards against lost updates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any, Protocol, cast

from sqlalchemy import JSON, Column, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

CONSTANT = (str, int, float, bool, type(None))
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
        self.__dict__.update(self.columns(values))

    @classmethod
    def columns(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Return the values of all columns of a new row: those given, and defaults for the others.

        Raises:
            TypeError: A column that must be given is missing, or there is no such column.
        """
        fields = _fields_of(cls)
        if not fields.required <= given.keys() <= fields.names:
            raise TypeError(f"wrong columns for {cls.__name__}: {sorted(given)}")
        values = fields.constants | given
        for name, make in fields.made:
            if name not in given:
                values[name] = make()
        return values


@dataclass(frozen=True, slots=True)
class _Fields:
    """Columns by how they come by a value: a constant, something made anew each time, a caller."""

    constants: dict[str, Any]
    made: tuple[tuple[str, Callable[[], Any]], ...]
    required: frozenset[str]
    names: frozenset[str]


@cache
def _fields_of(kind: type[SQLModel]) -> _Fields:
    optional = {name: one for name, one in kind.model_fields.items() if not one.is_required()}
    made = {
        # Asked directly: pydantic looks at the factory's signature each time.
        name: cast(Callable[[], Any] | None, field.default_factory)
        or partial(field.get_default, call_default_factory=True)
        for name, field in optional.items()
        if not isinstance(field.default, CONSTANT)
    }
    return _Fields(
        constants={name: one.default for name, one in optional.items() if name not in made},
        made=tuple(made.items()),
        required=frozenset(kind.model_fields.keys() - optional.keys()),
        names=frozenset(kind.model_fields.keys()),
    )


class Versioned(Protocol):
    """A row that counts its versions."""

    version: int
    updated_at: datetime


def touch(row: Versioned, now: datetime) -> None:
    """Give a row its next version; the UPDATE is then refused if another writer came first."""
    row.version += 1
    row.updated_at = now
