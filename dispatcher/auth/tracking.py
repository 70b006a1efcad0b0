"""The citizen's private link: 256 bits that derive from the request's id, of which only a hash is
kept.

Deriving (HMAC-SHA256 of the id under the service's secret) instead of storing lets a repeated
report, or a later message, give the same link without the secret ever being in the database.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from sqlmodel import Session, select

from dispatcher.auth.sessions import token_hash
from dispatcher.clock import secret_token
from dispatcher.database import Tx
from dispatcher.errors import NotFound
from dispatcher.models import IdempotentAnswer, Request

LIVE_TOKEN_S = 60.0
SPENT = "live-token"


def tracking_token(secret: bytes, request_id: UUID) -> str:
    """Return the secret of a tracking link as 43 URL-safe characters."""
    keyed = _keyed(secret).copy()
    keyed.update(request_id.bytes)
    return _text(keyed.digest())


@lru_cache(maxsize=4)
def _keyed(secret: bytes) -> hmac.HMAC:
    # Copied for each token: `hmac.digest` lets another thread take the writer's turn each time.
    return hmac.new(secret, b"tracking:", "sha256")


def request_by_token(session: Session, token: str) -> Request:
    """Return the request behind a tracking token.

    Raises:
        NotFound: Wrong, expired and foreign tokens alike.
    """
    found = session.exec(select(Request).where(Request.token_hash == token_hash(token))).first()
    if found is None:
        raise NotFound()
    return found


def new_live_token(secret: bytes, topic: str, wall: datetime) -> str:
    """Return a single-use token of 60 seconds that opens one topic on a socket.

    It says itself what it opens and until when, under a signature, so that any process of the
    service can take it.
    """
    until = wall + timedelta(seconds=LIVE_TOKEN_S)
    said = json.dumps([topic, int(until.timestamp()), secret_token()[:22]], separators=(",", ":"))
    return f"{_text(said.encode())}.{_signature(secret, said)}"


def take_live_token(tx: Tx, secret: bytes, token: str) -> str | None:
    """Return the topic a token opens, once; None when it is not ours, used or too old.

    Raises:
        Conflict: Another process takes it at the same instant.
    """
    said = _read(secret, token)
    if said is None:
        return None
    topic, until, serial = json.loads(said)
    if tx.wall.timestamp() >= until:
        return None
    # Kept beside the answers of keyed writes: the same purge forgets both, long after the minute.
    if tx.session.get(IdempotentAnswer, (SPENT, serial)) is not None:
        return None
    tx.session.add(
        IdempotentAnswer(scope=SPENT, key=serial, fingerprint="", answer={}, created_at=tx.wall)
    )
    return str(topic)


def _read(secret: bytes, token: str) -> str | None:
    """Return what a token says if the signature is ours."""
    body, _, signature = token.partition(".")
    try:
        said = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except ValueError:
        return None
    ours = hmac.compare_digest(signature.encode(), _signature(secret, said).encode())
    return said if ours else None


def _signature(secret: bytes, said: str) -> str:
    return _text(hmac.new(secret, b"live:" + said.encode(), hashlib.sha256).digest())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
