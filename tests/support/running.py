"""The whole service on a real port, for browsers and sockets, in a thread of the test."""

import contextlib
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn
from playwright.sync_api import BrowserContext
from sqlmodel import select

from dispatcher.actors import Role, system
from dispatcher.app import create_app
from dispatcher.auth.commands import Account, make_user
from dispatcher.auth.context import Service
from dispatcher.clock import ScaledClock, SystemClock
from dispatcher.database import Tx
from dispatcher.models import User
from tests.support.world import ORG, PASSWORD, TUESDAY, settings_for

READY_S = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers at `url`."""

    url: str
    service: Service

    def crew_account(self, crew_id: str) -> str:
        """Make an account for a crew and return its user name."""
        name = f"crew-{crew_id}"

        def make(tx: Tx) -> None:
            made = make_user(tx, Account(name, PASSWORD, Role.CREW, "Équipe"))
            made.crew_id = UUID(crew_id)

        self.service.store.submit_wait(make, system(ORG))
        return name

    def crews_taken(self) -> set[str]:
        """Return the crews that have an account already: their day has work of another test."""
        with self.service.store.read() as session:
            return {str(crew_id) for crew_id in session.exec(select(User.crew_id)) if crew_id}

    @contextlib.contextmanager
    def client(self, username: str | None = None) -> Iterator[httpx.Client]:
        """Yield an HTTP client, signed in unless no name is given."""
        headers = {"Origin": self.url}
        with httpx.Client(base_url=self.url, headers=headers, timeout=20) as client:
            if username is not None:
                body = {"username": username, "password": PASSWORD}
                assert client.post("/api/v1/auth/login", json=body).status_code == 200
            yield client

    def let_in(self, context: BrowserContext, username: str) -> None:
        """Sign a browser in, without the form."""
        answer = context.request.post(
            f"{self.url}/api/v1/auth/login",
            data={"username": username, "password": PASSWORD},
            headers={"Origin": self.url},
        )
        assert answer.ok


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(
    database: Path,
    *,
    solver: bool = False,
    port: int | None = None,
    at: datetime = TUESDAY,
    **options: Any,
) -> Iterator[Running]:
    """Run a service on a database for the time of the block; its clock starts at `at`."""
    port = port or free_port()
    settings = settings_for(f"sqlite:///{database}", port=port, solver=solver, **options)
    front = create_app(settings, ScaledClock(SystemClock(), at))
    config = uvicorn.Config(
        front,
        host="127.0.0.1",
        port=port,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        log_level="error",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="service", daemon=True)
    thread.start()
    until = time.monotonic() + READY_S
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        assert time.monotonic() < until, "the service took too long to start"
        time.sleep(0.02)
    try:
        yield Running(f"http://127.0.0.1:{port}", front.api.state.service)
    finally:
        server.should_exit = True
        thread.join(timeout=30)


@pytest.fixture(scope="module")
def running(filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service of this module's own."""
    path = tmp_path_factory.mktemp("running") / "cpo.sqlite3"
    shutil.copy(filled_sqlite, path)
    # One solver, and little of it: what it finds is judged elsewhere, and pages need not wait.
    with serving(path, solver=True, solver_processes=1, solver_seconds=0.5) as made:
        yield made


@pytest.fixture(scope="module")
def calm(filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service of this module's own without a solver: nothing turns unless somebody turns it."""
    path = tmp_path_factory.mktemp("calm") / "cpo.sqlite3"
    shutil.copy(filled_sqlite, path)
    with serving(path) as made:
        yield made
