"""The board of the past is the board that was: compared with what was on it at the time."""

from datetime import timedelta
from typing import Any

import pytest

from dispatcher.errors import InvalidInput
from dispatcher.live import past
from dispatcher.live.views import items_of
from tests.support.desk import BRIVE, TULLE, Desk
from tests.support.world import ORG, TUESDAY, World


def board(world: World) -> dict[str, Any]:
    with world.look() as session:
        items = items_of(session, f"board:{ORG}")
    return {item.key: item.data for item in items if item.data is not None and item.key != "clock"}


def board_then(world: World, at: Any) -> dict[str, Any]:
    with world.look() as session:
        _seq, items = past.board_at(session, ORG, at)
    return {item.key: item.data for item in items}


async def test_each_hour_of_a_day_is_shown_as_it_was(either_desk: Desk) -> None:
    desk, world = either_desk, either_desk.world
    seen = []
    for number, place in enumerate([TULLE, BRIVE, TULLE, BRIVE]):
        incident = await desk.incident("water_leak_road", place)
        await desk.accept(incident)
        if number == 2:
            await desk.http.post(f"/api/v1/incidents/{incident}/acknowledge", json={})
        await world.settle()
        seen.append((world.clock.now(), board(world)))
        await world.pass_time(timedelta(minutes=40))

    for at, was in seen:
        assert board_then(world, at) == was
    assert board_then(world, world.clock.now()) == board(world)


async def test_before_the_first_event_nothing_is_known(either_desk: Desk) -> None:
    with either_desk.world.look() as session, pytest.raises(InvalidInput):
        past.board_at(session, ORG, TUESDAY - timedelta(days=400))


async def test_an_instant_without_offset_is_refused(desk: Desk) -> None:
    answer = await desk.http.get("/api/v1/board/past", params={"at": "2026-11-24T09:00:00"})
    assert answer.status_code == 422
    answer = await desk.http.get("/api/v1/board/past", params={"at": TUESDAY.isoformat()})
    assert answer.status_code == 200
    assert answer.json()["offset"] > 0
