"""Addresses come from a geocoder when one is set, and from the gazetteer whenever it fails."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlmodel import select

from dispatcher.intake.addresses import addresses_of
from dispatcher.intake.ban import ANSWER_BYTES, FAILURES, BanClient, Breaker, Silent
from dispatcher.models import Incident
from dispatcher.settings import Settings
from tests.support.fake_ban import FakeBan, fake_ban, feature
from tests.support.world import World

CARNOT = feature("12 Rue Carnot", 45.2668, 1.7702)


@pytest.fixture
def ban() -> Iterator[FakeBan]:
    """A geocoder on the loopback address."""
    with fake_ban() as made:
        made.features = [CARNOT]
        yield made


@pytest.fixture
async def mapped(sqlite_copy: str, ban: FakeBan) -> AsyncIterator[World]:
    """A service that asks the geocoder, and gives it a fifth of a second."""
    world = World(sqlite_copy, geocoder_url=ban.url, geocoder_timeout_s=0.2)
    world.service.store.start()
    yield world
    world.service.store.stop()


async def suggested(world: World, words: str, **params: Any) -> list[dict[str, Any]]:
    async with world.client("operator") as operator:
        answer = await operator.get("/api/v1/places", params={"q": words, **params})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def client(ban: FakeBan, **options: Any) -> BanClient:
    return BanClient(ban.url, 0.2, **options)


# -- the client ------------------------------------------------------------------------------------


def test_an_address_is_read_from_the_answer(ban: FakeBan) -> None:
    (found,) = client(ban).search("12 rue carnot", "19272", 5)

    assert (found.name, found.insee, found.kind) == ("12 Rue Carnot", "19272", "housenumber")
    assert (found.lat, found.lon, found.score) == (45.2668, 1.7702, 0.93)
    assert ban.asked == [{"q": "12 rue carnot", "limit": "5", "citycode": "19272"}]


def test_a_malformed_feature_is_left_out_alone(ban: FakeBan) -> None:
    broken = [None, {"properties": {}}, feature("x", 91.0, 1.0), feature("y", 45.0, 1.0, score="?")]
    ban.features = [*broken, CARNOT]

    assert [one.name for one in client(ban).search("carnot", None, 5)] == ["12 Rue Carnot"]


@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"[]", b'{"features": 3}', b" " * ANSWER_BYTES * 2]
)
def test_an_answer_of_another_shape_is_a_silence(ban: FakeBan, raw: bytes) -> None:
    ban.raw = raw
    with pytest.raises(Silent):
        client(ban).search("carnot", None, 5)


@pytest.mark.parametrize("status", [301, 404, 429, 500, 503])
def test_a_refusal_is_a_silence(ban: FakeBan, status: int) -> None:
    ban.status = status
    with pytest.raises(Silent):
        client(ban).search("carnot", None, 5)


def test_a_silent_server_is_left_alone_after_some_failures(ban: FakeBan) -> None:
    ban.status = 500
    asking = client(ban)
    for _ in range(FAILURES + 5):
        with pytest.raises(Silent):
            asking.search("carnot", None, 5)

    assert len(ban.asked) == FAILURES


def test_a_server_that_comes_back_is_asked_again() -> None:
    breaker = Breaker(failures=2, rest_s=30.0)
    breaker.bad(100.0)
    assert breaker.may_pass(100.0)
    breaker.bad(101.0)
    assert not breaker.may_pass(130.9)
    assert breaker.may_pass(131.0), "one question tries again"
    assert not breaker.may_pass(131.1), "the others wait for it"
    breaker.good()
    assert breaker.may_pass(131.2)


# -- the service -----------------------------------------------------------------------------------


async def test_the_desk_is_offered_addresses(mapped: World) -> None:
    (found,) = await suggested(mapped, "12 rue carnot", insee="19272")

    assert (found["label"], found["name"]) == ("12 Rue Carnot, Tulle", "12 Rue Carnot")
    assert (found["is_exact"], found["source"]) == (True, "ban")


async def test_the_same_words_are_asked_once(mapped: World, ban: FakeBan) -> None:
    for words in ("12 rue Carnot", "12  RUE CARNOT", "12 rue carnot "):
        await suggested(mapped, words)

    assert len(ban.asked) == 1


async def test_addresses_of_other_territories_are_left_out(mapped: World, ban: FakeBan) -> None:
    ban.features = [
        feature("Rue Carnot", 48.85, 2.35, citycode="75056", city="Paris"),
        feature("12 Rue Carnot", 48.85, 2.35),
    ]

    found = await suggested(mapped, "rue carnot à Tulle")

    assert [one["source"] for one in found] == ["gazetteer"]


@pytest.mark.parametrize("trouble", ["slow", "error", "gone"])
async def test_the_gazetteer_answers_when_the_geocoder_does_not(
    sqlite_copy: str, ban: FakeBan, trouble: str
) -> None:
    ban.silent, ban.status = trouble == "slow", 500 if trouble == "error" else 200
    url = "http://127.0.0.1:9/geocodage" if trouble == "gone" else ban.url
    world = World(sqlite_copy, geocoder_url=url, geocoder_timeout_s=0.1)
    world.service.store.start()

    (found,) = await suggested(world, "rue Carnot à Tulle")
    incident = await world.incident("fuite rue Carnot à Tulle")

    with world.look() as session:
        row = session.get_one(Incident, incident)
    world.service.store.stop()
    assert (found["commune"], found["source"]) == ("Tulle", "gazetteer")
    assert (row.commune, row.facts["precise"]) == ("Tulle", False)


async def test_off_by_default(world: World) -> None:
    assert Settings(_env_file=None).geocoder_url is None
    assert not addresses_of(world.service).is_on
    (found,) = await suggested(world, "rue Carnot à Tulle")
    assert found["source"] == "gazetteer"


async def test_a_report_with_an_address_is_put_where_it_is(mapped: World, ban: FakeBan) -> None:
    place = {"insee": "19272", "address": "12 rue Carnot"}
    incident = await mapped.incident("fuite d'eau", place=place)

    with mapped.look() as session:
        row = session.get_one(Incident, incident)
    assert (row.lat, row.lon, row.place_label) == (45.2668, 1.7702, "12 rue Carnot")
    assert row.facts["precise"]
    assert "fuite" not in str(ban.asked), "only the place leaves"


@pytest.mark.parametrize(
    ("told", "is_moved", "is_precise"),
    [
        ({"type": "street"}, True, False),
        ({"type": "municipality"}, False, False),
        ({"score": 0.4}, False, False),
        ({"citycode": "19031"}, False, False),
    ],
    ids=["street", "commune", "unsure", "elsewhere"],
)
async def test_what_is_not_sure_is_not_called_exact(
    mapped: World, ban: FakeBan, told: dict[str, Any], is_moved: bool, is_precise: bool
) -> None:
    ban.features = [feature("Rue Carnot", 45.2668, 1.7702, **told)]

    await mapped.incident("fuite", place={"insee": "19272", "address": "rue Carnot"})

    with mapped.look() as session:
        row = session.exec(select(Incident)).one()
    assert (row.lat == 45.2668) == is_moved
    assert row.facts["precise"] is is_precise


async def test_a_place_that_is_exact_already_is_not_asked_for(mapped: World, ban: FakeBan) -> None:
    await mapped.incident("fuite", place={"lat": 45.27, "lon": 1.77, "address": "rue Carnot"})

    assert ban.asked == []


async def test_citizens_are_offered_streets_and_never_meet_the_geocoder(
    mapped: World, ban: FakeBan
) -> None:
    typed = {"text": "un nid-de-poule", "commune": "Tulle", "address": "12 rue car"}
    async with mapped.client() as citizen:
        piece = await citizen.post("/signaler/connu", data=typed)
        form = await citizen.get("/signaler")

    assert '<option value="12 Rue Carnot">' in piece.text
    assert "127.0.0.1:" not in piece.text + form.text.replace(mapped.settings.origin, "")
    policy = form.headers["content-security-policy"]
    assert "geopf" not in policy
    assert ban.asked[0]["q"] == "12 rue car"
