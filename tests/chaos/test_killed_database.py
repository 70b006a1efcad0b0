"""PostgreSQL killed under load: what was answered is there once, and writing goes on by itself."""

import time

import pytest

from tests.support.mortal import Load, Mortal, opened

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(600)]

KILLS = 3


def test_a_killed_database_loses_and_doubles_nothing(mortal: Mortal, scale: int) -> None:
    with opened(mortal.url) as store, Load(store) as load:
        for _ in range(KILLS * scale):
            load.goes_on()
            mortal.server.kill()
            time.sleep(0.2)
            mortal.server.start()
        load.goes_on()
    assert load.refused, "the kills hit nobody"
    mortal.has_kept_its_promises(load)
