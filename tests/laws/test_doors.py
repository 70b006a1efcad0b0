"""Every route names its one door, and what is not declared public is shut to strangers.

The OpenAPI document is walked, so a new operation is judged on the day it is written.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from dispatcher.app import create_app
from dispatcher.auth.access import Door
from tests.support.world import World, settings_for

OWN_SESSION = frozenset({"/api/v1/auth/logout", "/api/v1/auth/logout-everywhere"})
SAFE = {"get", "head", "options"}
SOME_ID = "01900000-0000-7000-8000-000000000000"
PUBLIC = {
    ("get", "/health/live"),
    ("get", "/health/ready"),
    ("get", "/api/v1/reference/categories"),
    ("get", "/api/v1/reference/communes.geojson"),
    ("post", "/api/v1/auth/login"),
    ("post", "/api/v1/reports"),
    ("get", "/suivi/{token}/etat"),
    ("get", "/suivi/{token}/live"),
    ("post", "/suivi/{token}/live"),
}
"""Operations that strangers may use. A new one needs a reason; write it in the review."""


QUESTIONS = {
    ("post", "/api/v1/policy/check"),
    ("post", "/api/v1/policy/replay"),
    ("post", "/api/v1/competence/check"),
    ("post", "/api/v1/competence/try"),
    ("post", "/api/v1/replies/check"),
    ("post", "/api/v1/notices/check"),
    ("post", "/api/v1/plan/suppose"),
}
"""Operations with a body that compute an answer and store nothing."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application with every route it can have: the demo has the simulation too."""
    path = tmp_path_factory.mktemp("doors") / "cpo.sqlite3"
    return create_app(settings_for(f"sqlite:///{path}", mode="demo")).api


def routes(app: FastAPI) -> list[Any]:
    """Return every route of ours; the document itself and static files carry no door."""
    return [
        route
        for route in iter_route_contexts(app.routes)
        if getattr(route, "dependant", None) is not None
    ]


def doors_of(dependant: Dependant) -> list[Door]:
    """Return the doors in a route's tree of dependencies."""
    own = [dependant.call] if isinstance(dependant.call, Door) else []
    return own + [door for below in dependant.dependencies for door in doors_of(below)]


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and description of every operation of the OpenAPI document."""
    for path, item in app.openapi()["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def address(path: str) -> str:
    """Return a path with its blanks filled in."""
    return re.sub(r"\{\w+\}", SOME_ID, path)


async def call(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    body = (
        {}
        if method in SAFE
        else {"content": json.dumps({}), "headers": {"Content-Type": "application/json"}}
    )
    return await client.request(method.upper(), address(path), **body)


def test_there_are_routes_to_judge(app: FastAPI) -> None:
    assert len(routes(app)) >= 35
    assert len(list(operations(app))) >= 30


def test_every_route_has_exactly_one_door(app: FastAPI) -> None:
    odd = {
        f"{route.methods} {route.path}": len(doors_of(route.dependant))
        for route in routes(app)
        if len(doors_of(route.dependant)) != 1
    }

    assert odd == {}


def test_what_is_public_is_written_down(app: FastAPI) -> None:
    documented = {(method, path) for method, path, _ in operations(app)}
    public = {
        (method.lower(), route.path)
        for route in routes(app)
        for method in route.methods
        if all(door.is_public for door in doors_of(route.dependant))
    }

    assert public & documented == PUBLIC


async def test_a_stranger_is_asked_to_sign_in_everywhere_else(app: FastAPI, world: World) -> None:
    shut = [key for *key, _ in operations(app) if tuple(key) not in PUBLIC]
    async with world.client() as stranger:
        open_to_strangers = {
            f"{method} {path}": answer.status_code
            for method, path in shut
            # The simulation exists in the demo only; this world is none.
            if "/simulation" not in path
            if (answer := await call(stranger, method, path)).status_code != 401
        }

    assert open_to_strangers == {}


async def test_an_observer_changes_nothing(app: FastAPI, world: World) -> None:
    writes = [
        (method, path)
        for method, path, _ in operations(app)
        if method not in SAFE and (method, path) not in PUBLIC | QUESTIONS
        if "/simulation" not in path and path not in OWN_SESSION
    ]
    assert len(writes) >= 12
    async with world.client("observer") as observer:
        open_to_observers = {
            f"{method} {path}": answer.status_code
            for method, path in writes
            if (answer := await call(observer, method, path)).status_code != 403
        }

    assert open_to_observers == {}


async def test_an_elected_council_pilots_the_model_and_sees_no_incident(
    app: FastAPI, world: World
) -> None:
    slices = "policy|competence|replies|notices|outcomes|auth|retention|field/policy"
    piloted = re.compile(rf"^/api/v1/({slices})(/|$)")
    async with world.client("council") as council:
        answers = {
            (method, path): (await call(council, method, path)).status_code
            for method, path, _ in operations(app)
            if (method, path) not in PUBLIC and "/simulation" not in path
            if path not in OWN_SESSION
        }
    opened = {path for (_, path), status in answers.items() if status not in {401, 403}}

    assert {path for path in opened if not piloted.match(path)} == set()
    assert {path for (_, path), status in answers.items() if piloted.match(path)} == opened


CREWS_SAY = ("help", "checks", "parts", "lone", "attachments")
"""What a crew says of its own visits; each is tried with another's in the slice's own tests."""


async def test_a_crew_writes_only_about_its_own_visits(app: FastAPI, world: World) -> None:
    allowed = {
        ("post", "/api/v1/visits/{visit_id}/transitions"),
        ("post", "/api/v1/incidents/{incident_id}/notes"),
        ("post", "/api/v1/visits/{visit_id}/attachments"),
        ("post", "/api/v1/crews/{crew_id}/position"),
        # Its own browsers, which take messages for its own account.
        ("post", "/api/v1/push/subscriptions"),
        ("delete", "/api/v1/push/subscriptions/{subscription_id}"),
        *(("post", path) for path in OWN_SESSION),
        *(("post", f"/api/v1/visits/{{visit_id}}/{what}") for what in CREWS_SAY),
        ("post", "/api/v1/lone/{watch_id}/alive"),
    }
    async with world.client("crew") as member:
        open_to_crews = {
            f"{method} {path}": answer.status_code
            for method, path, _ in operations(app)
            if method not in SAFE and (method, path) not in PUBLIC | QUESTIONS | allowed
            if "/simulation" not in path
            if (answer := await call(member, method, path)).status_code != 403
        }

    assert open_to_crews == {}


async def test_a_door_answers_before_the_body_is_judged(world: World) -> None:
    # Otherwise a stranger learns from 422 and 401 what exists and what it looks like.
    async with world.client() as stranger:
        answer = await stranger.post(f"/api/v1/incidents/{SOME_ID}/notes", json={"nonsense": 1})
        named = await stranger.get("/api/v1/incidents/not-an-id")
    assert (answer.status_code, named.status_code) == (401, 401)


async def test_metrics_are_for_administrators(world: World) -> None:
    async with world.client() as stranger, world.client("oncall_manager") as manager:
        assert (await stranger.get("/metrics")).status_code == 401
        assert (await manager.get("/metrics")).status_code == 403
    async with world.client("admin") as admin:
        assert (await admin.get("/metrics")).status_code == 200
