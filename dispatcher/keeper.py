"""A process that has everything imported, and starts the serving one anew when that is killed.

Importing the service takes seconds, forking takes milliseconds. The keeper holds the listening
socket, so that whoever calls meanwhile waits instead of being refused. It opens no database and
starts no thread: a fork copies neither well. Where processes cannot fork, the service runs alone.
"""

import ctypes
import logging
import os
import signal
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from dispatcher.clock import monotonic_s

log = logging.getLogger("cpo.keeper")

TOO_OFTEN, WITHIN_S = 5, 30.0
"""So many deaths in so many seconds are no accident: whoever started the keeper should know."""
PR_SET_PDEATHSIG = 1
ENDINGS = (signal.SIGTERM, signal.SIGINT)


def keep(serve: Callable[[], None]) -> None:
    """Run `serve` in a child process, again whenever a signal kills it; return when it has ended.

    SIGTERM and SIGINT are passed on, and the child's way of ending becomes ours. When this process
    is killed, so is the child.

    Raises:
        SystemExit: With the child's exit code, or 1 when it dies again and again.
    """
    if hasattr(os, "fork"):
        _Keeper(serve).run()
    else:
        serve()


class _Keeper:
    def __init__(self, serve: Callable[[], None]) -> None:
        self._serve = serve
        self._child = 0
        self._told_to_end = False
        self._deaths: deque[float] = deque(maxlen=TOO_OFTEN)

    def run(self) -> None:
        """Keep the child running; returns in the child."""
        while True:
            status = self._run_once()
            if status is None:
                return
            if not os.WIFSIGNALED(status):
                sys.exit(os.WEXITSTATUS(status))
            by = os.WTERMSIG(status)
            if self._told_to_end or by in ENDINGS:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                signal.raise_signal(signal.SIGTERM)
            self._note_death(by)

    def _run_once(self) -> int | None:
        """Return how the child ended; in the child itself None, after it has served."""
        # Neither process may be reached by a signal before it knows what to do with it.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
        keeper, child = os.getpid(), os.fork()
        for ending in ENDINGS:
            signal.signal(ending, signal.SIG_DFL if child == 0 else self._pass_on)
        if child == 0:
            _die_with(keeper)
        self._child = child
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
        if child == 0:
            self._serve()
            return None
        return os.waitpid(child, 0)[1]

    def _pass_on(self, _signal: int, _frame: FrameType | None) -> None:
        # Also for Ctrl+C, which a terminal sends to both: a second SIGINT would cut its goodbyes.
        self._told_to_end = True
        with suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGTERM)

    def _note_death(self, by: int) -> None:
        self._deaths.append(monotonic_s())
        log.error("service_killed", extra={"signal": by})
        if len(self._deaths) == TOO_OFTEN and self._deaths[-1] - self._deaths[0] < WITHIN_S:
            log.critical("service_dies_too_often", extra={"times": TOO_OFTEN})
            sys.exit(1)


def _die_with(keeper: int) -> None:
    """Have the system kill this process when the keeper dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != keeper:
        os._exit(1)
