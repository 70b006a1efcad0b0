"""Keeping filters of the queue: one's own, and those that administrators share with everybody."""

from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.actors import Actor, Role
from dispatcher.auth.access import has_rank
from dispatcher.database import Tx
from dispatcher.desk.filter_schemas import FilterIn, FilterOut, FilterWanted
from dispatcher.errors import Conflict, Forbidden, NotFound
from dispatcher.models import SavedFilter

AT_MOST = 30
"""Filters that one person may keep, and the authority as well: chips must stay readable."""


def filters_of(session: Session, actor: Actor) -> list[FilterOut]:
    """Return the filters that somebody sees: the shared ones first, each kind by its name."""
    rows = session.exec(
        select(SavedFilter).where(
            SavedFilter.org == actor.org,
            col(SavedFilter.owner_id).is_(None) | (SavedFilter.owner_id == actor.id),
        )
    ).all()
    rows = sorted(rows, key=lambda row: (row.owner_id is not None, row.name.casefold()))
    return [filter_out(row) for row in rows]


def filter_out(row: SavedFilter) -> FilterOut:
    """Return a kept filter for the wire."""
    return FilterOut(
        id=row.id,
        name=row.name,
        wanted=FilterWanted.model_validate(row.wanted),
        shared=row.owner_id is None,
        by=row.by,
        updated_at=row.updated_at,
    )


def keep(tx: Tx, body: FilterIn) -> SavedFilter:
    """Keep a filter.

    Raises:
        Forbidden: Only administrators share filters.
        Conflict: There is one of that name, or there are 30.
    """
    owner = _owner_of(tx, body.shared)
    others = _of(tx, owner)
    if len(others) >= AT_MOST:
        raise Conflict("too many filters are kept", reason="filters_at_most", most=AT_MOST)
    _expect_free_name(others, body.name)
    row = SavedFilter(
        id=tx.new_id(),
        org=tx.org,
        owner_id=owner,
        name=body.name,
        wanted=body.wanted.model_dump(mode="json"),
        by=tx.actor.name or tx.actor.label,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.session.add(row)
    return row


def change(tx: Tx, filter_id: UUID, body: FilterIn) -> SavedFilter:
    """Change a kept filter, its name, or whom it is for.

    Raises:
        NotFound: There is none, or it is somebody else's.
        Forbidden: Only administrators touch shared filters.
        Conflict: There is another one of that name.
    """
    row = _own(tx, filter_id)
    owner = _owner_of(tx, body.shared)
    _expect_free_name([one for one in _of(tx, owner) if one.id != row.id], body.name)
    row.owner_id, row.name = owner, body.name
    row.wanted = body.wanted.model_dump(mode="json")
    row.by, row.updated_at = tx.actor.name or tx.actor.label, tx.now
    return row


def forget(tx: Tx, filter_id: UUID) -> None:
    """Forget a kept filter; raises what `change` raises."""
    tx.session.delete(_own(tx, filter_id))


def _own(tx: Tx, filter_id: UUID) -> SavedFilter:
    row = tx.session.get(SavedFilter, filter_id)
    if row is None or row.org != tx.org or row.owner_id not in {None, tx.actor.id}:
        raise NotFound(what="filter")
    _owner_of(tx, row.owner_id is None)
    return row


def _owner_of(tx: Tx, shared: bool) -> UUID | None:
    if not shared:
        return tx.actor.id
    if not has_rank(tx.actor, Role.ADMIN):
        raise Forbidden(role=str(tx.actor.role), needs=str(Role.ADMIN))
    return None


def _of(tx: Tx, owner: UUID | None) -> list[SavedFilter]:
    whose = col(SavedFilter.owner_id).is_(None) if owner is None else SavedFilter.owner_id == owner
    return list(tx.session.exec(select(SavedFilter).where(SavedFilter.org == tx.org, whose)).all())


def _expect_free_name(others: list[SavedFilter], name: str) -> None:
    if any(one.name.casefold() == name.casefold() for one in others):
        raise Conflict("there is a filter of that name", reason="filter_name_taken", name=name)
