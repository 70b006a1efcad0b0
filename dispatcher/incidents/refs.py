"""Short references that people say on the telephone: `2026-00123`, counted up in each year."""

from collections.abc import Callable

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.models import RefCounter

_HERE = (
    col(RefCounter.org) == bindparam("of_org"),
    col(RefCounter.year) == bindparam("of_year"),
)
_LOCK = select(RefCounter.last).where(*_HERE).with_for_update()
_MOVE = update(RefCounter).where(*_HERE).values(last=bindparam("to"))


def next_ref(tx: Tx) -> str:
    """Return the next free reference of the year.

    The counter is read and locked once a group and written at its end: every report needs one.
    """
    year = tx.now.year
    place = ("ref", tx.org, year)
    last = tx.noted(place)
    if last is None:
        last = _locked(tx, year)
    tx.note(place, last + 1)
    tx.at_close(place, _store(tx.org, year, last + 1))
    return f"{year}-{last + 1:05d}"


def _locked(tx: Tx, year: int) -> int:
    found = tx.look(_LOCK, of_org=tx.org, of_year=year).scalar_one_or_none()
    if found is None:
        tx.put(RefCounter(org=tx.org, year=year, last=0))
    return found or 0


def _store(org: str, year: int, last: int) -> Callable[[Session], None]:
    def store(session: Session) -> None:
        session.connection().execute(_MOVE, {"of_org": org, "of_year": year, "to": last})

    return store
