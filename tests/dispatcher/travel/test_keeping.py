"""A restart asks neither the router nor the roads for what was known: the table comes from a file.

The router is a real server on the loopback that counts what it is asked.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from dispatcher.clock import FrozenClock
from dispatcher.settings import Settings
from dispatcher.travel.desk import TravelDesk
from dispatcher.travel.keeping import KEPT_FOR, TravelFile
from dispatcher.travel.osm import compile_roads
from dispatcher.travel.roads import Roads
from dispatcher.travel.routers import Osrm
from dispatcher.travel.table import TravelTable
from scheduling.dispatch.estimates import SOURCES
from scheduling.dispatch.travel import Point
from tests.support.project import ROOT
from tests.support.router_server import FakeRouter, fake_router

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def andorra() -> Roads:
    return compile_roads(ROOT / "tests" / "fixtures" / "roads" / "andorra.osm.pbf", NOW)


@pytest.fixture
def router() -> Iterator[FakeRouter]:
    with fake_router() as fake:
        yield fake


def places(count: int, seed: int = 1) -> list[Point]:
    chance = np.random.default_rng(seed)
    return [
        Point(42.45 + 0.15 * float(a), 1.45 + 0.25 * float(b)) for a, b in chance.random((count, 2))
    ]


def desk_on(fake: FakeRouter, file: Path) -> TravelDesk:
    desk = TravelDesk(None, Osrm(fake.url, 30.0))
    desk.clock = FrozenClock(NOW)
    desk.keep_in(file, fake.url)
    desk.warm_up()
    return desk


async def test_the_first_plan_after_a_restart_asks_the_router_for_nothing(
    router: FakeRouter, tmp_path: Path
) -> None:
    points, file = places(30), tmp_path / "cpo.travel.npz"
    before = desk_on(router, file)
    before.estimate(points)
    await before.fill()
    told = before.estimate(points)
    await before.stop()
    asked = len(router.asked)
    assert asked > 0

    after = desk_on(router, file)
    try:
        first = after.estimate(points)
        assert await after.fill() == 0
    finally:
        await after.stop()

    assert len(router.asked) == asked, "what was known is not asked for again"
    assert np.array_equal(first.matrix.seconds, told.matrix.seconds)
    assert np.array_equal(first.codes, told.codes)
    assert after.standing().kept_at == NOW
    assert after.standing().refreshed_at is None


def test_the_road_network_is_not_searched_again_for_known_places(
    andorra: Roads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points, file = places(25), tmp_path / "t.npz"
    desk = TravelDesk(andorra)
    desk.keep_in(file)
    desk.warm_up()
    desk._search(points, desk._known(points), float("inf"))
    told = desk.estimate(points)
    assert desk.keep()
    assert not desk.keep(), "nothing is new"

    again = TravelDesk(andorra)
    assert again.keep_in(file) == sum(desk.standing().pairs.values()) > 100
    again.warm_up()

    def never(*_args: object) -> None:
        raise AssertionError("searched")

    assert again._times is not None
    monkeypatch.setattr(type(again._times), "row", never)
    assert np.array_equal(again.estimate(points).matrix.seconds, told.matrix.seconds)


def table(codes: int = 1, side: int = 3) -> TravelTable:
    made, points = TravelTable(10), places(side)
    made.look(points)
    block = np.arange(side * side, dtype=np.int32).reshape(side, side)
    made.put(points, points, (block, block + 100), codes)
    return made


def kept(file: Path, origins: dict[str, str], at: datetime = NOW) -> TravelFile:
    return TravelFile(file, FrozenClock(at), origins)


def test_answers_of_another_road_file_or_router_are_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "t.npz"
    graph, osrm = SOURCES.index("graph"), SOURCES.index("osrm")
    mixed, points = table(graph), places(3)
    one = np.array([[7]], dtype=np.int32)
    mixed.put(points[:1], points[1:2], (one, one), osrm)
    assert kept(file, {"graph": "abc", "osrm": "http://a"}).save(mixed)

    same, other_roads, no_router = (TravelTable(10) for _ in range(3))
    kept(file, {"graph": "abc", "osrm": "http://a"}).load(same)
    kept(file, {"graph": "xyz", "osrm": "http://a"}).load(other_roads)
    kept(file, {"graph": "abc"}).load(no_router)

    assert same.pairs() == {graph: 8, osrm: 1}
    assert other_roads.pairs() == {osrm: 1}
    assert no_router.pairs() == {graph: 8}


def test_old_answers_are_asked_for_again(tmp_path: Path) -> None:
    file = tmp_path / "t.npz"
    kept(file, {"graph": "abc"}).save(table())

    late = NOW + KEPT_FOR + timedelta(hours=1)
    assert kept(file, {"graph": "abc"}, late).load(TravelTable(10)) == 0
    assert kept(file, {"graph": "abc"}, late - timedelta(hours=2)).load(TravelTable(10)) == 9


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04cut"])
def test_a_file_that_cannot_be_read_is_no_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "t.npz"
    file.write_bytes(content)
    assert kept(file, {}).load(TravelTable(10)) == 0


def test_squares_that_do_not_fit_are_refused_whole(tmp_path: Path) -> None:
    file, known = tmp_path / "t.npz", table()
    about = {"format": 1, "at": NOW.isoformat(), "origins": {"graph": "abc"}}
    content = known.content() | {"places": np.zeros((2, 2))}
    with file.open("wb") as out:
        np.savez_compressed(out, about=np.array(json.dumps(about)), **content)
    empty = TravelTable(10)
    assert kept(file, {"graph": "abc"}).load(empty) == 0
    assert len(empty) == 0


def test_a_smaller_table_keeps_the_places_used_last(tmp_path: Path) -> None:
    file, points = tmp_path / "t.npz", places(4)
    known = table(side=4)
    known.look(points[:1])
    kept(file, {"graph": "abc"}).save(known)

    small = TravelTable(2)
    assert kept(file, {"graph": "abc"}).load(small) == 4
    assert small.look([points[3], points[0]]).seconds.tolist() == [[15, 12], [3, 0]]


def test_a_folder_that_cannot_be_written_is_said_and_stops_nothing(tmp_path: Path) -> None:
    file = kept(tmp_path / "no such folder" / "t.npz", {})
    assert not file.save(table())
    assert file.trouble
    assert file.kept_at is None


def test_the_file_lies_beside_the_sqlite_database_unless_it_is_named(tmp_path: Path) -> None:
    beside = Settings(database_url=f"sqlite:///{tmp_path / 'cpo.sqlite3'}")
    named = Settings(database_url="postgresql+psycopg://x/y", travel_file="/var/cache/travel.npz")

    assert beside.travel_path == tmp_path / "cpo.travel.npz"
    assert named.travel_path == Path("/var/cache/travel.npz")
    assert Settings(database_url="postgresql+psycopg://x/y").travel_path is None
