"""Browsers that take web push: for an account, or for somebody on call by his personal link."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import Field
from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import InvalidInput, NotFound
from dispatcher.events.oncall_facts import PushChanged
from dispatcher.models import OnCallPerson, PushSubscription
from dispatcher.notifications.web_push import Browser, checked
from dispatcher.wire import In, Out

MOST = 10
"""Browsers of one person: more are forgotten ones, and the oldest goes."""


class KeysIn(In):
    """The keys of a browser, base64url, as `PushSubscription.toJSON` gives them."""

    p256dh: str = Field(min_length=80, max_length=100)
    auth: str = Field(min_length=20, max_length=30)


class SubscriptionIn(In):
    """A browser that asks for messages."""

    endpoint: str = Field(min_length=10, max_length=2000)
    keys: KeysIn
    device: str = Field("", max_length=80)
    locale: str = Field("fr", pattern="^(fr|en)$")


class SubscriptionOut(Out):
    """A browser that takes messages; never its address."""

    id: UUID
    device: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose browser it is: an account or a person on call."""

    user_id: UUID | None = None
    person_id: UUID | None = None


def subscribe(
    tx: Tx, owner: Owner, wanted: SubscriptionIn, *, plain: bool = False
) -> PushSubscription:
    """Keep a browser; one that is known changes its owner and keys.

    Args:
        tx: The command's transaction.
        owner: Whose.
        wanted: The browser.
        plain: Whether http addresses are allowed, as of a push server of one's own.

    Raises:
        InvalidInput: Its address or keys cannot be.
    """
    checked(Browser(wanted.endpoint, wanted.keys.p256dh, wanted.keys.auth))
    if not plain and not wanted.endpoint.startswith("https://"):
        raise InvalidInput("only https endpoints are called", field="endpoint")
    row = tx.session.exec(
        select(PushSubscription).where(PushSubscription.endpoint == wanted.endpoint)
    ).first()
    if row is None:
        for old in list_of(tx.session, tx.org, owner)[MOST - 1 :]:
            tx.session.delete(old)
        row = PushSubscription(
            id=tx.new_id(),
            org=tx.org,
            endpoint=wanted.endpoint,
            p256dh="",
            auth="",
            device="",
            created_at=tx.wall,
        )
        tx.session.add(row)
    row.user_id, row.person_id = owner.user_id, owner.person_id
    row.p256dh, row.auth = wanted.keys.p256dh, wanted.keys.auth
    row.device, row.locale = wanted.device or "?", wanted.locale
    tx.record(PushChanged(subscription_id=row.id, state="added"))
    return row


def unsubscribe(tx: Tx, owner: Owner, subscription_id: UUID) -> None:
    """Forget a browser of one's own.

    Raises:
        NotFound: No such browser of this owner.
    """
    row = tx.session.get(PushSubscription, subscription_id)
    if row is None or (row.user_id, row.person_id) != (owner.user_id, owner.person_id):
        raise NotFound(what="subscription")
    _forget(tx, row, "removed")


def forget_gone(tx: Tx, target: str) -> None:
    """Forget the browser behind a delivery's target: its maker says that it exists no more."""
    row = tx.session.get(PushSubscription, subscription_of(target))
    if row is not None:
        _forget(tx, row, "gone")


def list_of(session: Session, org: str, owner: Owner) -> Sequence[PushSubscription]:
    """Return the browsers of an owner, newest first."""
    query = select(PushSubscription).where(PushSubscription.org == org)
    if owner.person_id is not None:
        query = query.where(PushSubscription.person_id == owner.person_id)
    else:
        query = query.where(PushSubscription.user_id == owner.user_id)
    return session.exec(query.order_by(col(PushSubscription.created_at).desc())).all()


def targets(session: Session, person: OnCallPerson, channel: str) -> list[str]:
    """Return where messages for a person go by a channel; empty when he cannot be reached by it."""
    if channel == "webhook":
        return ["webhook"]
    if channel == "push":
        return [f"push:{one.id}" for one in list_of(session, person.org, _own(person))]
    known = {"sms": person.phone, "email": person.email}.get(channel)
    return [f"person:{person.id}"] if known else []


def subscription_of(target: str) -> UUID:
    """Return the subscription that a delivery's target names."""
    return UUID(target.removeprefix("push:"))


def _own(person: OnCallPerson) -> Owner:
    return Owner(person_id=person.id)


def _forget(tx: Tx, row: PushSubscription, state: Literal["removed", "gone"]) -> None:
    tx.session.delete(row)
    tx.record(PushChanged(subscription_id=row.id, state=state))
