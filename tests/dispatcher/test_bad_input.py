"""Whatever comes in gets a clear answer: the whole OpenAPI document under generated input.

The attacks that a generator does not think of stand beside it, one test each.
"""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dispatcher.edge.problems import MEDIA_TYPE
from tests.support.world import ORIGIN, World

EXAMPLES = 8
KEY = {"Idempotency-Key": "0123456789abcdef"}
NOT_GENERATED = {
    ("POST", "/api/v1/rotas/generate"),  # each success is seconds of solver
    ("POST", "/api/v1/auth/login"),  # each refusal is a fifth of a second of hashing
}
CARNOT = {"lat": 45.2670, "lon": 1.7710}


@pytest.fixture
async def planned(postgres_world: World) -> dict[str, UUID]:
    """Ids of things that exist, so that half of the requests find something."""
    world = postgres_world
    incident = await world.incident("Nid-de-poule rue Carnot à Tulle", place=CARNOT)
    async with world.client("dispatcher") as desk:
        offers = (await desk.get(f"/api/v1/incidents/{incident}/offers")).json()
        best = offers["offers"][0]["crew_id"]
        taken = await desk.post(
            f"/api/v1/incidents/{incident}/accept",
            json={"crew_id": best, "plan_version": offers["plan_version"]},
        )
    return {
        "incident_id": incident,
        "visit_id": UUID(taken.json()["visit"]["id"]),
        "crew_id": UUID(best),
    }


@pytest.fixture
def postgres_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A control centre on PostgreSQL, which refuses more than SQLite does."""
    server = request.getfixturevalue("postgres_server")
    with server.database(request.getfixturevalue("filled_postgres")) as url:
        world = World(url)
        world.service.store.start()
        yield world
        world.service.store.stop()


class Started:
    """A service that runs already: the tool may not start and stop it once more."""

    def __init__(self, world: World) -> None:
        self._app = world.front

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a request; refuse the rest."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        await self._app(scope, receive, send)


def attack(world: World, known: dict[str, UUID], cookies: dict[str, str]) -> dict[str, int]:
    """Send generated input to every operation and judge each answer; return how many were sent."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", Started(world))
    sent: dict[str, int] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) not in NOT_GENERATED:
            sent[operation.label] = _attack(operation, known, cookies)
    return sent


def _attack(operation: Any, known: dict[str, UUID], cookies: dict[str, str]) -> int:
    sent = 0

    @given(case=operation.as_strategy(), is_known=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case: Any, *, is_known: bool) -> None:
        nonlocal sent
        sent += 1
        if is_known:
            real = {name: str(known[name]) for name in case.path_parameters or {} if name in known}
            case.path_parameters = {**(case.path_parameters or {}), **real}
        answer = case.call(headers={"Origin": ORIGIN}, cookies=cookies)
        assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.text}"
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == [MEDIA_TYPE], case.as_curl_command()
            assert "Traceback" not in answer.text

    run()
    return sent


@pytest.mark.slow
@pytest.mark.postgres
async def test_no_input_of_an_administrator_breaks_anything(
    postgres_world: World, planned: dict[str, UUID]
) -> None:
    cookies = {"cpo": await postgres_world.sign_in("admin")}

    sent = await asyncio.to_thread(attack, postgres_world, planned, cookies)

    assert len(sent) >= 25
    assert postgres_world.service.store.failure is None


@pytest.mark.slow
def test_no_input_of_a_stranger_breaks_anything(world: World) -> None:
    assert len(attack(world, {}, {})) >= 25


# -- what a generator does not think of

