"""Wire models of signing in."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from dispatcher.actors import Role
from dispatcher.wire import In, Out


class LoginIn(In):
    """A name and a password."""

    username: str = Field(min_length=1, max_length=120)
    password: str = Field(min_length=1, max_length=128)


class UserOut(Out):
    """Who is signed in."""

    id: UUID
    name: str
    username: str
    role: Role
    crew_id: UUID | None
    locale: Literal["fr", "en"]


class LoginOut(Out):
    """Who signed in, and the page where his work is."""

    user: UserOut
    home: str


class OrgOut(Out):
    """The authority served."""

    slug: str
    name: str


class TilesOut(Out):
    """Raster tiles to draw under maps, and whom to thank for them."""

    url: str
    credit: str


class MeOut(Out):
    """Who is signed in, where, whether the day is simulated, and the server's wall time.

    Attributes:
        storm_per_hour: New incidents within an hour from which a board offers to group them.
    """

    user: UserOut
    org: OrgOut
    demo: bool
    wall_at: datetime
    storm_per_hour: int
    map_tiles: TilesOut | None = None
