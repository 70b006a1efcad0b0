"""PostgreSQL killed under load: what was answered is there once, and writing goes on by itself."""

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatcher import event_log, migrations
from dispatcher.clock import SystemClock, monotonic_s
from dispatcher.database import Clocks, Store, Tx
from dispatcher.errors import Unavailable
from dispatcher.models import Cursor
from tests.support.postgres_server import OwnPostgres
from tests.support.promises import broken_promises
from tests.support.stores import SERVICE, fact, log_of, mark, marks

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

WRITERS = 4
KILLS = 3


@pytest.fixture
def mortal() -> Iterator[tuple[OwnPostgres, str]]:
    """A durable PostgreSQL of this test's own, and the URL of an empty database on it."""
    with tempfile.TemporaryDirectory(prefix="cpo-pg-") as home:
        server = OwnPostgres(Path(home), durable=True)
        server.start()
        url = server.url_of(server.template_database())
        migrations.upgrade(url)
        yield server, url
        server.stop()


class Load:
    """Writers that never rest; a refused name is tried again until it is stored."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.answered: list[str] = []
        self.refused = 0
        self.surprises: list[BaseException] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(WRITERS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, writer: int) -> None:
        count = 0
        while not self._stop.is_set():
            name = f"w{writer}-{count:05d}"
            try:
                self.answered.append(
                    self.store.submit_wait(lambda tx, n=name: once(tx, n), SERVICE)
                )
                count += 1
            except Unavailable:
                self.refused += 1
                time.sleep(0.02)
            except BaseException as surprise:  # whatever else comes is what the test is about
                self.surprises.append(surprise)
                return

    def goes_on(self) -> None:
        """Wait until something more was answered."""
        before, until_s = len(self.answered), monotonic_s() + 30
        while len(self.answered) < before + WRITERS:
            assert monotonic_s() < until_s, "nothing is answered any more"
            time.sleep(0.01)


def once(tx: Tx, name: str) -> str:
    """Store a mark and a fact, unless an earlier attempt did: its COMMIT may have gone unheard."""
    if tx.session.get(Cursor, name) is None:
        mark(name)(tx)
        fact(tx)
    return name


def test_a_killed_database_loses_and_doubles_nothing(
    mortal: tuple[OwnPostgres, str], scale: int
) -> None:
    server, url = mortal
    clock = SystemClock()
    store = Store(url, Clocks(clock, clock), event_log.append)
    store.start()
    store.submit_wait(lambda tx: event_log.found_log(tx.session), SERVICE)
    with Load(store) as load:
        for _ in range(KILLS * scale):
            load.goes_on()
            server.kill()
            time.sleep(0.2)
            server.start()
        load.goes_on()
    with store.read() as session:
        stored = sorted(marks(session))
        assert list(event_log.broken_links(session)) == []
        assert len(log_of(session)) == len(stored), "each name was written by one commit"
    store.stop()
    assert load.surprises == [], "a killed database is a 503, whatever it was killed in"
    assert load.refused, "the kills hit nobody"
    assert broken_promises(sorted(load.answered), stored) == []
