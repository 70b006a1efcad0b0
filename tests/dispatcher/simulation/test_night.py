"""Simulated people on call answer, leave and come back by the same commands as people."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from dispatcher.actors import Actor
from dispatcher.database import Tx
from dispatcher.models import CallOut, Incident, Page
from dispatcher.simulation import night as simulated
from dispatcher.simulation.behaviour import ANSWERING_SHARE, answers_after
from tests.dispatcher.oncall.test_paging import leak
from tests.support.oncall import NightShift
from tests.support.world import ORG, World


@pytest.fixture
async def night(world: World) -> NightShift:
    made = NightShift(world)
    await made.begin()
    return made


async def play(night: NightShift, minutes: int) -> None:
    """Let minutes pass, five by five, with the simulated colleagues living in them."""
    player = Actor("simulation", ORG, name="simulation")
    for _ in range(0, minutes, 5):
        await night.pass_minutes(5)
        with night.world.look() as session:
            steps = simulated.due_steps(session, ORG, night.world.clock.now())
        for step in steps:
            await night.world.do(step, player)
            await night.world.settle()


async def label(night: NightShift, incident_id: UUID) -> None:
    """Make a page one of the simulation's."""

    def mark(tx: Tx) -> None:
        page = tx.session.exec(select(Page).where(Page.incident_id == incident_id)).one()
        page.simulated = True
        page.version += 1

    await night.world.do(mark)


def test_most_calls_are_heard_and_some_are_not() -> None:
    heard = [answers_after(UUID(int=n << 64)) for n in range(400)]
    share = sum(one is not None for one in heard) / len(heard)
    assert abs(share - ANSWERING_SHARE) < 0.1
    assert all(one < timedelta(minutes=5) for one in heard if one is not None)


async def test_a_simulated_page_is_answered_attended_and_done(night: NightShift) -> None:
    incident_id = await leak(night)
    await night.turn()
    await label(night, incident_id)
    await play(night, 240)
    page = night.page(incident_id)
    with night.world.look() as session:
        out = session.exec(select(CallOut)).one()
        incident = session.get_one(Incident, incident_id)
    assert page.brief["acknowledged_via"] == "simulation"
    assert (out.source, out.end_at is not None) == ("simulation", True)
    assert incident.state == "resolved"
    assert page.state == "ended"


async def test_what_people_reported_waits_for_people(night: NightShift) -> None:
    incident_id = await leak(night)
    await night.turn()
    await play(night, 60)
    assert night.page(incident_id).state == "open"
