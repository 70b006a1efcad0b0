"""The figures for Prometheus: true, closed to strangers, and without anybody's data."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.world import World

TOKEN = "m" * 43


@pytest.fixture
def scraped_world(sqlite_copy):
    made = World(sqlite_copy, metrics_token=TOKEN)
    made.service.store.start()
    yield made
    made.service.store.stop()


async def figures(world: World) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    async with world.client() as prometheus:
        answer = await prometheus.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_requests_are_counted_by_route_and_no_link_is_named(scraped_world):
    async with scraped_world.client() as citizen:
        told = await scraped_world.report(citizen, "nid-de-poule à Ussel")
        await citizen.get(told["tracking_url"])
        await citizen.get("/nowhere")

    found = await figures(scraped_world)

    count = "cpo_http_request_seconds_count"
    route = ("route", "/reports")  # as its router names it, without the prefix
    assert found[count, (("method", "POST"), route, ("status", "201"))] == 1
    assert told["tracking_url"].rsplit("/", 1)[1] not in str(found)


async def test_the_state_of_the_service_is_told(scraped_world):
    await scraped_world.incident("nid-de-poule à Ussel")

    found = await figures(scraped_world)

    assert found["cpo_writer_up", ()] == 1
    assert found["cpo_database_up", ()] == 1
    assert found["cpo_events_total", ()] > 0
    assert sum(v for (name, _), v in found.items() if name == "cpo_incidents_open") == 1
    assert found["cpo_live_connections", ()] == 0


async def test_a_writer_that_died_is_told(scraped_world):
    scraped_world.service.store.failure = "the writer died"

    assert (await figures(scraped_world))["cpo_writer_up", ()] == 0


@pytest.mark.parametrize("given", [None, "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
async def test_strangers_see_no_figures(scraped_world, given):
    headers = {"Authorization": given} if given else {}
    async with scraped_world.client() as stranger:
        answer = await stranger.get("/metrics", headers=headers)
    assert answer.status_code == 401


async def test_without_a_token_an_empty_one_opens_nothing(world):
    async with world.client() as stranger:
        answer = await stranger.get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 401


async def test_administrators_see_figures(world):
    async with world.client("admin") as admin:
        assert (await admin.get("/metrics")).status_code == 200
    async with world.client("dispatcher") as dispatcher:
        assert (await dispatcher.get("/metrics")).status_code == 403
