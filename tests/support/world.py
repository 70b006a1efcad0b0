"""A control centre in a test's hand: the real Corrèze, a real store, a clock that waits to be told.

Loading the territory takes a second, so it is done once a session for each kind of store; every
test then gets a copy of its own.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import Session, select

from dispatcher import migrations, reactions
from dispatcher.actors import Actor, Role, system
from dispatcher.app import Front, build_service, create_app
from dispatcher.auth import sessions
from dispatcher.auth.commands import Account, make_user
from dispatcher.auth.context import Service
from dispatcher.auth.sessions import actor_of
from dispatcher.clock import FrozenClock
from dispatcher.crews.commands import turn_shifts
from dispatcher.database import Command, Tx
from dispatcher.desk.commands import load_templates
from dispatcher.models import Crew, User
from dispatcher.reference.readers import read_folder
from dispatcher.reference.territory import load_territory, territory_folder
from dispatcher.settings import Settings
from tests.support.postgres_server import PostgresServer

T = TypeVar("T")

ORG = "correze"
PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""Tuesday 24 November 2026, 09:00 in Paris: crews of the day shift are at work."""
PASSWORD = "a long enough password"
ORIGIN = "http://127.0.0.1:8000"
STAFF = {role.value: role for role in Role}
KEY = "0123456789abcdef-{}"


def settings_for(url: str, **options: Any) -> Settings:
    """Return the settings of a test service."""
    chosen: dict[str, Any] = {
        "database_url": url,
        "secret_key": "s" * 40,
        "org": ORG,
        "solver": False,
        "reports_per_minute": 1000,
        "logins_per_quarter_hour": 1000,
        "_env_file": None,
    }
    if not url.startswith("sqlite:"):
        # A database without a file has no folder beside it.
        chosen["attachments_dir"] = mkdtemp(prefix="cpo-attachments-")
    return Settings(**(chosen | options))


class World:
    """A service on its own database, with its clock in the test's hand."""

    def __init__(self, url: str, **options: Any) -> None:
        """Build the service; use it inside `running`."""
        self.settings = settings_for(url, **options)
        self.clock = FrozenClock(TUESDAY)
        self.front: Front = create_app(self.settings, self.clock)
        self.service: Service = self.front.api.state.service
        self._sent = 0

    # -- store -------------------------------------------------------------------------------------

    async def do(self, command: Command[T], actor: Actor | None = None) -> T:
        """Run one command and return its result after commit."""
        return await self.service.store.submit(command, actor or system(ORG))

    @contextmanager
    def look(self) -> Iterator[Session]:
        """Yield a read-only session."""
        with self.service.store.read() as session:
            yield session

    async def settle(self) -> None:
        """Let every consequence of what happened happen."""
        while await self.do(reactions.step):
            pass

    async def pass_time(self, by: timedelta) -> None:
        """Move the clock and let consequences happen."""
        self.clock.advance(by)
        await self.settle()

    def actor(self, username: str) -> Actor:
        """Return a member of staff by user name (the name of his role)."""
        with self.look() as session:
            return actor_of(session.exec(select(User).where(User.username == username)).one())

    def crew(self, code: str) -> Crew:
        """Return a crew by its code."""
        with self.look() as session:
            return session.exec(select(Crew).where(Crew.code == code)).one()

    # -- HTTP --------------------------------------------------------------------------------------

    @asynccontextmanager
    async def client(self, username: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """Yield a client, signed in unless no name is given."""
        transport = httpx.ASGITransport(self.front)
        headers = {"Origin": ORIGIN}
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, headers=headers
        ) as client:
            if username is not None:
                client.cookies.set(
                    sessions.cookie_name(self.settings), await self.sign_in(username)
                )
            yield client

    async def sign_in(self, username: str) -> str:
        """Open a session as signing in does, save for the fifth of a second of hashing."""

        def open_session(tx: Tx) -> str:
            user = tx.session.exec(select(User).where(User.username == username)).one()
            return sessions.open_session(tx, user, self.settings)

        return await self.do(open_session)

    async def report(self, client: httpx.AsyncClient, text: str, **fields: Any) -> dict[str, Any]:
        """Send a report with a fresh key and return the answer."""
        self._sent += 1
        answer = await client.post(
            "/api/v1/reports",
            json={"text": text, **fields},
            headers={"Idempotency-Key": KEY.format(self._sent)},
        )
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def incident(self, text: str, **fields: Any) -> UUID:
        """Report something as an operator by phone and return the incident's id."""
        async with self.client("operator") as operator:
            told = await self.report(operator, text, channel="phone", **fields)
        await self.settle()
        return UUID(told["incident"]["id"])


def fill(url: str) -> None:
    """Migrate an empty database, load the Corrèze and make one account for each role."""
    migrations.upgrade(url)
    clock = FrozenClock(TUESDAY)
    service = build_service(settings_for(url), clock)
    service.store.start()
    try:
        territory = read_folder(territory_folder())
        actor = system(ORG)
        wait = service.store.submit_wait
        wait(lambda tx: load_territory(tx, territory), actor, deadline_s=60)
        wait(load_templates, actor, deadline_s=60)
        wait(lambda tx: turn_shifts(tx, PARIS), actor, deadline_s=60)
        wait(make_staff, actor, deadline_s=60)
    finally:
        service.store.stop()


def make_staff(tx: Tx) -> None:
    """Make one account for each role, all with PASSWORD."""
    crew = tx.session.exec(select(Crew).where(Crew.code == "tulle-1")).one()
    first = make_user(tx, Account("observer", PASSWORD, Role.OBSERVER, "Observer"))
    for name, role in STAFF.items():
        if name == "observer":
            continue
        user = make_user(tx, Account(name, "x" * 12, role, name.title()))
        # One hash for all: hashing costs a fifth of a second each.
        user.password_hash = first.password_hash
        user.crew_id = crew.id if role is Role.CREW else None


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the Corrèze, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "cpo.sqlite3"
    fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def filled_postgres(postgres_server: PostgresServer) -> str:
    """The name of a PostgreSQL database with the Corrèze, to be copied."""
    name = postgres_server.template_database()
    fill(postgres_server.url_of(name))
    return name


@pytest.fixture
def sqlite_copy(filled_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a SQLite database of this test's own."""
    path = tmp_path / "cpo.sqlite3"
    shutil.copy(filled_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def either_store(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a filled database of this test's own, on each kind of store."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_copy")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database(request.getfixturevalue("filled_postgres")) as url:
        yield url


@pytest.fixture
def world(sqlite_copy: str) -> Iterator[World]:
    """A control centre on SQLite."""
    made = World(sqlite_copy)
    made.service.store.start()
    yield made
    made.service.store.stop()


@pytest.fixture
def either_world(either_store: str) -> Iterator[World]:
    """A control centre, on each kind of store."""
    made = World(either_store)
    made.service.store.start()
    yield made
    made.service.store.stop()
