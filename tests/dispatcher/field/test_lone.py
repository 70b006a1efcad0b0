"""Somebody who works alone is asked, and missed: the service holds the hour."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from dispatcher.database import Tx
from dispatcher.field import lone
from dispatcher.models import Crew, LoneWatch, Page
from tests.support.desk import Desk
from tests.support.verify_action import verify_action

Json = dict[str, Any]
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def alone(either_desk: Desk) -> tuple[Desk, Json]:
    """A crew of one at work."""
    desk = either_desk
    visit = await desk.accept(await desk.incident("pothole"))

    def shrink(tx: Tx) -> None:
        tx.session.get_one(Crew, desk.crew_of(visit).id).members = 1

    await desk.world.do(shrink)
    return desk, await desk.move(visit, "en_route", "on_site")


def watch_of(desk: Desk) -> LoneWatch:
    with desk.world.look() as session:
        return session.exec(select(LoneWatch)).one()


def pages_of(desk: Desk) -> list[Page]:
    with desk.world.look() as session:
        return list(session.exec(select(Page).where(Page.cause == "lone")).all())


async def turn(desk: Desk, by: timedelta) -> None:
    """Let time pass and the service look after its lone workers, every screen judged."""
    desk.world.clock.advance(by)
    await verify_action(desk.world, desk.world.do(lone.watch))


async def alive(desk: Desk, watch: LoneWatch, **body: Any) -> int:
    answer = await verify_action(
        desk.world, desk.http.post(f"/api/v1/lone/{watch.id}/alive", json=body)
    )
    return int(answer.status_code)


async def test_silence_alarms_board_and_ladder_until_somebody_cares(
    alone: tuple[Desk, Json],
) -> None:
    desk, _ = alone
    watch = watch_of(desk)
    assert (watch.state, watch.interval_min) == ("running", 30)

    await turn(desk, 29 * MINUTE)
    assert watch_of(desk).state == "running"
    await turn(desk, 2 * MINUTE)
    assert watch_of(desk).state == "asking"
    assert pages_of(desk) == []
    await turn(desk, 5 * MINUTE)

    assert watch_of(desk).state == "alarmed"
    (page,) = pages_of(desk)
    assert (page.state, page.priority) == ("open", "P1")
    assert page.due_at is not None
    assert page.due_at <= desk.world.clock.now(), "at once, in service hours too"
    assert desk.crew_of(alone[1]).name in page.brief["title"]

    path = f"/api/v1/lone/{watch.id}/answer"
    await verify_action(desk.world, desk.http.post(path, json={"is_well": False}))
    assert watch_of(desk).answered_by == "Dispatcher"
    assert [page.state for page in pages_of(desk)] == ["ended"]
    await verify_action(desk.world, desk.http.post(path, json={"is_well": True}))
    assert watch_of(desk).state == "running"


async def test_a_sign_of_life_starts_the_interval_anew(alone: tuple[Desk, Json]) -> None:
    desk, _ = alone
    watch = watch_of(desk)
    await turn(desk, 31 * MINUTE)

    assert await alive(desk, watch) == 200

    after = watch_of(desk)
    assert (after.state, after.heard_at) == ("running", desk.world.clock.now())
    await turn(desk, 29 * MINUTE)
    assert watch_of(desk).state == "running"


async def test_a_sign_that_waited_in_the_outbox_counts_from_when_it_was_given(
    alone: tuple[Desk, Json],
) -> None:
    desk, _ = alone
    watch = watch_of(desk)
    given = desk.world.clock.now() + 20 * MINUTE
    await turn(desk, 31 * MINUTE)
    await turn(desk, 5 * MINUTE)
    assert watch_of(desk).state == "alarmed"

    assert await alive(desk, watch, at=given.isoformat()) == 200

    after = watch_of(desk)
    assert after.heard_at == given
    assert after.ask_at == given + 30 * MINUTE
    assert after.state == "running"
    assert [page.ended_why for page in pages_of(desk)] == ["well"]


async def test_an_old_sign_does_not_silence_an_alarm(alone: tuple[Desk, Json]) -> None:
    desk, _ = alone
    watch = watch_of(desk)
    given = desk.world.clock.now() + 2 * MINUTE
    await turn(desk, 60 * MINUTE)
    await turn(desk, MINUTE)
    assert watch_of(desk).state == "alarmed"

    await alive(desk, watch, at=given.isoformat())

    assert watch_of(desk).state == "alarmed"
    assert [page.state for page in pages_of(desk)] == ["open"]


async def test_the_watch_ends_with_the_visit(alone: tuple[Desk, Json]) -> None:
    desk, visit = alone
    await desk.move(visit, "completed")

    assert watch_of(desk).state == "ended"
    await turn(desk, timedelta(hours=3))
    assert pages_of(desk) == []


async def test_two_people_are_watched_by_choice_only(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    await desk.move(visit, "en_route", "on_site")
    with desk.world.look() as session:
        assert session.exec(select(LoneWatch)).all() == []

    path = f"/api/v1/visits/{visit['id']}/lone"
    begun = await verify_action(desk.world, desk.http.post(path, json={"interval_min": 10}))
    again = await desk.http.post(path, json={"interval_min": 10})

    assert begun.json()["interval_min"] == 10
    assert again.json()["id"] == begun.json()["id"]
    assert await alive(desk, watch_of(desk), ends=True) == 200
    assert watch_of(desk).state == "ended"


async def test_nobody_is_watched_who_has_not_left(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))

    answer = await desk.http.post(f"/api/v1/visits/{visit['id']}/lone", json={})

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")


async def test_the_interval_is_the_policys(desk: Desk) -> None:
    async with desk.world.client("oncall_manager") as manager:
        policy = (await manager.get("/api/v1/field/policy")).json()
        changed = await manager.put("/api/v1/field/policy", json=policy | {"lone_interval_min": 7})
        stale = await manager.put("/api/v1/field/policy", json=policy)
    assert (changed.json()["version"], stale.status_code) == (2, 412)
    visit = await desk.accept(await desk.incident("pothole"))
    await desk.move(visit, "en_route", "on_site")

    begun = await desk.http.post(f"/api/v1/visits/{visit['id']}/lone", json={})

    assert begun.json()["interval_min"] == 7
