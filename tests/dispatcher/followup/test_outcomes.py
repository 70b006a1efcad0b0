"""Is it really repaired? Some are asked, a yes is counted, a no opens it again, more urgent."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import select

from dispatcher.clock import new_id
from dispatcher.database import Tx
from dispatcher.events.states import IncidentStatus
from dispatcher.followup.commands import is_sampled
from dispatcher.incidents import commands as incidents
from dispatcher.models import EventRow, Incident, WorkOrder
from tests.support.citizens import Citizen, report
from tests.support.desk import Desk
from tests.support.world import World


@pytest.fixture
async def asked(sqlite_copy: str) -> AsyncIterator[tuple[Desk, Citizen]]:
    """Somebody whose incident was repaired and closed, in an authority that asks everybody."""
    world = World(sqlite_copy, freeze_minutes=0, outcome_share=1.0)
    world.service.store.start()
    async with world.client("dispatcher") as http, world.client() as citizen:
        odette = await report(world, citizen)
        desk = Desk(world, http)

        def close(tx: Tx) -> None:
            incident = tx.session.get_one(Incident, odette.incident_id)
            for order in tx.session.exec(select(WorkOrder)).all():
                order.state = "done"
            for state in ("triaged", "resolved", "closed"):
                incidents.move(tx, incident, IncidentStatus(state))

        await world.do(close)
        await world.settle()
        yield desk, odette
    world.service.store.stop()


async def test_a_no_opens_it_again_with_a_higher_score_and_work_to_plan(
    asked: tuple[Desk, Citizen],
) -> None:
    desk, odette = asked
    before = odette.incident.score
    assert "Est-ce vraiment réparé ?" in await odette.page()

    await odette.act("repare", fixed="non")

    incident = odette.incident
    assert incident.state == "reopened"
    assert incident.score > before
    assert "reopened" in {reason["rule"] for reason in incident.reasons}
    with desk.world.look() as session:
        assert "open" in session.exec(select(WorkOrder.state)).all()
    offers = await desk.offers(incident.id)
    assert offers["offers"], "it is in the live plan again"
    assert (await desk.http.get("/api/v1/outcomes")).json() == {"asked": 1, "yes": 0, "no": 1}


async def test_a_yes_is_counted_and_thanked(asked: tuple[Desk, Citizen]) -> None:
    desk, odette = asked
    await odette.act("repare", fixed="oui")
    await odette.act("repare", fixed="oui")
    page = await odette.page()

    assert odette.incident.state == "closed"
    assert "votre réponse est comptée" in page
    assert "/repare" not in page
    assert (await desk.http.get("/api/v1/outcomes")).json() == {"asked": 1, "yes": 1, "no": 0}
    with desk.world.look() as session:
        told = session.exec(select(EventRow).where(EventRow.type == "citizen.outcome_told")).all()
    assert len(told) == 1


async def test_an_answer_stays_as_it_was_given(asked: tuple[Desk, Citizen]) -> None:
    _desk, odette = asked
    await odette.act("repare", fixed="oui")
    await odette.act("repare", status=409, fixed="non")
    assert odette.incident.state == "closed"


async def test_two_weeks_later_nobody_is_asked_any_more(asked: tuple[Desk, Citizen]) -> None:
    desk, odette = asked
    desk.world.clock.advance(timedelta(days=15))
    assert "/repare" not in await odette.page()
    await odette.act("repare", status=409, fixed="non")


async def test_an_operator_writes_down_what_somebody_says(asked: tuple[Desk, Citizen]) -> None:
    desk, odette = asked
    answer = await desk.http.post(
        f"/api/v1/requests/{odette.request.id}/outcome", json={"fixed": False}
    )
    assert (answer.status_code, odette.incident.state) == (204, "reopened")


async def test_whoever_was_not_asked_cannot_answer(desk: Desk) -> None:
    async with desk.world.client() as http:
        odette = await report(desk.world, http)
        await odette.act("repare", status=404, fixed="non")


def test_the_sample_is_a_share_and_the_same_for_the_same_request() -> None:
    ids = [new_id() for _ in range(2000)]
    drawn = [one for one in ids if is_sampled(one, 0.3)]
    assert 500 < len(drawn) < 700
    assert drawn == [one for one in ids if is_sampled(one, 0.3)]
    assert set(drawn) <= {one for one in ids if is_sampled(one, 0.5)}
