"""The loops behind the service: reactions, shifts, ageing scores, on-call turns, purges.

The same code runs inside the one embedded service or in processes of its own, of which one is in
office (`offices.py`). Every step is a command to the writer and safe to run any number of times; a
step that fails is logged and tried again.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, delete, select
from starlette.concurrency import run_in_threadpool

from dispatcher import event_log, reactions
from dispatcher.actors import system
from dispatcher.attachments import commands as attachments
from dispatcher.attachments import keeping
from dispatcher.auth.context import Service
from dispatcher.clock import monotonic_s
from dispatcher.crews.commands import turn_shifts
from dispatcher.database import Command, Tx
from dispatcher.errors import Conflict
from dispatcher.events.states import IncidentStatus
from dispatcher.expertise import hours
from dispatcher.expertise.commands import escalate_due
from dispatcher.field import lone
from dispatcher.incidents import ageing
from dispatcher.incidents import commands as incidents
from dispatcher.incidents import keeping as keeping_rules
from dispatcher.live.wiring import Live
from dispatcher.models import IdempotentAnswer, Incident, UserSession
from dispatcher.notifications import deliveries
from dispatcher.notifications.sending import Post
from dispatcher.offices import OfficeLost, Offices
from dispatcher.oncall.board import refresh_on_call
from dispatcher.oncall.paging import Means, escalate
from dispatcher.oncall.watching import Watch, audit
from dispatcher.planning import applying, windows
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.commands import retime, to_retime
from dispatcher.planning.positions import forget_tracks
from dispatcher.planning.visits import archive_finished
from dispatcher.sensing import commands as readings
from dispatcher.travel import learning
from dispatcher.weather.watching import Watch as Sky

log = logging.getLogger("cpo.worker")
T = TypeVar("T")

OFFICE = "background"
HOLD_S = 1.0
POLL_S = 1.0
CALENDAR_S = 2.0
AGEING_S = 15.0
AGEING_RESTS = 30
"""How many times as long as it took ageing leaves the processor to others."""
ROUTES_S = 10.0
ROUTES_AT_ONCE = 4
"""People's commands wait no longer than so many routes take to be written."""
WINDOWS_S = 20.0
LEARNING_S = 300.0
ARCHIVED_AFTER = timedelta(hours=12)
CLOSED_AFTER = timedelta(hours=24)
PAGING_S = 1.0
AUDIT_S = 30.0
FIELD_S = 2.0
WEATHER_S = 15.0
PURGE_S = 600.0
MESSAGES_KEPT = timedelta(days=90)
KEYS_KEPT = timedelta(hours=24)
PAGE = 100

Step = Callable[[], Awaitable[None]]


