"""Somebody's personal links: his page and his calendar, made anew or shut in one step.

A link derives from the person's id, so nothing is stored but a number that is part of it: raising
the number makes every link given out before open nothing.
"""

from uuid import UUID

from sqlmodel import Session

from dispatcher.auth.links import id_of, numbered, read_link, sign_link
from dispatcher.database import Tx
from dispatcher.errors import NotFound
from dispatcher.events.oncall_facts import LinksChanged
from dispatcher.models import OnCallPerson
from dispatcher.notifications.sending import MINE_LINK

CALENDAR = "calendar"
"""Purpose of calendar links."""


def page_address(origin: str, secret: bytes, person: OnCallPerson) -> str:
    """Return the address of somebody's own page."""
    return f"{origin}/mes-astreintes/{personal_token(secret, MINE_LINK, person)}"


def calendar_address(origin: str, secret: bytes, person: OnCallPerson) -> str:
    """Return the address of somebody's calendar feed."""
    return f"{origin}/agenda/{personal_token(secret, CALENDAR, person)}.ics"


def personal_token(secret: bytes, purpose: str, person: OnCallPerson) -> str:
    """Return the token of a person's present link for a purpose."""
    return sign_link(secret, numbered(purpose, person.link_serial), person.id)


def person_behind(
    session: Session, org: str, secret: bytes, purpose: str, token: str
) -> OnCallPerson:
    """Return whose link it is.

    Raises:
        NotFound: Malformed, forged, made anew since, shut, or of another authority: all alike.
    """
    person = session.get(OnCallPerson, id_of(token))
    if person is None or person.org != org or not person.links_open:
        raise NotFound()
    read_link(secret, numbered(purpose, person.link_serial), token)
    return person


def renew_links(tx: Tx, person_id: UUID) -> OnCallPerson:
    """Make somebody's links anew, as after a lost telephone; the old ones open nothing more.

    Raises:
        NotFound: No such person here.
    """
    return _change(tx, person_id, is_open=True)


def shut_links(tx: Tx, person_id: UUID) -> OnCallPerson:
    """Shut somebody's links until they are made anew.

    Raises:
        NotFound: No such person here.
    """
    return _change(tx, person_id, is_open=False)


def _change(tx: Tx, person_id: UUID, *, is_open: bool) -> OnCallPerson:
    person = tx.session.get(OnCallPerson, person_id, with_for_update=True)
    if person is None or person.org != tx.org:
        raise NotFound(what="person")
    person.link_serial, person.links_open = person.link_serial + 1, is_open
    tx.record(LinksChanged(person_id=person.id, open=is_open))
    return person
