"""Who answers for travel: the router if it spoke, the roads if they know, the great circle always.

Slow, broken and partial routers are real servers on the loopback.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from dispatcher.clock import monotonic_s
from dispatcher.travel import desk as desks
from dispatcher.travel.desk import TravelDesk
from dispatcher.travel.osm import compile_roads
from dispatcher.travel.roads import Roads
from dispatcher.travel.routers import AT_ONCE, Osrm, Valhalla
from scheduling.dispatch.estimates import SOURCES
from scheduling.dispatch.travel import GreatCircle, Point
from tests.support.project import ROOT
from tests.support.router_server import TRUTH, FakeRouter, fake_router

KINDS = {"osrm": Osrm, "valhalla": Valhalla}
TIMEOUT_S = 30.0


@pytest.fixture(scope="module")
def andorra() -> Roads:
    file = ROOT / "tests" / "fixtures" / "roads" / "andorra.osm.pbf"
    return compile_roads(file, datetime(2026, 11, 26, tzinfo=UTC))


@pytest.fixture
def router() -> Iterator[FakeRouter]:
    with fake_router() as fake:
        yield fake


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def places(count: int, seed: int = 1) -> list[Point]:
    chance = np.random.default_rng(seed)
    return [
        Point(42.45 + 0.15 * float(a), 1.45 + 0.25 * float(b)) for a, b in chance.random((count, 2))
    ]


def names(desk: TravelDesk, points: list[Point]) -> set[str]:
    codes = desk.estimate(points).codes
    return {SOURCES[code] for code in codes[~np.eye(len(points), dtype=bool)]}


@asynccontextmanager
async def asking(
    fake: FakeRouter, kind: str, roads: Roads | None = None, timeout_s: float = TIMEOUT_S
) -> AsyncIterator[TravelDesk]:
    desk = TravelDesk(roads, KINDS[kind](fake.url, timeout_s))
    desk.warm_up()
    try:
        yield desk
    finally:
        await desk.stop()


# -- routers ---------------------------------------------------------------------------------------


async def test_a_router_is_believed_once_it_has_spoken(router: FakeRouter, kind: str) -> None:
    points = places(30)
    async with asking(router, kind) as desk:
        assert names(desk, points) == {"great_circle"}
        assert router.asked == []

        learned = await desk.fill()
        told = desk.estimate(points)

    assert learned >= 30 * 29
    assert {SOURCES[c] for c in told.codes[~np.eye(30, dtype=bool)]} == {kind}
    truth = TRUTH.matrix(points)
    assert np.abs(told.matrix.seconds - truth.seconds).max() <= 1
    assert np.abs(told.matrix.metres - truth.metres).max() <= 1
    assert told.leg(0, 1).source == told.source == kind


async def test_one_new_place_is_asked_about_alone(router: FakeRouter, kind: str) -> None:
    points = places(31)
    async with asking(router, kind) as desk:
        desk.estimate(points[:30])
        await desk.fill()
        router.asked.clear()

        desk.estimate(points)
        await desk.fill()

        assert names(desk, points) == {kind}
    assert sorted(router.asked) == [(1, 31), (30, 1)]


async def test_large_tables_are_cut_and_few_are_asked_for_at_once(
    router: FakeRouter, kind: str
) -> None:
    points = places(120)
    async with asking(router, kind) as desk:
        desk.estimate(points)
        await desk.fill()

        assert names(desk, points) == {kind}
    side = KINDS[kind].side
    assert len(router.asked) == (-(-120 // side)) ** 2
    assert max(max(asked) for asked in router.asked) <= side
    assert router.together <= AT_ONCE


def holed(told: Any) -> Any:
    if "durations" in told:
        told["durations"][0] = [None] * len(told["durations"][0])
        told["durations"][1][0] = -5
        told["distances"][2][0] = 1e12
    else:
        cells = told["sources_to_targets"]
        cells[0] = [{"from_index": 0, "to_index": 0, "time": None, "distance": None}] * len(
            cells[0]
        )
        cells[1][0]["time"], cells[2][0]["distance"] = -5, 1e12
    return told


async def test_what_a_router_does_not_know_stays_with_the_next_source(
    router: FakeRouter, kind: str, andorra: Roads
) -> None:
    points = places(12)
    router.harm = holed
    async with asking(router, kind, andorra) as desk:
        desk.estimate(points)
        await desk.fill()
        told = desk.estimate(points)
        again = len(router.asked)
        await desk.fill()

        assert len(router.asked) == again, "what it does not know is not asked in vain"
        assert desk.trouble is None
    assert {told.leg(0, j).source for j in range(1, 12)} <= {"graph", "great_circle"}
    assert {told.leg(1, 0).source, told.leg(2, 0).source} <= {"graph", "great_circle"}
    assert {told.leg(3, j).source for j in range(4, 12)} == {kind}


@pytest.mark.parametrize(
    "harm",
    [
        lambda _told: b"<html>502 Bad Gateway</html>",
        lambda _told: b"",
        lambda _told: b"[[[[",
        lambda _told: {"code": "Ok", "sources_to_targets": None},
        lambda _told: {"code": "Ok", "durations": [[1]], "distances": [[1]]},
        lambda _told: {"sources_to_targets": [[{"time": "NaN"}]]},
        lambda _told: [1, 2],
        lambda _told: b'"' + b"x" * 8_100_000 + b'"',
    ],
)
async def test_a_broken_answer_changes_nothing(
    router: FakeRouter, kind: str, harm: Any, andorra: Roads
) -> None:
    points = places(8)
    router.harm = harm
    async with asking(router, kind) as desk:
        before = desk.estimate(points)

        assert await desk.fill() == 0
        after = desk.estimate(points)

    assert (after.matrix.seconds == before.matrix.seconds).all()
    assert (after.codes == 0).all()


async def test_a_router_that_is_down_is_left_in_peace_and_said(
    router: FakeRouter, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = places(150)
    router.status = 503
    async with asking(router, kind) as desk:
        desk.estimate(points)
        await desk.fill()
        asked = len(router.asked)
        assert asked <= AT_ONCE, "the other blocks are not tried on a router that is down"
        assert desk.standing().router_trouble == f"{kind}: HTTP 503"

        desk.estimate(points)
        await desk.fill()
        assert len(router.asked) == asked

        router.status = 200
        later_s = monotonic_s() + desks.PAUSES_S[0] + 1
        monkeypatch.setattr(desks, "monotonic_s", lambda: later_s)
        desk.estimate(points)
        await desk.fill()

        assert desk.standing().router_trouble is None
        assert names(desk, points) == {kind}


async def test_a_slow_router_holds_nobody_up(router: FakeRouter, kind: str) -> None:
    points = places(40)
    router.hold = True
    async with asking(router, kind, timeout_s=0.2) as desk:
        assert names(desk, points) == {"great_circle"}
        assert router.asked == [], "whoever needs an answer asks nobody"

        assert await desk.fill() == 0

        assert desk.standing().router_trouble == f"{kind}: timeout"
        assert names(desk, points) == {"great_circle"}


async def test_one_place_off_its_map_does_not_silence_a_router(
    router: FakeRouter, kind: str
) -> None:
    points = places(8)
    router.status = 400
    router.harm = lambda _told: {"code": "NoSegment", "message": "no segment near coordinate 3"}
    async with asking(router, kind) as desk:
        desk.estimate(points)
        await desk.fill()
        router.status, router.harm = 200, None
        others = places(8, seed=2)

        desk.estimate(others)
        await desk.fill()

        assert desk.trouble is None
        assert names(desk, others) == {kind}


async def test_a_refused_connection_is_a_failure_like_any_other() -> None:
    with fake_router() as fake:
        url = fake.url
    desk = TravelDesk(router=Osrm(url, TIMEOUT_S))
    desk.estimate(places(4))

    assert await desk.fill() == 0
    await desk.stop()

    assert desk.standing().router_trouble == "osrm: ConnectError"


async def test_the_short_form_of_valhalla_is_read(router: FakeRouter) -> None:
    def short(told: Any) -> Any:
        cells = told["sources_to_targets"]
        return {
            "units": "miles",
            "sources_to_targets": {
                "durations": [[c["time"] for c in row] for row in cells],
                "distances": [[c["distance"] / 1.609344 for c in row] for row in cells],
            },
        }

    points = places(5)
    router.harm = short
    async with asking(router, "valhalla") as desk:
        desk.estimate(points)
        await desk.fill()
        told = desk.estimate(points)

    assert np.abs(told.matrix.metres - TRUTH.matrix(points).metres).max() <= 1


# -- roads -----------------------------------------------------------------------------------------


def test_roads_answer_at_once_and_places_off_the_map_are_great_circles(andorra: Roads) -> None:
    desk = TravelDesk(andorra)
    desk.warm_up()
    points = [*places(25), Point(45.27, 1.77)]
    assert set(np.unique(desk.estimate(points).codes)) <= {0, 1}
    on_map = [i for i in range(25) if desk._snap(points[i]) is not None]

    while not desk._search(points, desk._known(points), monotonic_s() + 1):
        pass
    told = desk.estimate(points)

    assert len(on_map) > 10
    for i in on_map:
        assert told.leg(i, 25).source == told.leg(25, i).source == "great_circle"
        assert {told.leg(i, j).source for j in on_map if j != i} == {"graph"}
    plain = GreatCircle().matrix(points)
    assert int(told.matrix.seconds[on_map[0], 25]) == int(plain.seconds[on_map[0], 25])


def test_before_the_search_is_compiled_nobody_waits_for_it(andorra: Roads) -> None:
    assert names(TravelDesk(andorra), places(5)) == {"great_circle"}


async def test_what_time_did_not_suffice_for_is_searched_in_the_background(
    andorra: Roads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "INLINE_S", -1.0)
    desk = TravelDesk(andorra)
    desk.warm_up()
    points = [p for p in places(60) if desk._snap(p) is not None]
    assert names(desk, points) == {"great_circle"}

    await desk.fill()

    assert names(desk, points) == {"graph"}


def test_memory_is_bounded_and_the_oldest_place_makes_room(andorra: Roads) -> None:
    desk = TravelDesk(andorra, capacity=20)
    desk.warm_up()
    points = [p for p in places(90) if desk._snap(p) is not None]

    for start in range(0, len(points) - 15):
        desk._search(points[start : start + 15], desk._known(points[start : start + 15]), 1e18)
    told = desk.estimate(points)

    standing = desk.standing()
    assert standing.places <= 20
    assert standing.bytes == 20 * 20 * 9
    assert told.matrix.seconds.shape == (len(points), len(points))
    assert (told.matrix.seconds >= 0).all()


def test_twins_within_ten_metres_are_one_place(andorra: Roads) -> None:
    desk = TravelDesk(andorra)
    desk.warm_up()
    here = Point(42.5063, 1.5218)
    points = [here, here, Point(42.50631, 1.52181), Point(42.5425, 1.7336)]

    desk._search(points, desk._known(points), 1e18)
    told = desk.estimate(points)

    assert int(told.matrix.seconds[0, 1]) == 0
    assert int(told.matrix.seconds[0, 2]) < 10
    assert told.leg(2, 3) == told.leg(0, 3)
