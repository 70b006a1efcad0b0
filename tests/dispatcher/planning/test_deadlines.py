"""Promises in service: how likely they are missed, and time on hold that does not count."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from dispatcher.models import WorkOrder
from tests.support.desk import BRIVE, OBJAT, TULLE, USSEL, Desk
from tests.support.world import World

Json = dict[str, Any]


@pytest.fixture
async def desk(either_world: World) -> AsyncIterator[Desk]:
    """A dispatcher's desk, on each kind of store."""
    async with either_world.client("dispatcher") as http:
        yield Desk(either_world, http)


async def standing(desk: Desk, incident: UUID) -> Json:
    found = (await desk.http.get("/api/v1/deadlines")).raise_for_status().json()
    return next(one for one in found if one["incident_id"] == str(incident))


async def move(desk: Desk, incident: UUID, to: str, **body: Any) -> None:
    path = f"/api/v1/incidents/{incident}/transitions"
    assert (await desk.http.post(path, json={"to": to, **body})).status_code == 200
    await desk.world.settle()


async def test_time_on_hold_does_not_count_and_says_why(desk: Desk) -> None:
    incident = await desk.incident("water_main_burst", TULLE)
    before = await standing(desk, incident)
    await move(desk, incident, "on_hold", reason="attend l’arrêté")
    desk.world.clock.advance(timedelta(minutes=40))

    held = await standing(desk, incident)
    assert held["pause_reason"] == "attend l’arrêté"
    assert (held["respond"]["breach"], held["restore"]["breach"]) == (None, None)
    await move(desk, incident, "triaged")

    after = await standing(desk, incident)
    assert after["paused_since"] is None
    for promise in ("respond", "restore"):
        moved = datetime.fromisoformat(after[promise]["due_at"])
        assert moved - datetime.fromisoformat(before[promise]["due_at"]) == timedelta(minutes=40)
    assert desk.incident_row(incident).respond_by is not None
    with desk.world.look() as session:
        order = session.exec(select(WorkOrder)).one()
    assert order.due_at == desk.incident_row(incident).respond_by


async def test_two_pauses_count_each_once(desk: Desk) -> None:
    incident = await desk.incident("water_main_burst", TULLE)
    before = datetime.fromisoformat((await standing(desk, incident))["respond"]["due_at"])
    for minutes in (10, 15):
        await move(desk, incident, "on_hold", reason="pièce commandée")
        desk.world.clock.advance(timedelta(minutes=minutes))
        await move(desk, incident, "triaged")

    after = datetime.fromisoformat((await standing(desk, incident))["respond"]["due_at"])
    assert after - before == timedelta(minutes=25)


async def test_without_experience_nothing_is_said_until_it_is_late(desk: Desk) -> None:
    incident = await desk.incident("water_main_burst", TULLE)
    first = (await standing(desk, incident))["respond"]["breach"]
    assert first is None
    desk.world.clock.advance(timedelta(hours=30))
    late = await standing(desk, incident)
    assert (late["respond"]["breach"], late["restore"]["breach"]) == (1.0, 1.0)


async def test_crews_that_came_soon_lower_it_and_an_arrival_settles_it(desk: Desk) -> None:
    known_nothing = (await standing(desk, await desk.incident("lamp_out", OBJAT)))["respond"]
    for place in (TULLE, BRIVE):
        done = await desk.incident("water_main_burst", place)
        await desk.move(await desk.accept(done), "en_route", "on_site", "completed")
    waiting = await desk.incident("water_main_burst", USSEL)

    assert known_nothing["breach"] is None
    assert (await standing(desk, waiting))["respond"]["breach"] == 0.25
    await desk.move(await desk.accept(waiting), "en_route", "on_site")
    there = await standing(desk, waiting)
    assert there["respond"]["done_at"] is not None
    assert there["respond"]["breach"] is None
    assert 0 <= there["restore"]["breach"] <= 1


async def test_a_screen_asks_for_the_rows_it_shows_and_hears_of_no_others(desk: Desk) -> None:
    shown = await desk.incident("water_main_burst", TULLE)
    await desk.incident("pothole", TULLE)
    everything = (await desk.http.get("/api/v1/deadlines")).json()

    answer = await desk.http.get(f"/api/v1/deadlines?incident_id={shown}")

    assert len(everything) == 2
    assert answer.json() == [one for one in everything if one["incident_id"] == str(shown)]
    many = "&".join(f"incident_id={shown}" for _ in range(101))
    assert (await desk.http.get(f"/api/v1/deadlines?{many}")).status_code == 422
