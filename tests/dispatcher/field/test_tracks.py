"""Where a crew was: kept only during visits, read only with a reason, deleted in time."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from dispatcher.models import TrackPoint
from dispatcher.planning.positions import forget_tracks
from tests.support.desk import Desk
from tests.support.stores import log_of

Json = dict[str, Any]
HERE = {"lat": 45.267123, "lon": 1.771987}


def points(desk: Desk) -> list[TrackPoint]:
    with desk.world.look() as session:
        return list(session.exec(select(TrackPoint)).all())


async def tell(desk: Desk, visit: Json) -> None:
    path = f"/api/v1/crews/{visit['crew_id']}/position"
    assert (await desk.http.post(path, json=HERE)).status_code == 204


async def test_only_the_way_and_the_work_are_kept_and_only_for_a_time(either_desk: Desk) -> None:
    desk = either_desk
    visit = await desk.accept(await desk.incident("pothole"))
    await tell(desk, visit)
    assert points(desk) == []
    await desk.move(visit, "en_route")
    await tell(desk, visit)
    await desk.move(visit, "on_site", "completed")
    await tell(desk, visit)
    assert [(one.lat, one.lon) for one in points(desk)] == [(HERE["lat"], HERE["lon"])]

    desk.world.clock.advance(timedelta(days=59))
    assert await desk.world.do(lambda tx: forget_tracks(tx, timedelta(days=60))) == 0
    desk.world.clock.advance(timedelta(days=2))
    assert await desk.world.do(lambda tx: forget_tracks(tx, timedelta(days=60))) == 1

    assert points(desk) == []


async def test_who_reads_a_track_says_why_and_is_remembered(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    await desk.move(visit, "en_route")
    await tell(desk, visit)
    now = desk.world.clock.now()
    path = f"/api/v1/crews/{visit['crew_id']}/track"
    since, until = (now - timedelta(hours=1)).isoformat(), (now + timedelta(minutes=1)).isoformat()
    wanted = {"since": since, "until": until, "reason": "Accident signalé à 9 h"}

    read = await desk.http.post(path, json=wanted)

    assert [(one["lat"], one["visit_id"]) for one in read.json()] == [(HERE["lat"], visit["id"])]
    with desk.world.look() as session:
        (told,) = [one for one in log_of(session) if one.type == "track.read"]
    assert told.actor.startswith("user:")
    assert (told.data["points"], told.data["reason"]) == (1, wanted["reason"])
    assert (await desk.http.post(path, json=wanted | {"reason": ""})).status_code == 422
    far = wanted | {"since": (now - timedelta(days=30)).isoformat()}
    assert (await desk.http.post(path, json=far)).status_code == 422
    async with desk.world.client("operator") as operator:
        assert (await operator.post(path, json=wanted)).status_code == 403


async def test_the_log_learns_no_exact_place(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    await desk.move(visit, "en_route")
    await tell(desk, visit)

    with desk.world.look() as session:
        told = [
            image["position"]
            for event in log_of(session)
            for image in event.after
            if image["kind"] == "crew" and image["position"]
        ]
    assert told
    assert {(round(p["lat"], 3), round(p["lon"], 3)) for p in told} == {
        (p["lat"], p["lon"]) for p in told
    }