ODD_TEXTS = [
    "'; DROP TABLE incident; --",
    "{{7*7}} ${7*7} %s %n {0} <%= 7*7 %>",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u202egnp.exe\u202c \ufeff \u200b 🚰 e\u0301",
    "ligne 1\r\nSet-Cookie: cpo=x\r\n\r\nligne 2",
    '=HYPERLINK("http://evil.test")',
    "../../etc/passwd",
]
ODD_QUESTIONS = [
    *("q=%00", "q=a%00b", "q=%ED%A0%80", "q=%25_%25", "q=%5C", "q=%C3%28", "q=" + "x" * 101),
    *("cursor=%00", "cursor='%20OR%201=1", "cursor=" + "9" * 21, "state=nonsense", "state=%00"),
    *("limit=0", "limit=201", "limit=1e3", "limit=99999999999999999999", "priority=P9"),
]
ODD_IDS = ["%00", "1", "null", "%2e%2e", "0" * 500, "é", "{incident_id}"]
ODD_HOURS: list[str | float] = [
    "2026-11-24T09:00:00",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-03-29T02:30:00+01:00",
    "2026-10-25T02:30:00+02:00",
    "2026-02-30T00:00:00Z",
    "2026-11-24T09:00:00+99:00",
    "1e400",
    "-99999999999999",
    1e300,
    -1,
]


async def test_odd_texts_are_stored_verbatim_and_shown_escaped(either_world: World) -> None:
    world = either_world
    async with world.client() as citizen, world.client("operator") as operator:
        for text in ODD_TEXTS:
            place = {"insee": "19272", "address": text[:190]}
            told = await world.report(citizen, text, place=place)
            item = (await operator.get("/api/v1/incidents")).json()["items"][0]
            detail = (await operator.get(f"/api/v1/incidents/{item['id']}")).json()
            page = await citizen.get(told["tracking_url"])

            assert detail["description"] == text.strip()
            assert detail["place"]["label"] == text[:190].strip()
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "<img src=x" not in page.text
            assert "49 " not in page.text


async def test_an_odd_question_gets_a_page_or_a_reason(either_world: World) -> None:
    await either_world.incident("Nid-de-poule rue Carnot à Tulle")
    async with either_world.client("observer") as observer:
        answers = {q: await observer.get(f"/api/v1/incidents?{q}") for q in ODD_QUESTIONS}
    assert {q for q, answer in answers.items() if answer.status_code not in {200, 422}} == set()
    kinds = {a.headers["content-type"] for a in answers.values() if a.status_code == 422}
    assert kinds == {MEDIA_TYPE}


async def test_an_id_that_is_none_is_refused(either_world: World) -> None:
    async with either_world.client("admin") as admin:
        for path in ("incidents/{}", "crews/{}/day", "rotas/{}"):
            for id_ in ODD_IDS:
                answer = await admin.get("/api/v1/" + path.replace("{}", id_))
                assert answer.status_code in {404, 422}, f"{path} {id_}"
                assert answer.headers["content-type"] == MEDIA_TYPE


async def test_an_odd_hour_is_refused_or_stored_right(
    postgres_world: World, planned: dict[str, UUID]
) -> None:
    path = f"/api/v1/visits/{planned['visit_id']}/transitions"
    async with postgres_world.client("dispatcher") as desk:
        for at in ODD_HOURS:
            for target in ("en_route", "acknowledged"):
                answer = await desk.post(path, json={"to": target, "at": at})
                assert answer.status_code in {200, 422}, f"{at}: {answer.text}"
                if answer.status_code == 200:
                    told = answer.json()["stamps"]
                    assert told["assigned"] <= told[target] <= "2026-11-24T08:00:00Z"


@pytest.mark.parametrize(
    "field",
    ["id", "ref", "state", "priority", "score", "version", "created_at", "simulated", "org"],
)
async def test_nobody_sets_what_is_not_his_to_set(world: World, field: str) -> None:
    async with world.client() as citizen:
        answer = await citizen.post(
            "/api/v1/reports", json={"text": "fuite", field: "1"}, headers=KEY
        )
    assert answer.status_code == 422


async def test_a_citizen_does_not_speak_for_another_channel(world: World) -> None:
    async with world.client() as citizen, world.client("expert") as expert:
        for caller in (citizen, expert):
            answer = await caller.post(
                "/api/v1/reports", json={"text": "fuite", "channel": "phone"}, headers=KEY
            )
            assert answer.status_code == 403
