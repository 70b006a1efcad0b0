"""Windows told to people, and the source of every hour, from offer to arrival."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlmodel import select

from dispatcher.actors import system
from dispatcher.models import Crew, EventRow, LearnedTravel, Visit
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning import windows
from dispatcher.planning.windows import fresh_windows, tell_fresh
from dispatcher.travel.calibration import measure
from dispatcher.travel.desk import KEY
from dispatcher.travel.history import finished
from dispatcher.travel.learned import current, guess
from tests.support.desk import BRIVE, OBJAT, TULLE, USSEL, Desk
from tests.support.world import ORG

Json = dict[str, Any]


async def narrow(desk: Desk) -> int:
    """Do what the worker does every few seconds; return how many windows were told."""
    now = desk.world.clock.now()
    with desk.world.look() as session:
        fresh = fresh_windows(session, snapshots.by_crews(session, ORG, now), now)
    return await desk.world.do(partial(tell_fresh, windows=fresh))


def window(desk: Desk, incident_id: UUID) -> tuple[datetime, datetime]:
    row = desk.incident_row(incident_id)
    assert row.window_from is not None
    assert row.window_to is not None
    return row.window_from, row.window_to


def width(told: tuple[datetime, datetime]) -> timedelta:
    return told[1] - told[0]


async def a_visit(desk: Desk, place: dict[str, float] = USSEL) -> tuple[UUID, Json]:
    incident_id = await desk.incident("pothole", place)
    return incident_id, await desk.accept(incident_id)


async def test_the_window_holds_the_planned_start_and_narrows_as_the_crew_comes_nearer(
    desk: Desk,
) -> None:
    first, visit = await a_visit(desk, TULLE)
    crew = desk.crew_of(visit).name
    second = await desk.incident("pothole", OBJAT)
    later = await desk.accept(second, crew)
    waiting = window(desk, second)
    start = desk.visit(later).start_at
    assert start is not None
    assert waiting[0] <= start <= waiting[1]
    assert width(waiting) > width(window(desk, first)), "what varies before it widens it"

    await desk.move(visit, "acknowledged", "en_route", "on_site")
    desk.world.clock.advance(timedelta(minutes=25))
    await desk.move(visit, "completed")
    await narrow(desk)
    free = window(desk, second)
    assert width(free) < width(waiting)

    await desk.move(later, "acknowledged", "en_route")
    driving = window(desk, second)
    assert width(driving) <= width(free)
    assert driving[0] >= desk.world.clock.now() - timedelta(minutes=5)

    await desk.move(later, "on_site")
    assert desk.incident_row(second).window_from is None


async def test_a_position_on_the_way_narrows_the_window(desk: Desk) -> None:
    far = {"lat": 45.05, "lon": 2.10}
    incident_id, visit = await a_visit(desk, far)
    await desk.move(visit, "acknowledged", "en_route")
    leaving = window(desk, incident_id)
    assert width(leaving) >= timedelta(minutes=15)
    near = {"lat": far["lat"] + 0.01, "lon": far["lon"] - 0.01}
    crew = desk.crew_of(visit)

    desk.world.clock.advance(timedelta(minutes=4))
    where = await desk.http.post(f"/api/v1/crews/{crew.id}/position", json=near)
    assert where.status_code == 204
    assert await narrow(desk) == 1

    seen = window(desk, incident_id)
    assert seen[1] <= desk.world.clock.now() + timedelta(minutes=10)
    assert width(seen) < width(leaving)
    with desk.world.look() as session:
        told = session.exec(select(EventRow).where(EventRow.type == "visit.window_told")).all()
        visit_row = session.get_one(Visit, UUID(visit["id"]))
    assert [UUID(str(e.data["incident_id"])) for e in told] == [incident_id]
    # What was told at leaving is what is measured; looking again later is no promise kept.
    assert datetime.fromisoformat(visit_row.told["left"][1]) == leaving[1]


async def test_a_window_that_says_nothing_new_is_not_told(desk: Desk) -> None:
    await a_visit(desk)
    assert await narrow(desk) == 0
    desk.world.clock.advance(timedelta(seconds=40))
    assert await narrow(desk) == 0


async def test_a_crew_that_is_late_moves_its_window_with_it(desk: Desk) -> None:
    incident_id, visit = await a_visit(desk, BRIVE)
    await desk.move(visit, "acknowledged", "en_route")
    planned = window(desk, incident_id)

    desk.world.clock.set(planned[1] + timedelta(minutes=6))
    assert await narrow(desk) == 1

    assert window(desk, incident_id)[1] > desk.world.clock.now()


async def test_a_visit_that_changed_meanwhile_keeps_its_window(desk: Desk) -> None:
    incident_id, visit = await a_visit(desk)
    told = window(desk, incident_id)
    fresh = windows.Fresh(
        UUID(visit["id"]),
        desk.visit(visit).version - 1,
        windows.Window((told[0], told[1] + timedelta(hours=3))),
    )

    assert await desk.world.do(partial(tell_fresh, windows=[fresh])) == 0
    assert window(desk, incident_id) == told


async def test_windows_are_kept_and_measured(desk: Desk) -> None:
    _incident, visit = await a_visit(desk, TULLE)
    await desk.move(visit, "acknowledged", "en_route", "on_site", "completed")

    with desk.world.look() as session:
        measured = measure(finished(session, ORG, desk.world.clock.now()))
    told = desk.visit(visit).told
    assert set(told) == {"first", "planned", "left", "soon"}
    assert told["soon"][:3] == told["first"][:3], "the first told at this distance"
    assert told["soon"][5] == "0", "nobody is visited before"
    assert [measured[moment].arrivals for moment in ("first", "planned", "left")] == [1, 1, 1]
    answer = (await desk.http.get("/api/v1/travel")).json()
    assert [one["moment"] for one in answer["calibration"]] == ["first", "planned", "left"]
    assert answer["calibration"][2]["arrivals"] == 1
    assert [one["moment"] for one in answer["ahead"]] == ["soon", "hour", "later", "distant", "far"]
    assert [one["arrivals"] for one in answer["ahead"]] == [1, 0, 0, 0, 0]
    assert answer["ahead"][0]["score_min"] >= answer["ahead"][0]["mean_width_min"] > 0
    assert answer["plans_use_durations"] is True
    assert answer["goal"] == 0.8
    assert answer["order"] == ["great_circle"]
    assert answer["roads"] is None
    assert answer["learned"] == {
        "version": 0, "at": None, "history": "none", "trips": 0, "jobs": 0, "factors": [],
        "drives": {"p10": 0.774, "p50": 1.0, "p90": 1.292, "count": 0}, "works": [],
    }  # fmt: skip


async def test_a_visit_taken_back_and_given_anew_is_one_promise(desk: Desk) -> None:
    incident_id, visit = await a_visit(desk, USSEL)
    first = desk.visit(visit).told["first"]
    back = await desk.http.post(f"/api/v1/visits/{visit['id']}/unassign", json={})
    assert back.status_code == 200, back.text
    desk.world.clock.advance(timedelta(minutes=40))
    again = await desk.accept(incident_id)

    assert again["id"] != visit["id"]
    told = desk.visit(again).told
    assert told["first"] == first, "people remember what they were told before"
    assert told["planned"] != first

    await desk.move(again, "acknowledged", "en_route", "on_site", "incomplete")
    later = await desk.accept(incident_id)
    assert desk.visit(later).told["first"] != first, "a second visit is another promise"


async def test_every_hour_says_what_it_comes_from(desk: Desk) -> None:
    incident_id = await desk.incident("pothole", BRIVE)
    offers = await desk.offers(incident_id)
    visit = await desk.accept(incident_id)

    best = offers["offers"][0]
    assert offers["travel_source"] == best["travel_source"] == "great_circle"
    assert best["travel_s"] == best["travel_base_s"] == visit["travel_s"]
    assert (visit["travel_source"], visit["travel_base_s"]) == ("great_circle", visit["travel_s"])


async def _teach(desk: Desk, factor: float) -> None:
    """Store parameters by which great circles take longer, as learned from fifty drives."""
    drives = [round(float(x), 5) for x in guess(0.05).values]
    body = {
        "ratios": {"great_circle": [[[], factor, 50]]},
        "drives": [drives, 50],
        "works": [],
        "done": {},
        "reaches": [],
    }

    def store(tx: Any) -> None:
        tx.session.add(
            LearnedTravel(
                id=tx.new_id(), org=ORG, version=1, at=tx.now, history="real", trips=50, jobs=50,
                body=body,
            )
        )  # fmt: skip

    await desk.world.do(store, system(ORG))


async def test_what_was_learned_stretches_the_plan_and_is_said(desk: Desk) -> None:
    plain_id = await desk.incident("pothole", USSEL)
    plain = (await desk.offers(plain_id))["offers"]
    await _teach(desk, 1.5)
    learned = (await desk.offers(plain_id))["offers"]
    visit = await desk.accept(plain_id)

    before = {offer["crew_id"]: offer for offer in plain}
    for offer in learned:
        assert offer["travel_source"] == "great_circle+learned"
        if offer["crew_id"] in before:
            assert offer["travel_base_s"] == before[offer["crew_id"]]["travel_base_s"]
        assert offer["travel_s"] == pytest.approx(1.5 * offer["travel_base_s"], abs=1)
    assert visit["travel_source"] == "great_circle+learned"
    assert visit["travel_s"] == pytest.approx(1.5 * visit["travel_base_s"], abs=1)
    with desk.world.look() as session:
        assert current(session, ORG).version == 1
    assert desk.breaches() == []


async def test_surer_drives_make_narrower_windows(desk: Desk) -> None:
    guessed, _ = await a_visit(desk, USSEL)
    await _teach(desk, 1.0)
    sure, _ = await a_visit(desk, {"lat": USSEL["lat"], "lon": USSEL["lon"] + 0.001})

    with desk.world.look() as session:
        crews = session.exec(select(Crew)).all()
    assert len(crews) > 10
    assert width(window(desk, sure)) <= width(window(desk, guessed))


async def test_the_same_state_gives_the_same_windows(desk: Desk) -> None:
    await a_visit(desk, TULLE)
    snapshot = desk.snapshot()
    now = desk.world.clock.now()
    with desk.world.look() as session:
        first = fresh_windows(session, [snapshot], now + timedelta(hours=1))
        second = fresh_windows(session, [desk.snapshot()], now + timedelta(hours=1))
    assert first == second


async def test_a_router_that_fails_shows_in_the_health_page(desk: Desk) -> None:
    desk.world.service.parts[KEY].trouble = "osrm: timeout"

    ready = (await desk.http.get("/health/ready")).json()

    assert ready["status"] == "degraded"
    assert ready["checks"]["travel"] == "osrm: timeout"


def test_guesses_are_centred_on_the_plan() -> None:
    assert guess(0.3).at(0.5) == pytest.approx(1.0)
    assert (np.diff(guess(0.3).values) > 0).all()
