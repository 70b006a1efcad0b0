"""Browsers of signed-in people that take web push, over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.notifications import subscriptions
from dispatcher.notifications.subscriptions import Owner, SubscriptionIn, SubscriptionOut
from dispatcher.notifications.web_push import private_key, public_text
from dispatcher.wire import Out

router = APIRouter(prefix="/push", tags=["push"])


class PushKeyOut(Out):
    """The key that browsers ask for before they take messages from us."""

    public_key: str


def public_key_of(request: Request) -> str:
    """Return our public key, base64url."""
    service = service_of(request)
    text = service.settings.push_private_key.get_secret_value()
    return public_text(private_key(text, service.secret))


@router.get("/key")
def read_push_key(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> PushKeyOut:
    """Say which key signs our push messages."""
    return PushKeyOut(public_key=public_key_of(request))


@router.get("/subscriptions")
def read_subscriptions(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> list[SubscriptionOut]:
    """List your browsers that take messages."""
    with service_of(request).store.read() as session:
        rows = subscriptions.list_of(session, actor.org, Owner(user_id=actor.id))
    return [SubscriptionOut.model_validate(row) for row in rows]


@router.post("/subscriptions", status_code=201)
def add_subscription(
    request: Request, body: SubscriptionIn, actor: Annotated[Actor, Depends(access.crews)]
) -> SubscriptionOut:
    """Have this browser take messages for you."""
    service = service_of(request)
    command = partial(
        subscriptions.subscribe,
        owner=Owner(user_id=actor.id),
        wanted=body,
        plain=service.settings.push_private,
    )
    return SubscriptionOut.model_validate(service.store.submit_wait(command, actor))


@router.delete("/subscriptions/{subscription_id}", status_code=204)
def remove_subscription(
    request: Request, subscription_id: UUID, actor: Annotated[Actor, Depends(access.crews)]
) -> None:
    """Have one of your browsers take no more messages."""
    command = partial(
        subscriptions.unsubscribe,
        owner=Owner(user_id=actor.id),
        subscription_id=subscription_id,
    )
    service_of(request).store.submit_wait(command, actor)
