"""SMS by a provider's HTTP interface: OVHcloud's signed one, and a generic one."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dispatcher.notifications.channels import Outgoing, Undelivered
from dispatcher.notifications.https import Caution, post

OVH_EUROPE = "https://eu.api.ovh.com/1.0"


@dataclass(frozen=True, slots=True)
class OvhAccount:
    """Access to OVHcloud's SMS service; an empty sender lets people reply."""

    service: str
    application_key: str
    application_secret: str
    consumer_key: str
    sender: str = ""
    root: str = OVH_EUROPE


def ovh_signature(account: OvhAccount, method: str, url: str, body: str, timestamp: int) -> str:
    """Return the signature of a call.

    Source: OVHcloud, First steps with the API: `$1$` and the SHA-1 of secret, consumer key,
    method, address, body and timestamp, joined by `+`.
    """
    secrets = (account.application_secret, account.consumer_key)
    text = "+".join((*secrets, method, url, body, str(timestamp)))
    return "$1$" + hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - the provider's protocol


class OvhSms:
    """SMS through OVHcloud."""

    def __init__(
        self, account: OvhAccount, now: Callable[[], datetime], caution: Caution | None = None
    ) -> None:
        """Prepare; `now` is wall time, which the provider compares with its own."""
        self._account = account
        self._now = now
        self._caution = caution or Caution()

    def send(self, message: Outgoing) -> str | None:
        """Send one SMS; see `Channel.send`. `tag` carries our id, which the provider shows."""
        account = self._account
        sender = {"sender": account.sender} if account.sender else {"senderForResponse": True}
        body = json.dumps(
            {
                "message": message.text,
                "receivers": [message.to.replace(" ", "")],
                "noStopClause": True,
                "priority": "high",
                "tag": str(message.id)[:20],
                **sender,
            }
        )
        url = f"{account.root}/sms/{account.service}/jobs"
        stamp = int(self._now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "X-Ovh-Application": account.application_key,
            "X-Ovh-Consumer": account.consumer_key,
            "X-Ovh-Timestamp": str(stamp),
            "X-Ovh-Signature": ovh_signature(account, "POST", url, body, stamp),
        }
        told = _json(post(url, body.encode(), headers, self._caution).body)
        if told.get("invalidReceivers"):
            raise Undelivered("the provider refused the number", is_final=True)
        ids = told.get("ids")
        return f"ovh:{ids[0]}" if isinstance(ids, list) and ids else None


class HttpSms:
    """SMS through any gateway that takes `{"id", "to", "text"}` with a bearer token."""

    def __init__(self, url: str, token: str = "", caution: Caution | None = None) -> None:
        """Prepare; a gateway on the same network is allowed, since the address is configured."""
        self._url = url
        self._token = token
        self._caution = caution or Caution(private=True)

    def send(self, message: Outgoing) -> str | None:
        """Send one SMS; see `Channel.send`. `Idempotency-Key` is our id."""
        body = json.dumps(
            {"id": str(message.id), "to": message.to.replace(" ", ""), "text": message.text}
        )
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(message.id)}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        told = _json(post(self._url, body.encode(), headers, self._caution).body)
        return str(told["id"]) if "id" in told else None


def _json(body: bytes) -> dict[str, object]:
    """Return an object; a gateway that answers anything else took the message all the same."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
