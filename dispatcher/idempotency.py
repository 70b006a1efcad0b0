"""The same answer to the same keyed write, before or after a crash.

Source: draft-ietf-httpapi-idempotency-key-header-07: 400 key missing, 422 key reused with another
body. The answer is kept in the transaction of the write itself, so neither can exist without the
other.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from dispatcher.database import Tx
from dispatcher.errors import IdempotencyKeyMissing, IdempotencyKeyReused
from dispatcher.models import IdempotentAnswer

_KEY = re.compile(r"^[\x21-\x7e]{16,128}$")


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
    known = tx.session.get(IdempotentAnswer, (scope, key))
    if known is not None:
        if known.fingerprint != print_:
            raise IdempotencyKeyReused()
        return known.answer
    answer = run()
    tx.session.add(
        IdempotentAnswer(
            scope=scope, key=key, fingerprint=print_, answer=answer, created_at=tx.wall
        )
    )
    return answer
