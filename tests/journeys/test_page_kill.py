"""SIGKILL between the sending of a page and its mark: the same message leaves again."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, select

from dispatcher.app import build_service
from dispatcher.clock import SystemClock
from dispatcher.database import Tx
from dispatcher.models import Delivery, Incident, KeptState, OnCallDuty
from dispatcher.oncall import paging
from dispatcher.oncall.ladder import SUBJECT, PagingPolicy
from tests.support.mail_server import MailServer, mail_server
from tests.support.oncall import LEAK, TURNS, put_turns
from tests.support.project import ROOT
from tests.support.running import free_port
from tests.support.world import ORG, World, settings_for

pytestmark = pytest.mark.slow

ANSWER_S = 60.0


def start(database: Path, mail: MailServer) -> subprocess.Popen[bytes]:
    """Start the real service, whose mail server is the test's."""
    environment = os.environ | {
        "CPO_DATABASE_URL": f"sqlite:///{database}",
        "CPO_PORT": str(free_port()),
        "CPO_SECRET_KEY": "k" * 40,
        "CPO_SOLVER": "false",
        "CPO_SMTP_HOST": "127.0.0.1",
        "CPO_SMTP_PORT": str(mail.port),
        "CPO_SMTP_SECURITY": "none",
    }
    command = [sys.executable, "-m", "dispatcher", "serve"]
    with database.with_suffix(".log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)


def until(holds: object, what: str) -> None:
    """Wait until something holds, for a minute at most."""
    deadline = time.monotonic() + ANSWER_S
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


async def prepare(world: World) -> None:
    """An incident whose page is due now, by the machine's clock, whatever its hour."""
    await world.do(partial(put_turns, turns=TURNS))
    incident_id = await world.incident(LEAK)

    def ask(tx: Tx) -> None:
        policy = PagingPolicy(always=("P1", "P2", "P3", "P4"), quiet_classes=(), tries=1)
        key = f"{SUBJECT}:{ORG}"
        tx.session.add(KeptState(key=key, org=ORG, ver=1, state=policy.model_dump(mode="json")))
        now = SystemClock().now()
        for duty in tx.session.exec(select(OnCallDuty)).all():
            duty.start_at, duty.end_at = now - timedelta(days=1), now + timedelta(days=1)
        tx.session.flush()
        paging.consider(tx, tx.session.get_one(Incident, incident_id), "arrival")

    await world.do(ask)


async def test_a_page_sent_by_a_service_that_died_is_sent_again_under_the_same_id(
    sqlite_copy: str,
) -> None:
    world = World(sqlite_copy)
    world.clock.set(SystemClock().now() - timedelta(minutes=1))
    world.service.store.start()
    await prepare(world)
    world.service.store.stop()
    database = Path(sqlite_copy.removeprefix("sqlite:///"))
    killed = threading.Event()

    with mail_server() as mail:
        first = start(database, mail)

        def kill(_message: EmailMessage) -> None:
            # The message is taken; the service dies before it learns of it.
            if not killed.is_set():
                first.send_signal(signal.SIGKILL)
                first.wait()
                killed.set()

        mail.on_data = kill
        until(killed.is_set, "no page left")
        assert states(sqlite_copy) == {"sending"}, "sent and not marked"
        expire_leases(sqlite_copy)

        second = start(database, mail)
        try:
            until(lambda: states(sqlite_copy) == {"sent"}, "the page was not sent again")
        finally:
            second.terminate()
            second.wait(30)

    assert len(mail.taken) == 2
    assert len({message["Message-ID"] for message in mail.taken}) == 1


def states(url: str) -> set[str]:
    """Return the states of the e-mails of the database."""
    store = build_service(settings_for(url)).store
    try:
        with store.read() as session:
            query = select(Delivery.state).where(Delivery.channel == "email")
            return set(session.exec(query).all())
    finally:
        store.reading.dispose()
        store.writing.dispose()


def expire_leases(url: str) -> None:
    """Let the minute of the dead sender's lease be over, without waiting for it."""
    service = build_service(settings_for(url))
    with Session(service.store.writing) as session:
        for row in session.exec(select(Delivery)).all():
            if row.lease_until is not None:
                row.lease_until = row.lease_until - timedelta(minutes=2)
                session.add(row)
        session.commit()
    service.store.reading.dispose()
    service.store.writing.dispose()
