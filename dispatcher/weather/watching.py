"""Bulletins, asked for by the service alone; a browser never speaks to the weather's server."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import httpx
from starlette.concurrency import run_in_threadpool

from dispatcher.auth.context import Service
from dispatcher.clock import monotonic_s
from dispatcher.database import Command
from dispatcher.incidents.weather import weather_of
from dispatcher.weather import commands
from dispatcher.weather.bulletin import Bulletin, UnreadableBulletin, read_bulletin

log = logging.getLogger("cpo.weather")

TIMEOUT_S = 10.0
BULLETIN_BYTES = 4 * 1024 * 1024
EVERY_S = 600.0
"""Bulletins come at 6 and 16 h, and in between when the weather turns."""
AGAIN_S = 60.0
"""When to ask again after a failure."""
SILENT_AFTER = timedelta(hours=1)
"""Without an answer for so long, nobody may take a missing warning for fine weather."""

Do = Callable[[Command[object]], Awaitable[object]]


class Watch:
    """Asks for the bulletin in its time, and says when none comes any more."""

    def __init__(self, service: Service) -> None:
        """Prepare; nothing is sent before the first turn, nothing at all without an address."""
        self._service = service
        self._next_s = 0.0
        self._heard_at: datetime | None = None

    async def turn(self, do: Do) -> None:
        """Do what is due: take what is over off the board, ask, say that nobody answers.

        Args:
            do: Has a command stored.
        """
        if await run_in_threadpool(self._has_past):
            await do(commands.tidy)
        if self._service.settings.weather_url is None or monotonic_s() < self._next_s:
            return
        now = self._service.clocks.wall.now()
        self._heard_at = self._heard_at or now
        try:
            bulletin = await run_in_threadpool(self._ask)
        except (httpx.HTTPError, httpx.InvalidURL, UnreadableBulletin, ValueError) as error:
            log.warning(
                "weather_silent", extra={"reason": f"{type(error).__name__}: {error}"[:200]}
            )
            self._next_s = monotonic_s() + AGAIN_S
            if now - self._heard_at >= SILENT_AFTER:
                await do(commands.miss)
            return
        self._heard_at, self._next_s = now, monotonic_s() + EVERY_S
        await do(lambda tx: commands.hear(tx, bulletin))

    def _has_past(self) -> bool:
        with self._service.store.read() as session:
            state = weather_of(session, self._service.settings.org)
        return commands.has_past(state, self._service.clocks.service.now())

    def _ask(self) -> Bulletin:
        settings = self._service.settings
        key = settings.weather_key.get_secret_value()
        headers = {"accept": "application/json"} | ({"apikey": key} if key else {})
        body, until_s = b"", monotonic_s() + 2 * TIMEOUT_S
        with (
            httpx.Client(timeout=TIMEOUT_S, follow_redirects=False) as http,
            http.stream("GET", str(settings.weather_url), headers=headers) as answer,
        ):
            if answer.status_code != 200:
                raise UnreadableBulletin(f"answered {answer.status_code}")
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > BULLETIN_BYTES or monotonic_s() > until_s:
                    raise UnreadableBulletin("too long an answer")
        return read_bulletin(body, settings.weather_department)
