"""Who is signed in: opaque 256-bit secrets in cookies, only their SHA-256 in the database.

Times are wall time, so a scaled demo day does not sign people out.
"""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, delete, select

from dispatcher.actors import Actor, Role
from dispatcher.clock import secret_token
from dispatcher.database import Tx
from dispatcher.models import User, UserSession
from dispatcher.settings import Settings

AWAKE_EVERY = timedelta(minutes=1)


def cookie_name(settings: Settings) -> str:
    """Return the session cookie's name; `__Host-` needs https, which the loopback demo has not."""
    return "__Host-cpo" if settings.secure else "cpo"


def token_hash(token: str) -> str:
    """Return what is stored instead of a secret: its SHA-256 as 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def short_name(hashed: str) -> str:
    """Return how a session is named where its hash must not stand whole: in the log, on sockets."""
    return hashed[:12]


def public_name(user_id: UUID | str | None, session: str) -> str:
    """Return the name by which the sockets of a session (its short name) are closed."""
    return f"{user_id}.{session}"


def open_session(tx: Tx, user: User, settings: Settings) -> str:
    """Start a session and return its secret, which only the cookie will hold."""
    token = secret_token()
    tx.session.add(
        UserSession(
            token_hash=token_hash(token),
            user_id=user.id,
            created_at=tx.wall,
            seen_at=tx.wall,
            expires_at=tx.wall + timedelta(hours=settings.session_hours),
        )
    )
    return token


# Built once: every request and every socket asks it.
_BY_HASH = (
    select(UserSession, User)
    .where(UserSession.user_id == User.id)
    .where(col(UserSession.token_hash) == bindparam("hashed"))
)


def find(
    session: Session, token: str, wall: datetime, settings: Settings
) -> tuple[Actor, bool, UUID] | None:
    """Return the actor of a living session, whether it needs `keep_awake`, and the user's id."""
    row = session.exec(_BY_HASH, params={"hashed": token_hash(token)}).first()
    if row is None:
        return None
    kept, user = row
    idle = timedelta(minutes=settings.session_idle_minutes)
    if not user.active or wall >= kept.expires_at or wall >= kept.seen_at + idle:
        return None
    return actor_of(user), wall - kept.seen_at >= AWAKE_EVERY, user.id


def actor_of(user: User) -> Actor:
    """Return the actor that a member of staff is."""
    return Actor("user", user.org, user.id, user.name, Role(user.role), user.crew_id)


def keep_awake(tx: Tx, token: str) -> None:
    """Note that a session is in use."""
    kept = tx.session.get(UserSession, token_hash(token))
    if kept is not None:
        kept.seen_at = tx.wall


def close_session(tx: Tx, hashed: str) -> None:
    """End one session at once, named by the hash of its secret."""
    tx.session.execute(delete(UserSession).where(col(UserSession.token_hash) == hashed))


def sessions_of(tx: Tx, user_id: UUID) -> list[str]:
    """Return the hashes of a user's sessions."""
    kept = select(UserSession.token_hash).where(UserSession.user_id == user_id)
    return list(tx.session.exec(kept).all())
