"""What may be said on the wire, in both directions; nothing about sockets, time or topics' owners.

JSON text frames in Centrifugo's words. Client to server, one command a frame::

    {"id":1,"connect":{"v":1,"token":"…","name":"board",
                       "subs":{"board:cd19":{"epoch":"k3Qz","offset":812}}}}
    {"id":2,"subscribe":{"topic":"crew:7","epoch":"k3Qz","offset":812}}   without position: snapshot
    {"id":3,"unsubscribe":{"topic":"crew:7"}}
    {"id":4,"presence":{"topic":"board:cd19","at":"incident:42"}}         `at`: where within it
    {}                                                                    the answer to a ping

Server to client: replies (`id` and the command's word, or `id` and `error`), pushes (`topic` with
`pub` or `resync`), `{"disconnect":{…}}` and the ping `{}`. A position is `(epoch, offset)`; `prev`
in a publication is the offset the topic had before it, so a client has a hole if and only if `prev`
is greater than the offset it holds. A publication is whole: when one event changes several keys,
they travel in one frame (`also`), because a connection cut between two frames of one offset would
lose the second for ever.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NoReturn

VERSION: Final = 1
MAX_SAFE_INTEGER: Final = 2**53 - 1
PING: Final = b"{}"

JsonObject = Mapping[str, object]

_TOPIC = re.compile(r"[a-z]{1,32}:[A-Za-z0-9_-]{1,128}\Z", re.ASCII)
_EPOCH = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)
_TOKEN = re.compile(r"[\x21-\x7e]{1,512}\Z", re.ASCII)
_PLACE = re.compile(r"[A-Za-z0-9:_-]{0,128}\Z", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9 ._/-]{0,64}\Z", re.ASCII)


class ErrorCode(IntEnum):
    """Why a command was refused; `temporary` says whether the same command may be tried again."""

    INTERNAL = 100
    UNAUTHORISED = 101
    PERMISSION_DENIED = 103
    LIMIT_EXCEEDED = 106
    BAD_REQUEST = 107
    UNAVAILABLE = 108
    TOO_MANY_REQUESTS = 111

    @property
    def temporary(self) -> bool:
        """Whether the client may try again after a pause."""
        return self in (ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE, ErrorCode.TOO_MANY_REQUESTS)


class CloseCode(IntEnum):
    """Why a socket was closed: 3000–3499 mean "come back", 3500–3999 mean "do not"."""

    TOO_BIG = 1009
    RESTART = 1012
    SHUTDOWN = 3001
    EXPIRED = 3005
    SLOW = 3008
    NO_PONG = 3012
    INVALID_TOKEN = 3500
    BAD_REQUEST = 3501
    STALE = 3502
    CONNECTION_LIMIT = 3504
    PERMISSION_DENIED = 3507

    @property
    def reconnect(self) -> bool:
        """Whether a client that was closed with this code should connect again."""
        return self < 3500 and self is not CloseCode.TOO_BIG


class RealtimeError(Exception):
    """Something the push service refuses."""


class FrameError(RealtimeError):
    """A frame that no well-made client sends; the connection is closed with this code."""

    def __init__(self, reason: str, close: CloseCode = CloseCode.BAD_REQUEST) -> None:
        """Keep the reason, which never quotes the frame, and the close code."""
        super().__init__(reason)
        self.reason = reason
        self.close = close


class CommandError(RealtimeError):
    """A well-formed command that cannot be done; the client gets the code and stays connected."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        """Keep the code and a short English message."""
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a topic: the log's incarnation, and the last offset held (inclusive)."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True)
class Item:
    """One key of a topic at one version; `data` None means that the key is gone.

    In a snapshot `data` may be JSON already: of thousands, the objects in between cost seconds.
    """

    key: str
    ver: int
    data: JsonObject | bytes | None


@dataclass(frozen=True, slots=True)
class Publication:
    """What one event changed in one topic; `prev` is absent because only the topic's ring knows it.

    Attributes:
        offset: The event's number in the log; a topic sees each offset at most once.
        id: The event's id.
        type: The event's type, past tense.
        key: First key changed.
        ver: Its version; a client applies it only over a smaller one.
        at: Instant of the event, ISO 8601 UTC.
        data: The key's new value, or None when it is gone.
        also: Further keys that the same event changed.
    """

    offset: int
    id: str
    type: str
    key: str
    ver: int
    at: str
    data: JsonObject | None
    also: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All keys of a topic as they were right after `offset`."""

    offset: int
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What a new subscriber of a topic gets before the first push.

    Attributes:
        topic: The topic.
        position: Where the subscriber stands after it has applied `items`.
        was_recovering: Whether it asked to resume.
        recovered: Whether `items` are the publications it missed; else they are a snapshot.
        items: Ready JSON array.
    """

    topic: str
    position: Position
    was_recovering: bool
    recovered: bool
    items: bytes

    def body(self) -> bytes:
        """Return the JSON of the reply."""
        head = {
            "topic": self.topic,
            "epoch": self.position.epoch,
            "offset": self.position.offset,
            "was_recovering": self.was_recovering,
            "recovered": self.recovered,
        }
        word = b"publications" if self.recovered else b"snapshot"
        return encode(head)[:-1] + b',"' + word + b'":' + self.items + b"}"


@dataclass(frozen=True, slots=True)
class Connect:
    """First command of a connection, with the positions to resume from (None wants a snapshot)."""

    id: int
    token: str | None
    name: str
    subs: tuple[tuple[str, Position | None], ...]


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Follow a topic, from a position or from a snapshot."""

    id: int
    topic: str
    position: Position | None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Stop following a topic."""

    id: int
    topic: str


@dataclass(frozen=True, slots=True)
class Presence:
    """Say "I am looking at this", `at` a place within it, for a while, and ask who else is."""

    id: int
    topic: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ping."""


