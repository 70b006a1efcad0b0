"""People on call are called for somebody who works alone and no longer answers."""

from uuid import UUID

from sqlmodel import select

from dispatcher.database import Tx
from dispatcher.events.oncall_facts import PageOpened
from dispatcher.models import Incident, Page
from dispatcher.models.base import touch
from dispatcher.oncall import paging
from dispatcher.oncall.images import page_image
from dispatcher.oncall.ladder import paging_policy

URGENT = "P1"


def alarm(tx: Tx, incident: Incident, words: str) -> Page:
    """Call the ladder of an incident at once, day or night, about the person and not the work.

    Args:
        tx: The command's transaction.
        incident: Where the person works.
        words: What people on call read first.
    """
    page = _open_page(tx, incident.id)
    if page is None:
        page = paging.open_page(tx, incident, paging.LONE, paging_policy(tx.session, tx.org))
    page.cause, page.priority, page.due_at = paging.LONE, URGENT, tx.now
    page.brief = {**page.brief, "title": words}
    touch(page, tx.now)
    fact = PageOpened(
        page_id=page.id, incident_id=incident.id, cause=paging.LONE, due_at=page.due_at
    )
    tx.record(fact, page_image(page))
    return page


def calm(tx: Tx, incident_id: UUID, why: paging.Why) -> None:
    """Stop calling about a person who was reached, or whom somebody looks after."""
    pages = tx.session.exec(
        select(Page).where(
            Page.incident_id == incident_id,
            Page.state != paging.ENDED,
            Page.cause == paging.LONE,
        )
    ).all()
    for page in pages:
        paging.end(tx, page, why)


def _open_page(tx: Tx, incident_id: UUID) -> Page | None:
    return tx.session.exec(
        select(Page)
        .where(Page.incident_id == incident_id, Page.state == paging.OPEN)
        .with_for_update()
    ).first()
