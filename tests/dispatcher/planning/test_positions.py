"""A crew's position is kept while it serves a visit, and only then."""

from uuid import UUID

from dispatcher.models import Crew
from tests.support.world import World

PLACE = {"lat": 45.2670, "lon": 1.7710}


def where(world: World, crew_id: UUID) -> tuple[float | None, float | None]:
    with world.look() as session:
        crew = session.get_one(Crew, crew_id)
        return crew.lat, crew.lon


async def test_a_position_is_kept_only_on_the_way_and_at_work(world: World) -> None:
    incident = await world.incident("Nid-de-poule à Tulle", place=PLACE)
    async with world.client("dispatcher") as desk:
        offers = (await desk.get(f"/api/v1/incidents/{incident}/offers")).json()
        crew_id = offers["offers"][0]["crew_id"]
        body = {"crew_id": crew_id, "plan_version": offers["plan_version"]}
        visit = (await desk.post(f"/api/v1/incidents/{incident}/accept", json=body)).json()["visit"]
        before = where(world, UUID(crew_id))
        here = {"lat": 45.3, "lon": 1.8, "accuracy_m": 12}

        idle = await desk.post(f"/api/v1/crews/{crew_id}/position", json=here)
        assert (idle.status_code, where(world, UUID(crew_id))) == (204, before)

        await desk.post(f"/api/v1/visits/{visit['id']}/transitions", json={"to": "en_route"})
        await desk.post(f"/api/v1/crews/{crew_id}/position", json=here)
        assert where(world, UUID(crew_id)) == (45.3, 1.8)


async def test_a_crew_member_cannot_place_another_crew(world: World) -> None:
    other = world.crew("brive-1")
    async with world.client("crew") as crew:
        answer = await crew.post(f"/api/v1/crews/{other.id}/position", json={"lat": 45, "lon": 1})
    assert answer.status_code == 404
