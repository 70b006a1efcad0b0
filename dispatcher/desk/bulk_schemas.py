"""One action on many incidents, as it goes over the wire."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Discriminator, Field, JsonValue, Tag

from dispatcher.actors import Role
from dispatcher.events.states import Priority
from dispatcher.wire import In, Out

AT_MOST = 50
"""Incidents of one call: the writer serves nobody else meanwhile."""


class AssignBest(In):
    """Each incident to the best crew for it, one after the other, on the plan as it then is."""

    kind: Literal["assign"] = "assign"


class Hold(In):
    """Put on hold, with what all of them wait for."""

    kind: Literal["hold"] = "hold"
    reason: str = Field(min_length=1, max_length=300)


class MergeAll(In):
    """Let all join one incident, which may be among them."""

    kind: Literal["merge"] = "merge"
    into: UUID
    reason: str | None = Field(None, max_length=300)


class OverrideAll(In):
    """Set the class by hand, or give it back to the policy with None."""

    kind: Literal["override"] = "override"
    priority: Priority | None
    reason: str = Field(min_length=3, max_length=300)


class ReplyAll(In):
    """Answer everybody who reported them, from a template; close them when that is enough."""

    kind: Literal["reply"] = "reply"
    template: str = Field(pattern=r"^[a-z0-9_]{2,60}$")
    closes: bool = False


class HandOver(In):
    """Give them to a colleague."""

    kind: Literal["hand_over"] = "hand_over"
    to: UUID


def _kind_of(given: Any) -> str | None:
    return given.get("kind") if isinstance(given, dict) else getattr(given, "kind", None)


Action = Annotated[
    Annotated[AssignBest, Tag("assign")]
    | Annotated[Hold, Tag("hold")]
    | Annotated[MergeAll, Tag("merge")]
    | Annotated[OverrideAll, Tag("override")]
    | Annotated[ReplyAll, Tag("reply")]
    | Annotated[HandOver, Tag("hand_over")],
    # Not by the field's name: `In` cleans every field first, which pydantic does not allow there.
    Discriminator(_kind_of),
]
Kind = Literal["assign", "hold", "merge", "override", "reply", "hand_over"]


class BulkIn(In):
    """An action, and on which incidents, in the order in which they are served."""

    action: Action
    incidents: list[UUID] = Field(min_length=1, max_length=AT_MOST)


class BulkItemOut(Out):
    """What became of one incident.

    Attributes:
        ref: Its reference; None when there is no such incident.
        status: As the same request for it alone would have answered: 200, 403, 404, 409, 422.
        code: Of the refusal, as in a problem document; None when it was done.
        params: What the sentence of that code needs.
        crew: Name of the crew it was given to.
    """

    incident_id: UUID
    ref: str | None
    status: int
    code: str | None = None
    params: dict[str, JsonValue] = Field(default_factory=dict)
    crew: str | None = None


class BulkOut(Out):
    """What became of each; `may_undo` says whether `POST /board/bulk/{id}/undo` gives it back."""

    id: UUID
    kind: Kind
    done: int
    refused: int
    may_undo: bool
    items: list[BulkItemOut]


class ColleagueOut(Out):
    """Somebody to whom incidents can be handed over."""

    id: UUID
    name: str
    role: Role
