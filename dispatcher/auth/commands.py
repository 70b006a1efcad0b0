"""Signing in and out, and making accounts."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import select

from dispatcher.actors import Role
from dispatcher.auth import sessions
from dispatcher.auth.passwords import hash_password
from dispatcher.database import Tx
from dispatcher.errors import BadCredentials, Conflict
from dispatcher.events.account_facts import SignInRefused, UserSignedIn, UserSignedOut
from dispatcher.models import User
from dispatcher.settings import Settings


def sign_in(tx: Tx, user_id: UUID, settings: Settings) -> tuple[User, str]:
    """Open a session for a user whose password was verified; return him and the session's
    secret.
    """
    user = tx.session.get(User, user_id)
    if user is None or not user.active:
        raise BadCredentials()
    token = sessions.open_session(tx, user, settings)
    tx.record(UserSignedIn(user_id=user.id))
    return user, token


def refuse_sign_in(tx: Tx, username: str) -> None:
    """Note a refused sign-in; the name tried is hashed, for it may be a password typed too
    early.
    """
    tx.record(SignInRefused(name_hash=hashlib.sha256(username.encode()).hexdigest()))


def sign_out(tx: Tx, token: str) -> None:
    """End a session; every process that reads of it closes the session's sockets."""
    if tx.actor.id is not None:
        _end(tx, tx.actor.id, sessions.token_hash(token))


def sign_out_everywhere(tx: Tx, user_id: UUID) -> int:
    """End every session of a user; return how many there were."""
    hashes = sessions.sessions_of(tx, user_id)
    for hashed in hashes:
        _end(tx, user_id, hashed)
    return len(hashes)


def _end(tx: Tx, user_id: UUID, hashed: str) -> None:
    sessions.close_session(tx, hashed)
    tx.record(UserSignedOut(user_id=user_id, session=sessions.short_name(hashed)))


@dataclass(frozen=True, slots=True)
class Account:
    """A new account: at least 12 characters of password outside the demo (checked by callers)."""

    username: str
    password: str
    role: Role
    name: str = ""


def make_user(tx: Tx, account: Account) -> User:
    """Create an account.

    Raises:
        Conflict: The name is taken.
    """
    known = tx.session.exec(select(User).where(User.username == account.username)).first()
    if known is not None:
        raise Conflict("this user name is taken", username=account.username)
    user = User(
        id=tx.new_id(),
        org=tx.org,
        username=account.username,
        name=account.name or account.username,
        password_hash=hash_password(account.password),
        role=account.role.value,
        created_at=tx.wall,
    )
    tx.session.add(user)
    return user
