"""What processes of one service tell each other: hints and presence, never truth.

A lost hint costs a little delay, because every relay also polls the log each second. The in-process
twin (`memory.py`) and the one over Redis (`redis.py`) pass the same tests.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, order=True)
class Attendee:
    """Somebody who looks at a topic.

    Attributes:
        id: Whom others count once.
        label: How others call him.
        at: Where within the topic he looks, in his client's words; empty when nowhere.
    """

    id: str
    label: str
    at: str = ""


class Broker(Protocol):
    """Wake-up hints between processes, and who looks at what."""

    @property
    def degraded(self) -> str | None:
        """Why hints do not travel at the moment, or None when all is well."""
        ...

    async def wake(self, seq: int) -> None:
        """Hint that the log has reached `seq`; never raises and never takes long."""
        ...

    def listen(self) -> AsyncIterator[int]:
        """Yield the highest seq hinted since the last time, and 0 when hints may have been missed.

        A slow listener gets fewer and newer hints, not a backlog.
        """
        ...

    async def attend(self, topic: str, who: Attendee, ttl_s: float) -> list[Attendee]:
        """Note that somebody looks at a topic for `ttl_s`, and return all who do, sorted.

        Each is there once, at the place he told last.
        """
        ...

    async def aclose(self) -> None:
        """End every listener and free connections."""
        ...
