"""The doors: who may see which thing, and that the answer never tells of what is hidden."""

from uuid import UUID

import pytest

from dispatcher.actors import Actor, Role, citizen, system
from dispatcher.auth import access
from dispatcher.auth.access import has_rank, may_follow
from dispatcher.errors import NotFound
from tests.support.stores import ORG
from tests.support.world import World

CREW, OTHER_CREW = UUID(int=1), UUID(int=2)
NOBODY = UUID(int=99)


def actor(role: Role, org: str = ORG, crew_id: UUID | None = None) -> Actor:
    return Actor("user", org, UUID(int=7), "Anna", role, crew_id)


def test_each_role_may_what_the_lower_ones_may() -> None:
    for rank, role in enumerate(Role):
        allowed = [has_rank(actor(role), least) for least in Role]
        assert allowed == [True] * (rank + 1) + [False] * (len(Role) - rank - 1)


def test_citizens_have_no_rank_and_the_service_has_them_all() -> None:
    assert not any(has_rank(citizen(ORG), role) for role in Role)
    assert all(has_rank(system(ORG), role) for role in Role)


@pytest.mark.parametrize(
    ("who", "topic", "may"),
    [
        (actor(Role.OBSERVER), f"board:{ORG}", True),
        (actor(Role.DISPATCHER), f"board:{ORG}", True),
        (actor(Role.DISPATCHER), "board:lot", False),
        (actor(Role.DISPATCHER, org="lot"), f"board:{ORG}", False),
        (actor(Role.CREW, crew_id=CREW), f"board:{ORG}", False),
        (citizen(ORG), f"board:{ORG}", False),
        (actor(Role.OBSERVER), f"rota:{ORG}", True),
        (actor(Role.CREW, crew_id=CREW), f"crew:{CREW}", True),
        (actor(Role.CREW, crew_id=CREW), f"crew:{OTHER_CREW}", False),
        (actor(Role.CREW), "crew:None", False),
        (actor(Role.OBSERVER), f"crew:{CREW}", False),
        (actor(Role.DISPATCHER), f"crew:{CREW}", True),
        (actor(Role.ADMIN), "request:anything", False),
        (actor(Role.ADMIN), "incident:1", False),
        (actor(Role.ADMIN), "board", False),
        (actor(Role.ADMIN), "", False),
    ],
)
def test_a_topic_is_open_to_those_it_concerns(who: Actor, topic: str, *, may: bool) -> None:
    assert may_follow(who, topic) is may


async def test_things_of_another_authority_do_not_exist(world: World) -> None:
    incident = await world.incident("Nid-de-poule à Tulle")
    crew = world.crew("tulle-1")
    stranger = actor(Role.ADMIN, org="lot")
    with world.look() as session:
        for look, name in ((access.visible_incident, incident), (access.visible_crew, crew.id)):
            assert look(session, actor(Role.OBSERVER), name) is not None
            with pytest.raises(NotFound):
                look(session, stranger, name)
            with pytest.raises(NotFound):
                look(session, stranger, NOBODY)


async def test_a_crew_sees_its_own_crew_only(world: World) -> None:
    own, other = world.crew("tulle-1"), world.crew("tulle-2")
    member = world.actor("crew")
    with world.look() as session:
        assert access.visible_crew(session, member, own.id).code == "tulle-1"
        with pytest.raises(NotFound):
            access.visible_crew(session, member, other.id)


async def test_over_http_another_crews_day_is_not_found(world: World) -> None:
    async with world.client("crew") as member, world.client("observer") as observer:
        own = await member.get(f"/api/v1/crews/{world.crew('tulle-1').id}/day")
        other = await member.get(f"/api/v1/crews/{world.crew('tulle-2').id}/day")
        watched = await observer.get(f"/api/v1/crews/{world.crew('tulle-1').id}/day")
    assert (own.status_code, other.status_code, watched.status_code) == (200, 404, 403)


async def test_a_crew_does_not_read_the_board_that_its_socket_refuses(world: World) -> None:
    async with world.client("crew") as member:
        assert (await member.get("/api/v1/board")).status_code == 403
