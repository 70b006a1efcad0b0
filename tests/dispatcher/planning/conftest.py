"""A dispatcher at a desk."""

from collections.abc import AsyncIterator

import pytest

from tests.support.desk import Desk
from tests.support.world import World


@pytest.fixture
async def desk(world: World) -> AsyncIterator[Desk]:
    """A dispatcher's desk on SQLite."""
    async with world.client("dispatcher") as http:
        yield Desk(world, http)


@pytest.fixture
async def either_desk(either_world: World) -> AsyncIterator[Desk]:
    """A dispatcher's desk, on each kind of store."""
    async with either_world.client("dispatcher") as http:
        yield Desk(either_world, http)
