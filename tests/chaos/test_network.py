"""A network that delays, trickles, hangs and cuts: watchers resume and see each change once."""

import shutil
from pathlib import Path

import httpx
import pytest

from dispatcher.clock import monotonic_s
from dispatcher.watch import sign_in
from tests.support.rough_network import Mood, RoughNetwork, rough_network
from tests.support.running import serving
from tests.support.watcher import Watcher
from tests.support.world import ORG, PASSWORD

pytestmark = pytest.mark.slow

BOARD = f"board:{ORG}"
MOODS: list[Mood] = ["slow", "trickle", "silent", "calm"]
WATCHERS = 5


def report(http: httpx.Client, number: int) -> None:
    """Tell of an incident."""
    answer = http.post(
        "/api/v1/reports",
        json={"text": f"Fuite rue Carnot à Tulle, numéro {number}", "channel": "phone"},
        headers={"Idempotency-Key": f"rough-network-{number:06d}"},
    )
    assert answer.status_code == 201, answer.text


def disturb(relay: RoughNetwork, turn: int) -> None:
    """Change the network's mood; every second time cut everybody."""
    relay.mood = MOODS[turn % len(MOODS)]
    if turn % 2:
        relay.cut()


def test_watchers_behind_a_rough_network_see_each_change_once_and_in_order(
    filled_sqlite: Path, tmp_path: Path, scale: int
) -> None:
    database = tmp_path / "cpo.sqlite3"
    shutil.copy(filled_sqlite, database)
    with serving(database) as service, rough_network(int(service.url.rsplit(":", 1)[1])) as relay:
        cookie = sign_in(service.url, "operator", PASSWORD)
        origin = service.url
        watchers = [
            Watcher(relay.port, cookie, BOARD, origin=origin)
            for _ in range(WATCHERS * min(scale, 3))
        ]
        for watcher in watchers:
            watcher.start()
        for watcher in watchers:
            watcher.reach(0)
        began = watchers[0].held.offset
        with service.client("operator") as http:
            for turn in range(8 * scale):
                disturb(relay, turn)
                for number in range(3):
                    report(http, turn * 3 + number)
            relay.mood = "calm"
            relay.cut()
            picture = http.get("/api/v1/board").json()
        for watcher in watchers:
            watcher.reach(picture["offset"])
            watcher.leave()
    assert picture["offset"] > began
    now = {item["key"]: item["data"] for item in picture["items"]}
    for watcher in watchers:
        assert watcher.failure is None, "doubled, disordered or with a hole"
        assert watcher.resumed, "the cuts cut nobody"
        assert watcher.held.snapshots == 1
        assert now.keys() <= watcher.held.values.keys()


def test_a_silent_connection_is_told_from_a_quiet_topic(
    filled_sqlite: Path, tmp_path: Path
) -> None:
    database = tmp_path / "cpo.sqlite3"
    shutil.copy(filled_sqlite, database)
    with serving(database) as service, rough_network(int(service.url.rsplit(":", 1)[1])) as relay:
        cookie = sign_in(service.url, "operator", PASSWORD)
        watcher = Watcher(relay.port, cookie, BOARD, origin=service.url)
        watcher.start()
        watcher.reach(0)
        relay.mood = "silent"
        began_s = monotonic_s()
        with service.client("operator") as http:
            report(http, 1)
            offset = http.get("/api/v1/board").json()["offset"]
        assert monotonic_s() - began_s < 30, "one silent screen holds nobody up"
        assert watcher.held.offset < offset
        relay.mood = "calm"
        watcher.reach(offset)
        watcher.leave()
    assert watcher.failure is None
