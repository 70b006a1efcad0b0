"""Somebody who watches the board through every crash, on a real socket, and always resumes."""

import json
import threading
from collections.abc import Sequence
from itertools import count, cycle

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from dispatcher.clock import monotonic_s
from tests.support.live_mirror import Mirror, TopicMirror

POLL_S = 0.2


class Watcher(threading.Thread):
    """Follows one topic; reconnects for ever from where it was, and believes nothing it is told.

    Attributes:
        mirror: What it holds; it fails on a hole, a double or disorder.
        failure: What it could not believe, if anything.
        resumed: How often it went on from its position without a snapshot.
        asked_to_return: How often it was told to come back by a service that was leaving.
    """

    def __init__(
        self, port: int | Sequence[int], cookie: str, topic: str, origin: str | None = None
    ) -> None:
        """Watch at a port; of several, the next one after each end."""
        super().__init__(name="watcher", daemon=True)
        self.mirror = Mirror()
        self.failure: AssertionError | None = None
        self.resumed = 0
        self.asked_to_return = 0
        self._ports = [port] if isinstance(port, int) else list(port)
        self._origin = Origin(origin or f"http://127.0.0.1:{self._ports[0]}")
        self._cookie = cookie
        self._topic = topic
        self._numbers = count(1)
        self._leaving = threading.Event()

    @property
    def held(self) -> TopicMirror:
        """What it holds of its topic."""
        return self.mirror[self._topic]

    def run(self) -> None:
        """Watch until told to leave."""
        ports = cycle(self._ports)
        while not self._leaving.is_set() and self.failure is None:
            try:
                with connect(
                    f"ws://127.0.0.1:{next(ports)}/api/v1/live",
                    origin=self._origin,
                    additional_headers={"Cookie": self._cookie},
                    compression=None,
                    ping_interval=None,
                    max_size=None,
                    open_timeout=2,
                ) as socket:
                    self._follow(socket)
            except AssertionError as lie:
                self.failure = lie
            except (OSError, WebSocketException):
                self._leaving.wait(0.05)  # the service is down: come back

    def _follow(self, socket: ClientConnection) -> None:
        self._say(socket, "connect", v=1, name="watcher", subs={self._topic: self.held.position})
        while not self._leaving.is_set():
            try:
                frame = self.mirror.feed(socket.recv(timeout=POLL_S))
            except TimeoutError:
                continue
            answered = frame.get("connect", {}).get("subs", {}).get(self._topic)
            if answered is not None and answered.get("recovered"):
                self.resumed += 1
            if "disconnect" in frame:
                self.asked_to_return += 1
            if not frame:
                socket.send("{}")
            elif "resync" in frame:
                self._say(socket, "subscribe", topic=self._topic)

    def _say(self, socket: ClientConnection, word: str, **body: object) -> None:
        socket.send(json.dumps({"id": next(self._numbers), word: body}))

    def reach(self, offset: int, within_s: float = 30.0) -> None:
        """Wait until it holds what the log had at an offset."""
        deadline_s = monotonic_s() + within_s
        while self.held.offset < offset and self.failure is None:
            assert monotonic_s() < deadline_s, f"still at {self.held.offset} of {offset}"
            self._leaving.wait(0.02)

    def leave(self) -> None:
        """Stop watching."""
        self._leaving.set()
        self.join(timeout=10)
