"""People on call in a test's hand: turns without a solver, and a post that keeps what leaves."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from dispatcher.actors import system
from dispatcher.clock import FrozenClock
from dispatcher.database import Tx
from dispatcher.models import Delivery, OnCallDuty, OnCallPerson, Page, Rota
from dispatcher.notifications import deliveries
from dispatcher.notifications.channels import Channel, Console
from dispatcher.notifications.deliveries import Held
from dispatcher.notifications.sending import Post
from dispatcher.oncall.paging import Means, escalate
from dispatcher.oncall.watching import Watch, audit
from tests.support.world import ORG, World

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""Monday 08:00 in Paris: the relief of the week that tests live in."""
NIGHT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
"""Tuesday 21:00 in Paris: the service is closed, quiet hours have not begun."""
TURNS = {
    "operations-tulle": ("sophie-maziere",),
    "operations-brive": ("karim-benali",),
    "winter-safety": ("denis-coudert", "remi-estrade"),
    "decision": ("anne-faure",),
}
LEAK = "Fuite d’eau rue Carnot à Tulle, eau partout, cave inondée, danger électrique"


def put_turns(tx: Tx, turns: dict[str, tuple[str, ...]], weeks: int = 4) -> UUID:
    """Publish a rota in which the same people hold the posts for some weeks."""
    rota = Rota(
        id=tx.new_id(),
        org=tx.org,
        name="by hand",
        number=1,
        state="published",
        starts_on=MONDAY.date(),
        weeks=weeks,
        created_at=tx.now,
        published_at=tx.now,
        counters=[],
        rules=[],
        solver={
            "status": "limit",
            "elapsed_ms": 0.0,
            "bound": None,
            "objective": None,
            "uncovered": 0,
            "gaps": [],
        },
    )
    tx.session.add(rota)
    tx.session.flush()
    for number in range(weeks):
        start = MONDAY + timedelta(weeks=number)
        for post, codes in turns.items():
            for code in codes:
                tx.session.add(
                    OnCallDuty(
                        id=tx.new_id(),
                        rota_id=rota.id,
                        post=post,
                        person_id=person_by(tx, code).id,
                        week=f"2026-W{48 + number}",
                        start_at=start,
                        end_at=start + timedelta(weeks=1),
                    )
                )
    return rota.id


def person_by(tx: Tx, code: str) -> OnCallPerson:
    """Return somebody by code."""
    return tx.session.exec(select(OnCallPerson).where(OnCallPerson.code == code)).one()


class NightShift:
    """A control centre at night: turns are held, the wall clock is in hand, messages are kept."""

    def __init__(self, world: World, channels: dict[str, Channel] | None = None) -> None:
        self.world = world
        self.wall = FrozenClock(NIGHT)
        world.service.clocks.wall = self.wall
        self.sms, self.mail = Console("sms"), Console("email")
        self.post = Post(world.service, channels or {"sms": self.sms, "email": self.mail})
        self.means = Means(PARIS, frozenset(self.post.channels))

    async def begin(self, turns: dict[str, tuple[str, ...]] | None = None) -> None:
        """Publish the turns and let the night fall."""
        await self.world.do(partial(put_turns, turns=TURNS if turns is None else turns))
        self.world.clock.set(NIGHT)
        await self.world.settle()

    async def pass_minutes(self, minutes: float) -> None:
        """Let both clocks run, then whatever is due happen."""
        by = timedelta(minutes=minutes)
        self.wall.advance(by)
        await self.world.pass_time(by)
        await self.turn()

    async def turn(self) -> None:
        """One turn of the worker's loops: reactions, escalation, messages."""
        await self.world.settle()
        await self.world.do(partial(escalate, means=self.means))
        await self.send_all()
        await self.world.settle()

    async def lease(self) -> list[Held]:
        """Take the messages that are due, as a sender would."""
        return await self.world.do(
            partial(deliveries.lease, channels=frozenset(self.post.channels))
        )

    async def send_all(self) -> None:
        """Send what is due and mark it."""
        while held := await self.lease():
            for one in held:
                outcome = self.post.send(one)
                await self.world.do(partial(deliveries.settle, held=one, outcome=outcome))

    async def audit(self) -> int:
        """One turn of the auditor."""
        return await self.world.do(partial(audit, watch=Watch(PARIS, True)))

    def page(self, incident_id: UUID) -> Page:
        """Return the newest page of an incident."""
        with self.world.look() as session:
            return session.exec(
                select(Page)
                .where(Page.incident_id == incident_id)
                .order_by(col(Page.opened_at).desc(), col(Page.id).desc())
            ).first() or _missing(incident_id)

    def pages(self) -> list[Page]:
        """Return every page, oldest first."""
        with self.world.look() as session:
            return list(session.exec(select(Page).order_by(col(Page.id))).all())

    def deliveries(self, **wanted: Any) -> list[Delivery]:
        """Return deliveries in the order they were made, those with the given values."""
        with self.world.look() as session:
            rows = session.exec(select(Delivery).order_by(col(Delivery.id))).all()
        return [r for r in rows if all(getattr(r, k) == v for k, v in wanted.items())]

    def called(self, incident_id: UUID) -> list[str]:
        """Return who was called for an incident, in the order of their last call."""
        return [one["person"] for one in self.page(incident_id).called]

    def person_id(self, code: str) -> UUID:
        """Return the id of somebody."""
        with self.world.look() as session:
            return session.exec(select(OnCallPerson).where(OnCallPerson.code == code)).one().id


def _missing(incident_id: UUID) -> Page:
    raise AssertionError(f"no page for {incident_id}")


SERVICE = system(ORG)
