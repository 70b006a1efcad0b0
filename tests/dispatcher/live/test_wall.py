"""The wall screen: what it counts, what it must not tell, and who may look."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from dispatcher.live.wall import jeopardy_of
from dispatcher.models import Incident, Visit
from tests.support.desk import BRIVE, TULLE, Desk
from tests.support.world import TUESDAY, World

Json = dict[str, Any]
TOKEN = "a-wall-token-that-nobody-guesses"


async def wall_of(desk: Desk) -> Json:
    answer = await desk.http.get("/api/v1/wall")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_the_wall_counts_what_waits_and_what_is_late(either_desk: Desk) -> None:
    burst = await either_desk.incident("water_main_burst", TULLE)
    await either_desk.incident("lamp_out", BRIVE)
    first = await wall_of(either_desk)
    assert first["counts"] == {"open": 2, "unassigned": 2, "urgent": 1, "late": 0, "at_risk": 1}
    assert first["incidents"][0]["id"] == str(burst)
    assert first["incidents"][0]["commune"] == "Tulle"

    visit = await either_desk.accept(burst)
    given = await wall_of(either_desk)
    assert given["counts"]["urgent"] == 0
    assert given["incidents"][0]["visit"] == "notified"
    assert given["incidents"][0]["crew"] == either_desk.crew_of(visit).name

    await either_desk.move(visit, "acknowledged", "en_route", "on_site")
    there = await wall_of(either_desk)
    assert (there["counts"]["late"], there["counts"]["at_risk"]) == (0, 0)
    assert there["crews"]["on_site"] == 1
    assert sum(there["crews"].values()) == sum(first["crews"].values())

    await either_desk.world.pass_time(timedelta(days=20))
    late = await wall_of(either_desk)
    lamp = next(one for one in late["incidents"] if one["category"] == "lamp_out")
    assert (lamp["jeopardy"], lamp["late_s"] > 0) == ("late", True)


async def test_the_wall_tells_no_address_no_words_and_nobodys_name(either_desk: Desk) -> None:
    desk = either_desk
    body = {
        "text": "Mme Lafleur, 14 rue Secrète, fuite",
        "category": "water_leak_road",
        "place": {**TULLE, "address": "14 rue Secrète"},
        "contact": {"name": "Odile Lafleur", "phone": "0600000001"},
    }
    told = await desk.http.post(
        "/api/v1/reports", json=body, headers={"Idempotency-Key": "wall-test-key-00001"}
    )
    assert told.status_code == 201, told.text
    incident = UUID(told.json()["incident"]["id"])
    await desk.http.post(f"/api/v1/incidents/{incident}/notes", json={"text": "code 4512"})
    await desk.http.patch(
        f"/api/v1/incidents/{incident}",
        json={"title": "Chez Mme Lafleur"},
        headers={"If-Match": f'"{desk.incident_row(incident).version}"'},
    )
    text = (await desk.http.get("/api/v1/wall")).text
    for secret in ("Lafleur", "Secrète", "0600000001", "4512", "45.267", "1.771"):
        assert secret not in text
    assert '"Tulle"' in text


async def test_a_screen_with_the_token_sees_it_and_a_stranger_does_not(sqlite_copy: str) -> None:
    world = World(sqlite_copy, wall_token=TOKEN)
    world.service.store.start()
    async with world.client() as stranger:
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer wrong"}, 401),
            ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ):
            answer = await stranger.get("/api/v1/wall", headers=headers)
            assert answer.status_code == status
        opened = {"Authorization": f"Bearer {TOKEN}"}
        assert (await stranger.get("/api/v1/board", headers=opened)).status_code == 401
    async with world.client("council") as council, world.client("observer") as observer:
        assert (await council.get("/api/v1/wall")).status_code == 403
        assert (await observer.get("/api/v1/wall")).status_code == 200
    world.service.store.stop()


async def test_no_token_is_set_and_an_empty_one_opens_nothing(world: World) -> None:
    async with world.client() as stranger:
        answer = await stranger.get("/api/v1/wall", headers={"Authorization": "Bearer "})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("due_min", "start_min", "there", "expected"),
    [
        (None, None, False, (None, 0)),
        (30, None, False, ("risk", 0)),
        (60, None, False, ("risk", 0)),
        (61, None, False, (None, 0)),
        (-5, None, False, ("late", 300)),
        (90, 100, False, ("late", 600)),
        (-5, -60, True, (None, 0)),
        (5, -20, False, ("risk", 0)),
    ],
)
def test_a_promise_is_late_at_risk_or_neither(
    due_min: int | None, start_min: int | None, there: bool, expected: tuple[str | None, int]
) -> None:
    visit = None
    if start_min is not None:
        stamps = {"on_site": TUESDAY.isoformat()} if there else {}
        starts = TUESDAY + timedelta(minutes=start_min)
        visit = Visit.model_construct(start_at=starts, stamps=stamps)
    due_at = None if due_min is None else TUESDAY + timedelta(minutes=due_min)
    assert jeopardy_of(promised(respond_by=due_at), visit, TUESDAY) == expected


def promised(**more: Any) -> Incident:
    """Return an open incident with no promise but those given."""
    names = ("acknowledge_by", "respond_by", "make_safe_by", "restore_by", "acknowledged_by")
    values = dict.fromkeys(names) | {"state": "triaged", "stamps": {"received": "x"}} | more
    return Incident.model_construct(**values)


PAST = TUESDAY - timedelta(minutes=4)
THERE = {"received": "x", "on_site": "x"}


@pytest.mark.parametrize(
    ("incident", "is_late"),
    [
        (promised(acknowledge_by=PAST), True),
        (promised(acknowledge_by=PAST, acknowledged_by="somebody"), False),
        (promised(acknowledge_by=PAST, stamps={"received": "x", "planned": "x"}), False),
        (promised(make_safe_by=PAST, stamps=THERE), True),
        (promised(make_safe_by=PAST, stamps=THERE | {"made_safe": "x"}), False),
        (promised(restore_by=PAST, stamps=THERE), True),
        (promised(restore_by=PAST, stamps=THERE | {"done": "x"}), False),
        (promised(restore_by=PAST, state="on_hold"), False),
    ],
)
def test_every_promise_that_is_broken_counts_as_late(incident: Incident, is_late: bool) -> None:
    assert jeopardy_of(incident, None, TUESDAY) == (("late", 240) if is_late else (None, 0))
