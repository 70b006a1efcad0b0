"""Who is behind a session cookie, asked once for all who arrive together.

After a restart everybody comes back in the same seconds. A look-up costs most for getting to the
database and back, so those that wait while one is under way share the next.
"""

import asyncio
from collections.abc import Iterable

from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor
from dispatcher.auth import sessions
from dispatcher.auth.context import Service

AT_ONCE = 100


class Admission:
    """Looks sessions up in batches."""

    def __init__(self, service: Service) -> None:
        """Ask this service's store."""
        self._service = service
        self._waiting: dict[str, asyncio.Future[Actor | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def actor(self, token: str) -> Actor | None:
        """Return the member of staff behind a living session's secret, as of now."""
        answer = self._waiting.get(token)
        if answer is None:
            answer = self._waiting[token] = asyncio.get_running_loop().create_future()
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        # The others wait for the same answer: one that gives up must not take it away.
        return await asyncio.shield(answer)

    async def _ask(self) -> None:
        try:
            while self._waiting:
                batch = {t: self._waiting.pop(t) for t in list(self._waiting)[:AT_ONCE]}
                try:
                    found = await run_in_threadpool(self._look, tuple(batch))
                except Exception as error:  # passed on to all who asked
                    for answer in batch.values():
                        answer.set_exception(error)
                        answer.exception()  # whoever gave up will not look at it
                    continue
                for token, answer in batch.items():
                    answer.set_result(found[token])
        finally:
            self._asking = None

    def _look(self, tokens: Iterable[str]) -> dict[str, Actor | None]:
        service = self._service
        wall = service.clocks.wall.now()
        with service.store.read() as session:
            rows = {t: sessions.find(session, t, wall, service.settings) for t in tokens}
        return {token: row[0] if row else None for token, row in rows.items()}
