"""Wishes: days on which somebody would rather hold a turn, or rather hold none.

The engine breaks a wish only when law, cover and fairness ask for it; nobody is promised anything.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import InvalidInput, NotFound
from dispatcher.events.oncall_facts import WishMoved
from dispatcher.models import OnCallPerson, Wish
from dispatcher.wire import In, Out
from scheduling.rota.problem import Wish as EngineWish
from scheduling.rota.rules.calendar import RELIEF_AT, instant

MOST = 40
"""Wishes that somebody may have at once: more say nothing any more."""
LONGEST = timedelta(days=92)
AHEAD = timedelta(days=730)


class WishIn(In):
    """Days `start` to `end` (not included); `weight` 1 would be nice, 10 matters much."""

    start: date
    end: date
    wants_duty: bool = False
    weight: int = Field(5, ge=1, le=10)


class WishOut(Out):
    """A wish of somebody."""

    id: UUID
    person_id: UUID
    start: date
    end: date
    wants_duty: bool
    weight: int


def make_wish(tx: Tx, person_id: UUID, wanted: WishIn, today: date) -> Wish:
    """Note a wish for the next rotas.

    Raises:
        NotFound: No such person here.
        InvalidInput: The days are over, too far ahead, too many, or backwards; or too many wishes.
    """
    person = tx.session.get(OnCallPerson, person_id)
    if person is None or person.org != tx.org:
        raise NotFound(what="person")
    if not wanted.start < wanted.end <= wanted.start + LONGEST:
        raise InvalidInput("a wish covers one day to three months", field="end")
    if wanted.end <= today or wanted.start > today + AHEAD:
        raise InvalidInput("a wish is about days to come, within two years", field="start")
    known = [one for one in wishes_of(tx.session, tx.org, today) if one.person_id == person_id]
    if len(known) >= MOST:
        raise InvalidInput("too many wishes: take some back first", field="start")
    same = [w for w in known if (w.start, w.end) == (wanted.start, wanted.end)]
    if same:
        same[0].wants_duty, same[0].weight = wanted.wants_duty, wanted.weight
        tx.record(WishMoved(wish_id=same[0].id, person_id=person_id, kept=True))
        return same[0]
    made = Wish(
        id=tx.new_id(),
        org=tx.org,
        person_id=person_id,
        created_at=tx.now,
        **wanted.model_dump(),
    )
    tx.session.add(made)
    tx.record(WishMoved(wish_id=made.id, person_id=person_id, kept=True))
    return made


def drop_wish(tx: Tx, wish_id: UUID, person_id: UUID | None = None) -> None:
    """Take a wish back.

    Args:
        tx: The command's transaction.
        wish_id: Which.
        person_id: Whose it must be, when somebody acts for himself alone.

    Raises:
        NotFound: No such wish here.
    """
    wish = tx.session.get(Wish, wish_id)
    if wish is None or wish.org != tx.org or person_id not in (None, wish.person_id):
        raise NotFound(what="wish")
    tx.session.delete(wish)
    tx.record(WishMoved(wish_id=wish_id, person_id=wish.person_id, kept=False))


def wishes_of(session: Session, org: str, today: date) -> Sequence[Wish]:
    """Return the wishes that are not over, in the order of their days."""
    return session.exec(
        select(Wish)
        .where(Wish.org == org, col(Wish.end) > today)
        .order_by(col(Wish.start), col(Wish.id))
    ).all()


def engine_wishes(
    session: Session, org: str, today: date, zone: ZoneInfo
) -> tuple[EngineWish, ...]:
    """Return the wishes as the rota engine reads them; days turn at the relief."""
    return tuple(
        EngineWish(
            str(one.person_id),
            instant(one.start, RELIEF_AT, zone),
            instant(one.end, RELIEF_AT, zone),
            one.wants_duty,
            one.weight,
        )
        for one in wishes_of(session, org, today)
    )
