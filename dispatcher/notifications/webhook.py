"""Webhooks signed the way of Standard Webhooks, so that receivers can check who speaks."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime

from dispatcher.notifications.channels import Outgoing
from dispatcher.notifications.https import Caution, post


def key_of(secret: str) -> bytes:
    """Return the key behind `whsec_<base64>`; a secret of another form is the key itself.

    >>> key_of("whsec_c2VjcmV0")
    b'secret'
    """
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature header of a webhook.

    Source: Standard Webhooks specification 1.0: HMAC-SHA256 over `id.timestamp.body`, base64,
    after the version `v1,`.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Webhook:
    """The webhook channel."""

    def __init__(
        self, secret: str, now: Callable[[], datetime], caution: Caution | None = None
    ) -> None:
        """Prepare; `now` is wall time, which receivers compare with their own."""
        self._key = key_of(secret)
        self._now = now
        self._caution = caution or Caution()

    def send(self, message: Outgoing) -> str | None:
        """POST a message to its URL; see `Channel.send`."""
        at = self._now()
        body = json.dumps(
            {"type": message.kind, "timestamp": at.isoformat(), "data": message.data},
            ensure_ascii=False,
        ).encode()
        stamp = int(at.timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": str(message.id),
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(self._key, str(message.id), stamp, body),
        }
        return f"http:{post(message.to, body, headers, self._caution).status}"
