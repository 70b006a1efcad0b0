"""What a citizen reads of his request: the step, the window, and the stages on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dispatcher.events.states import IncidentState, Step

WAY: tuple[Step, ...] = ("received", "examined", "planned", "en_route", "on_site", "done")
ENDS: frozenset[Step] = frozenset({"closed", "answered", "transferred", "cancelled"})


@dataclass(frozen=True, slots=True)
class Following:
    """A request as its page shows it; never names, scores or phone numbers."""

    ref: str
    step: Step
    category: str
    place: str | None
    commune: str | None
    reports: int
    window_from: datetime | None
    window_to: datetime | None
    stamps: Mapping[str, datetime]
    updated_at: datetime
    simulated: bool
    first: tuple[str, datetime] | None = None
    """The reference it had before it was joined to this incident, and when that was."""
    messages: Sequence[tuple[datetime, str]] = ()
    """What the service told, oldest first, in the reader's language."""

    @classmethod
    def of(
        cls,
        incident: IncidentState,
        category: str,
        first: tuple[str, datetime] | None = None,
        messages: Sequence[tuple[datetime, str]] = (),
    ) -> "Following":
        """Return what the page of an incident's request shows."""
        place, progress = incident.place, incident.progress
        both = ", ".join(part for part in (place.label, place.commune) if part)
        return cls(
            ref=incident.ref,
            step=progress.step,
            category=category,
            place=both or None,
            commune=place.commune,
            reports=incident.reports,
            window_from=progress.window_from,
            window_to=progress.window_to,
            stamps=progress.stamps,
            updated_at=incident.updated_at,
            simulated=incident.simulated,
            first=first,
            messages=messages,
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way, done, current or still to come."""

    step: Step
    state: Literal["done", "current", "todo"]
    at: datetime | None


def stages_of(step: Step, stamps: Mapping[str, datetime]) -> list[Stage]:
    """Return the way of a request as its stepper shows it.

    A request that ends without a visit shows what was done, then its end.
    """
    if step in ENDS:
        passed = [Stage(s, "done", stamps[s]) for s in WAY if s in stamps]
        return [*passed, Stage(step, "done", stamps.get(step))]
    reached = WAY.index(step)
    stages = []
    for rank, name in enumerate(WAY):
        at = stamps.get(name)
        if step == "done" or rank < reached:
            stages.append(Stage(name, "done", at if rank <= reached else None))
        elif rank == reached:
            # Received is over at once: what runs is the examination.
            state: Literal["done", "current"] = "done" if name == "received" else "current"
            stages.append(Stage(name, state, at))
        elif step == "received" and name == "examined":
            stages.append(Stage(name, "current", None))
        else:
            stages.append(Stage(name, "todo", None))
    return stages
