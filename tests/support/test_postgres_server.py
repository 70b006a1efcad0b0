"""The PostgreSQL that tests run on."""

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.support.postgres_server import PostgresServer

pytestmark = pytest.mark.postgres


def test_a_database_can_be_filled_once_and_copied(postgres_server: PostgresServer) -> None:
    template = postgres_server.template_database()
    with create_engine(postgres_server.url_of(template), poolclass=NullPool).begin() as filling:
        filling.execute(text("CREATE TABLE note AS SELECT 'été' AS word"))

    with (
        postgres_server.database(template) as url,
        create_engine(url, poolclass=NullPool).connect() as copy,
    ):
        assert copy.execute(text("SELECT word FROM note")).scalar_one() == "été"


def test_a_dropped_database_is_gone(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as url:
        pass

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url.replace("+psycopg", ""))
