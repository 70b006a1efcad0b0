"""What every domain event is: an immutable fact in the past tense, with images of what follows."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class DomainEvent(BaseModel):
    """Base of all events."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1] = 1


class State(BaseModel):
    """Base of all images: frozen, strict about unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)
