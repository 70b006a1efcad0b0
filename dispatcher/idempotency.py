"""The same answer to the same keyed write, before or after a crash.

Source: draft-ietf-httpapi-idempotency-key-header-07: 400 key missing, 409 the first request with
the key still runs, 422 key reused with another body. The answer is kept in the transaction of the
write itself, so neither can exist without the other.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from sqlalchemy import bindparam
from sqlmodel import Session, and_, or_, select
from sqlmodel.sql.expression import Select

from dispatcher.database import GROUP, Tx
from dispatcher.errors import IdempotencyKeyMissing, IdempotencyKeyReused, IdempotencyKeyRunning
from dispatcher.models import IdempotentAnswer
from dispatcher.unit_of_work import Ahead

_KEY = re.compile(r"^[\x21-\x7e]{16,128}$")
KEY_HEADER = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "minLength": 16, "maxLength": 128},
        }
    ]
}
"""How the API's description tells of the header, where it is read by hand."""


def parse_key(header: str | None) -> str:
    """Return the key of an `Idempotency-Key` header, quoted as a structured string or bare.

    Raises:
        IdempotencyKeyMissing: The header is absent, too short, too long or not printable ASCII.
    """
    key = (header or "").strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.match(key):
        raise IdempotencyKeyMissing()
    return key


def fingerprint(body: BaseModel) -> str:
    """Return the SHA-256 of a body in canonical form, as 64 hex digits."""
    text = json.dumps(body.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Running:
    """The keyed writes of this process that are not answered yet."""

    def __init__(self) -> None:
        """Begin with none."""
        self._keys: set[tuple[str, str]] = set()

    @contextmanager
    def only(self, scope: str, key: str) -> Iterator[None]:
        """Be the one request with this key for the time of the block.

        Raises:
            IdempotencyKeyRunning: Another one is.
        """
        if (scope, key) in self._keys:
            raise IdempotencyKeyRunning()
        self._keys.add((scope, key))
        try:
            yield
        finally:
            self._keys.discard((scope, key))


def once(
    tx: Tx, scope: str, key: str, print_: str, run: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Run a keyed write, or return what it answered the first time.

    Args:
        tx: The command's transaction.
        scope: Operation and caller; the same key from elsewhere is another key.
        key: From `parse_key`.
        print_: From `fingerprint`.
        run: The write; its answer must be JSON and hold no secret.

    Raises:
        IdempotencyKeyReused: The key came before with another body.
    """
    ahead = asked_before(scope, key)
    known = tx.known(ahead)
    if known is not None:
        given, answer = known
        if given != print_:
            raise IdempotencyKeyReused()
        return dict(answer)
    answer = run()
    row = {"scope": scope, "key": key, "fingerprint": print_, "answer": answer}
    tx.write(IdempotentAnswer, **row, created_at=tx.wall)
    tx.note((ahead.load, ahead.key), (print_, answer))
    return answer


def keyed(
    scope: str, key: str | None, body: BaseModel, run: Callable[[Tx], dict[str, Any]]
) -> Callable[[Tx], dict[str, Any]]:
    """Return a command that runs once for a key, and each time without one.

    Args:
        scope: The operation and what it is about; the actor is added.
        key: From the header `Idempotency-Key`; None runs it unguarded.
        body: What was asked: the same key with another body is refused.
        run: The write; its answer must be JSON and hold no secret.
    """

    def command(tx: Tx) -> dict[str, Any]:
        if key is None:
            return run(tx)
        place = f"{scope}:{tx.actor.label}"
        return once(tx, place, parse_key(key), fingerprint(body), lambda: run(tx))

    return command


def asked_before(scope: str, key: str) -> Ahead:
    """Return what the writer should read ahead for a keyed write."""
    return Ahead(_given, (scope, key))


def _given(session: Session, places: Sequence[tuple[str, str]]) -> dict[Any, Any]:
    """Return fingerprint and answer by scope and key."""
    wanted: dict[str, str] = {}
    for at, (scope, key) in enumerate(places):
        wanted[f"scope_{at}"], wanted[f"key_{at}"] = scope, key
    found = session.connection().execute(_answers(len(places)), wanted)
    return {(scope, key): (print_, answer) for scope, key, print_, answer in found}


@lru_cache(maxsize=GROUP)
def _answers(count: int) -> "Select[str, str, str, Any]":
    # A statement for each number of keys: one that expands is written anew each time it is run.
    kept = IdempotentAnswer
    # By scope and key both, which is the order of the index: by the key alone, every answer ever
    # kept is looked at.
    wanted = [
        and_(kept.scope == bindparam(f"scope_{at}"), kept.key == bindparam(f"key_{at}"))
        for at in range(count)
    ]
    return select(kept.scope, kept.key, kept.fingerprint, kept.answer).where(or_(*wanted))
