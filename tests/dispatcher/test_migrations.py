"""The schema rolls forward and back on each kind of store, and code and schema agree."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from dispatcher import migrations
from dispatcher.database import Store
from dispatcher.models import metadata
from tests.support.stores import SERVICE, fact, log_of, open_store
from tests.support.world import TUESDAY


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, on each kind of store."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    else:
        yield request.getfixturevalue("postgres_url")


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def test_the_schema_goes_up_down_and_up_again(empty_url: str) -> None:
    migrations.upgrade(empty_url)
    assert tables(empty_url) == set(metadata.tables)

    migrations.downgrade(empty_url)
    assert tables(empty_url) == set()

    migrations.upgrade(empty_url)
    assert tables(empty_url) == set(metadata.tables)


def test_code_and_schema_do_not_drift_apart(empty_url: str) -> None:
    migrations.upgrade(empty_url)

    migrations.check(empty_url)


def test_a_schema_in_place_is_left_alone(empty_url: str) -> None:
    migrations.upgrade(empty_url)
    with open_store(empty_url, TUESDAY) as store:
        store.submit_wait(fact, SERVICE)

    migrations.upgrade(empty_url)

    with open_store(empty_url, TUESDAY) as store, store.read() as session:
        assert len(log_of(session)) == 1


def test_a_filled_database_can_be_taken_back_and_built_again(either_store: str) -> None:
    migrations.downgrade(either_store)
    assert tables(either_store) == set()

    migrations.upgrade(either_store)
    with open_store(either_store, TUESDAY) as store:
        _works(store)


def _works(store: Store) -> None:
    store.submit_wait(fact, SERVICE)
    with store.read() as session:
        assert [row.seq for row in log_of(session)] == [1]
