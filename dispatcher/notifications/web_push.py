"""Web push: a message that only the browser it is for can read, handed to its maker's service.

Sources: RFC 8291 (message encryption), RFC 8188 (aes128gcm), RFC 8292 (VAPID), RFC 8030 (the
request).
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dispatcher.clock import secret_token
from dispatcher.errors import InvalidInput
from dispatcher.notifications.channels import Outgoing, Undelivered
from dispatcher.notifications.https import Caution, post

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
RECORD = 4096
"""Bytes of one encrypted record; what a push service takes is no longer (RFC 8030, 7.2)."""
LIVES = timedelta(hours=12)
"""How long our proof of who we are is good for: at most a day (RFC 8292, 2)."""
KEPT_S = 4 * 3600
"""How long the push service keeps a message for a browser that is off."""
GONE = frozenset({404, 410})


class Gone(Undelivered):
    """The browser's subscription exists no more (RFC 8030, 7.3)."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that takes push messages: its address and its two keys, base64url."""

    endpoint: str
    p256dh: str
    auth: str


def b64(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Return what base64url text says.

    Raises:
        ValueError: It is none.
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def new_private_key() -> str:
    """Return a fresh private key as `cpo init` writes it: 32 bytes, base64url."""
    return b64(hashlib.sha256(secret_token().encode()).digest())


def private_key(text: str, secret: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the key that proves who we are: the one given, else one derived from the secret.

    Raises:
        ValueError: The text is no key of 32 bytes.
    """
    raw = unb64(text) if text else hashlib.sha256(b"web-push:" + secret).digest()
    if len(raw) != 32:
        raise ValueError("CPO_PUSH_PRIVATE_KEY is 32 bytes in base64url")
    return ec.derive_private_key(int.from_bytes(raw) % (ORDER - 1) + 1, CURVE)


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the public key as browsers ask for it: an uncompressed point, base64url."""
    return b64(_point(key.public_key()))


def checked(browser: Browser) -> Browser:
    """Return a browser whose keys can be used.

    Raises:
        InvalidInput: An address or a key cannot be.
    """
    try:
        _public(unb64(browser.p256dh))
        if len(unb64(browser.auth)) != 16:
            raise ValueError("auth is 16 bytes")
    except ValueError:
        raise InvalidInput("these keys are no web push keys", field="keys") from None
    parts = urlsplit(browser.endpoint)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise InvalidInput("the endpoint is no address", field="endpoint")
    return browser


def encrypt(plain: bytes, browser: Browser, salt: bytes, own: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a body that only the browser can read.

    Args:
        plain: At most 3993 bytes.
        browser: For whom.
        salt: 16 bytes, never used twice.
        own: A fresh key for this message alone.
    """
    theirs = unb64(browser.p256dh)
    ours = _point(own.public_key())
    shared = own.exchange(ec.ECDH(), _public(theirs))
    info = b"WebPush: info\x00" + theirs + ours
    secret = _derive(shared, unb64(browser.auth), info, 32)
    key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\x00", 12)
    header = salt + RECORD.to_bytes(4) + bytes([len(ours)]) + ours
    return header + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def authorization(
    key: ec.EllipticCurvePrivateKey, endpoint: str, contact: str, until: datetime
) -> str:
    """Return the header that proves to a push service who sends.

    Args:
        key: Our key.
        endpoint: Address of the browser; the proof is good for its origin alone.
        contact: `mailto:` or https address of whoever answers for us.
        until: End of the proof, within a day.
    """
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(until.timestamp()),
        "sub": contact,
    }
    head = b64(json.dumps({"typ": "JWT", "alg": "ES256"}, separators=(",", ":")).encode())
    signed = f"{head}.{b64(json.dumps(claims, separators=(',', ':')).encode())}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={signed}.{b64(r.to_bytes(32) + s.to_bytes(32))}, k={public_text(key)}"


class WebPush:
    """The web push channel: `Outgoing.to` is a `Browser` as JSON."""

    def __init__(
        self,
        key: ec.EllipticCurvePrivateKey,
        contact: str,
        now: Callable[[], datetime],
        caution: Caution | None = None,
    ) -> None:
        """Prepare; `now` is wall time, which push services compare with their own."""
        self._key = key
        self._contact = contact
        self._now = now
        self._caution = caution or Caution()

    def send(self, message: Outgoing) -> str | None:
        """Encrypt and hand over a message; see `Channel.send`.

        Raises:
            Gone: The browser takes no messages any more.
        """
        browser = Browser(**json.loads(message.to))
        told = {"title": message.subject, "body": message.text, "url": message.link}
        plain = json.dumps({**told, "tag": message.kind}, ensure_ascii=False).encode()
        salt = hashlib.sha256(secret_token().encode()).digest()[:16]
        body = encrypt(plain, browser, salt, ec.generate_private_key(CURVE))
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_S),
            "Urgency": "high",
            "Topic": b64(message.id.bytes),
            "Authorization": authorization(
                self._key, browser.endpoint, self._contact, self._now() + LIVES
            ),
        }
        try:
            return f"push:{post(browser.endpoint, body, headers, self._caution).status}"
        except Undelivered as error:
            if error.status in GONE:
                raise Gone("this browser takes messages no more", is_final=True) from error
            raise


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _public(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)


def _derive(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(key)
