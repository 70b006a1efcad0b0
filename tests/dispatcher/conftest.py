"""A started store of the test's own, on each kind of database."""

from collections.abc import AsyncIterator, Iterator

import pytest

from dispatcher.database import Store
from tests.support.desk import Desk
from tests.support.postgres_server import PostgresServer
from tests.support.stores import open_store
from tests.support.world import TUESDAY, World


@pytest.fixture
def either(either_store: str) -> Iterator[Store]:
    """A started store with the Corrèze in it, on each kind of database."""
    with open_store(either_store, TUESDAY) as store:
        yield store


@pytest.fixture
def postgres_store(postgres_server: PostgresServer, filled_postgres: str) -> Iterator[Store]:
    """A started store with the Corrèze in it, on PostgreSQL."""
    with postgres_server.database(filled_postgres) as url, open_store(url, TUESDAY) as store:
        yield store


@pytest.fixture
async def desk(sqlite_copy: str) -> AsyncIterator[Desk]:
    """A dispatcher's desk on SQLite, where the next hour of the plan is not frozen."""
    world = World(sqlite_copy, freeze_minutes=0)
    world.service.store.start()
    async with world.client("dispatcher") as http:
        yield Desk(world, http)
    world.service.store.stop()


@pytest.fixture
async def either_desk(either_world: World) -> AsyncIterator[Desk]:
    """A dispatcher's desk, on each kind of store."""
    async with either_world.client("dispatcher") as http:
        yield Desk(either_world, http)
