"""The desk's reference data are loaded once, however many ask at the same time, and before that."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import Session

from dispatcher.app import create_app
from dispatcher.intake import library
from dispatcher.intake.api import shelf_of
from dispatcher.intake.library import Library, Shelf
from tests.support.world import ORG, World


async def test_those_who_come_together_load_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[str] = []
    together = threading.Barrier(4)
    load = library.load

    def counted(session: Session, org: str) -> Library:
        loads.append(org)
        return load(session, org)

    monkeypatch.setattr(library, "load", counted)
    shelf = Shelf()

    def ask() -> Library:
        together.wait()
        with world.service.store.read() as session:
            return shelf.library(session, ORG)

    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(ask) for _ in range(4)]
    assert len({id(one.result()) for one in found}) == 1
    assert loads == [ORG]


async def test_a_service_that_starts_reads_them_before_anybody_reports(world: World) -> None:
    front = create_app(world.settings, world.clock)
    async with front.api.router.lifespan_context(front.api):
        pass
    # Stopping waits for the warm-up.
    assert shelf_of(front.api.state.service)._library is not None
