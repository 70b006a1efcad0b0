"""What every request must satisfy before anybody reads it: size, origin; and what every answer
carries.

Plain ASGI, because a middleware that wraps bodies in tasks would cost each request and break
sockets.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dispatcher.clock import monotonic_s, new_id
from dispatcher.settings import Settings

Observe = Callable[[Scope, int, float], None]
Header = tuple[bytes, bytes]
"""A name in small letters and its value."""
HEAR_OUT_S = 2.0
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CSP = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ]
)

SECRET_PATHS = ("/suivi/", "/astreinte/", "/agenda/", "/mes-astreintes/")
"""Addresses with a secret in them: never whole in a referrer, never in a log."""

UPLOADS = re.compile(
    r"^/(signaler|suivi/[^/]+/ajouter|api/v1/(incidents|visits)/[^/]+/attachments)$"
)
"""Addresses that take files."""
TEXTS = ("application/json", "application/x-www-form-urlencoded")
"""Bodies that hold no file, whatever the address."""
_KINDS = ((False, False), (True, False), (True, True))
CITIZENS = ("/signaler", "/suivi/")
"""Addresses whose forms people send with a browser."""
TOO_LARGE = (
    "<!doctype html><html lang=fr><meta charset=utf-8>"
    "<meta name=viewport content='width=device-width'>"
    "<title>Photos trop lourdes</title><h1>Vos photos sont trop lourdes</h1>"
    "<p>Revenez en arrière : votre texte est encore là. Choisissez moins de photos, ou de plus "
    "petites.<p lang=en>Your photos are too large. Go back: your text is still there. Choose fewer "
    "or smaller ones."
)


class Guard:
    """ASGI middleware: trace id, exact Origin on unsafe methods, bounded bodies, security
    headers.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, session_cookie: str, observe: Observe
    ) -> None:
        """Wrap an application; `observe` is told how each request was answered."""
        self.app = app
        self.settings = settings
        self.session_cookie = session_cookie
        self.observe = observe
        self._headers = {kind: list(_answer_headers(settings, *kind)) for kind in _KINDS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace_id = scope["trace_id"] = str(new_id())
        headers = Headers(scope=scope)
        sender = _Sender(send, trace_id, self._headers[_kind_of(str(scope["path"]))])
        if scope["method"] in UNSAFE and not self._is_ours(headers):
            await _refuse(sender, 403, "foreign_origin", trace_id)
            return
        declared = headers.get("content-length", "0")
        limit = self._limit(str(scope["path"]), headers.get("content-type", ""))
        if not _is_within(declared, limit):
            # As much as a proxy lets through, wherever it is sent.
            most = max(2 * limit, self.settings.max_upload_bytes * 6 // 5)
            if _is_within(declared, most):
                await _hear_out(receive, most)
            if str(scope["path"]).startswith(CITIZENS):
                await _say_too_large(sender)
            else:
                await _refuse(sender, 413, "too_large", trace_id)
            return
        started_s = monotonic_s()
        try:
            await self.app(scope, _bounded(receive, limit), sender)
        finally:
            self.observe(scope, sender.status, monotonic_s() - started_s)

    def _limit(self, path: str, media: str) -> int:
        """Return how many bytes of body an address takes."""
        if UPLOADS.match(path) and not media.startswith(TEXTS):
            return max(self.settings.max_upload_bytes, self.settings.max_body_bytes)
        return self.settings.max_body_bytes

    def _is_ours(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is not None:
            return origin in self.settings.origins
        # No Origin: a program, not a page. It may not ride on a browser's cookie.
        if headers.get("sec-fetch-site") in {"same-origin", "none"}:
            return True
        return f"{self.session_cookie}=" not in headers.get("cookie", "")


class _Sender:
    def __init__(self, send: Send, trace_id: str, headers: list[Header]) -> None:
        self._send = send
        self._headers = [*headers, (b"x-request-id", trace_id.encode())]
        self.status = 500

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = message.get("headers", ())
            named = {name for name, _ in given}
            ours = [header for header in self._headers if header[0] not in named]
            message = {**message, "headers": [*given, *ours]}
        await self._send(message)


def policy_for(tiles: str | None) -> str:
    """Return what pages may load: nothing from elsewhere but the tiles that the authority chose."""
    if tiles is None:
        return CSP
    scheme, _, rest = tiles.partition("://")
    origin = f"{scheme}://{rest.partition('/')[0]}"
    allowed = CSP.replace("img-src 'self'", f"img-src 'self' {origin}")
    return f"{allowed}; connect-src 'self' {origin}"


def _kind_of(path: str) -> tuple[bool, bool]:
    """Return whether an address is private, and whether it has a secret in it."""
    return not path.startswith("/static/"), path.startswith(SECRET_PATHS)


def _answer_headers(settings: Settings, private: bool, tracking: bool) -> Iterator[Header]:
    headers = [
        ("Content-Security-Policy", policy_for(settings.map_tiles)),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(self)"),
        # A tracking link is a secret: it may not leave in a Referer, a cache or a search engine.
        # `no-referrer` would also make the browser say `Origin: null` of the page's own buttons.
        ("Referrer-Policy", "strict-origin" if tracking else "same-origin"),
        *([("Cache-Control", "no-store")] if private else []),
        *([("X-Robots-Tag", "noindex, nofollow")] if tracking else []),
        *(
            [("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]
            if settings.secure
            else []
        ),
    ]
    return ((name.lower().encode(), value.encode()) for name, value in headers)


def _is_within(declared: str, limit: int) -> bool:
    """Whether a declared length is one, and not too large."""
    is_number = declared.isascii() and declared.isdigit() and len(declared) < 16
    return is_number and int(declared) <= limit


def _bounded(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > limit:
                if message.get("more_body"):
                    await _hear_out(receive, limit)
                # Anything but an HTTPException would be called an unreadable body by the framework.
                raise HTTPException(413, headers={"Connection": "close"})
        return message

    return bounded


async def _hear_out(receive: Receive, most: int) -> None:
    """Read what is still to come and forget it, at most so many bytes and for two seconds.

    A proxy whose sending is cut short blames the process, and sends nobody there for seconds: one
    large body would take a process away from everybody.
    """
    heard = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(HEAR_OUT_S):
            while heard <= most:
                message = await receive()
                heard += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body"):
                    return


async def _refuse(send: Send, status: int, code: str, trace_id: str) -> None:
    body = json.dumps(
        {
            "type": f"/docs/errors#{code}",
            "title": code.replace("_", " "),
            "status": status,
            "code": code,
            "trace_id": trace_id,
        }
    ).encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/problem+json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def _say_too_large(send: Send) -> None:
    """Tell somebody at a form in words: a problem document would say nothing to him."""
    body = TOO_LARGE.encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
