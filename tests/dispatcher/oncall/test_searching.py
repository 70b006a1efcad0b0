"""A search that somebody watches: its slate, its bound, and its end when it is told to stop."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dispatcher.oncall import solving
from dispatcher.oncall.searching import PART, Scribe, Search, Searches, SoFar
from scheduling.rota.astreinte import Progress
from scheduling.rota.solution import Proof, StageReport
from tests.support.rotas import department
from tests.support.world import World

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def news(part: int, name: str, value: int, bound: int = 0) -> Progress:
    return Progress(part, 2, StageReport(name, value, bound, Proof.LIMIT))


def test_a_slate_adds_up_parts_and_counts_gains(tmp_path: Path) -> None:
    seconds = count()
    scribe = Scribe(tmp_path, lambda: float(next(seconds)))
    search = Search("correze", tmp_path, 12, AT)
    assert search.so_far() == SoFar()

    for one in (
        news(0, "uncovered", 0),
        news(0, "unevenness", 400, 100),
        news(0, "unevenness", 300, 100),
        news(1, "unevenness", 200, 150),
        news(0, "spread", 90, 30),
        news(1, "spread", 60, 45),
    ):
        scribe.hear(one)
    found = search.so_far()
    stages = {one.name: (one.value, one.bound, one.is_proven) for one in found.stages}
    assert (found.parts, found.begun, found.gains) == (2, 2, 1)
    assert stages["unevenness"] == (500, 250, False)
    assert stages["spread"] == (90, 45, False)
    assert stages["uncovered"] == (0, 0, True)
    assert next(one.gap for one in found.stages if one.name == "unevenness") == 0.5


def test_a_slate_is_rewritten_now_and_then_only(tmp_path: Path) -> None:
    scribe = Scribe(tmp_path, lambda: 7.0)
    scribe.hear(news(0, "spread", 90))
    scribe.hear(news(0, "spread", 10))
    search = Search("correze", tmp_path, 12, AT)
    assert search.so_far().stages[0].value == 90
    scribe.write()
    assert search.so_far().stages[0].value == 10


@pytest.fixture
def searches() -> Iterator[Searches]:
    yield Searches()
    solving.PROCESS.stop()


def test_a_long_search_is_seen_from_outside_and_ends_with_a_lawful_rota_when_told(
    searches: Searches,
) -> None:
    problem, answers = department(1, sectors=2), []
    with searches.watched("correze", 52, AT) as search:
        effort = solving.Effort(400, search.slate)
        asking = threading.Thread(target=lambda: answers.append(solving.solve(problem, effort)))
        asking.start()
        while not (seen := search.so_far()).gains and asking.is_alive():
            asking.join(0.05)
        assert searches.of("correze") is search
        assert searches.of("creuse") is None
        search.stop()
        asking.join(60)
        assert not asking.is_alive()
    assert seen.begun >= 1
    assert {one.name for one in seen.stages} >= {"uncovered", "spread", "unevenness"}
    assert searches.of("correze") is None
    assert not search.slate.exists()
    (solved,) = answers
    assert solved.outcome.proof is Proof.STOPPED


async def test_whoever_builds_rotas_sees_the_search_and_ends_it(world: World) -> None:
    held: Any = world.service.parts.setdefault(PART, Searches())
    async with world.client("oncall_manager") as manager:
        assert (await manager.get("/api/v1/rotas/search")).json() is None
        with held.watched("correze", 52, AT) as search:
            Scribe(search.slate, lambda: 0.0).hear(news(0, "unevenness", 400, 100))
            seen = (await manager.get("/api/v1/rotas/search")).json()
            told = await manager.post("/api/v1/rotas/search/stop")
            assert Scribe(search.slate, lambda: 0.0).is_stopped()
        nothing = await manager.post("/api/v1/rotas/search/stop")
    async with world.client("dispatcher") as dispatcher:
        refused = await dispatcher.get("/api/v1/rotas/search")
    assert (seen["weeks"], seen["parts"], seen["begun"]) == (52, 2, 1)
    assert seen["stages"] == [{"name": "unevenness", "value": 400, "bound": 100, "gap": 0.75}]
    assert (told.status_code, nothing.status_code, refused.status_code) == (204, 204, 403)
