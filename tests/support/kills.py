"""SIGKILL under load, and the judge of what is left."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from dispatcher import event_log
from dispatcher.engines import connect
from dispatcher.models import Report
from tests.support.callers import Caller, answers, calling, go_on
from tests.support.project import ROOT
from tests.support.running import free_port
from tests.support.topology import Process
from tests.support.watcher import Watcher
from tests.support.world import ORG, World

BOARD = f"board:{ORG}"
BETWEEN_KILLS_S = 0.5


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a run of kills leaves to be judged."""

    callers: Sequence[Caller]
    watcher: Watcher
    picture: dict[str, Any]
    database: Path
    begun_at: int
    log: str

    def broken_promises(self) -> list[str]:
        """Return a sentence for each promise that was not kept."""
        return [*self._of_storing(), *self._of_telling()]

    def _of_storing(self) -> list[str]:
        accepted = {key for caller in self.callers for key in caller.answered}
        told = [f"two answers: {key}" for caller in self.callers for key in caller.lies]
        engine = connect(f"sqlite:///{self.database}", read_only=True)
        with Session(engine) as session:
            texts = session.exec(select(Report.text)).all()
            if list(event_log.broken_links(session)):
                told.append("the log is altered")
        engine.dispose()
        stored = [text.rsplit(" ", 1)[1] for text in texts]
        told += [f"lost: {key}" for key in sorted(accepted - set(stored))]
        told += [f"doubled: {key}" for key in sorted(set(stored)) if stored.count(key) > 1]
        return told

    def _of_telling(self) -> list[str]:
        held = self.watcher.held
        told = [f"screen: {self.watcher.failure}"] if self.watcher.failure else []
        if held.offset < self.picture["offset"]:
            told.append(f"stopped: at {held.offset} of {self.picture['offset']}")
        missing = self._shown_until(held.offset) - set(held.applied)
        if held.snapshots == 1 and missing:
            told.append(f"never shown: {sorted(missing)[:5]}")
        for item in self.picture["items"]:
            if item["key"].startswith("incident:"):
                version = held.items.get(item["key"], (0,))[0]
                if version < item["ver"]:
                    told.append(f"stale: {item['key']}")
        return told

    def _shown_until(self, offset: int) -> set[int]:
        engine = connect(f"sqlite:///{self.database}", read_only=True)
        with Session(engine) as session:
            events = event_log.events_after(session, self.begun_at, 100_000)
            shown = {event.seq for event in events if event.after and event.seq <= offset}
        engine.dispose()
        return shown


def embedded(database: Path, variant: str | None = None) -> Process:
    """Return the one process of an embedded service, whole or with a promise broken."""
    environment = {
        "CPO_DATABASE_URL": f"sqlite:///{database}",
        "CPO_SECRET_KEY": "k" * 40,
        "CPO_SOLVER": "false",
        "CPO_REPORTS_PER_MINUTE": "1000000",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    program = [sys.executable, "-m"]
    program += ["tests.support.broken", variant] if variant else ["dispatcher"]
    command = ["cpo", "serve", "--port", "0"]
    return Process(command, environment, database.parent, free_port(), program=program)


def cookie_of_an_operator(database: Path) -> str:
    """Sign an operator in before the service starts; return his cookie."""
    world = World(f"sqlite:///{database}")
    world.service.store.start()
    try:
        return f"cpo={asyncio.run(world.sign_in('operator'))}"
    finally:
        world.service.store.stop()


def kill_under_load(
    database: Path, kills: int, variant: str | None = None, *, whole: bool = True
) -> Aftermath:
    """Kill a service again and again while people report and watch.

    Args:
        database: Of a filled service.
        kills: How often.
        variant: A promise to break on purpose.
        whole: Kill the keeper and all, and start again; else the serving process behind it.
    """
    cookie = cookie_of_an_operator(database)
    service = embedded(database, variant)
    service.start()
    watcher = Watcher(service.port, cookie, BOARD)
    watcher.start()
    watcher.reach(0)
    begun_at = watcher.held.offset
    try:
        with calling([service.port]) as callers:
            for _ in range(kills):
                go_on(callers)
                time.sleep(BETWEEN_KILLS_S)
                if whole:
                    service.end(signal.SIGKILL)
                    service.start()
                else:
                    service.kill_server()
                    service.wait_ready()
            go_on(callers)
        assert answers(callers) >= 8 * kills
        _, picture = service.get("/api/v1/board", cookie=cookie)
        with suppress(AssertionError):  # for the judge to say
            watcher.reach(picture["offset"], within_s=20)
    finally:
        watcher.leave()
        service.end(signal.SIGKILL)
    log = service.log.read_text(encoding="utf-8")
    return Aftermath(callers, watcher, picture, database, begun_at, log)
