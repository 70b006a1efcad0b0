"""A dispatcher at a desk."""

from collections.abc import AsyncIterator

import pytest

from tests.support.desk import Desk
from tests.support.world import World


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
