"""What every way out has in common: one message in, a receipt out, or an error that says whether
trying again makes sense.
"""

import logging
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

log = logging.getLogger("cpo.notifications")

TIMEOUT_S = 10.0
"""For each step of a conversation with a provider; a lease lasts longer than all of them."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message with its address, ready to leave.

    Attributes:
        id: Stable id; the same message sent twice carries the same.
        to: Telephone number, e-mail address, or URL.
        subject: One line; only e-mail shows it.
        text: What people read.
        kind: Which message, for machines.
        data: The same for machines; no personal data.
        link: Where a tap leads; only web push carries it apart.
        unsubscribe: Address whose POST stops such messages; only e-mail carries it.
    """

    id: UUID
    to: str
    subject: str
    text: str
    kind: str = "message"
    data: dict[str, Any] = field(default_factory=dict)
    link: str = ""
    unsubscribe: str = ""


class Undelivered(Exception):
    """A message did not leave."""

    def __init__(self, reason: str, *, is_final: bool = False, status: int | None = None) -> None:
        """Say why (never with an address or a secret), whether trying again is useless, and the
        HTTP status if there was one.
        """
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final
        self.status = status


class Channel(Protocol):
    """A way out. Blocking: it is called from a thread."""

    def send(self, message: Outgoing) -> str | None:
        """Send and return the provider's receipt, if any.

        Raises:
            Undelivered: It did not leave, or nobody can tell.
        """
        ...


class Console:
    """Sends nothing: tells the log that it would have. For the demo and for tests."""

    def __init__(self, name: str) -> None:
        """Keep the last messages, newest last, so that a demo can show them."""
        self.name = name
        self.sent: list[Outgoing] = []

    def send(self, message: Outgoing) -> str | None:
        """Note the message; the log gets its id, never its address."""
        self.sent = [*self.sent[-99:], message]
        log.info("console_message", extra={"channel": self.name, "delivery_id": str(message.id)})
        return f"console:{message.id}"
