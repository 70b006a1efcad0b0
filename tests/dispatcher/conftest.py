"""A started store of the test's own, on each kind of database."""

from collections.abc import Iterator

import pytest

from dispatcher.database import Store
from tests.support.postgres_server import PostgresServer
from tests.support.stores import open_store
from tests.support.world import TUESDAY


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
