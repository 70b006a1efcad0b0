"""What one connection may do, and when it must end: a state machine without a socket.

It is fed frames and instants and answers with effects for its keeper (`asgi.py`) to carry out, one
after the other. It knows the protocol and its limits; who a principal is, what a topic holds and
how bytes travel are the keeper's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from realtime.protocol import (
    PING,
    CloseCode,
    CommandError,
    Connect,
    ErrorCode,
    FrameError,
    Pong,
    Position,
    Presence,
    Subscribe,
    Subscribed,
    Unsubscribe,
    encode,
    error_body,
    parse,
    reply,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may use.

    Attributes:
        frame_bytes: Largest inbound frame.
        topics: Topics followed at once.
        commands_per_s: Sustained rate; twice as many may come at once.
        patience: Commands refused for their rate before the connection is closed.
        connect_s: Time to say who one is.
        ping_s: Between two pings of the server.
        pong_s: Time to answer one; with `ping_s` a dead peer is found within 35 s.
    """

    frame_bytes: int = 16 * 1024
    topics: int = 128
    commands_per_s: float = 20.0
    patience: int = 100
    connect_s: float = 5.0
    ping_s: float = 25.0
    pong_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Say:
    """Send one JSON text."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Bye:
    """Close the connection."""

    code: CloseCode
    reason: str


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Find out who this is, then call `admitted`, or close."""

    token: str | None


@dataclass(frozen=True, slots=True)
class Load:
    """Authorise and load these topics, then call `loaded` with one outcome for each."""

    request: int
    word: str
    wanted: tuple[tuple[str, Position | None], ...]


