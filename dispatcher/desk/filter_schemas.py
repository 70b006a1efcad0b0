"""Saved filters of the queue as they go over the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from dispatcher.events.states import IncidentStatus, Priority
from dispatcher.wire import In, Out

Code = Annotated[str, Field(min_length=1, max_length=80)]


class FilterWanted(In):
    """What a filter lets through; an empty list asks nothing of its field.

    Attributes:
        words: All must be found in title, place, reference, class, category or crew.
        priorities: Classes, the one in force.
        categories: Codes of the catalogue.
        services: Codes of services.
        states: Of the incident.
        sectors: Names, by the commune of the incident.
        channels: One of its reports came by one of these.
        mine: Taken in hand by the reader.
        unassigned: Nobody is sent yet.
        late: The promise is or will be broken.
        at_risk: Late, or due within the hour.
    """

    words: str = Field("", max_length=100)
    priorities: list[Priority] = Field(default_factory=list, max_length=4)
    categories: list[Code] = Field(default_factory=list, max_length=60)
    services: list[Code] = Field(default_factory=list, max_length=30)
    states: list[IncidentStatus] = Field(default_factory=list, max_length=15)
    sectors: list[Code] = Field(default_factory=list, max_length=60)
    channels: list[Code] = Field(default_factory=list, max_length=10)
    mine: bool = False
    unassigned: bool = False
    late: bool = False
    at_risk: bool = False


class FilterIn(In):
    """A filter to keep, for oneself or for the whole authority."""

    name: str = Field(min_length=1, max_length=40)
    wanted: FilterWanted
    shared: bool = False


class FilterOut(Out):
    """A kept filter; only its owner sees one that is not shared."""

    id: UUID
    name: str
    wanted: FilterWanted
    shared: bool
    by: str
    updated_at: AwareDatetime
