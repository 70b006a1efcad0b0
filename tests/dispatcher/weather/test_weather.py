"""Weather that is written down changes what incidents are worth, on every store, and is over in
its time.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from dispatcher.incidents import ageing
from dispatcher.models import Incident
from dispatcher.weather import commands
from tests.support.stores import log_of
from tests.support.world import ORG, TUESDAY, World

Json = dict[str, Any]
ICE = {"phenomenon": "snow_ice", "colour": "orange", "starts_at": TUESDAY.isoformat()}
LAMP, ROAD = "lampadaire éteint à Tulle", "nid-de-poule route de la Gare à Tulle"


async def warn(world: World, *warnings: Json, replaces: int = 0, expect: int = 200) -> Json:
    async with world.client("dispatcher") as http:
        body = {"warnings": list(warnings), "replaces": replaces}
        answer = await http.put("/api/v1/weather", json=body)
    assert answer.status_code == expect, answer.text
    told: Json = answer.json()
    return told


async def age(world: World) -> int:
    """Do what the worker does every now and then."""
    with world.look() as session:
        ids = ageing.aged(session, ORG, world.clock.now())
    return await world.do(lambda tx: ageing.age(tx, ids))


async def told(world: World, text: str) -> UUID:
    async with world.client("operator") as http:
        answer = await world.report(http, text, channel="phone")
    await world.settle()
    return UUID(answer["incident"]["id"])


def reasons(world: World, incident: UUID) -> dict[str, int]:
    with world.look() as session:
        row = session.get_one(Incident, incident)
        return {one["rule"]: one["points"] for one in row.reasons}


async def test_what_waits_and_what_comes_in_is_worth_more_under_a_warning(
    either_world: World,
) -> None:
    world = either_world
    road, lamp = await told(world, ROAD), await told(world, LAMP)
    assert "weather" not in reasons(world, road)

    state = await warn(world, ICE)
    assert [(one["colour"], one["source"]) for one in state["warnings"]] == [("orange", "hand")]
    assert await age(world) >= 1

    assert reasons(world, road)["weather"] == 20
    assert "weather" not in reasons(world, lamp), "ice does not harm lamps"
    assert reasons(world, await told(world, "trou dans la chaussée à Brive"))["weather"] == 20


async def test_looking_again_changes_nothing_until_something_does(world: World) -> None:
    await told(world, ROAD)
    await warn(world, ICE)
    await age(world)
    with world.look() as session:
        assert ageing.aged(session, ORG, world.clock.now()) == []


async def test_a_warning_that_is_over_goes_and_its_points_with_it(world: World) -> None:
    road = await told(world, ROAD)
    until = TUESDAY + timedelta(hours=2)
    await warn(world, ICE | {"ends_at": until.isoformat()})
    await age(world)
    world.clock.advance(timedelta(hours=2, minutes=1))
    await world.do(commands.tidy)
    await age(world)

    assert "weather" not in reasons(world, road)
    async with world.client("observer") as http:
        assert (await http.get("/api/v1/weather")).json()["warnings"] == []
    with world.look() as session:
        facts = [row.data for row in log_of(session) if row.type == "weather.changed"]
    assert [(f["source"], f["warnings"], f["worst"]) for f in facts] == [
        ("hand", 1, "orange"),
        ("time", 0, None),
    ]


async def test_the_board_shows_the_worst_first(world: World) -> None:
    wind = ICE | {"phenomenon": "wind", "colour": "yellow"}
    heat = ICE | {"phenomenon": "heat", "colour": "red"}
    await warn(world, wind, ICE, heat)
    async with world.client("dispatcher") as http:
        items = (await http.get("/api/v1/board")).json()["items"]
    (shown,) = [item["data"] for item in items if item["key"] == "weather"]
    assert [one["colour"] for one in shown["warnings"]] == ["red", "orange", "yellow"]
    assert shown["feed"] == "none"


async def test_the_second_of_two_who_write_is_told(world: World) -> None:
    first = await warn(world, ICE)
    stale = await warn(world, replaces=0, expect=412)
    assert stale["params"]["version"] == first["ver"]
    assert (await warn(world, replaces=first["ver"]))["warnings"] == []


@pytest.mark.parametrize(
    "bad",
    [
        ICE | {"colour": "green"},
        ICE | {"phenomenon": "meteor"},
        ICE | {"starts_at": "2026-11-24T08:00:00"},
        ICE | {"ends_at": TUESDAY.isoformat()},
    ],
)
async def test_what_is_no_warning_is_refused_and_changes_nothing(world: World, bad: Json) -> None:
    await warn(world, bad, expect=422)
    async with world.client("observer") as http:
        assert (await http.get("/api/v1/weather")).json()["ver"] == 0


async def test_what_is_typed_is_priced_with_the_weather(world: World) -> None:
    await warn(world, ICE)
    async with world.client("operator") as http:
        answer = await http.post("/api/v1/reports/preview", json={"text": ROAD})
    assert answer.status_code == 200, answer.text
    assert "weather" in {one["rule"] for one in answer.json()["assessment"]["reasons"]}
