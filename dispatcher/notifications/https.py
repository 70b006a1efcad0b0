"""One POST to an address that somebody configured, without being led astray by it.

The name is resolved once and the connection goes to that very address, so that an answer cannot
change between check and use; private addresses are refused unless allowed; redirects are never
followed; the answer is bounded.

Source: OWASP, Server Side Request Forgery Prevention Cheat Sheet.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from dispatcher.notifications.channels import TIMEOUT_S, Undelivered

ANSWER_BYTES = 65_536
WORTH_REPEATING = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class Caution:
    """How careful a POST is.

    Attributes:
        private: Whether private, loopback and link-local addresses may be called.
        plain: Whether http is allowed; for a provider on the same machine, and tests.
        context: Judges certificates; the system's authorities by default.
    """

    private: bool = False
    plain: bool = False
    context: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def post(url: str, body: bytes, headers: Mapping[str, str], caution: Caution) -> Answer:
    """Send a body and return the answer of success (2xx).

    Raises:
        Undelivered: The address is not allowed, nobody answers, or the answer is no success.
            Errors of 4xx are final, save those that ask to come back later.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (caution.plain and parts.scheme == "http"):
        raise Undelivered("only https addresses are called", is_final=True)
    if not parts.hostname or parts.username or parts.password:
        raise Undelivered("the address is malformed", is_final=True)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Undelivered("the address is malformed", is_final=True) from None
    address = _resolve(parts.hostname, port, caution)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.hostname, port, timeout=TIMEOUT_S)
    try:
        connection.sock = _connect(address, port, parts.hostname, parts.scheme, caution)
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        status, told = answer.status, answer.read(ANSWER_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise Undelivered(f"no answer: {type(error).__name__}") from error
    finally:
        connection.close()
    if 200 <= status < 300:
        return Answer(status, told)
    is_final = 300 <= status < 500 and status not in WORTH_REPEATING
    raise Undelivered(f"answered {status}", is_final=is_final, status=status)


def _connect(address: str, port: int, host: str, scheme: str, caution: Caution) -> socket.socket:
    plain = socket.create_connection((address, port), timeout=TIMEOUT_S)
    if scheme != "https":
        return plain
    try:
        # The certificate must be the name's, although we call the address.
        context = caution.context or ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _resolve(host: str, port: int, caution: Caution) -> str:
    """Return the first address of a name; all of them must be allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Undelivered(f"unknown host: {type(error).__name__}") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not caution.private and not all(_is_public(address) for address in addresses):
        raise Undelivered("the address is private", is_final=True)
    return addresses[0]


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast
