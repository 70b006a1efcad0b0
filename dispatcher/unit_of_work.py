"""One command's unit of work, and what the commands of one COMMIT share.

Two ways to write. `tx.session` is the ORM: the first use opens the command's SAVEPOINT, so that a
refusal undoes it alone. `tx.put(row)` is for new rows on the busiest path: they wait, and the whole
group's rows go to the database in one statement a table; a refused command's rows are forgotten, so
they need no SAVEPOINT. `tx.write(kind, …)` does so without making an object of the row. Whoever
uses the session first sees every row put or written before.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeVar, cast
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CursorResult, Executable, Table, inspect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session, SQLModel

from dispatcher.actors import Actor
from dispatcher.bulk import insert_rows
from dispatcher.clock import new_id

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ahead:
    """Something that a command will ask for, so that one statement reads it for the whole group.

    Attributes:
        load: Returns what the database has for some keys.
        key: What this command needs.
    """

    load: "Load"
    key: Hashable


Load = Callable[[Session, Sequence[Any]], Mapping[Any, Any]]


class _New(NamedTuple):
    """A row to store: its values by column, and the object they are of, if there is one."""

    kind: type[SQLModel]
    values: Mapping[str, Any]
    object: SQLModel | None = None


class Kind(Protocol):
    """A mapped class that makes rows as plain values, see `Row.columns`."""

    def columns(self, given: dict[str, Any], /) -> dict[str, Any]:
        """Return the values of all columns of a new row."""


class GroupSpoilt(Exception):
    """A row put by an earlier command of the group cannot be stored; each must be run alone."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An event waiting for its number at the end of the group."""

    event: BaseModel
    images: tuple[BaseModel, ...]
    actor: Actor
    at: datetime


class Group:
    """What the commands of one COMMIT share.

    Attributes:
        session: The transaction.
        pending: Events of the commands that succeeded.
    """

    def __init__(self, session: Session) -> None:
        """Start with nothing written."""
        self.session = session
        self.pending: list[Pending] = []
        self._rows: list[_New] = []
        self._notes: dict[Hashable, Any] = {}
        self._read: dict[Hashable, Any] = {}
        self._closing: dict[Hashable, Callable[[Session], None]] = {}

    def read_ahead(self, wanted: Iterable[Ahead]) -> None:
        """Read what the commands will ask for, in one statement for each kind of thing."""
        keys: defaultdict[Load, list[Hashable]] = defaultdict(list)
        for one in wanted:
            keys[one.load].append(one.key)
        for load, asked in keys.items():
            found = load(self.session, asked)
            self._notes.update({(load, key): found.get(key) for key in asked})

    def insert(self) -> None:
        """Store the rows that wait.

        Raises:
            GroupSpoilt: The database refuses one of them.
        """
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        try:
            _insert(self.session, rows)
        except OperationalError:
            raise
        except DBAPIError as error:
            raise GroupSpoilt from error

    def close(self) -> None:
        """Store everything that waits for the end of the group, before its events."""
        self.insert()
        for action in self._closing.values():
            action(self.session)

    def adopt(self, tx: "Tx") -> None:
        """Take over what a command that succeeded leaves for the end of the group."""
        self.pending.extend(tx.pending)
        self._rows.extend(tx.rows)
        self._notes.update(tx.notes)
        self._closing.update(tx.closing)
        if tx.used_session:
            # It may have changed what others had read.
            self._read.clear()

    def has_note(self, key: Hashable) -> bool:
        """Whether something is known under a key, be it that there is nothing."""
        return key in self._notes

    def noted(self, key: Hashable) -> Any:
        """Return what an earlier command noted, or None."""
        return self._notes.get(key)

    def read_once(self, key: Hashable, load: Callable[[], T]) -> T:
        """Return what was read under a key since the last change by the session."""
        if key not in self._read:
            self._read[key] = load()
        found: T = self._read[key]
        return found


