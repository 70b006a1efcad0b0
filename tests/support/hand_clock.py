"""An event loop's clock that moves only when told to."""

import heapq
import itertools
from collections.abc import Callable


class HandTimer:
    """A call that is due later."""

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        """Make it never happen."""
        self.callback = None


class HandClock:
    """A `realtime.fanout.Scheduler` with time in hand."""

    def __init__(self, at: float = 1000.0) -> None:
        self._at = at
        self._due: list[tuple[float, int, HandTimer]] = []
        self._numbers = itertools.count()

    def time(self) -> float:
        """Return the instant reached."""
        return self._at

    def call_later(self, delay: float, callback: Callable[[], object], /) -> HandTimer:
        """Note a call for later."""
        timer = HandTimer(callback)
        heapq.heappush(self._due, (self._at + delay, next(self._numbers), timer))
        return timer

    def spend(self, seconds: float) -> None:
        """Let time pass within a call: nothing else happens meanwhile."""
        self._at += seconds

    def advance(self, seconds: float = 0.0) -> None:
        """Let time pass, and what falls due happen in order."""
        until = self._at + seconds
        while self._due and self._due[0][0] <= until:
            at, _, timer = heapq.heappop(self._due)
            self._at = max(self._at, at)
            callback, timer.callback = timer.callback, None
            if callback is not None:
                callback()
        self._at = max(self._at, until)

    @property
    def pending(self) -> int:
        """How many calls are due later."""
        return sum(timer.callback is not None for _, _, timer in self._due)
