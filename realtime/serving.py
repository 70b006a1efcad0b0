"""A uvicorn that lets its live clients go before it closes everything at once.

On SIGTERM uvicorn itself sends 1012 to all sockets in one instant, before the application hears of
the end; thousands of clients would then come back in one instant too.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from socket import socket

import uvicorn

log = logging.getLogger("realtime.serving")

DRAIN_S = 30.0


class DrainingServer(uvicorn.Server):
    """Runs `drain` when told to stop, while it still serves; then stops as usual."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._drain = drain

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
