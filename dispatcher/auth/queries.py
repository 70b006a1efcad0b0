"""Reading accounts."""

from uuid import UUID

from sqlmodel import Session, select

from dispatcher.models import User


def user_by_name(session: Session, username: str) -> User | None:
    """Return the account of a user name, if any."""
    return session.exec(select(User).where(User.username == username)).first()


def user_by_id(session: Session, user_id: UUID) -> User | None:
    """Return an account, if it exists."""
    return session.get(User, user_id)
