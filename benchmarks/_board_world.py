"""A crowded control centre for `board.py`: thousands of incidents, hundreds of crews, a full plan.

Incidents come in by the real command; crews and visits are rows like those of a large authority.
All of it is marked as simulated.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from itertools import cycle
from math import cos, sin
from time import sleep
from typing import Any, cast
from uuid import UUID

from sqlmodel import col, select

from dispatcher.actors import Actor, Role, system
from dispatcher.auth.context import Service
from dispatcher.clock import monotonic_s, new_id, seeded
from dispatcher.crews.commands import set_activity
from dispatcher.database import Tx
from dispatcher.errors import Unavailable
from dispatcher.events.statuses import Priority
from dispatcher.incidents import commands as incidents
from dispatcher.intake.api import library_of
from dispatcher.intake.commands import Arrival, receive_report
from dispatcher.intake.understanding import understand
from dispatcher.models import Crew, Incident, Visit, WorkOrder
from dispatcher.planning.images import brief_of
from tests.support.world import ORG

KINDS = (
    "Fuite d'eau rue {street} à {place}",
    "Nid-de-poule route de {street} à {place}",
    "Lampadaire éteint place {street} à {place}",
    "Arbre tombé sur la D{number} à {place}",
    "Égout bouché rue {street} à {place}",
)
STREETS = ("Carnot", "de la Gare", "Jean-Jaurès", "du Moulin", "de l'École", "Victor-Hugo")
PLACES = ("Tulle", "Brive-la-Gaillarde", "Ussel", "Égletons", "Objat", "Malemort", "Argentat")
CALLER = Actor("simulation", ORG, name="bench", role=Role.OPERATOR)
AT_ONCE = 60
SLOT = timedelta(minutes=50)
PROMPT_S, CALM = 0.2, 6
"""The writer answers so soon, so many times running: nothing is left to do."""


def crowd(service: Service, count: int, crews: int, visits: int) -> None:
    """Fill a running service's database."""
    _report(service, count)
    wait = service.store.submit_wait
    names = wait(lambda tx: _crews(tx, crews), system(ORG), deadline_s=60)
    wait(lambda tx: _visits(tx, names, visits), system(ORG), deadline_s=120)


def change(service: Service, classes: Mapping[UUID, str]) -> None:
    """Give incidents other classes in one commit, as a storm's bulk action does."""

    def override(tx: Tx) -> None:
        rows = tx.session.exec(select(Incident).where(col(Incident.id).in_(classes))).all()
        for incident in rows:
            asked = cast("Priority", classes[incident.id])
            incidents.override_priority(tx, incident, asked, "mesure")

    service.store.submit_wait(override, CALLER, deadline_s=60)


def drive(service: Service, count: int, second: int) -> int:
    """Move crews on their way a few hundred metres each, in one commit; return how many moved.

    Crews that are missing are made first.
    """

    def move(tx: Tx) -> int:
        if second == 0:
            _crews(tx, count)
        crews = tx.session.exec(select(Crew).order_by(col(Crew.position)).limit(count)).all()
        for number, crew in enumerate(crews):
            angle = number * 2.4 + second / 40
            far = 0.35 * (number + 1) / count
            at = (45.35 + far * sin(angle), 1.87 + 1.4 * far * cos(angle))
            set_activity(tx, crew, "en_route", at)
        return len(crews)

    return service.store.submit_wait(move, CALLER, deadline_s=60)


def rested(service: Service) -> None:
    """Wait until the service has caught up with what it was told, for ten minutes at most."""
    until, calm = monotonic_s() + 600, 0
    while calm < CALM and monotonic_s() < until:
        asked_at = monotonic_s()
        with suppress(Unavailable):
            service.store.submit_wait(lambda _tx: None, CALLER, deadline_s=30)
        calm = calm + 1 if monotonic_s() - asked_at < PROMPT_S else 0
        sleep(0.5)


def top(service: Service, count: int) -> list[UUID]:
    """Return the incidents that head the board's list."""
    with service.store.read() as session:
        query = select(Incident.id).order_by(col(Incident.score).desc()).limit(count)
        return list(session.exec(query).all())


def _report(service: Service, count: int) -> None:
    library, chance = library_of(service), seeded("board")
    for start in range(0, count, AT_ONCE):
        known = [
            understand(library, _text(chance, number), None, None)
            for number in range(start, min(start + AT_ONCE, count))
        ]

        def receive(tx: Tx, known: list[Any] = known) -> None:
            for understood in known:
                receive_report(tx, understood, Arrival("phone"), b"benchmark")

        service.store.submit_wait(receive, CALLER, deadline_s=60)


def _text(chance: Any, number: int) -> str:
    kind = chance.choice(KINDS)
    street, place = chance.choice(STREETS), chance.choice(PLACES)
    return str(kind.format(street=street, place=place, number=9 + number % 980))


def _crews(tx: Tx, count: int) -> list[UUID]:
    models = tx.session.exec(select(Crew).order_by(col(Crew.position))).all()
    names = [one.id for one in models]
    for number, model in zip(range(len(models), count), cycle(models), strict=False):
        fields = model.model_dump() | {
            "id": new_id(),
            "code": f"bench-{number}",
            "name": f"{model.sector} {number + 1}",
            "position": number,
        }
        tx.session.add(Crew(**fields))
        names.append(fields["id"])
    tx.session.flush()
    return names[:count]


def _visits(tx: Tx, crews: list[UUID], count: int) -> None:
    query = (
        select(WorkOrder, Incident)
        .where(WorkOrder.incident_id == Incident.id)
        .order_by(col(Incident.score))
        .limit(count)
    )
    rows = tx.session.exec(query).all()
    for number, (order, incident) in enumerate(rows):
        slot, crew = divmod(number, len(crews))
        start = tx.now + SLOT * slot - timedelta(hours=1)
        tx.put(_visit(tx, order, incident, crews[crew], slot, start))
        order.state = "assigned"


def _visit(
    tx: Tx, order: WorkOrder, incident: Incident, crew: UUID, slot: int, start: Any
) -> Visit:
    return Visit(
        id=new_id(),
        org=ORG,
        incident_id=incident.id,
        work_order_id=order.id,
        crew_id=crew,
        state="assigned",
        position=slot,
        depart_at=start - timedelta(minutes=12),
        start_at=start,
        end_at=start + timedelta(minutes=35),
        travel_s=720,
        distance_m=9000,
        duration_s=2100,
        skills=order.skills,
        due_at=order.due_at,
        flags=[],
        stamps={"assigned": tx.now.isoformat()},
        brief=brief_of(incident).model_dump(mode="json"),
        simulated=True,
        created_at=tx.now,
        updated_at=tx.now,
    )
