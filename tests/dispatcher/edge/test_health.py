"""Is the process alive, is it ready, and if not, why."""

import pytest

from dispatcher.errors import Unavailable
from tests.support.stores import SERVICE
from tests.support.world import World


async def ready(world: World) -> tuple[int, dict]:
    async with world.client() as client:
        answer = await client.get("/health/ready")
    return answer.status_code, answer.json()


async def test_a_sound_service_is_ready(either_world: World) -> None:
    status, body = await ready(either_world)

    assert (status, body["status"]) == (200, "ready")
    assert set(body["checks"].values()) == {"ok"}


async def test_a_dead_writer_turns_readiness_red_and_life_goes_on(world: World) -> None:
    def deadly(_tx: object) -> None:
        raise SystemExit

    with pytest.raises(Unavailable):
        await world.do(deadly, SERVICE)

    status, body = await ready(world)
    assert (status, body["status"]) == (503, "not_ready")
    assert "died" in body["checks"]["writer"]
    async with world.client() as client:
        assert (await client.get("/health/live")).status_code == 200
        answer = await client.post(
            "/api/v1/reports", json={"text": "a"}, headers={"Idempotency-Key": "k" * 20}
        )
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1


async def test_a_process_that_is_leaving_wants_no_new_requests(world: World) -> None:
    world.service.parts["draining"] = True

    assert (await ready(world))[0] == 503


async def test_a_degradation_is_told_and_the_service_stays_ready(world: World) -> None:
    world.service.parts["degradations"] = {"hints": lambda: "redis"}

    status, body = await ready(world)
    assert (status, body["status"], body["checks"]["hints"]) == (200, "degraded", "redis")
