"""Commands that a phone may repeat: the outbox sends each with a key of its own."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from dispatcher.database import Tx
from dispatcher.idempotency import fingerprint, once, parse_key

Answer = dict[str, Any]


def keyed(
    scope: str, key: str | None, body: BaseModel, run: Callable[[Tx], Answer]
) -> Callable[[Tx], Answer]:
    """Return a command that runs once for a key, and each time without one.

    Args:
        scope: The operation and what it is about; the actor is added.
        key: From the header `Idempotency-Key`; None runs it unguarded.
        body: What was asked: the same key with another body is refused.
        run: The write; its answer must be JSON and hold no secret.
    """

    def command(tx: Tx) -> Answer:
        if key is None:
            return run(tx)
        place = f"{scope}:{tx.actor.label}"
        return once(tx, place, parse_key(key), fingerprint(body), lambda: run(tx))

    return command
