"""Readings come in by batch from a gateway: each once, bad ones alone, and no event for any."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from dispatcher.models import SensorReading
from dispatcher.sensing import commands
from tests.support.stores import log_of
from tests.support.world import TUESDAY, World

Json = dict[str, Any]
TOKEN = "the-token-of-the-gateway"
SENSOR = "tulle-centre-p1"


@pytest.fixture
async def gateway(sqlite_copy: str) -> AsyncIterator[tuple[World, httpx.AsyncClient]]:
    """A service that knows a gateway, and the gateway."""
    world = World(sqlite_copy, sensors_token=TOKEN)
    world.service.store.start()
    async with world.client() as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield world, client
    world.service.store.stop()


def reading(number: int, value: float = 4.2, at: datetime = TUESDAY, **more: Any) -> Json:
    return {
        "id": f"{SENSOR}-{number}",
        "sensor": SENSOR,
        "value": value,
        "at": at.isoformat(),
    } | more


async def post(client: httpx.AsyncClient, *rows: Any) -> Json:
    answer = await client.post("/api/v1/readings", json={"readings": list(rows)})
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def stored(world: World) -> list[SensorReading]:
    with world.look() as session:
        return list(session.exec(select(SensorReading).order_by(SensorReading.id)).all())


def events(world: World) -> list[str]:
    with world.look() as session:
        return [row.type for row in log_of(session)]


async def listed(world: World, code: str = SENSOR) -> Json:
    async with world.client("dispatcher") as observer:
        answer = await observer.get("/api/v1/sensors")
    assert answer.status_code == 200, answer.text
    found: Json = next(one for one in answer.json() if one["code"] == code)
    return found


async def test_a_sensor_is_listed_with_state_trend_and_curve(
    gateway: tuple[World, httpx.AsyncClient],
) -> None:
    world, client = gateway
    assert (await listed(world))["state"] == "silent"
    for number in range(6):
        at = TUESDAY - timedelta(minutes=10 * (5 - number))
        await post(client, reading(number, value=5.0 - 0.5 * number, at=at))

    seen = await listed(world)

    assert (seen["state"], seen["trend"], seen["change_per_hour"]) == ("low", "falling", -3.0)
    assert [one["value"] for one in seen["recent"]] == [5.0, 4.5, 4.0, 3.5, 3.0, 2.5]
    assert (seen["age_min"], seen["incident"]) == (0, None)

    world.clock.advance(timedelta(minutes=61))
    later = await listed(world)
    assert (later["state"], later["trend"], later["value"], later["age_min"]) == (
        "stale",
        None,
        2.5,
        61,
    )
    world.clock.advance(timedelta(hours=30))
    assert (await listed(world))["value"] == 2.5, "the last reading is shown however old"


async def test_a_batch_is_stored_without_an_event(gateway: tuple[World, httpx.AsyncClient]) -> None:
    world, client = gateway
    before = events(world)

    told = await post(client, *(reading(n) for n in range(3)))

    assert (told["stored"], told["rows"], told["bursts"]) == (3, [], [])
    assert [(row.sensor, row.value, row.at) for row in stored(world)] == [
        (SENSOR, 4.2, TUESDAY)
    ] * 3
    assert events(world) == before


async def test_a_reading_sent_again_is_taken_once(
    gateway: tuple[World, httpx.AsyncClient],
) -> None:
    world, client = gateway
    await post(client, reading(1))

    told = await post(client, reading(1), reading(2), reading(2))

    assert (told["stored"], told["known"], told["refused"]) == (1, 2, 0)
    assert [(one["row"], one["state"]) for one in told["rows"]] == [(0, "known"), (2, "known")]
    assert len(stored(world)) == 2


async def test_an_id_with_another_content_is_refused_and_keeps_the_first(
    gateway: tuple[World, httpx.AsyncClient],
) -> None:
    world, client = gateway
    await post(client, reading(1, 4.2))

    told = await post(client, reading(1, 1.0))

    assert told["rows"][0]["code"] == "other_content"
    assert [row.value for row in stored(world)] == [4.2]


BAD = [
    (reading(9, sensor="nobody"), "unknown_sensor", "no sensor"),
    (reading(9, at=TUESDAY + timedelta(hours=1)), "in_future", "ahead"),
    (reading(9, at=TUESDAY - timedelta(days=31)), "too_old", "kept"),
    (reading(9, value="much"), "invalid_input", "value: "),
    (reading(9, at=TUESDAY.replace(tzinfo=None)), "invalid_input", "at: "),
    (reading(9, extra=1), "invalid_input", "extra: "),
    (reading(9) | {"id": "nul\x00"}, "invalid_input", "id: "),
    ({"id": "x"}, "invalid_input", "sensor: "),
    ("a string", "invalid_input", ""),
    (None, "invalid_input", ""),
    ([1, {"a": None}], "invalid_input", ""),
]


async def test_bad_rows_are_answered_one_by_one_and_the_good_ones_are_kept(
    gateway: tuple[World, httpx.AsyncClient],
) -> None:
    world, client = gateway

    told = await post(client, reading(1), *(row for row, _, _ in BAD), reading(2))

    assert (told["stored"], told["refused"]) == (2, len(BAD))
    assert [(one["row"], one["code"]) for one in told["rows"]] == [
        (at, code) for at, (_, code, _) in enumerate(BAD, start=1)
    ]
    for one, (_, _, detail) in zip(told["rows"], BAD, strict=True):
        assert detail in one["detail"]
    assert len(stored(world)) == 2


async def test_a_number_that_is_none_is_refused_alone(
    gateway: tuple[World, httpx.AsyncClient],
) -> None:
    world, client = gateway
    row = f'{{"id":"a","sensor":"{SENSOR}","value":NaN,"at":"2026-11-24T08:00:00Z"}}'

    answer = await client.post(
        "/api/v1/readings",
        content=f'{{"readings":[{row}]}}',
        headers={"Content-Type": "application/json"},
    )

    assert answer.json()["refused"] == 1
    assert stored(world) == []


async def test_without_the_token_nothing_comes_in_and_with_it_nothing_else(
    gateway: tuple[World, httpx.AsyncClient],
) -> None:
    world, client = gateway
    for path in ("/api/v1/sensors", "/metrics"):
        assert (await client.get(path)).status_code == 401
    for token in ("", "Bearer ", "Bearer wrong", f"Basic {TOKEN}"):
        client.headers["Authorization"] = token
        answer = await client.post("/api/v1/readings", json={"readings": [reading(1)]})
        assert answer.status_code == 401
    assert stored(world) == []


async def test_without_a_token_in_the_settings_none_opens(world: World) -> None:
    async with world.client() as stranger:
        stranger.headers["Authorization"] = "Bearer "
        answer = await stranger.post("/api/v1/readings", json={"readings": [reading(1)]})

    assert answer.status_code == 401


async def test_old_readings_are_forgotten(gateway: tuple[World, httpx.AsyncClient]) -> None:
    world, client = gateway
    await post(client, reading(1))
    world.clock.advance(timedelta(days=20))
    await post(client, reading(2, at=world.clock.now()))
    world.clock.advance(timedelta(days=11))

    gone = await world.do(lambda tx: commands.forget(tx, timedelta(days=30)))

    assert gone == 1
    assert [row.id for row in stored(world)] == [f"{SENSOR}-2"]


async def test_the_desk_sees_what_each_sensor_said_last(
    gateway: tuple[World, httpx.AsyncClient],
) -> None:
    world, client = gateway
    later = TUESDAY + timedelta(minutes=2)
    await post(client, reading(1, 4.0), reading(2, 1.5, later), reading(3, 4.1, TUESDAY))

    async with world.client("dispatcher") as observer:
        told = {one["code"]: one for one in (await observer.get("/api/v1/sensors")).json()}

    assert (told[SENSOR]["value"], told[SENSOR]["is_low"]) == (1.5, True)
    assert datetime.fromisoformat(told[SENSOR]["at"]) == later
    assert told["ussel-p1"]["value"] is None
    assert all(one["synthetic"] for one in told.values())
