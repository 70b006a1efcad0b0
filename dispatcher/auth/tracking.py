"""The citizen's private link: 256 bits that derive from the request's id, of which only a hash is
kept.

Deriving (HMAC-SHA256 of the id under the service's secret) instead of storing lets a repeated
report, or a later message, give the same link without the secret ever being in the database.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import Session, select

from dispatcher.auth.sessions import token_hash
from dispatcher.clock import monotonic_s, secret_token
from dispatcher.errors import NotFound
from dispatcher.models import Request

LIVE_TOKEN_S = 60.0


def tracking_token(secret: bytes, request_id: UUID) -> str:
    """Return the secret of a tracking link as 43 URL-safe characters."""
    digest = hmac.new(secret, b"tracking:" + request_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def request_by_token(session: Session, token: str) -> Request:
    """Return the request behind a tracking token.

    Raises:
        NotFound: Wrong, expired and foreign tokens alike.
    """
    found = session.exec(select(Request).where(Request.token_hash == token_hash(token))).first()
    if found is None:
        raise NotFound()
    return found


@dataclass(slots=True)
class LiveTokens:
    """Single-use tokens of 60 seconds that open one topic on a socket."""

    _given: dict[str, tuple[str, float]] = field(default_factory=dict)

    def give(self, topic: str) -> str:
        """Return a fresh token for a topic."""
        now = monotonic_s()
        self._given = {k: v for k, v in self._given.items() if v[1] > now}
        token = secret_token()
        self._given[token] = (topic, now + LIVE_TOKEN_S)
        return token

    def take(self, token: str) -> str | None:
        """Return the topic a token opens, once; None when unknown, used or too old."""
        topic, until = self._given.pop(token, ("", 0.0))
        return topic if until > monotonic_s() else None
