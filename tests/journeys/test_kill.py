"""SIGKILL under load: nothing that was answered or shown is lost, doubled or out of order."""

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from dispatcher import event_log
from dispatcher.engines import connect
from dispatcher.models import Report
from tests.support.project import ROOT
from tests.support.running import free_port
from tests.support.watcher import Watcher
from tests.support.world import ORG, World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CLIENTS = 4
KILLS = 3
BETWEEN_KILLS_S = 1.5
START_S = 60.0
BOARD = f"board:{ORG}"


@dataclass(slots=True)
class Service:
    """The real service in a process of its own."""

    database: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and return once it is ready."""
        environment = os.environ | {
            "CPO_DATABASE_URL": f"sqlite:///{self.database}",
            "CPO_PORT": str(self.port),
            "CPO_SECRET_KEY": "k" * 40,
            "CPO_SOLVER": "false",
            "CPO_REPORTS_PER_MINUTE": "1000000",
        }
        command = [sys.executable, "-m", "dispatcher", "serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)
        until = time.monotonic() + START_S
        while not self.is_ready():
            assert self.process.poll() is None, "the service ended by itself"
            assert time.monotonic() < until, "the service took too long to start"
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)) as asked:
                asked.request("GET", "/health/ready")
                return asked.getresponse().status == 200
        except OSError:
            return False

    @property
    def log(self) -> Path:
        """What it said on standard error."""
        return self.database.with_suffix(".log")

    def kill(self) -> None:
        """Kill it without any warning."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@dataclass(slots=True)
class Caller:
    """Somebody who reports again and again, and repeats what was not answered."""

    number: int
    port: int
    stop: threading.Event
    answered: dict[str, str] = field(default_factory=dict)
    open_key: str | None = None

    def run(self) -> None:
        """Report until told to stop; a key without an answer is asked again first."""
        count = 0
        while not self.stop.is_set():
            if self.open_key is None:
                count += 1
                self.open_key = f"caller-{self.number:03d}-report-{count:05d}"
            self.ask(self.open_key)

    def ask(self, key: str) -> None:
        """Send one report; keep the reference of its answer."""
        body = json.dumps({"text": f"Nid-de-poule à Tulle, appel {key}"})
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)) as asked:
                asked.request("POST", "/api/v1/reports", body, headers)
                answer = asked.getresponse()
                told = answer.read()
            if answer.status == 201:
                self.answered[key] = json.loads(told)["reference"]
                self.open_key = None
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)  # killed under our hands: the same key is asked again


def cookie_of_an_operator(database: Path) -> str:
    """Sign an operator in before the service starts; return his cookie."""
    world = World(f"sqlite:///{database}")
    world.service.store.start()
    try:
        return f"cpo={asyncio.run(world.sign_in('operator'))}"
    finally:
        world.service.store.stop()


def kill_under_load(service: Service, callers: list[Caller]) -> None:
    """Kill the service again and again while it answers; what stayed open is asked again."""
    threads = [threading.Thread(target=caller.run) for caller in callers]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        before = sum(len(caller.answered) for caller in callers)
        time.sleep(BETWEEN_KILLS_S)
        until = time.monotonic() + START_S
        while sum(len(caller.answered) for caller in callers) <= before:
            assert time.monotonic() < until, "nothing was answered between two kills"
            time.sleep(0.05)
        service.kill()
        service.start()
    for caller in callers:
        caller.stop.set()
    for thread in threads:
        thread.join(timeout=30)
    for caller in callers:
        if caller.open_key is not None:
            caller.ask(caller.open_key)
        # What was answered is answered alike again.
        key = next(iter(caller.answered))
        reference = caller.answered[key]
        caller.ask(key)
        assert caller.answered[key] == reference


def board_now(port: int, cookie: str) -> dict[str, Any]:
    """Return the board as somebody sees it who opens it now."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=15)) as asked:
        asked.request("GET", "/api/v1/board", headers={"Cookie": cookie})
        picture: dict[str, Any] = json.loads(asked.getresponse().read())
        return picture


def test_nothing_answered_or_shown_is_lost_or_doubled_by_kills(
    filled_sqlite: Path, tmp_path: Path
) -> None:
    database = tmp_path / "cpo.sqlite3"
    database.write_bytes(filled_sqlite.read_bytes())
    cookie = cookie_of_an_operator(database)
    service = Service(database, free_port())
    service.start()
    watcher = Watcher(service.port, cookie, BOARD)
    watcher.start()
    watcher.reach(0)
    begun_at = watcher.held.offset
    stop = threading.Event()
    callers = [Caller(number, service.port, stop) for number in range(CLIENTS)]
    kill_under_load(service, callers)
    picture = board_now(service.port, cookie)
    watcher.reach(picture["offset"])
    watcher.leave()
    service.kill()

    answered = {key for caller in callers for key in caller.answered}
    engine = connect(f"sqlite:///{database}", read_only=True)
    with Session(engine) as session:
        texts = list(session.exec(select(Report.text)).all())
        assert list(event_log.broken_links(session)) == []
        head = event_log.head(session).seq
        events = event_log.events_after(session, 0, head + 1)
        assert [event.seq for event in events] == list(range(1, head + 1))
        shown = {event.seq for event in events if event.after}
    engine.dispose()
    stored = [text.rsplit(" ", 1)[1] for text in texts]
    assert len(stored) == len(set(stored)), "doubled"
    assert answered <= set(stored), "lost"
    assert len(answered) >= KILLS * CLIENTS

    assert watcher.failure is None, "doubled, disordered or with a hole"
    held = watcher.held
    told = set(held.applied)
    assert watcher.resumed + len(held.resyncs) >= KILLS
    if held.snapshots == 1:
        assert told == {seq for seq in shown if begun_at < seq <= held.offset}
    for item in picture["items"]:
        if item["key"].startswith("incident:"):
            assert held.items[item["key"]][0] >= item["ver"], "older than what a new screen shows"
    for line in service.log.read_text(encoding="utf-8").splitlines():
        assert {"at", "level", "event"} <= json.loads(line).keys()
