"""What happened to accounts and sessions; part of the union in `facts.py`."""

from typing import Literal
from uuid import UUID

from dispatcher.events.base import DomainEvent


class UserSignedIn(DomainEvent):
    """A member of staff signed in."""

    type: Literal["user.signed_in"] = "user.signed_in"
    user_id: UUID


class SignInRefused(DomainEvent):
    """A sign-in was refused; the name tried is kept only as a hash."""

    type: Literal["user.sign_in_refused"] = "user.sign_in_refused"
    name_hash: str


class UserSignedOut(DomainEvent):
    """A session of a member of staff ended; `session` is the beginning of its secret's hash."""

    type: Literal["user.signed_out"] = "user.signed_out"
    user_id: UUID
    session: str | None = None
