"""Rotas over HTTP: who may read, who may make one, and who learns why somebody is away."""

from collections.abc import AsyncIterator, Callable

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from dispatcher.actors import Role, system
from dispatcher.auth import sessions
from dispatcher.auth.commands import Account, make_user
from dispatcher.auth.context import Service
from dispatcher.auth.limits import OwnLimits
from dispatcher.database import Store, Tx
from dispatcher.edge import problems
from dispatcher.oncall.api import router
from dispatcher.settings import Settings

Visitor = Callable[[Role | None], AsyncClient]


@pytest.fixture
async def visitor(store: Store) -> AsyncIterator[Visitor]:
    """Opens a client signed in with a role, or with none."""
    settings = Settings(mode="embedded", org="correze")
    app = FastAPI()
    app.state.service = Service(settings, store, store.clocks, OwnLimits(), b"secret")
    problems.install(app)
    app.include_router(router, prefix="/api/v1")
    opened: list[AsyncClient] = []

    def open_client(role: Role | None) -> AsyncClient:
        client = AsyncClient(transport=ASGITransport(app), base_url=settings.origin)
        opened.append(client)
        if role is not None:
            token = store.submit_wait(lambda tx: sign_in(tx, role, settings), system("correze"))
            client.cookies.set(sessions.cookie_name(settings), token)
        return client

    yield open_client
    for client in opened:
        await client.aclose()


def sign_in(tx: Tx, role: Role, settings: Settings) -> str:
    user = make_user(tx, Account(f"someone-{role}", "correct horse battery", role))
    return sessions.open_session(tx, user, settings)


async def test_without_a_rota_there_is_nothing_to_show(visitor: Visitor) -> None:
    answer = await visitor(Role.OBSERVER).get("/api/v1/rotas/current")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


async def test_an_on_call_manager_makes_a_rota_and_everybody_reads_it(visitor: Visitor) -> None:
    made = await visitor(Role.ONCALL_MANAGER).post("/api/v1/rotas/generate", json={"weeks": 4})
    assert made.status_code == 201
    view = made.json()
    assert (view["version"], view["state"]) == (1, "published")
    assert [week["iso"] for week in view["weeks"]] == [
        "2026-W48",
        "2026-W49",
        "2026-W50",
        "2026-W51",
    ]
    assert len(view["duties"]) == 8
    assert len(view["counters"]) == len(view["people"]) == 12
    assert sum(counter["weeks"] for counter in view["counters"]) == 8
    assert {rule["name"] for rule in view["rules"]} >= {"cover", "absence", "spacing"}
    assert all(rule["satisfied"] and rule["source"] for rule in view["rules"])
    assert view["gaps"] == []
    assert view["solver"]["status"] in {"proven", "limit"}
    shown = (await visitor(Role.OBSERVER).get("/api/v1/rotas/current")).json()
    assert shown["id"] == view["id"]
    read = await visitor(Role.CREW).get(f"/api/v1/rotas/{view['id']}")
    # What a turn pays is between the agent, the manager and the pay office.
    assert all(duty["cents"] is not None for duty in view["duties"])
    assert read.json()["duties"] == [{**duty, "cents": None} for duty in view["duties"]]


async def test_only_who_builds_rotas_learns_why_somebody_is_away(visitor: Visitor) -> None:
    manager = visitor(Role.ONCALL_MANAGER)
    await manager.post("/api/v1/rotas/generate", json={"weeks": 4})

    async def kinds(client: AsyncClient) -> set[str]:
        people = (await client.get("/api/v1/rotas/current")).json()["people"]
        return {absence["kind"] for person in people for absence in person["absences"]}

    assert await kinds(manager) == {"sick"}
    assert await kinds(visitor(Role.DISPATCHER)) == {"other"}


async def test_a_dispatcher_may_not_make_a_rota_and_a_stranger_may_not_read_one(
    visitor: Visitor,
) -> None:
    refused = await visitor(Role.DISPATCHER).post("/api/v1/rotas/generate", json={})
    assert refused.status_code == 403
    stranger = visitor(None)
    for path in ("/api/v1/rotas/current", "/api/v1/oncall/now"):
        assert (await stranger.get(path)).status_code == 401


async def test_a_draft_is_published_over_http(visitor: Visitor) -> None:
    manager = visitor(Role.ONCALL_MANAGER)
    made = await manager.post("/api/v1/rotas/generate", json={"weeks": 2, "publish": False})
    draft = made.json()
    assert draft["state"] == "draft"
    published = await manager.post(f"/api/v1/rotas/{draft['id']}/publish")
    assert published.json()["state"] == "published"
    again = await manager.post(f"/api/v1/rotas/{draft['id']}/publish")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("body", [{"weeks": 0}, {"weeks": 99}, {"start": "soon"}, {"x": 1}])
async def test_a_wrong_wish_is_refused(visitor: Visitor, body: dict[str, object]) -> None:
    answer = await visitor(Role.ONCALL_MANAGER).post("/api/v1/rotas/generate", json=body)
    assert answer.status_code == 422


async def test_who_is_on_call_can_be_asked_before_anybody_is(visitor: Visitor) -> None:
    answer = (await visitor(Role.OBSERVER).get("/api/v1/oncall/now")).json()
    assert (answer["now"], answer["next"]) == ([], [])
