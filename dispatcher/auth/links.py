"""Secret links that derive from an id: nothing to store, nothing to leak from the database.

A link is the id and 128 bits of HMAC-SHA256 under the service's secret, for one purpose; a link
for one purpose opens nothing of another.
"""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from dispatcher.errors import NotFound

MAC_BYTES = 16


def sign_link(secret: bytes, purpose: str, about: UUID) -> str:
    """Return the token of a link as 43 URL-safe characters."""
    whole = about.bytes + _mac(secret, purpose, about)
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()


def read_link(secret: bytes, purpose: str, token: str) -> UUID:
    """Return the id that a link was made for.

    Raises:
        NotFound: Malformed, forged, or made for another purpose: all alike.
    """
    whole = _whole(token)
    about = UUID(bytes=whole[:16])
    if not hmac.compare_digest(whole[16:], _mac(secret, purpose, about)):
        raise NotFound()
    return about


def numbered(purpose: str, serial: int) -> str:
    """Return a purpose with the number of somebody's links: another number, and the links given
    out before open nothing. The first ones had no number.
    """
    return f"{purpose}:{serial}" if serial else purpose


def id_of(token: str) -> UUID:
    """Return the id that a token names, not yet judged: call `read_link` before believing it.

    Raises:
        NotFound: Malformed.
    """
    return UUID(bytes=_whole(token)[:16])


def _whole(token: str) -> bytes:
    try:
        whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotFound() from None
    if len(whole) != 16 + MAC_BYTES:
        raise NotFound()
    return whole


def _mac(secret: bytes, purpose: str, about: UUID) -> bytes:
    message = f"link:{purpose}:".encode() + about.bytes
    return hmac.new(secret, message, hashlib.sha256).digest()[:MAC_BYTES]
