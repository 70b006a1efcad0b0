"""A PostgreSQL that a test may take away from under writers that never rest."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import make_url

from dispatcher import event_log, migrations
from dispatcher.clock import SystemClock, monotonic_s
from dispatcher.database import Clocks, Store, Tx
from dispatcher.errors import Unavailable
from dispatcher.models import Cursor
from tests.support.postgres_server import OwnPostgres
from tests.support.promises import broken_promises
from tests.support.stores import SERVICE, fact, log_of, mark, marks

WRITERS = 4


@dataclass(frozen=True, slots=True)
class Mortal:
    """A durable server of a test's own, with an empty database."""

    server: OwnPostgres
    home: Path
    url: str

    @property
    def socket(self) -> Path:
        """Where the server listens."""
        return self.home / ".s.PGSQL.5432"

    def url_through(self, port: int) -> str:
        """Return the URL of the database behind a relay."""
        through = make_url(self.url).set(host="127.0.0.1", port=port, query={})
        return through.render_as_string(hide_password=False)

    def has_kept_its_promises(self, load: "Load") -> None:
        """Fail unless what was answered is stored, once, and nothing else went wrong."""
        with opened(self.url) as store, store.read() as session:
            stored = sorted(marks(session))
            assert list(event_log.broken_links(session)) == []
            assert len(log_of(session)) == len(stored), "each name was written by one commit"
        assert load.surprises == [], "a lost database is a 503, whatever it was lost in"
        assert broken_promises(sorted(load.answered), stored) == []


@contextmanager
def mortal_postgres() -> Iterator[Mortal]:
    """Run a server for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="cpo-pg-") as home:
        server = OwnPostgres(Path(home), durable=True)
        server.start()
        url = server.url_of(server.template_database())
        migrations.upgrade(url)
        yield Mortal(server, Path(home), url)
        server.stop()


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """Run a store with a log."""
    clock = SystemClock()
    store = Store(url, Clocks(clock, clock), event_log.append)
    store.start()
    try:
        store.submit_wait(lambda tx: event_log.found_log(tx.session), SERVICE)
        yield store
    finally:
        store.stop()


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
                self.answered.append(self.store.submit_wait(partial(once, name=name), SERVICE))
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
