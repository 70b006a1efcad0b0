"""The real service in a process of its own, on a filled database, with people signed in."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dispatcher import migrations
from dispatcher.actors import Role, system
from dispatcher.app import build_service
from dispatcher.auth import sessions
from dispatcher.clock import new_id
from dispatcher.database import Tx
from dispatcher.models import User
from dispatcher.reference.readers import read_folder
from dispatcher.reference.territory import load_territory, territory_folder
from dispatcher.settings import Settings

ROOT = Path(__file__).parents[1]
ORG = "correze"
SECRET = "k" * 40
START_S = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers."""

    port: int
    process: subprocess.Popen[bytes]


def fill(url: str, people: int) -> list[str]:
    """Make a database with the Corrèze in it; return the session cookies of so many observers."""
    settings = Settings(
        database_url=url,
        secret_key=SECRET,  # type: ignore[arg-type]
        org=ORG,
        _env_file=None,  # type: ignore[call-arg]
    )
    migrations.upgrade(url)
    store = build_service(settings).store
    store.start()
    territory = read_folder(territory_folder())
    store.submit_wait(lambda tx: load_territory(tx, territory), system(ORG), deadline_s=60)
    try:
        return store.submit_wait(lambda tx: _sign_in(tx, people, settings), system(ORG))
    finally:
        store.stop()


def _sign_in(tx: Tx, people: int, settings: Settings) -> list[str]:
    cookies = []
    for number in range(people):
        # Nobody ever signs in with a password: hashing one for each takes a fifth of a second.
        user = User(
            id=new_id(),
            org=ORG,
            username=f"bench-{number}",
            name=f"Observer {number}",
            password_hash="none",
            role=Role.OBSERVER.value,
            created_at=tx.wall,
        )
        tx.session.add(user)
        tx.session.flush()
        token = sessions.open_session(tx, user, settings)
        cookies.append(f"{sessions.cookie_name(settings)}={token}")
    return cookies


@contextmanager
def service(url: str, core: int | None = None) -> Iterator[Running]:
    """Run the service for the time of the block, on one core if asked."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "CPO_DATABASE_URL": url,
        "CPO_PORT": str(port),
        "CPO_SECRET_KEY": SECRET,
        "CPO_ORG": ORG,
        "CPO_SOLVER": "false",
        "CPO_REPORTS_PER_MINUTE": "1000000000",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dispatcher", "serve"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    if core is not None and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(process.pid, {core})
    try:
        _wait(process, port)
        yield Running(port, process)
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as asked:
                asked.request("GET", "/health/ready")
                if asked.getresponse().status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the service did not start")
