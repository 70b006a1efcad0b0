"""Browsers of crews and experts ring, with the page closed too."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from dispatcher.database import Tx
from dispatcher.models import PushSubscription, User
from dispatcher.notifications import deliveries
from dispatcher.notifications.deliveries import Message

Json = dict[str, Any]


def ring_crew(tx: Tx, crew_id: UUID, kind: str, event: str, payload: Json) -> int:
    """Ring every browser of a crew's people once for an event; return how many.

    Args:
        tx: The command's transaction.
        crew_id: The crew.
        kind: Which words: `notify.<kind>.subject` and `notify.<kind>.push` of the locales.
        event: What it is about: the same event rings a browser once.
        payload: What fills the words, and `page`, which a tap opens.
    """
    people = select(User.id).where(User.crew_id == crew_id, col(User.active).is_(True))
    return ring(tx, list(tx.session.exec(people).all()), kind, event, payload)


def ring(tx: Tx, users: Collection[UUID], kind: str, event: str, payload: Json) -> int:
    """Ring every browser of some accounts once for an event; return how many."""
    browsers = tx.session.exec(
        select(PushSubscription.id).where(col(PushSubscription.user_id).in_(users))
    ).all()
    for browser in browsers:
        deliveries.enqueue(tx, Message(event, "push", f"push:{browser}", kind, payload))
    return len(browsers)
