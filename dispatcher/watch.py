"""A topic followed in a terminal: what a browser sees, as lines, over the same protocol.

It resumes where it stopped whenever the connection breaks, checks that nothing was left out, and
says so when it had to begin anew. It reads; it never changes anything.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from dispatcher.clock import monotonic_s, secret_token, seeded
from dispatcher.errors import BadCredentials, Forbidden, NotSignedIn, Unavailable

Json = dict[str, Any]
Out = Callable[[str], None]

LIVE_PATH = "/api/v1/live"
SILENCE_S = 35.0
"""The service pings every 25 s; a socket that is silent for longer is dead."""
FIRST_PAUSE_S, LONGEST_PAUSE_S, STABLE_S = 0.5, 20.0, 30.0


@dataclass(slots=True)
class Follower:
    """How far one topic is known, and what is said about it.

    Attributes:
        topic: What is followed.
        out: Takes one line: `offset time type key ver data` for a change, `# …` for a remark.
        epoch: Incarnation of the log that `offset` belongs to; empty before the first answer.
        offset: Last offset known.
    """

    topic: str
    out: Out
    epoch: str = ""
    offset: int = 0

    @property
    def position(self) -> Json:
        """What to resume from; empty asks for a snapshot."""
        return {"epoch": self.epoch, "offset": self.offset} if self.epoch else {}

    def loaded(self, body: Json) -> None:
        """Take the answer to a subscribe.

        Raises:
            Forbidden: This topic is not for him.
            Unavailable: Not now; ask again after a pause.
        """
        if "error" in body:
            self._refused(body["error"])
        if body["recovered"]:
            for publication in body["publications"]:
                self.published(publication)
        else:
            self.out(f"# {self.topic}: {len(body['snapshot'])} keys at {body['offset']}")
            for item in body["snapshot"]:
                self._line(f"{body['offset']} snapshot", item)
        self.epoch, self.offset = body["epoch"], body["offset"]
        self.out(f"# live from {self.offset}")

    def published(self, publication: Json) -> bool:
        """Say what changed; False when something before it is missing, and nothing was said."""
        if publication["offset"] <= self.offset:
            return True
        if publication["prev"] > self.offset:
            return False
        self.offset = publication["offset"]
        head = f"{self.offset} {publication['at']} {publication['type']}"
        for item in (publication, *publication.get("also", ())):
            self._line(head, item)
        return True

    def forget(self, reason: str) -> None:
        """Begin anew at the next answer."""
        self.epoch, self.offset = "", 0
        self.out(f"# resync: {reason}")

    def _line(self, head: str, item: Json) -> None:
        data = json.dumps(item["data"], ensure_ascii=False, separators=(",", ":"))
        self.out(f"{head} {item['key']} {item['ver']} {data}")

    def _refused(self, error: Json) -> NoReturn:
        if error["temporary"]:
            raise Unavailable(error["message"])
        raise Forbidden(error["message"], topic=self.topic)


def sign_in(url: str, username: str, password: str) -> str:
    """Return the cookie of a fresh session.

    Raises:
        BadCredentials: Name or password are wrong.
        Unavailable: The service does not answer as it should.
    """
    body = {"username": username, "password": password}
    address = f"{url.rstrip('/')}/api/v1/auth/login"
    try:
        answer = httpx.post(address, json=body, headers={"Origin": _origin(url)}, timeout=20)
    except httpx.HTTPError:
        raise Unavailable("the service does not answer") from None
    if answer.status_code == 401:
        raise BadCredentials()
    if answer.status_code != 200:
        raise Unavailable(f"signing in was answered {answer.status_code}")
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def watch(
    url: str,
    topic: str,
    cookie: str,
    out: Out,
    *,
    pause: Callable[[float], None] = time.sleep,
) -> NoReturn:
    """Follow a topic for ever; end it by an exception of `out` or `pause` (Ctrl-C is one).

    Args:
        url: `http(s)://host[:port]` of the service.
        topic: Such as `board:correze`.
        cookie: Cookie header of a session (see `sign_in`).
        out: Takes each line.
        pause: Waits so many seconds between two attempts.

    Raises:
        Forbidden: The topic is not for this person.
        NotSignedIn: The session is over, or has too many connections.
    """
    follower, chance, failures = Follower(topic, out), seeded(secret_token()).uniform, 0
    while True:
        began_s, wanted_s = monotonic_s(), None
        try:
            wanted_s = _one_connection(url, cookie, follower)
        except ConnectionClosed as end:
            _stay_away(end)
            out(f"# connection lost at {follower.offset}")
        except (OSError, WebSocketException, Unavailable) as trouble:
            out(f"# no connection: {type(trouble).__name__}")
        failures = 0 if monotonic_s() - began_s > STABLE_S else failures + 1
        pause(_pause_s(failures, wanted_s, chance))


def _pause_s(
    failures: int, wanted_s: float | None, between: Callable[[float, float], float]
) -> float:
    """Return a pause with full jitter: within the window the service asked for, else growing."""
    longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures, 10))
    return between(0.0, longest if wanted_s is None else wanted_s)


def _stay_away(end: ConnectionClosed) -> None:
    """Give up when the service closed the door for good (3500–3999)."""
    if end.rcvd is not None and 3500 <= end.rcvd.code < 4000:
        raise NotSignedIn(end.rcvd.reason or "the service closed the door") from None


def _one_connection(url: str, cookie: str, follower: Follower) -> float:
    """Follow until the service sends everybody away; return the window to come back in, seconds."""
    with connect(
        f"{url.rstrip('/').replace('http', 'ws', 1)}{LIVE_PATH}",
        origin=Origin(_origin(url)),
        additional_headers={"Cookie": cookie},
        compression=None,
        ping_interval=None,
        max_size=None,
        open_timeout=10,
        close_timeout=1,
    ) as socket:
        topic = {follower.topic: follower.position}
        _say(socket, {"id": 1, "connect": {"v": 1, "name": "watch", "subs": topic}})
        while True:
            wanted_s = _obey(socket, json.loads(socket.recv(timeout=SILENCE_S)), follower)
            if wanted_s is not None:
                return wanted_s


def _obey(socket: ClientConnection, frame: Json, follower: Follower) -> float | None:
    """Take one frame; return the window to come back in when it sends everybody away."""
    match frame:
        case {"connect": connected}:
            follower.loaded(connected["subs"][follower.topic])
        case {"subscribe": body}:
            follower.loaded(body)
        case {"error": error}:
            follower.loaded({"error": error})
        case {"pub": publication}:
            if not follower.published(publication):
                _ask(socket, follower)
        case {"resync": told}:
            follower.forget(told["reason"])
            _ask(socket, follower)
        case {"disconnect": told}:
            return float(told.get("within_ms", 0)) / 1000
        case {}:
            _say(socket, {})
    return None


def _ask(socket: ClientConnection, follower: Follower) -> None:
    wanted = {"topic": follower.topic, **follower.position}
    _say(socket, {"id": 2, "subscribe": wanted})


def _say(socket: ClientConnection, frame: Json) -> None:
    socket.send(json.dumps(frame))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
