"""How patient connections to PostgreSQL are."""

from typing import Any

import pytest
from sqlalchemy import event

from dispatcher.engines import PATIENCE, connect


class Asked(Exception):
    """Instead of a connection."""


def asked(url: str, *, read_only: bool) -> dict[str, Any]:
    """Return what the driver would be asked for."""
    engine = connect(url, read_only=read_only)
    found: dict[str, Any] = {}

    @event.listens_for(engine, "do_connect")
    def _stop(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
        found.update(parameters)
        raise Asked

    with pytest.raises(Asked):
        engine.connect()
    return found


@pytest.mark.parametrize("read_only", [True, False])
def test_a_swallowed_connection_is_noticed_in_seconds(*, read_only: bool) -> None:
    found = asked("postgresql+psycopg://cpo@db/cpo", read_only=read_only)
    assert found.items() >= PATIENCE.items()


def test_the_url_may_be_more_patient() -> None:
    found = asked("postgresql+psycopg://cpo@db/cpo?tcp_user_timeout=60000", read_only=False)
    assert found["tcp_user_timeout"] == "60000"
