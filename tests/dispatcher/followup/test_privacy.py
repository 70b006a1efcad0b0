"""No answer to a citizen ever holds a name, a telephone number, a score or an exact position.

Every address that a stranger may ask is walked with everything that could leak in the database:
named people, crews that drive, scores, notes, other people's words and photos.
"""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from fastapi.routing import iter_route_contexts
from sqlmodel import select

from dispatcher.database import Tx
from dispatcher.events.states import VisitStatus
from dispatcher.models import Attachment, Crew, Incident, Visit
from dispatcher.planning.visits import move_visit
from tests.support.citizens import CONTACT, Citizen, report
from tests.support.desk import TULLE, Desk
from tests.support.pictures import photo
from tests.support.world import World

OTHER = {"name": "Gaston Lagaffe", "phone": "07 98 76 54 32", "email": "gaston@exemple.fr"}
SECRETS = ("Gaston", "Lagaffe", "98 76", "0798765432", "gaston@", "chien méchant", "note interne")
NEAR_TULLE = {"lat": 45.2912, "lon": 1.8123}
"""Some four kilometres from the place: the crew is here."""


@pytest.fixture
async def town(sqlite_copy: str) -> AsyncIterator[tuple[Desk, Citizen, Citizen]]:
    """Two strangers with one incident, words, photos, notes, and a crew that drives to it."""
    world = World(sqlite_copy, freeze_minutes=0, citizens_see_distance=True, outcome_share=1.0)
    world.service.store.start()
    place = {"lat": str(TULLE["lat"]), "lon": str(TULLE["lon"])}
    async with world.client("dispatcher") as http, world.client() as citizen:
        desk = Desk(world, http)
        gaston = await report(world, citizen, **OTHER, **place)
        odette = await report(world, citizen, **CONTACT, **place, joins=str(gaston.incident_id))
        await gaston.act(
            "ajouter",
            text="Attention, chien méchant",
            files=[("photos", ("a.jpg", photo((60, 40)), "image/jpeg"))],
        )
        await http.post(
            f"/api/v1/incidents/{odette.incident_id}/notes", json={"text": "note interne"}
        )
        await desk.accept(odette.incident_id)
        await world.settle()
        await world.do(lambda tx: drive(tx, odette))
        await world.settle()
        yield desk, gaston, odette
    world.service.store.stop()


def drive(tx: Tx, citizen: Citizen) -> None:
    visit = tx.session.exec(select(Visit).where(Visit.incident_id == citizen.incident_id)).one()
    move_visit(tx, visit, VisitStatus.EN_ROUTE)
    crew = tx.session.get_one(Crew, visit.crew_id)
    crew.lat, crew.lon = NEAR_TULLE["lat"], NEAR_TULLE["lon"]
    crew.located_at, crew.located_by = tx.now + timedelta(seconds=1), "crew"


def public_addresses(world: World, link: str, photo_id: str) -> Iterator[tuple[str, str]]:
    """Yield method and address of everything under a tracking link and the report form."""
    token = link.rpartition("/")[2]
    for route in iter_route_contexts(world.front.api.routes):
        path = getattr(route, "path", "")
        if not path.startswith(("/suivi", "/signaler", "/accessibilite")):
            continue
        if path.endswith("/live"):
            continue  # a stream: its one frame is what `etat` answers
        for method in route.methods - {"HEAD"}:
            yield method, path.replace("{token}", token).replace("{attachment_id}", photo_id)


async def test_no_answer_to_a_citizen_names_anybody(
    town: tuple[Desk, Citizen, Citizen],
) -> None:
    desk, _gaston, odette = town
    with desk.world.look() as session:
        crews = session.exec(select(Crew)).all()
        foreign_photo = str(session.exec(select(Attachment.id)).one())
    secrets = [*SECRETS, *(crew.name for crew in crews), *CONTACT.values()]
    fields = {"text": "trou", "commune": "Tulle", "slot": "x", "fixed": "x"}
    walked = 0
    for method, address in public_addresses(desk.world, odette.link, foreign_photo):
        answer = await odette.http.request(
            method, address, data=fields if method == "POST" else None
        )
        walked += 1
        assert answer.status_code < 500, address
        told = [secret for secret in secrets if secret.casefold() in answer.text.casefold()]
        assert told == [], (method, address)
        assert not re.search(r"\bscore\b|crew_id|\"reasons\"", answer.text), address
        for coordinate in (*NEAR_TULLE.values(), *TULLE.values()):
            assert f"{coordinate:.3f}" not in answer.text, address
    assert walked >= 12


async def test_the_crew_on_its_way_is_a_distance_in_whole_kilometres(
    town: tuple[Desk, Citizen, Citizen],
) -> None:
    desk, _gaston, odette = town
    assert re.search(r"Équipe à environ [45] km", await odette.page())
    with desk.world.look() as session:
        incident = session.exec(select(Incident).where(Incident.id == odette.incident_id)).one()
    assert incident.step == "en_route"

    def finish(tx: Tx) -> None:
        visit = tx.session.exec(select(Visit)).one()
        move_visit(tx, visit, VisitStatus.ON_SITE)

    await desk.world.do(finish)
    await desk.world.settle()
    assert "Équipe à" not in await odette.page()


async def test_without_the_authoritys_leave_nothing_is_said_of_the_crew(desk: Desk) -> None:
    async with desk.world.client() as http:
        place = {"lat": str(TULLE["lat"]), "lon": str(TULLE["lon"])}
        odette = await report(desk.world, http, **place)
        await desk.accept(odette.incident_id)
        await desk.world.settle()
        await desk.world.do(lambda tx: drive(tx, odette))
        await desk.world.settle()
        page = await odette.page()
    assert "L’équipe est en route" in page
    assert " km" not in page


async def test_a_position_that_is_old_says_nothing(
    town: tuple[Desk, Citizen, Citizen],
) -> None:
    desk, _gaston, odette = town
    desk.world.clock.advance(timedelta(minutes=6))
    assert "Équipe à environ" not in await odette.page()
