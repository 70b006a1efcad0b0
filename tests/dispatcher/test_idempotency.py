"""Stored once: a repeated keyed write gives the same answer and no second row."""

import asyncio

import httpx
import pytest
from pydantic import BaseModel
from sqlmodel import func, select

from dispatcher.database import Store, Tx
from dispatcher.errors import IdempotencyKeyMissing, IdempotencyKeyReused, InvalidInput
from dispatcher.idempotency import fingerprint, once, parse_key
from dispatcher.models import IdempotentAnswer, Incident, Report
from tests.support.postgres_server import PostgresServer
from tests.support.stores import SERVICE, fact, log_of, until, writer_held
from tests.support.world import World

KEY = "0123456789abcdef"


class Body(BaseModel):
    """A body of tests."""

    text: str = "fuite"
    lat: float | None = None


@pytest.mark.parametrize(
    "header",
    [KEY, f'"{KEY}"', f"  {KEY} ", "k" * 128, f'"{"k" * 128}"', "!#$%&'()*+,-./:;<=>"],
)
def test_a_key_is_read_quoted_or_bare(header: str) -> None:
    assert parse_key(header) == header.strip().strip('"')


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        '""',
        "short",
        KEY[:15],
        "k" * 129,
        "k" * 5000,
        "0123456789abcdé0",
        "0123 456789abcdef",
    ],
)
def test_a_key_that_is_absent_or_malformed_is_refused(header: str | None) -> None:
    with pytest.raises(IdempotencyKeyMissing):
        parse_key(header)


def test_the_print_of_a_body_does_not_depend_on_the_order_of_its_fields() -> None:
    first, second = Body(text="a", lat=1.0), Body(lat=1.0, text="a")

    assert fingerprint(first) == fingerprint(second)
    assert fingerprint(first) != fingerprint(Body(text="a"))


async def test_a_repeat_gives_the_first_answer_and_runs_nothing(either: Store) -> None:
    store, runs = either, []

    def keyed(tx: Tx) -> dict[str, object]:
        def run() -> dict[str, object]:
            runs.append(1)
            fact(tx)
            return {"n": len(runs)}

        return once(tx, "test", KEY, fingerprint(Body()), run)

    before = events(store)
    answers = [await store.submit(keyed, SERVICE) for _ in range(3)]

    assert answers == [{"n": 1}] * 3
    assert events(store) == before + 1


async def test_another_body_under_the_same_key_is_refused(either: Store) -> None:
    def keyed(text: str) -> object:
        return lambda tx: once(tx, "test", KEY, fingerprint(Body(text=text)), lambda: {"is": text})

    await either.submit(keyed("one"), SERVICE)
    with pytest.raises(IdempotencyKeyReused):
        await either.submit(keyed("two"), SERVICE)


async def test_the_same_key_of_somebody_else_is_another_key(either: Store) -> None:
    def keyed(scope: str) -> object:
        return lambda tx: once(tx, scope, KEY, fingerprint(Body()), lambda: {"for": scope})

    assert await either.submit(keyed("anna"), SERVICE) == {"for": "anna"}
    assert await either.submit(keyed("ben"), SERVICE) == {"for": "ben"}


async def test_a_refused_write_does_not_use_up_its_key(either: Store) -> None:
    def refused(tx: Tx) -> dict[str, object]:
        def run() -> dict[str, object]:
            raise InvalidInput("not yet")

        return once(tx, "test", KEY, fingerprint(Body()), run)

    with pytest.raises(InvalidInput):
        await either.submit(refused, SERVICE)
    answer = await either.submit(
        lambda tx: once(tx, "test", KEY, fingerprint(Body()), lambda: {"now": "yes"}), SERVICE
    )
    assert answer == {"now": "yes"}


async def post(client: httpx.AsyncClient, text: str = "fuite rue Carnot à Tulle") -> httpx.Response:
    return await client.post(
        "/api/v1/reports", json={"text": text}, headers={"Idempotency-Key": KEY}
    )


def stored_once(world: World) -> bool:
    with world.look() as session:
        incidents = session.exec(select(func.count()).select_from(Incident)).one()
        reports = session.exec(select(func.count()).select_from(Report)).one()
    return (incidents, reports) == (1, 1)


async def test_twenty_parallel_posts_of_one_key_make_one_incident(either_world: World) -> None:
    world = either_world
    async with world.client() as citizen:
        answers = await asyncio.gather(*(post(citizen) for _ in range(20)))
        made = {answer.text for answer in answers if answer.status_code == 201}
        running = [answer for answer in answers if answer.status_code == 409]
        assert len(made) == 1
        assert len(running) + sum(answer.status_code == 201 for answer in answers) == 20
        for answer in running:
            assert answer.json()["code"] == "idempotency_key_running"
            assert answer.json()["retryable"]
            assert int(answer.headers["Retry-After"]) >= 1
        assert (await post(citizen)).text in made, "asked again, it is answered"
    assert stored_once(world)


async def test_a_key_whose_first_request_still_runs_is_409(world: World) -> None:
    async with world.client() as citizen:
        async with writer_held(world.service.store):
            first = asyncio.create_task(post(citizen))
            await until(lambda: world.service.store.waiting)
            assert (await post(citizen)).status_code == 409
            assert (await post(citizen, "autre")).status_code == 409
        assert (await first).status_code == 201
        assert (await post(citizen, "autre")).status_code == 422
    assert stored_once(world)


@pytest.mark.postgres
async def test_the_same_key_on_two_processes_at_once_is_stored_once(
    postgres_server: PostgresServer, filled_postgres: str
) -> None:
    with postgres_server.database(filled_postgres) as url:
        worlds = [World(url), World(url)]
        for one in worlds:
            one.service.store.start()
        async with worlds[0].client() as here, worlds[1].client() as there:
            answers = await asyncio.gather(*(post(at) for _ in range(10) for at in (here, there)))
            # A process that lost the race twice says 409 too: the answer is there by then.
            assert {answer.status_code for answer in answers} <= {201, 409}
            made = {answer.text for answer in answers if answer.status_code == 201}
            assert {(await post(here)).text, (await post(there)).text} == made
        assert len(made) == 1
        assert stored_once(worlds[0])
        for one in worlds:
            one.service.store.stop()


async def test_another_body_over_http_is_422_and_a_missing_key_400(world: World) -> None:
    async with world.client() as citizen:

        async def post(text: str, **headers: str) -> tuple[int, str]:
            answer = await citizen.post("/api/v1/reports", json={"text": text}, headers=headers)
            return answer.status_code, answer.json().get("code", "")

        assert await post("fuite", **{"Idempotency-Key": KEY}) == (201, "")
        assert await post("fuite", **{"Idempotency-Key": f'"{KEY}"'}) == (201, "")
        assert await post("autre", **{"Idempotency-Key": KEY}) == (422, "idempotency_key_reused")
        assert await post("fuite") == (400, "idempotency_key_missing")
        assert await post("fuite", **{"Idempotency-Key": "k" * 5000}) == (
            400,
            "idempotency_key_missing",
        )


async def test_the_answer_kept_holds_no_secret(world: World) -> None:
    async with world.client() as citizen:
        told = await world.report(citizen, "fuite", contact={"phone": "0600000000"})
    token = told["tracking_url"].rsplit("/", 1)[-1]
    with world.look() as session:
        kept = session.exec(select(IdempotentAnswer)).one()
    assert token not in str(kept.answer)
    assert "0600000000" not in str(kept.answer)


def events(store: Store) -> int:
    with store.read() as session:
        return len(log_of(session))