Command = Connect | Subscribe | Unsubscribe | Presence | Pong


# -- reading what a client said --------------------------------------------------------------------


def parse(text: str) -> Command:
    """Return the command of a frame.

    Raises:
        FrameError: Anything else than one well-formed command.
    """
    frame = _object(_decode(text), "a frame")
    if not frame:
        return Pong()
    number = _integer(frame.get("id"), "id", low=1, high=2**31 - 1)
    if len(frame) != 2:
        raise FrameError("one command a frame")
    for word, read in _COMMANDS.items():
        if word in frame:
            return read(number, _object(frame[word], word))
    raise FrameError("unknown command")


def _decode(text: str) -> object:
    try:
        # RecursionError: 16 KiB of "[" is deeper than the decoder's stack.
        decoded: object = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise FrameError("not JSON") from None
    return decoded


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _object(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise FrameError(f"{what} must be an object")
    return value


def _integer(value: object, what: str, *, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise FrameError(f"{what} must be an integer in range")
    return value


def _text(value: object, what: str, shape: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not shape.match(value):
        raise FrameError(f"{what} is missing or ill-formed")
    return value


def _position(body: dict[str, object]) -> Position | None:
    if body.get("epoch") is None and body.get("offset") is None:
        return None
    return Position(
        epoch=_text(body.get("epoch"), "epoch", _EPOCH),
        offset=_integer(body.get("offset"), "offset", low=0, high=MAX_SAFE_INTEGER),
    )


def _connect(number: int, body: dict[str, object]) -> Connect:
    if _integer(body.get("v"), "v", low=1, high=1000) != VERSION:
        raise FrameError("unknown protocol version")
    token = body.get("token")
    subs = _object(body.get("subs", {}), "subs")
    return Connect(
        id=number,
        token=None if token is None else _text(token, "token", _TOKEN),
        name=_text(body.get("name", ""), "name", _NAME),
        subs=tuple(
            (_text(topic, "topic", _TOPIC), _position(_object(held, "a position")))
            for topic, held in subs.items()
        ),
    )


def _subscribe(number: int, body: dict[str, object]) -> Subscribe:
    return Subscribe(number, _text(body.get("topic"), "topic", _TOPIC), _position(body))


def _unsubscribe(number: int, body: dict[str, object]) -> Unsubscribe:
    return Unsubscribe(number, _text(body.get("topic"), "topic", _TOPIC))


def _presence(number: int, body: dict[str, object]) -> Presence:
    topic = _text(body.get("topic"), "topic", _TOPIC)
    return Presence(number, topic, _text(body.get("at", ""), "at", _PLACE))


_COMMANDS: Final[Mapping[str, Callable[[int, dict[str, object]], Command]]] = {
    "connect": _connect,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "presence": _presence,
}


# -- writing what the server says ------------------------------------------------------------------

_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def encode(value: object) -> bytes:
    """Return compact UTF-8 JSON; a lone surrogate becomes "?", else clients refuse the frame."""
    return _compact.encode(value).encode("utf-8", "replace")


def _item(item: Item) -> dict[str, object]:
    return {"key": item.key, "ver": item.ver, "data": item.data}


def publication_body(publication: Publication, prev: int) -> bytes:
    """Return the JSON of a publication, to be embedded in a push or in a reply."""
    body: dict[str, object] = {
        "offset": publication.offset,
        "prev": prev,
        "id": publication.id,
        "type": publication.type,
        "key": publication.key,
        "ver": publication.ver,
        "at": publication.at,
        "data": publication.data,
    }
    if publication.also:
        body["also"] = [_item(item) for item in publication.also]
    return encode(body)


def push_head(topic: str) -> bytes:
    """Return what stands before a publication's body in a push; `}` closes it."""
    return b'{"topic":' + encode(topic) + b',"pub":'


def snapshot_body(items: Iterable[Item]) -> bytes:
    """Return the JSON array of a snapshot's items."""
    return b"[" + b",".join(map(_snapshot_item, items)) + b"]"


def _snapshot_item(item: Item) -> bytes:
    if isinstance(item.data, bytes):
        return b'{"key":%b,"ver":%d,"data":%b}' % (encode(item.key), item.ver, item.data)
    return encode(_item(item))


def resync_push(topic: str, reason: str, position: Position) -> bytes:
    """Tell a client that it must subscribe again, without a position, to get a snapshot."""
    advice = {"reason": reason, "epoch": position.epoch, "offset": position.offset}
    return encode({"topic": topic, "resync": advice})


def disconnect_push(code: CloseCode, reason: str, within_ms: int) -> bytes:
    """Tell a client that it will be closed, and within which time it should come back."""
    advice = {
        "code": int(code),
        "reason": reason,
        "reconnect": code.reconnect,
        "within_ms": within_ms,
    }
    return encode({"disconnect": advice})


def reply(request: int, word: str, body: bytes) -> bytes:
    """Return the reply to a command; `body` is ready JSON."""
    return b'{"id":%d,"%s":%s}' % (request, word.encode("ascii"), body)


def error_body(code: ErrorCode, message: str) -> bytes:
    """Return the JSON of a refusal."""
    return encode({"code": int(code), "message": message, "temporary": code.temporary})
