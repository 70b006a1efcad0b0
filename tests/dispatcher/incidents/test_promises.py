"""Four promises: stored, recomputed whole after a correction, and never lost in a merge."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatcher.models import Incident
from tests.support.desk import BRIVE, TULLE, Desk
from tests.support.world import TUESDAY, World

Json = dict[str, Any]
NAMES = ("acknowledge_by", "respond_by", "make_safe_by", "restore_by")
HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(world: World) -> AsyncIterator[Desk]:
    """A dispatcher's desk on SQLite."""
    async with world.client("dispatcher") as http:
        yield Desk(world, http)


def promised(desk: Desk, incident: UUID) -> list[timedelta | None]:
    """Return the promises of an incident as times after its first report."""
    with desk.world.look() as session:
        row = session.get_one(Incident, incident)
        due = [getattr(row, name) for name in NAMES]
        return [at - row.reported_at if at else None for at in due]


async def edit(desk: Desk, incident: UUID, **body: Any) -> httpx.Response:
    seen = (await desk.http.get(f"/api/v1/incidents/{incident}")).headers["ETag"]
    path = f"/api/v1/incidents/{incident}"
    answer = await desk.http.patch(path, json=body, headers={"If-Match": seen})
    assert answer.status_code == 200, answer.text
    await desk.world.settle()
    return answer


async def to(desk: Desk, incident: UUID, state: str, reason: str | None = None) -> None:
    path = f"/api/v1/incidents/{incident}/transitions"
    body = {"to": state, "reason": reason}
    (await desk.http.post(path, json=body)).raise_for_status()
    await desk.world.settle()


async def test_an_urgent_incident_is_promised_four_things(desk: Desk) -> None:
    burst = await desk.incident("water_main_burst")

    told = (await desk.http.get(f"/api/v1/incidents/{burst}")).json()

    assert promised(desk, burst) == [timedelta(minutes=minutes) for minutes in (15, 60, 360, 480)]
    due = [datetime.fromisoformat(told[name]) for name in NAMES]
    assert due == sorted(due)
    standing = (await desk.http.get("/api/v1/deadlines")).json()[0]
    assert standing["acknowledge"]["due_at"] == told["acknowledge_by"]
    assert standing["make_safe"]["due_at"] == told["make_safe_by"]


async def test_a_promise_kept_is_shown_as_kept_and_a_missed_one_as_missed(desk: Desk) -> None:
    burst = await desk.incident("water_main_burst")
    desk.world.clock.advance(timedelta(minutes=17))
    (before,) = (await desk.http.get("/api/v1/deadlines")).json()
    assert before["acknowledge"]["breach"] == 1.0

    await desk.http.post(f"/api/v1/incidents/{burst}/acknowledge")
    await to(desk, burst, "in_progress")
    await to(desk, burst, "stabilised")
    desk.world.clock.advance(timedelta(minutes=7))

    (after,) = (await desk.http.get("/api/v1/deadlines")).json()
    for kind in ("acknowledge", "make_safe"):
        done = datetime.fromisoformat(after[kind]["done_at"])
        assert done == TUESDAY + timedelta(minutes=17)
        assert after[kind]["breach"] is None


async def test_a_corrected_category_keeps_the_pause(desk: Desk) -> None:
    leak = await desk.incident("water_main_burst")
    await to(desk, leak, "on_hold", "attend le concessionnaire")
    desk.world.clock.advance(2 * HOUR)
    await to(desk, leak, "triaged")
    assert promised(desk, leak)[1] == 3 * HOUR

    await edit(desk, leak, category="water_outage")
    await edit(desk, leak, category="water_main_burst")

    assert promised(desk, leak)[1:] == [3 * HOUR, 8 * HOUR, 10 * HOUR]


async def test_a_correction_during_a_pause_counts_all_of_it(desk: Desk) -> None:
    leak = await desk.incident("water_main_burst")
    await to(desk, leak, "on_hold", "attend le concessionnaire")
    desk.world.clock.advance(HOUR)
    await edit(desk, leak, category="water_outage")
    assert all(at is not None for at in promised(desk, leak))
    desk.world.clock.advance(HOUR)
    await to(desk, leak, "triaged")
    await edit(desk, leak, category="water_main_burst")

    assert promised(desk, leak)[1] == 3 * HOUR


async def test_a_class_set_by_hand_promises_what_that_class_does(desk: Desk) -> None:
    lamp = await desk.incident("lamp_out", TULLE)
    before = promised(desk, lamp)
    await to(desk, lamp, "on_hold", "attend une pièce")
    desk.world.clock.advance(HOUR)
    await to(desk, lamp, "triaged")
    paused = promised(desk, lamp)

    await edit(desk, lamp, override={"priority": "P1", "reason": "carrefour d'école"})
    assert promised(desk, lamp)[1:3] == [2 * HOUR, 3 * HOUR]

    await edit(desk, lamp, override={"priority": None, "reason": "c'était fini"})
    assert promised(desk, lamp) == paused
    assert before != paused or before[1] is None


async def test_a_correction_after_a_merge_keeps_the_earlier_promise(desk: Desk) -> None:
    first = await desk.incident("water_main_burst", TULLE)
    desk.world.clock.advance(HOUR / 2)
    second = await desk.incident("water_main_burst", BRIVE)
    path = f"/api/v1/incidents/{first}/merge"
    (await desk.http.post(path, json={"into": str(second)})).raise_for_status()
    await desk.world.settle()
    assert promised(desk, second)[1] == HOUR / 2

    await edit(desk, second, category="water_outage")

    assert promised(desk, second)[1] == HOUR / 2


async def test_what_was_told_before_and_during_a_merge_stays_with_the_citizen(
    desk: Desk,
) -> None:
    world = desk.world
    async with world.client() as citizen:
        told = await world.report(citizen, "fuite", category="water_leak_road", place=TULLE)
        path = told["tracking_url"].removeprefix(world.settings.origin)
        (own,) = [
            one["id"]
            for one in (await desk.http.get("/api/v1/incidents")).json()["items"]
            if one["ref"] == told["reference"]
        ]
        other = await desk.incident("water_leak_road", BRIVE)
        await reply(desk, own, "Message avant la fusion.")
        await desk.http.post(f"/api/v1/incidents/{own}/merge", json={"into": str(other)})
        await reply(desk, str(other), "Message pendant la fusion.")
        merged = (await citizen.get(path)).text
        world.clock.advance(HOUR)
        await desk.http.post(f"/api/v1/incidents/{own}/unmerge")
        world.clock.advance(HOUR)
        await reply(desk, str(other), "Message après, pour les autres.")
        parted = (await citizen.get(path)).text

    for page in (merged, parted):
        assert "Message avant la fusion." in page
        assert "Message pendant la fusion." in page
    assert "Message après" not in parted


async def reply(desk: Desk, incident: str, text: str) -> None:
    path = f"/api/v1/incidents/{incident}/reply"
    answer = await desk.http.post(path, json={"text": text})
    assert answer.status_code == 201, answer.text
    await desk.world.settle()
