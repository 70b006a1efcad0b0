"""How much chaos: a taste by default, `make chaos` for the whole."""

import os
from collections.abc import Iterator

import pytest

from tests.support.mortal import Mortal, mortal_postgres


@pytest.fixture(scope="session")
def scale() -> int:
    """How many times the short version; `make chaos` sets it."""
    return int(os.environ.get("CPO_CHAOS_SCALE", "1"))


@pytest.fixture
def mortal() -> Iterator[Mortal]:
    """A durable PostgreSQL of this test's own."""
    with mortal_postgres() as server:
        yield server
