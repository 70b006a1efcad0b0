"""The production service as processes of this machine, started by the commands of the manual."""

import contextlib
import http.client
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlmodel import select
from typer.testing import CliRunner

from dispatcher import event_log
from dispatcher.actors import system
from dispatcher.auth import sessions
from dispatcher.cli import cli
from dispatcher.clock import SystemClock, monotonic_s
from dispatcher.database import Clocks, Store, Tx
from dispatcher.models import User
from dispatcher.settings import Settings
from tests.support.postgres_server import OwnPostgres
from tests.support.project import ROOT
from tests.support.redis_server import OwnRedis
from tests.support.running import free_port
from tests.support.world import ORG, make_staff

MANUAL = ROOT / "docs" / "operations.md"
CPO = str(Path(sys.executable).parent / "cpo")
ORIGIN = "https://cpo.example.fr"
START_S = 240.0


@dataclass(frozen=True, slots=True)
class Manual:
    """What `docs/operations.md` says of running without Docker.

    Attributes:
        before: Commands to run once, in order.
        settings: Lines added to `.env`.
        processes: Commands that stay running, each with its environment.
    """

    before: list[list[str]]
    settings: dict[str, str]
    processes: list[tuple[dict[str, str], list[str]]]


def read_manual() -> Manual:
    """Read the two blocks of commands under "Without Docker"."""
    section = (
        MANUAL.read_text(encoding="utf-8").split("### Without Docker", 1)[1].split("\n### ")[0]
    )
    first, second = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    settings_text = re.search(r"<<'END'\n(.*?)END\n", first, re.DOTALL)
    assert settings_text is not None
    settings = dict(line.split("=", 1) for line in settings_text[1].splitlines())
    before = [shlex.split(line) for line in first.splitlines() if line.startswith("cpo ")]
    processes = []
    for line in second.splitlines():
        words = shlex.split(line)
        given = [word for word in words if re.match(r"[A-Z_]+=", word)]
        processes.append((dict(word.split("=", 1) for word in given), words[len(given) :]))
    return Manual(before, settings, processes)


@dataclass(slots=True)
class Process:
    """One process of the service, to end, freeze and start again."""

    command: list[str]
    environment: dict[str, str]
    folder: Path
    port: int
    running: subprocess.Popen[bytes] | None = None
    program: Sequence[str] = (CPO,)

    @property
    def log(self) -> Path:
        """What it said on standard error."""
        return self.folder / f"{self.port}.log"

    def begin(self) -> None:
        """Start without waiting."""
        command = [*self.program, *self.command[1:-1], str(self.port)]
        assert self.command[0] == "cpo"
        assert self.command[-2] == "--port"
        environment = os.environ | self.environment
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=log
            )

    def wait_ready(self) -> None:
        """Return once it is ready."""
        until = time.monotonic() + START_S
        while self.health()[0] != 200:
            assert self.running is not None
            assert self.running.poll() is None, f"it ended:\n{self.log.read_text()[-2000:]}"
            assert time.monotonic() < until, f"not ready:\n{self.log.read_text()[-2000:]}"
            time.sleep(0.05)

    def start(self) -> None:
        """Start and return once it is ready."""
        self.begin()
        self.wait_ready()

    def health(self) -> tuple[int, dict[str, Any]]:
        """Return status and body of `/health/ready`; (0, {}) when nobody answers."""
        try:
            return self.get("/health/ready")
        except (OSError, http.client.HTTPException):
            return 0, {}

    def get(self, path: str, cookie: str = "") -> tuple[int, dict[str, Any]]:
        """Ask for a document."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as asked:
            asked.request("GET", path, headers={"Cookie": cookie})
            answer = asked.getresponse()
            told: dict[str, Any] = json.loads(answer.read())
            return answer.status, told

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self.running is not None
        self.running.send_signal(number)

    def server(self) -> psutil.Process:
        """Return the serving process behind an embedded service's keeper."""
        assert self.running is not None
        (server,) = psutil.Process(self.running.pid).children()
        return server

    def kill_server(self) -> None:
        """Kill the serving process behind an embedded service's keeper, which goes on."""
        self.server().kill()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal that ends it; return how it ended."""
        self.send(number)
        assert self.running is not None
        return self.running.wait(timeout=60)


@dataclass(slots=True)
class Topology:
    """Two web processes, one worker, PostgreSQL, Redis."""

    postgres: OwnPostgres
    redis: OwnRedis
    folder: Path
    settings: Settings
    processes: list[Process] = field(default_factory=list)
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        """Open an eye of the test's own on the database."""
        clock = SystemClock()
        self.store = Store(self.settings.database_url, Clocks(clock, clock), event_log.append)
        self.store.start()

    @property
    def web(self) -> tuple[Process, Process]:
        """The two that answer people."""
        first, second, _ = self.processes
        return first, second

    @property
    def worker(self) -> Process:
        """The one that works behind them."""
        return self.processes[2]

    @property
    def ports(self) -> list[int]:
        """Where people are answered."""
        return [process.port for process in self.web]

    def cookie(self, username: str) -> str:
        """Sign somebody in; return his cookie."""

        def sign_in(tx: Tx) -> str:
            user = tx.session.exec(select(User).where(User.username == username)).one()
            return sessions.open_session(tx, user, self.settings)

        token = self.store.submit_wait(sign_in, system(ORG))
        return f"{sessions.cookie_name(self.settings)}={token}"

    def stop(self) -> None:
        """End everything."""
        for process in self.processes:
            if process.running is not None and process.running.poll() is None:
                process.send(signal.SIGCONT)
                process.send(signal.SIGKILL)
                process.running.wait()
        self.store.stop()


@contextmanager
def production(postgres: OwnPostgres, redis: OwnRedis, folder: Path) -> Iterator[Topology]:
    """Set up and run the service as the manual says, for the time of the block."""
    manual = read_manual()
    init, *others = manual.before
    _run(folder, init)
    given = manual.settings | {
        "CPO_DATABASE_URL": postgres.url_of(postgres.template_database()),
        "CPO_REDIS_URL": redis.url,
        # What a test cannot wait for: thirty seconds of lease, ten reports a minute.
        "CPO_LEASE_SECONDS": "3",
        "CPO_SOLVER_SECONDS": "0.5",
        "CPO_REPORTS_PER_MINUTE": "1000000",
    }
    with (folder / ".env").open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in given.items())
    for command in others:
        if command[1] != "user":  # it asks for a password at a terminal
            _run(folder, command)
    settings = Settings(_env_file=folder / ".env")
    made = Topology(postgres, redis, folder, settings)
    try:
        made.store.submit_wait(make_staff, system(ORG), deadline_s=60)
        made.processes = [
            Process(command, environment, folder, free_port())
            for environment, command in manual.processes
        ]
        for process in made.processes:
            process.begin()
        for process in made.processes:
            process.wait_ready()
        yield made
    finally:
        made.stop()


def eventually(holds: Any, within_s: float = 60.0) -> None:
    """Return as soon as something holds; fail when it does not in time."""
    until_s = monotonic_s() + within_s
    while not holds():
        assert monotonic_s() < until_s, "it never came to hold"
        time.sleep(0.05)


def _run(folder: Path, command: list[str]) -> None:
    # In this process: starting three more would take longer than what they do.
    assert command[0] == "cpo"
    with contextlib.chdir(folder):
        done = CliRunner().invoke(cli, command[1:])
    assert done.exit_code == 0, done.output
