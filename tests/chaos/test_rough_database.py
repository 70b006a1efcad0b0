"""A network that delays, trickles, hangs and cuts between service and PostgreSQL: what was answered
is there once, callers hear of it in time, and writing goes on by itself.
"""

import time

import pytest

from dispatcher.clock import monotonic_s
from dispatcher.errors import Unavailable
from tests.support.mortal import Load, Mortal, once, opened
from tests.support.rough_network import Mood, rough_network
from tests.support.stores import SERVICE

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(600)]

MOODS: list[Mood] = ["slow", "trickle", "silent", "calm"]
MOOD_S = 0.6


def test_a_rough_way_to_the_database_loses_and_doubles_nothing(mortal: Mortal, scale: int) -> None:
    with (
        rough_network(mortal.socket) as relay,
        opened(mortal.url_through(relay.port)) as store,
        Load(store) as load,
    ):
        load.goes_on()
        for turn in range(2 * len(MOODS) * scale):
            relay.mood = MOODS[turn % len(MOODS)]
            time.sleep(MOOD_S)
            # Each mood is cut once, and once it passes by itself.
            if turn // len(MOODS) % 2 == 0:
                relay.cut()
        relay.mood = "calm"
        load.goes_on()
    assert load.refused, "the cuts hit nobody"
    mortal.has_kept_its_promises(load)


def test_whoever_waits_for_a_silent_database_is_told_in_time(mortal: Mortal) -> None:
    with rough_network(mortal.socket) as relay, opened(mortal.url_through(relay.port)) as store:
        relay.mood = "silent"
        began_s = monotonic_s()
        with pytest.raises(Unavailable):
            store.submit_wait(lambda tx: once(tx, "a"), SERVICE, deadline_s=0.5)
        assert monotonic_s() - began_s < 5
        relay.mood = "calm"
        assert store.submit_wait(lambda tx: once(tx, "a"), SERVICE) == "a"
        assert store.submit_wait(lambda tx: once(tx, "b"), SERVICE) == "b"
