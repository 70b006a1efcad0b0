"""Positions, contacts and words are forgotten in time, by rule, without a hole in the log."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import col, select

from dispatcher import event_log
from dispatcher.incidents import keeping
from dispatcher.models import EventPosition, EventRow, Person, Report
from dispatcher.worker import _forget_places
from tests.support.citizens import CONTACT, report
from tests.support.desk import Desk

Json = dict[str, Any]
HERE = {"lat": 45.267123, "lon": 1.771987}
DAY = timedelta(days=1)


async def drive(desk: Desk) -> Json:
    """Let a crew tell where it is while it drives."""
    visit = await desk.accept(await desk.incident("pothole"))
    await desk.move(visit, "en_route")
    path = f"/api/v1/crews/{visit['crew_id']}/position"
    assert (await desk.http.post(path, json=HERE)).status_code == 204
    return visit


def stored(desk: Desk) -> str:
    """Return every image as the log itself keeps it."""
    with desk.world.look() as session:
        return str([row.after for row in session.exec(select(EventRow)).all()])


def told(desk: Desk, crew_id: str) -> list[Json | None]:
    """Return where each event says that a crew was, to those who follow the log."""
    with desk.world.look() as session:
        rows = event_log.events_after(session, 0, 10_000)
        images = [image for row in rows for image in row.after]
    return [one["position"] for one in images if one["kind"] == "crew" and one["id"] == crew_id]


def is_whole(desk: Desk) -> bool:
    with desk.world.look() as session:
        # The same session has read the rows with their positions: the chain is of what is stored.
        event_log.events_after(session, 0, 10_000)
        return list(event_log.broken_links(session)) == []


async def test_positions_are_told_from_beside_the_log_and_forgotten_without_a_trace(
    either_desk: Desk,
) -> None:
    desk = either_desk
    visit = await drive(desk)
    place = {"lat": 45.267, "lon": 1.772}

    assert "'source': 'crew'" not in stored(desk)
    last = told(desk, visit["crew_id"])[-1]
    assert last is not None
    assert {name: last[name] for name in place} == place
    assert is_whole(desk)

    desk.world.clock.advance(59 * DAY)
    assert await desk.world.do(partial(_forget_places, most_days=366)) == 0
    desk.world.clock.advance(2 * DAY)
    assert await desk.world.do(partial(_forget_places, most_days=366)) > 0

    assert [one for one in told(desk, visit["crew_id"]) if one and one["source"] == "crew"] == []
    with desk.world.look() as session:
        assert session.exec(select(EventPosition)).all() == []
    assert is_whole(desk)


async def test_contacts_go_first_words_later_and_what_lives_stays(either_desk: Desk) -> None:
    desk = either_desk
    async with desk.world.client() as http:
        over = await report(desk.world, http, **CONTACT)
        other = {**CONTACT, "text": "Arbre tombé devant l’école", "commune": "Brive-la-Gaillarde"}
        alive = await report(desk.world, http, **other)
        path = f"/api/v1/incidents/{over.incident_id}/transitions"
        await desk.http.post(path, json={"to": "cancelled", "reason": "doublon"})
        await desk.world.settle()

        desk.world.clock.advance(364 * DAY)
        assert await desk.world.do(keeping.forget_contacts) == 0
        desk.world.clock.advance(2 * DAY)
        assert await desk.world.do(keeping.forget_contacts) == 1
        assert await desk.world.do(keeping.forget_contacts) == 0
        page = await over.page()
        assert await desk.world.do(keeping.forget_words) == 0
        desk.world.clock.advance(1830 * DAY)
        assert await desk.world.do(keeping.forget_words) == 1
        assert await desk.world.do(keeping.forget_words) == 0
        blank = await over.page()

    assert over.incident.ref in page
    assert over.incident.ref in blank
    with desk.world.look() as session:
        texts = {row.incident_id: row.text for row in session.exec(select(Report)).all()}
        named = [row for row in session.exec(select(Person)).all() if row.name]
        gone = session.exec(
            select(EventRow)
            .where(EventRow.type == "retention.forgotten")
            .order_by(col(EventRow.seq))
        ).all()
    assert texts[over.incident_id] == ""
    assert texts[alive.incident_id].startswith("Arbre tombé")
    assert len(named) == 1
    assert [(one.data["what"], one.data["rows"]) for one in gone] == [("contacts", 1), ("words", 1)]
    assert is_whole(desk)


async def test_a_council_sets_the_days_and_the_log_knows(desk: Desk) -> None:
    async with desk.world.client("council") as council:
        found = (await council.get("/api/v1/retention")).json()
        kept = await council.put("/api/v1/retention", json=found | {"positions_days": 10})
        stale = await council.put("/api/v1/retention", json=found)
        wrong = await council.put("/api/v1/retention", json=kept.json() | {"words_days": 9000})
    other = await desk.http.put("/api/v1/retention", json=kept.json())

    assert found == {"version": 1, "positions_days": 60, "contacts_days": 365, "words_days": 1830}
    assert (kept.status_code, kept.json()["version"]) == (200, 2)
    assert [stale.status_code, wrong.status_code, other.status_code] == [412, 422, 403]
    await drive(desk)
    desk.world.clock.advance(11 * DAY)
    assert await desk.world.do(partial(_forget_places, most_days=366)) > 0
    with desk.world.look() as session:
        fact = session.exec(select(EventRow).where(EventRow.type == "retention.changed")).one()
    assert (fact.data["positions_days"], fact.actor) == (
        10,
        desk.world.actor("council").label,
    )


@pytest.mark.parametrize(("said", "shown"), [(True, True), (False, False), (None, False)])
async def test_the_council_decides_on_distances(desk: Desk, said: bool | None, shown: bool) -> None:
    async with desk.world.client("council") as council:
        policy = (await council.get("/api/v1/field/policy")).json()
        body = policy | {"citizens_see_distance": said}
        assert (await council.put("/api/v1/field/policy", json=body)).status_code == 200
    async with desk.world.client() as http:
        citizen = await report(desk.world, http, **CONTACT)
        visit = await desk.accept(citizen.incident_id)
        await desk.move(visit, "en_route")
        path = f"/api/v1/crews/{visit['crew_id']}/position"
        await desk.http.post(path, json={"lat": 45.3, "lon": 1.8})

        assert (" km" in await citizen.page()) is shown
