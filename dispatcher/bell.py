"""How an event loop and another thread hand each other work: many pieces at once, with one wake-up.

Waking a loop is a system call that hands over the interpreter; one for each answer of a group cost
the writer more than storing it. In the other direction, whoever hands over the first of sixteen
requests at once gets it committed alone, and the two threads then fight for the interpreter.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")

_thread = threading.local()
_bells: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Bell]" = WeakKeyDictionary()


async def answer_of(future: "Future[T]") -> T:
    """Wait in the running loop for a future that another thread fulfils, and return its result.

    A caller that is cancelled cancels the future, unless it is being worked on.
    """
    loop = asyncio.get_running_loop()
    bell = _bells.get(loop)
    if bell is None:
        bell = _bells[loop] = _Bell(loop)
    arrived: asyncio.Future[None] = loop.create_future()
    future.add_done_callback(lambda _done: bell.ring(arrived))
    try:
        await arrived
    except asyncio.CancelledError:
        future.cancel()
        raise
    return future.result()


@contextmanager
def answers_together() -> Iterator[None]:
    """Wake each loop once, at the end of the block, for all that this thread answers in it.

    Else the first answer hands the interpreter to the loop, which then comes back alone.
    """
    held: set[_Bell] = set()
    _thread.held = held
    try:
        yield
    finally:
        _thread.held = None
        for bell in held:
            bell.call()


class _Bell:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._rung: deque[asyncio.Future[None]] = deque()
        self._is_called = False

    def ring(self, arrived: "asyncio.Future[None]") -> None:
        # First the answer, then the look whether somebody comes for it: `_hand_out` does the
        # reverse, so none is left lying.
        self._rung.append(arrived)
        held: set[_Bell] | None = getattr(_thread, "held", None)
        if held is None:
            self.call()
        else:
            held.add(self)

    def call(self) -> None:
        """Wake the loop, unless that is done already."""
        if self._is_called:
            return
        self._is_called = True
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        self._is_called = False
        while self._rung:
            arrived = self._rung.popleft()
            if not arrived.done():
                arrived.set_result(None)


class Arrivals(Generic[T]):
    """What a turn of an event loop brings, handed on together at the beginning of the next.

    Attributes:
        waiting: How many wait for that.
    """

    def __init__(self, hand_on: Callable[[list[T]], None]) -> None:
        """Hand lists on in the loop's thread, oldest first, never an empty one."""
        self._hand_on = hand_on
        self._brought: WeakKeyDictionary[asyncio.AbstractEventLoop, list[T]] = WeakKeyDictionary()
        self.waiting = 0

    def bring(self, one: T) -> None:
        """Add something from the running loop."""
        loop = asyncio.get_running_loop()
        self.waiting += 1
        brought = self._brought.get(loop)
        if brought is not None:
            brought.append(one)
            return
        self._brought[loop] = [one]
        loop.call_soon(self._end_turn, loop)

    def _end_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        brought = self._brought.pop(loop)
        self.waiting -= len(brought)
        self._hand_on(brought)
