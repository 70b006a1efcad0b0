import gzip
import json

from dispatcher.actors import system
from dispatcher.models import Commune
from dispatcher.reference import queries
from dispatcher.reference.readers import read_folder
from dispatcher.reference.territory import load_territory, territory_folder
from tests.support.world import ORG, World

OUTLINES = "/api/v1/reference/communes.geojson"


async def test_anybody_may_read_the_catalogue(world: World) -> None:
    async with world.client() as citizen:
        answer = await citizen.get("/api/v1/reference/categories")

    found = answer.json()
    assert answer.status_code == 200
    assert len(found) >= 40
    assert found[0] == {
        "code": "water_leak_road",
        "service": "drinking_water",
        "label_fr": "Fuite sur la voie publique",
        "label_en": "Leak in the street",
        "severity": 16,
        "urgency": 15,
        "skills": ["water_network"],
        "duration_min": 90,
    }


async def test_outlines_are_geojson_with_the_names_people_know(world: World) -> None:
    async with world.client() as citizen:
        answer = await citizen.get(OUTLINES)

    found = answer.json()
    tulle = next(one for one in found["features"] if one["properties"]["insee"] == "19272")
    assert answer.headers["content-type"] == "application/geo+json"
    assert len(found["features"]) == 277
    assert tulle["geometry"]["type"] == "Polygon"
    assert tulle["properties"] == {
        "insee": "19272",
        "nom": "Tulle",
        "population": 13401,
        "epci": "241927201",
        "lon": 1.76315,
        "lat": 45.27309,
        "codes_postaux": ["19000"],
    }


async def test_outlines_are_sent_once_and_then_only_confirmed(world: World) -> None:
    async with world.client() as citizen:
        first = await citizen.get(OUTLINES)
        second = await citizen.get(OUTLINES, headers={"If-None-Match": first.headers["etag"]})

    assert second.status_code == 304
    assert second.content == b""
    assert second.headers["etag"] == first.headers["etag"]
    assert "max-age=3600" in second.headers["cache-control"]


async def test_outlines_travel_zipped_only_where_that_is_understood(world: World) -> None:
    async with world.client() as citizen:
        plain = await citizen.get(OUTLINES, headers={"Accept-Encoding": "identity"})
        zipped = await citizen.get(OUTLINES, headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.json() == plain.json()


def test_zipped_and_plain_outlines_are_the_same(world: World) -> None:
    with world.look() as session:
        found = queries.outlines(session, ORG)

    assert gzip.decompress(found.zipped) == found.plain
    assert len(found.zipped) < 120_000
    assert json.loads(found.plain)["type"] == "FeatureCollection"


async def test_new_reference_data_show_at_once_under_a_new_tag(world: World) -> None:
    territory = read_folder(territory_folder())
    async with world.client() as citizen:
        first = await citizen.get(OUTLINES)
        await world.do(lambda tx: _rename(tx.session.get_one(Commune, "19272")))
        await world.do(lambda tx: load_territory(tx, territory), system(ORG))
        second = await citizen.get(OUTLINES, headers={"If-None-Match": first.headers["etag"]})

    assert second.status_code == 200
    assert second.headers["etag"] != first.headers["etag"]


def _rename(commune: Commune) -> None:
    commune.name = "Tulle-la-Jolie"


async def test_sectors_are_for_staff_in_the_order_of_the_board(world: World) -> None:
    async with world.client() as citizen, world.client("observer") as observer:
        refused = await citizen.get("/api/v1/reference/sectors")
        answer = await observer.get("/api/v1/reference/sectors")

    assert refused.status_code == 401
    names = [sector["name"] for sector in answer.json()]
    assert names[0] == "Tulle"
    assert names[-1] == "Viabilité hivernale"
    brive = answer.json()[names.index("Brive")]
    assert [depot["name"] for depot in brive["depots"]] == ["Brive", "Objat"]
    assert brive["crews"][0] == "Brive 1"


def test_there_is_no_version_before_the_first_import(world: World) -> None:
    with world.look() as session:
        assert queries.version(session, "elsewhere") == 0
        assert queries.outlines(session, "elsewhere").version == 0
