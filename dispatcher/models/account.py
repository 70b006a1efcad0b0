"""Staff accounts and their sessions."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class User(SQLModel, table=True):
    """A member of staff who can sign in."""

    __tablename__ = "account"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    username: str = Field(unique=True)
    name: str
    password_hash: str
    role: str
    crew_id: UUID | None = Field(default=None, foreign_key="crew.id")
    locale: str = "fr"
    active: bool = True
    demo: bool = False
    created_at: datetime


class UserSession(SQLModel, table=True):
    """A signed-in session: only the SHA-256 of its secret is stored. Times are wall time."""

    __tablename__ = "account_session"

    token_hash: str = Field(primary_key=True, max_length=64)
    user_id: UUID = Field(foreign_key="account.id", index=True)
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