@dataclass(frozen=True, slots=True)
class GoLive:
    """Let pushes of a topic through: its reply has been said."""

    topic: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Stop following a topic."""

    topic: str


@dataclass(frozen=True, slots=True)
class Attend:
    """Note that the principal looks at a topic, at a place in it, and reply who else does."""

    request: int
    topic: str
    at: str = ""


Effect = Say | Bye | Authenticate | Load | GoLive | Leave | Attend
Outcome = Subscribed | CommandError


class _State(Enum):
    NEW = "new"
    ASKING = "asking"
    OPEN = "open"
    CLOSED = "closed"


class Session:
    """One connection.

    Feed it with `receive` and `tick`; while an `Authenticate` or a `Load` is being carried out
    feed it no frames.
    """

    __slots__ = (
        "_awaiting_pong",
        "_busy",
        "_connect",
        "_deadline",
        "_expires_at",
        "_limits",
        "_ping_at",
        "_pinged_at",
        "_refilled_at",
        "_refused",
        "_serial",
        "_state",
        "_tokens",
        "_topics",
    )

    def __init__(self, serial: int, limits: Limits, now: float) -> None:
        """Begin to wait for a `connect`.

        Args:
            serial: Number of this connection in this process; also spreads pings over the period.
            limits: What it may use.
            now: Seconds of the clock that `receive` and `tick` go on with.
        """
        self._serial = serial
        self._limits = limits
        self._state = _State.NEW
        self._deadline = now + limits.connect_s
        self._expires_at: float | None = None
        self._connect: Connect | None = None
        self._busy = False
        self._awaiting_pong = False
        self._pinged_at = self._refilled_at = now
        self._ping_at = now + limits.ping_s * (1 + serial % 25) / 25
        self._tokens = limits.commands_per_s * 2
        self._refused = 0
        self._topics: set[str] = set()

    # -- the client's frames -----------------------------------------------------------------------

    def receive(self, frame: str | None, now: float) -> list[Effect]:
        """Take a text frame (None: a binary one)."""
        if self._state is _State.CLOSED:
            return []
        self._awaiting_pong = False
        try:
            return self._obey(frame, now)
        except FrameError as error:
            return self._end(error.close, error.reason)

    def _obey(self, frame: str | None, now: float) -> list[Effect]:
        if frame is None:
            raise FrameError("binary frames are not spoken here")
        # Four bytes a character at most: measured only when it could matter.
        if len(frame) * 4 > self._limits.frame_bytes < len(frame.encode("utf-8", "replace")):
            raise FrameError("frame too big", CloseCode.TOO_BIG)
        command = parse(frame)
        if isinstance(command, Pong):
            return []
        if isinstance(command, Connect):
            return self._on_connect(command)
        if self._state is not _State.OPEN:
            raise FrameError("connect first")
        if not self._within_rate(now):
            refusal = CommandError(ErrorCode.TOO_MANY_REQUESTS, "too many commands")
            return [self._refusal(command.id, refusal)]
        match command:
            case Subscribe():
                return self._on_subscribe(command)
            case Unsubscribe():
                self._topics.discard(command.topic)
                done = reply(command.id, "unsubscribe", b"{}")
                return [Leave(command.topic), Say(done)]
            case Presence():
                return [Attend(command.id, command.topic, command.at)]

    def _on_connect(self, command: Connect) -> list[Effect]:
        if self._state is not _State.NEW:
            raise FrameError("connected already")
        if len(command.subs) > self._limits.topics:
            raise FrameError("too many topics")
        self._state, self._busy, self._connect = _State.ASKING, True, command
        return [Authenticate(command.token)]

    def _on_subscribe(self, command: Subscribe) -> list[Effect]:
        if command.topic not in self._topics and len(self._topics) >= self._limits.topics:
            refusal = CommandError(ErrorCode.LIMIT_EXCEEDED, "too many topics")
            return [self._refusal(command.id, refusal)]
        self._topics.add(command.topic)
        self._busy = True
        return [Load(command.id, "subscribe", ((command.topic, command.position),))]

    def _within_rate(self, now: float) -> bool:
        rate = self._limits.commands_per_s
        self._tokens = min(rate * 2, self._tokens + (now - self._refilled_at) * rate)
        self._refilled_at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return True
        self._refused += 1
        if self._refused > self._limits.patience:
            raise FrameError("too many commands")
        return False

    # -- the keeper's outcomes ---------------------------------------------------------------------

    def admitted(self, now: float, expires_in_s: float | None) -> list[Effect]:
        """Go on after `Authenticate` found somebody.

        Args:
            now: The present instant.
            expires_in_s: Lifetime of the admission; None for ever.
        """
        connect, self._connect = self._connect, None
        if self._state is not _State.ASKING or connect is None:
            return []
        self._state = _State.OPEN
        self._expires_at = None if expires_in_s is None else now + expires_in_s
        self._topics.update(topic for topic, _ in connect.subs)
        return [Load(connect.id, "connect", connect.subs)]

    def loaded(self, load: Load, outcomes: Sequence[Outcome], now: float) -> list[Effect]:
        """Reply to a `Load`; outcomes stand in the order of `load.wanted`."""
        self._busy = self._awaiting_pong = False
        if self._state is not _State.OPEN:
            return []
        for (topic, _), outcome in zip(load.wanted, outcomes, strict=True):
            if isinstance(outcome, CommandError):
                self._topics.discard(topic)
        live: list[Effect] = [
            GoLive(outcome.topic) for outcome in outcomes if isinstance(outcome, Subscribed)
        ]
        if load.word == "connect":
            return [Say(reply(load.request, "connect", self._welcome(load, outcomes, now))), *live]
        outcome = outcomes[0]
        if isinstance(outcome, CommandError):
            return [self._refusal(load.request, outcome)]
        return [Say(reply(load.request, "subscribe", outcome.body())), *live]

    def _welcome(self, load: Load, outcomes: Sequence[Outcome], now: float) -> bytes:
        head: dict[str, object] = {
            "client": f"c-{self._serial}",
            "ping": self._limits.ping_s,
            "pong": True,
        }
        if self._expires_at is not None:
            head["expires"] = round(self._expires_at - now)
        subs = b",".join(
            encode(topic) + b":" + _outcome_body(outcome)
            for (topic, _), outcome in zip(load.wanted, outcomes, strict=True)
        )
        return encode(head)[:-1] + b',"subs":{' + subs + b"}}"

    # -- time --------------------------------------------------------------------------------------

    def tick(self, now: float) -> list[Effect]:
        """Let time pass; call about once a second."""
        if self._state is _State.CLOSED:
            return []
        if self._state is not _State.OPEN:
            late = now >= self._deadline
            return self._end(CloseCode.STALE, "not authenticated in time") if late else []
        if self._expires_at is not None and now >= self._expires_at:
            return self._end(CloseCode.EXPIRED, "expired")
        if self._awaiting_pong:
            # While a command is carried out nobody reads this connection's frames.
            late = now - self._pinged_at >= self._limits.pong_s and not self._busy
            return self._end(CloseCode.NO_PONG, "no pong") if late else []
        if now < self._ping_at:
            return []
        self._awaiting_pong = True
        self._pinged_at, self._ping_at = now, now + self._limits.ping_s
        return [Say(PING)]

    def _end(self, code: CloseCode, reason: str) -> list[Effect]:
        self._state = _State.CLOSED
        return [Bye(code, reason)]

    @staticmethod
    def _refusal(request: int, error: CommandError) -> Say:
        return Say(reply(request, "error", error_body(error.code, error.message)))


def _outcome_body(outcome: Outcome) -> bytes:
    if isinstance(outcome, CommandError):
        return b'{"error":' + error_body(outcome.code, outcome.message) + b"}"
    return outcome.body()