class Worker:
    """Background loops of one process."""

    def __init__(self, service: Service, *, patience_s: float = 0.0) -> None:
        """Prepare the loops; nothing runs before `start()`.

        Args:
            service: What they work for.
            patience_s: How long to leave the office to others before each try to take it.
        """
        self.service = service
        self.actor = system(service.settings.org)
        self.offices = Offices(service.settings.database_url)
        self._patience_s = patience_s
        self._in_office = asyncio.Event()
        self.post: Post = service.parts.setdefault("post", Post.of(service))
        zone = ZoneInfo(service.settings.timezone)
        self.means = Means(zone, frozenset(self.post.channels))
        self._tasks: list[asyncio.Task[None]] = []
        self._woken = asyncio.Event()
        self._age_again_s = 0.0
        self._sky = Sky(service)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def in_office(self) -> bool:
        """Whether this process is the one whose loops run."""
        return self._in_office.is_set()

    def start(self) -> None:
        """Start every loop on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self.service.parts["worker"] = self
        self.service.store.on_commit(self._wake)
        loops: list[tuple[str, Step, float]] = [
            ("calendar", self._turn_calendar, CALENDAR_S),
            ("ageing", self._age, AGEING_S),
            ("routes", self._roll_routes, ROUTES_S),
            ("windows", self._narrow, WINDOWS_S),
            ("learning", self._learn, LEARNING_S),
            ("escalation", self._escalate, PAGING_S),
            ("field", self._watch_field, FIELD_S),
            ("deliveries", self._deliver, PAGING_S),
            ("auditor", self._audit, AUDIT_S),
            ("weather", partial(self._sky.turn, self._do), WEATHER_S),
            ("purge", self._purge, PURGE_S),
        ]
        self._tasks = [
            asyncio.create_task(self._attend(), name="office"),
            asyncio.create_task(self._listen(), name="worker-hints"),
            asyncio.create_task(self._react(), name="reactions"),
        ]
        self._tasks += [
            asyncio.create_task(self._every(name, step, seconds), name=name)
            for name, step, seconds in loops
        ]

    async def stop(self) -> None:
        """Stop every loop, wait until it has, and leave the office to another process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self._in_office.clear()
        await run_in_threadpool(self.offices.resign)

    def _wake(self, _seq: int) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def _listen(self) -> None:
        """Hear what other processes have stored."""
        live: Live = self.service.parts["live"]
        async for _seq in live.broker.listen():
            self._woken.set()

    async def _attend(self) -> None:
        """Take the office when it is free, and notice when it is lost."""
        while True:
            if not self.in_office:
                await asyncio.sleep(self._patience_s)
            if await run_in_threadpool(self.offices.hold, OFFICE):
                self._in_office.set()
            else:
                self._in_office.clear()
            await asyncio.sleep(HOLD_S)

    async def _do(self, command: Command[T]) -> T:
        """Have a command of the office stored, unless the office was lost meanwhile."""

        def in_office(tx: Tx) -> T:
            self.offices.check(tx, OFFICE)
            return command(tx)

        try:
            return await self.service.store.submit(in_office, self.actor)
        except OfficeLost:
            self._in_office.clear()
            raise

    async def _react(self) -> None:
        while True:
            await self._in_office.wait()
            try:
                while await self._do(reactions.step):
                    pass
            except OfficeLost:
                log.warning("office_lost")
            except (
                Exception
            ):  # the edge of a reaction: the log keeps the event, the next round retries
                log.exception("reaction_failed")
                await asyncio.sleep(POLL_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._woken.wait()
            self._woken.clear()

    async def _every(self, name: str, step: Step, seconds: float) -> None:
        while True:
            await self._in_office.wait()
            try:
                await step()
            except OfficeLost:
                log.warning("office_lost")
            except Exception:  # the edge of a job: logged, tried again at the next turn
                log.exception("loop_failed", extra={"loop": name})
            await asyncio.sleep(seconds)

    async def _turn_calendar(self) -> None:
        zone = ZoneInfo(self.service.settings.timezone)
        await self._do(partial(turn_shifts, zone=zone))
        await self._do(refresh_on_call)

    async def _age(self) -> None:
        """Score anew what time or the weather has changed; which that is, the writer need not
        find. On a crowded day a look takes seconds: the more, the rarer.
        """
        begun_s = monotonic_s()
        if begun_s < self._age_again_s:
            return

        def look() -> list[UUID]:
            with self.service.store.read() as session:
                now = self.service.clocks.service.now()
                return ageing.aged(session, self.service.settings.org, now)

        ids = await run_in_threadpool(look)
        for start in range(0, len(ids), PAGE):
            page = ids[start : start + PAGE]
            await self._do(partial(ageing.age, ids=page))
        self._age_again_s = begun_s + AGEING_RESTS * (monotonic_s() - begun_s)

    async def _roll_routes(self) -> None:
        """Move planned routes on with time; which have moved is not for the writer to find."""

        def look() -> list[UUID]:
            with self.service.store.read() as session:
                now = self.service.clocks.service.now()
                return to_retime(session, self.service.settings.org, now)

        moved = await run_in_threadpool(look)
        for start in range(0, len(moved), ROUTES_AT_ONCE):
            page = set(moved[start : start + ROUTES_AT_ONCE])
            await self._do(partial(retime, freeze=timedelta(0), crew_ids=page))
        await self._do(_tidy_board)

    async def _narrow(self) -> None:
        """Tell windows that moved or narrowed; walking the routes is not for the writer."""

        def look() -> list[windows.Fresh]:
            with self.service.store.read() as session:
                now = self.service.clocks.service.now()
                plans = snapshots.by_crews(session, self.service.settings.org, now)
                return windows.fresh_windows(session, plans, now)

        if fresh := await run_in_threadpool(look):
            await self._do(partial(windows.tell_fresh, windows=fresh))

    async def _learn(self) -> None:
        """Learn from finished work, and store what is new."""
        zone = ZoneInfo(self.service.settings.timezone)

        def study() -> learning.Lesson | None:
            org, now = self.service.settings.org, self.service.clocks.service.now()
            with self.service.store.read() as session:
                is_due = learning.is_due(session, org)
                return learning.study(session, org, now, zone) if is_due else None

        if (taught := await run_in_threadpool(study)) is not None:
            await self._do(partial(learning.store, taught=taught))

    async def _escalate(self) -> None:
        await self._do(partial(escalate, means=self.means))

    async def _watch_field(self) -> None:
        """Ask and alarm for who works alone; pass on, and plan anew, what no expert answered."""
        await self._do(lone.watch)
        await self._do(escalate_due)
        await self._do(hours.follow)

    async def _deliver(self) -> None:
        """Send what is due, a few messages at a time, until nothing is."""
        take = partial(deliveries.lease, channels=self.means.channels)
        while held := await self._do(take):
            await asyncio.gather(*(self._send(one) for one in held))

    async def _send(self, held: deliveries.Held) -> None:
        outcome = await run_in_threadpool(self.post.send, held)
        mark = partial(deliveries.settle, held=held, outcome=outcome)
        with contextlib.suppress(Conflict):  # its lease was lost: whoever holds it marks it
            await self.service.store.submit(mark, self.actor)

    async def _audit(self) -> None:
        watch = Watch(self.means.zone, self.post.is_real or self.service.settings.mode == "demo")
        await self._do(partial(audit, watch=watch))

    async def _forget_people(self) -> None:
        """Forget positions, contacts and words that were kept as long as the authority says."""
        days = self.service.settings.tracks_kept_days
        steps = (
            partial(_forget_places, most_days=days),
            keeping_rules.forget_contacts,
            keeping_rules.forget_words,
        )
        for step in steps:
            while await self._do(step):
                pass

    async def _purge(self) -> None:
        await self._do(_forget)
        before = self.service.clocks.wall.now() - MESSAGES_KEPT
        await self._do(partial(deliveries.purge, before=before))
        await self._forget_people()
        kept = timedelta(days=self.service.settings.readings_kept_days)
        while await self._do(partial(readings.forget, kept=kept)):
            pass
        kept = timedelta(days=self.service.settings.attachments_kept_days)
        while await self._do(partial(attachments.forget, kept=kept)):
            pass
        await run_in_threadpool(keeping.sweep, self.service)


def _forget_places(tx: Tx, most_days: int) -> int:
    """Forget where crews were, in tracks and beside the log; return how many positions went."""
    days = min(most_days, keeping_rules.retention_policy(tx.session, tx.org).positions_days)
    kept = timedelta(days=days)
    gone = event_log.forget_positions(tx.session, tx.org, tx.now - kept)
    return gone + forget_tracks(tx, kept)


def _tidy_board(tx: Tx) -> None:
    """Take yesterday's finished visits off the board and close what was resolved a day ago."""
    archive_finished(tx, tx.now - ARCHIVED_AFTER)
    applying.tidy(tx)
    resolved = tx.session.exec(
        select(Incident)
        .where(
            Incident.state == IncidentStatus.RESOLVED.value,
            col(Incident.updated_at) < tx.now - CLOSED_AFTER,
        )
        .limit(PAGE)
    ).all()
    for incident in resolved:
        incidents.move(tx, incident, IncidentStatus.CLOSED)


def _forget(tx: Tx) -> None:
    """Drop answers of idempotent writes after a day, and sessions that ended."""
    tx.session.execute(
        delete(IdempotentAnswer).where(col(IdempotentAnswer.created_at) < tx.wall - KEYS_KEPT)
    )
    tx.session.execute(delete(UserSession).where(col(UserSession.expires_at) < tx.wall))
