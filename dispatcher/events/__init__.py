"""What has happened (facts) and what is true after it (images)."""

from dispatcher.events.base import DomainEvent
from dispatcher.events.facts import Event
from dispatcher.events.states import Image, State

__all__ = ["DomainEvent", "Event", "Image", "State"]