class Tx:
    """One command's unit of work, inside the writer's transaction.

    Attributes:
        now: Service time of the command, aware UTC.
        wall: Wall time of the command, aware UTC; for sessions, leases and limits.
        actor: Who asked.
        pending: Events recorded so far.
        used_session: Whether a SAVEPOINT was opened.
    """

    def __init__(
        self, group: Group, savepoint: ExitStack, actor: Actor, *, now: datetime, wall: datetime
    ) -> None:
        """Begin; `savepoint` is left by the writer when the command has ended."""
        self.now = now
        self.wall = wall
        self.actor = actor
        self.pending: list[Pending] = []
        self.rows: list[_New] = []
        self.notes: dict[Hashable, Any] = {}
        self.closing: dict[Hashable, Callable[[Session], None]] = {}
        self.used_session = False
        self._group = group
        self._savepoint = savepoint

    @property
    def session(self) -> Session:
        """Reads and writes through the ORM, in the command's SAVEPOINT.

        Flushes belong to commands, commits to nobody but the writer. Take it anew after `put`.

        Raises:
            GroupSpoilt: Not this command's matter.
        """
        session = self._group.session
        if not self.used_session:
            self._group.insert()
            self._savepoint.enter_context(session.begin_nested())
            self.used_session = True
        if self.rows:
            rows, self.rows = self.rows, []
            _insert(session, rows)
            for row in rows:
                if row.object is None:
                    continue
                # From here on the session follows its changes like those of any row.
                make_transient_to_detached(row.object)
                session.add(row.object)
        return session

    @contextmanager
    def part(self) -> Iterator[None]:
        """Run a part of the command that may be refused alone: what it changed and recorded is then
        undone, what the command did before stays. The refusal is raised on.
        """
        session = self.session
        notes, closing, told = dict(self.notes), dict(self.closing), len(self.pending)
        try:
            with session.begin_nested():
                yield
                self.session.flush()
        except BaseException:
            self.notes, self.closing = notes, closing
            del self.pending[told:]
            self.rows.clear()
            raise

    @property
    def org(self) -> str:
        """Slug of the authority served."""
        return self.actor.org

    def new_id(self) -> UUID:
        """Return a fresh UUIDv7."""
        return new_id()

    def record(self, event: BaseModel, *images: BaseModel) -> None:
        """Write a fact and the states it leads to in the log, in this transaction."""
        self.pending.append(Pending(event, images, self.actor, self.now))

    def put(self, row: SQLModel) -> None:
        """Store a new row, at the latest at the end of the group and before its events."""
        self.rows.append(_New(type(row), row.__dict__, row))

    def write(self, kind: Kind, **columns: Any) -> None:
        """Store a new row like `put`, for a row that nobody looks at afterwards.

        Raises:
            TypeError: A column that must be given is missing, or there is no such column.
        """
        self.rows.append(_New(cast(type[SQLModel], kind), kind.columns(columns)))

    def look(self, statement: Executable, **values: Any) -> CursorResult[Any]:
        """Return columns read without a SAVEPOINT; rows put in this group may be missing.

        Args:
            statement: What to read.
            values: Its parameters by name.
        """
        return self._group.session.connection().execute(statement, values)

    def read_once(self, key: Hashable, load: Callable[[], T]) -> T:
        """Return what `load` reads, once a group as long as no command changes anything by the
        session.
        """
        return load() if self.used_session else self._group.read_once(key, load)

    def known(self, ahead: Ahead) -> Any:
        """Return what the database, this command or an earlier one has under a key, or None."""
        place = (ahead.load, ahead.key)
        if place in self.notes:
            return self.notes[place]
        if not self._group.has_note(place):
            self._group.read_ahead([ahead])
        return self._group.noted(place)

    def note(self, key: Hashable, value: Any) -> None:
        """Leave a value for the later commands of the group, should this one succeed."""
        self.notes[key] = value

    def noted(self, key: Hashable) -> Any:
        """Return what this command or an earlier one of the group noted, or None."""
        return self.notes[key] if key in self.notes else self._group.noted(key)

    def at_close(self, key: Hashable, action: Callable[[Session], None]) -> None:
        """Run an action at the end of the group, should this command succeed; the last one given
        for a key replaces those before.
        """
        self.closing[key] = action


def _insert(session: Session, rows: Sequence[_New]) -> None:
    by_kind: defaultdict[type[SQLModel], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row.values)
    connection = session.connection()
    for kind in sorted(by_kind, key=_rank):
        insert_rows(connection, table_of(kind), _columns(kind), by_kind[kind])


@cache
def table_of(kind: type[SQLModel]) -> Table:
    """Return the table of a mapped class, for statements without the ORM."""
    found: Table = inspect(kind).local_table
    return found


@cache
def _columns(kind: type[SQLModel]) -> tuple[str, ...]:
    return tuple(attribute.key for attribute in inspect(kind).column_attrs)


@cache
def _rank(kind: type[SQLModel]) -> int:
    """Place of a table behind those it refers to."""
    return SQLModel.metadata.sorted_tables.index(table_of(kind))
