"""The cover of the territory as it goes over the wire."""

from pydantic import AwareDatetime

from dispatcher.wire import Out


class CommuneCover(Out):
    """Minutes from an emergency to the first crew there; None when no crew is on duty."""

    insee: str
    name: str
    sector: str | None
    minutes: int | None
    crew: str | None


class SectorCover(Out):
    """How a sector is covered.

    Attributes:
        mean_min: Minutes averaged over its people; None when nobody would come.
        within: Share of its people reached within the promise, 0..1.
        is_hole: Fewer than eight in ten are, while crews are on duty.
    """

    name: str
    mean_min: int | None
    within: float
    is_hole: bool


class CoverOut(Out):
    """The cover at an instant.

    Attributes:
        at: The instant it is for.
        promise_min: Minutes within which the policy promises to be there for a P1.
        crews: On duty and able to leave at that time.
        travel_source: What most travel estimates come from.
    """

    at: AwareDatetime
    promise_min: int
    crews: int
    travel_source: str
    sectors: list[SectorCover]
    communes: list[CommuneCover]
