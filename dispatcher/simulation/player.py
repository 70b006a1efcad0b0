"""Plays the simulated day: calls arrive, crews answer, drive and finish, colleagues assign.

Everything goes through the same commands as people's own actions, under an actor whose kind is
`simulation`, so that all it makes is labelled. A visitor can take over at any moment: incidents
that people report wait for people, and a crew whose member is signed in is left to him.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor
from dispatcher.auth.context import Service
from dispatcher.clock import ScaledClock, seeded
from dispatcher.database import Tx
from dispatcher.errors import CpoError, InvalidInput
from dispatcher.events.states import IncidentStatus, VisitStatus
from dispatcher.incidents import commands as incidents
from dispatcher.incidents.schemas import PlaceIn
from dispatcher.intake.api import Keyed, library_of, submit_report
from dispatcher.intake.schemas import ContactIn, ReportIn
from dispatcher.kept import keep_clock
from dispatcher.models import Crew, Incident, Sensor, User, UserSession, Visit, WorkOrder
from dispatcher.planning.commands import Choice, accept_offer, best_choice
from dispatcher.planning.visits import move_visit
from dispatcher.planning.workflow import COMMITTED, PLANNED
from dispatcher.sensing.api import post_readings
from dispatcher.sensing.schemas import ReadingIn
from dispatcher.simulation import network, night, sky
from dispatcher.simulation.behaviour import PATIENCE_MIN, Watched, next_state
from dispatcher.simulation.network import SimulatedBurst
from dispatcher.simulation.scenario import SimulatedCall, SimulatedPlace, day
from dispatcher.simulation.schemas import SimulationOut

log = logging.getLogger("cpo.simulation")

TICK_S = 0.25
PARIS = ZoneInfo("Europe/Paris")
BACKLOG = timedelta(hours=7)
MORNING = timedelta(minutes=6)
CLOSED_AFTER = timedelta(minutes=90)
TAKEN_OVER_FOR = timedelta(minutes=10)
"""Wall time since a crew member was last seen, during which his crew is left to him."""


@dataclass(slots=True)
class _Script:
    """The calls of one simulated date, and how many were made; what its water network does."""

    day: date
    calls: Sequence[SimulatedCall]
    network: "_Network"
    made: int = 0


@dataclass(frozen=True, slots=True)
class _Network:
    """The invented sensors and the bursts of the day."""

    sensors: Sequence[Sensor] = ()
    bursts: Sequence[SimulatedBurst] = ()


class Player:
    """The simulated day of a demo."""

    def __init__(self, service: Service) -> None:
        """Prepare; nothing plays before `start()`."""
        self.service = service
        self.actor = Actor("simulation", service.settings.org, name="simulation")
        self.storm = False
        self._rate = service.settings.simulation_rate
        self.script: _Script | None = None
        self._made = 0
        self._measured: datetime | None = None
        self._began: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    # -- life --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to play on the running event loop."""
        self._task = asyncio.create_task(self._play(), name="simulation")

    async def stop(self) -> None:
        """Stop playing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _play(self) -> None:
        await self._show_clock(self.actor)
        while True:
            try:
                if self._clock_rate() > 0:
                    await self.tick()
            except Exception:  # the edge of a job: a simulated mishap must not end the day
                log.exception("simulation_failed")
            await asyncio.sleep(TICK_S)

    # -- steering ----------------------------------------------------------------------------------

    def state(self) -> SimulationOut:
        """Return how the day runs."""
        return SimulationOut(
            rate=self._rate,
            paused=self._clock_rate() == 0,
            at=self.service.clocks.service.now(),
            storm=self.storm,
            seed=self.service.settings.simulation_seed,
            incidents=self._made,
        )

    async def steer(
        self, actor: Actor, *, rate: float | None, paused: bool | None, storm: bool | None
    ) -> None:
        """Change pace, pause, or weather."""
        clock = self.service.clocks.service
        if not isinstance(clock, ScaledClock):
            raise InvalidInput("this service follows the real clock")
        if rate is not None:
            self._rate = rate
        if paused is None:
            paused = clock.rate == 0
        clock.set_rate(0.0 if paused else self._rate)
        if storm is not None and storm != self.storm:
            self.storm = storm
            self.script = None
            await self._warn()
        await self._show_clock(actor)

    def _clock_rate(self) -> float:
        clock = self.service.clocks.service
        return clock.rate if isinstance(clock, ScaledClock) else 1.0

    async def _show_clock(self, actor: Actor) -> None:
        paused = self._clock_rate() == 0
        await self.service.store.submit(partial(keep_clock, rate=self._rate, paused=paused), actor)

    async def _warn(self) -> None:
        """Warn of the weather that the day has."""
        now = self.service.clocks.service.now().astimezone(PARIS)
        await self.service.store.submit(partial(sky.warn, now=now, storm=self.storm), self.actor)

    # -- playing -----------------------------------------------------------------------------------

    async def tick(self) -> None:
        """Let happen what is due now."""
        now = self.service.clocks.service.now()
        if self._began is None:
            self._began = now
            await self._warn()
        await self._make_calls(now)
        await self._measure(now)
        for visit_id, target in await run_in_threadpool(self._due_moves, now):
            await self._try(partial(_move, visit_id=visit_id, target=target))
        for incident_id in await run_in_threadpool(self._neglected, now):
            if not await self._assign(incident_id):
                break
        for step in await run_in_threadpool(self._on_call, now):
            await self._try(step)
        for incident_id in await run_in_threadpool(self._to_close, now):
            await self._try(partial(_close, incident_id=incident_id))

    async def _make_calls(self, now: datetime) -> None:
        script = await self._script_of(now)
        while script.made < len(script.calls) and script.calls[script.made].at <= now:
            call = script.calls[script.made]
            key = f"simulated-{script.day}-{int(self.storm)}-{script.made:05d}"
            script.made += 1
            await self._report(call, key)

    async def _script_of(self, now: datetime) -> _Script:
        today = now.astimezone(PARIS).date()
        if self.script is None or self.script.day != today:
            first = self.script is None and self._made == 0
            calls, water = await run_in_threadpool(self._write_script, today, now)
            since = now - BACKLOG if first else now
            self.script = _Script(today, [c for c in calls if c.at >= since], water)
        return self.script

    def _write_script(self, today: date, now: datetime) -> tuple[Sequence[SimulatedCall], _Network]:
        library = library_of(self.service)
        places = [
            SimulatedPlace(c.insee, c.name, c.lat, c.lon, c.population)
            for c in library.communes.values()
        ]
        seed = f"{self.service.settings.simulation_seed}:{today}"
        kinds = list(library.categories.values())
        calls = list(day(seeded(seed), today, places, kinds, storm=self.storm, storm_at=now))
        water = self._network_of(today)
        chance = seeded(f"{seed}:bursts")
        by_code = {place.insee: place for place in places}
        for number, burst in enumerate(water.bursts):
            calls += network.calls(chance, burst, water.sensors, by_code, 30_000 + number)
        return sorted(calls, key=lambda call: (call.at, call.incident, call.text)), water

    def _network_of(self, today: date) -> _Network:
        with self.service.store.read() as session:
            invented = session.exec(
                select(Sensor)
                .where(Sensor.org == self.service.settings.org, col(Sensor.synthetic).is_(True))
                .order_by(Sensor.code)
            ).all()
        chance = seeded(f"{self.service.settings.simulation_seed}:{today}:network")
        return _Network(invented, network.bursts(chance, today, invented))

    async def _measure(self, now: datetime) -> None:
        """Let the sensors send, as a gateway would, once every five simulated minutes."""
        at = network.slot_of(now)
        if self.script is None or not self.script.network.sensors or at == self._measured:
            return
        self._measured = at
        water, seed = self.script.network, self.service.settings.simulation_seed
        rows = [
            ReadingIn(
                id=f"simulated-{sensor.code}-{at:%Y%m%dT%H%M}",
                sensor=sensor.code,
                value=network.measure(
                    seeded(f"{seed}:{sensor.code}:{at}"), sensor, at, water.bursts
                ),
                at=at,
            )
            for sensor in water.sensors
        ]
        try:
            await post_readings(self.service, self.actor, rows)
        except CpoError as refusal:
            log.info("simulated_readings_refused", extra={"code": refusal.code})

    async def _report(self, call: SimulatedCall, key: str) -> None:
        body = ReportIn(
            text=call.text,
            category=call.category,
            place=PlaceIn(lat=call.lat, lon=call.lon, address=call.address),
            contact=ContactIn(name=call.name, phone=call.phone) if call.phone else None,
            channel=call.channel,
        )
        try:
            await submit_report(
                self.service,
                self.actor,
                body,
                Keyed("simulation", key),
                channel="sensor" if call.sensor else None,
            )
            self._made += 1
        except CpoError as refusal:
            log.info("simulated_call_refused", extra={"code": refusal.code})

    async def _try(self, command: "partial[None]") -> None:
        try:
            await self.service.store.submit(command, self.actor)
        except CpoError as refusal:
            # People were quicker: the state moved on between our look and our command.
            log.info("simulated_step_refused", extra={"code": refusal.code})

    async def _assign(self, incident_id: UUID) -> bool:
        """Give a neglected incident to the best crew, as a colleague would; False if nobody can."""
        freeze = timedelta(minutes=self.service.settings.freeze_minutes)

        def choose() -> Choice | None:
            with self.service.store.read() as session:
                incident = session.get_one(Incident, incident_id)
                return best_choice(session, incident, self.service.clocks.service.now(), freeze)

        try:
            choice = await run_in_threadpool(choose)
        except CpoError:
            return True
        if choice is None:
            return False
        await self._try(partial(_accept, incident_id=incident_id, choice=choice, freeze=freeze))
        return True

    # -- looking -----------------------------------------------------------------------------------

    def _due_moves(self, now: datetime) -> list[tuple[UUID, VisitStatus]]:
        with self.service.store.read() as session:
            rows = session.exec(
                select(Visit)
                .where(col(Visit.state).in_([s.value for s in PLANNED | COMMITTED]))
                .order_by(col(Visit.crew_id), col(Visit.position), col(Visit.start_at))
            ).all()
            led = self._led_by_people(session)
            sectors = dict(session.exec(select(Crew.id, Crew.sector)).all())
        busy = {v.crew_id for v in rows if v.state in COMMITTED}
        first: set[UUID] = set()
        due = []
        for visit in rows:
            is_next = visit.crew_id not in busy and visit.crew_id not in first
            if visit.state in PLANNED:
                first.add(visit.crew_id)
            if visit.crew_id in led:
                continue
            seen = _watched(visit, is_next, sectors.get(visit.crew_id, ""))
            target = next_state(seen, now)
            if target is not None:
                due.append((visit.id, target))
        return due

    def _led_by_people(self, session: Session) -> set[UUID]:
        since = self.service.clocks.wall.now() - TAKEN_OVER_FOR
        rows = session.exec(
            select(User.crew_id)
            .join(UserSession, col(UserSession.user_id) == User.id)
            .where(col(User.crew_id).is_not(None), col(UserSession.seen_at) >= since)
        ).all()
        return {crew_id for crew_id in rows if crew_id is not None}

    def _neglected(self, now: datetime) -> list[UUID]:
        with self.service.store.read() as session:
            rows = session.exec(
                select(Incident)
                .join(WorkOrder, col(WorkOrder.incident_id) == Incident.id)
                .where(
                    col(Incident.simulated).is_(True),
                    WorkOrder.state == "open",
                    col(Incident.state).in_(["received", "triaged", "reopened"]),
                )
                .order_by(col(Incident.score).desc())
                .limit(60)
            ).all()
        # What came in overnight is planned first thing in the morning, without waiting.
        is_morning = self._began is not None and now < self._began + MORNING
        patience = {"P3": 0.0, "P4": 0.0} if is_morning else {}
        patient = [
            row.id
            for row in rows
            if now - row.reported_at
            >= timedelta(minutes=patience.get(row.priority, PATIENCE_MIN[row.priority]))
        ]
        return patient[:3]

    def _on_call(self, now: datetime) -> list["partial[None]"]:
        with self.service.store.read() as session:
            return night.due_steps(session, self.service.settings.org, now)

    def _to_close(self, now: datetime) -> list[UUID]:
        with self.service.store.read() as session:
            return list(
                session.exec(
                    select(Incident.id)
                    .where(
                        col(Incident.simulated).is_(True),
                        Incident.state == IncidentStatus.RESOLVED.value,
                        col(Incident.updated_at) < now - CLOSED_AFTER,
                    )
                    .limit(5)
                ).all()
            )


def _watched(visit: Visit, is_next: bool, sector: str) -> Watched:
    stamp = visit.stamps.get(visit.state)
    return Watched(
        id=visit.id,
        state=VisitStatus(visit.state),
        since=datetime.fromisoformat(stamp) if stamp else visit.updated_at,
        depart_at=visit.depart_at,
        travel_s=visit.travel_base_s or visit.travel_s,
        duration_s=visit.duration_s,
        is_next=is_next,
        sector=sector,
    )


def _move(tx: Tx, visit_id: UUID, target: VisitStatus) -> None:
    move_visit(tx, tx.session.get_one(Visit, visit_id), target)


def _close(tx: Tx, incident_id: UUID) -> None:
    incidents.move(tx, tx.session.get_one(Incident, incident_id), IncidentStatus.CLOSED)


def _accept(tx: Tx, incident_id: UUID, choice: Choice, freeze: timedelta) -> None:
    accept_offer(tx, tx.session.get_one(Incident, incident_id), choice, freeze)
