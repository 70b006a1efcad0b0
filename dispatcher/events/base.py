"""What every domain event is: an immutable fact in the past tense."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class DomainEvent(BaseModel):
    """Base of all events."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1] = 1
