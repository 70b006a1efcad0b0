"""A uvicorn that lets its live clients go before it closes everything at once.

On SIGTERM uvicorn itself sends 1012 to all sockets in one instant, before the application hears of
the end; thousands of clients would then come back in one instant too.

It also tells TCP how long a client may take to acknowledge what was sent to it. Left to itself,
Linux keeps a connection to a machine that is gone for a quarter of an hour, and what cannot answer
pings, such as server-sent events, for as long.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from socket import IPPROTO_TCP, socket

import uvicorn

log = logging.getLogger("realtime.serving")

DRAIN_S = 30.0
UNHEARD_S = 30.0
"""How long what was sent may stay unacknowledged before the connection is given up."""
_TCP_USER_TIMEOUT = 18
"""RFC 5482; Linux's number, which Python names on Linux only."""


class DrainingServer(uvicorn.Server):
    """Runs `drain` when told to stop, while it still serves; then stops as usual."""

    def __init__(
        self,
        config: uvicorn.Config,
        drain: Callable[[], Awaitable[None]],
        unheard_s: float = UNHEARD_S,
    ) -> None:
        super().__init__(config)
        self._drain = drain
        self._unheard_s = unheard_s

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen; what is accepted inherits the listening socket's patience."""
        await super().startup(sockets)
        if sys.platform != "linux":
            return
        for server in self.servers:
            for listening in server.sockets:
                with suppress(OSError):  # a Unix socket has no such option
                    patience_ms = round(self._unheard_s * 1000)
                    listening.setsockopt(IPPROTO_TCP, _TCP_USER_TIMEOUT, patience_ms)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Drain, at most half a minute and not at all at a second signal, then shut down."""
        draining = asyncio.ensure_future(self._drain())
        for _ in range(int(DRAIN_S * 10)):
            if self.force_exit:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await asyncio.shield(draining)
                break
        if not draining.done():
            log.warning("drain_cut_short")
            draining.cancel()
        await super().shutdown(sockets)
