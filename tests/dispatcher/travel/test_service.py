"""A service with a road network of its own: offers, plan, figures and credits name it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from dispatcher.errors import InvalidInput
from dispatcher.travel.compiling import compile_file
from dispatcher.travel.desk import KEY, TravelDesk
from dispatcher.travel.roads import Rights
from scheduling.dispatch.estimates import SOURCES
from scheduling.dispatch.travel import Factors
from tests.support.desk import BRIVE, TULLE, Desk
from tests.support.project import ROOT
from tests.support.world import World

SIDE = 24


class _Now:
    def now(self) -> datetime:
        return datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def road_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chequered network of invented roads over the south-west of the Corrèze."""
    folder = tmp_path_factory.mktemp("roads")
    at = {(i, j): (45.02 + 0.015 * i, 1.40 + 0.02 * j) for i, j in product(range(SIDE), repeat=2)}
    ids = {key: rank for rank, key in enumerate(at)}
    nodes = [f"{ids[key]},{lon},{lat}" for key, (lat, lon) in at.items()]
    edges = [
        f"{ids[one]},{ids[other]},{1650 if di else 1570},secondary"
        for one in at
        for di, dj in ((0, 1), (1, 0), (0, -1), (-1, 0))
        if (other := (one[0] + di, one[1] + dj)) in at
    ]
    (folder / "grid-nodes.csv").write_text("\n".join(["id,lon,lat", *nodes]))
    (folder / "grid-edges.csv").write_text("\n".join(["from,to,length_m,highway", *edges]))
    rights = Rights("2026-09-01", "© Nobody", "CC0")
    compile_file(folder / "grid-edges.csv", folder / "grid.roads", _Now(), rights)
    return folder / "grid.roads"


@pytest.fixture
async def desk(sqlite_copy: str, road_file: Path) -> AsyncIterator[Desk]:
    world = World(sqlite_copy, freeze_minutes=0, road_file=str(road_file), metrics_token="t" * 20)
    known: TravelDesk = world.service.parts[KEY]
    known.warm_up()
    world.service.store.start()
    async with world.client("dispatcher") as http:
        yield Desk(world, http)
    world.service.store.stop()


async def test_offers_and_plan_take_their_times_from_the_roads(desk: Desk) -> None:
    incident_id = await desk.incident("pothole", BRIVE)
    offers = (await desk.offers(incident_id))["offers"]
    by_road = [offer for offer in offers if offer["travel_source"] == "graph"]
    visit = await desk.accept(incident_id)

    assert by_road, "crews of Brive and Tulle stand on the invented roads"
    assert visit["travel_source"] == "graph"
    assert visit["travel_s"] == visit["travel_base_s"] == by_road[0]["travel_s"]
    assert desk.breaches() == []


async def test_the_network_and_its_owner_are_named(desk: Desk) -> None:
    await desk.offers(await desk.incident("pothole", TULLE))
    roads = (await desk.http.get("/api/v1/travel/roads")).json()
    told = (await desk.http.get("/api/v1/travel")).json()
    headers = {"Authorization": f"Bearer {'t' * 20}"}
    figures = (await desk.http.get("/metrics", headers=headers)).text

    assert (roads["file"], roads["data_at"]) == ("grid-edges.csv", "2026-09-01")
    assert (roads["credit"], roads["licence"]) == ("© Nobody", "CC0")
    assert told["roads"] == roads
    assert told["order"] == ["graph", "great_circle"]
    assert told["pairs"]["graph"] > 0
    assert 'cpo_travel_pairs{source="graph"}' in figures
    assert "cpo_eta_arrivals" in figures


async def test_a_service_with_a_router_does_not_wait_for_it(sqlite_copy: str) -> None:
    # Nobody answers there, ever: the address is of the range for documentation.
    world = World(sqlite_copy, router="valhalla", router_url="http://192.0.2.1:8002")
    world.service.store.start()
    async with world.client("dispatcher") as http:
        desk = Desk(world, http)
        offers = await desk.offers(await desk.incident("pothole", TULLE))
    world.service.store.stop()

    assert offers["travel_source"] == "great_circle"


def test_a_road_file_that_is_none_stops_the_start_with_its_name(sqlite_copy: str) -> None:
    with pytest.raises(InvalidInput, match=r"none\.roads"):
        World(sqlite_copy, road_file="none.roads")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_source_has_words_and_they_name_the_detour_in_force(language: str) -> None:
    words = json.loads((ROOT / "ui/src/locales" / f"{language}.json").read_text())

    assert all(f"travel.{source}" in words for source in SOURCES)
    detour = str(Factors().detour).replace(".", "," if language == "fr" else ".")
    assert detour in words["travel.great_circle"]
