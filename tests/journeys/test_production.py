"""Two web processes, a worker, PostgreSQL and Redis, run by the manual's own commands, each killed
in turn while people work: what was accepted is there once, screens miss nothing.
"""

import json
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select
from websockets.sync.client import connect
from websockets.typing import Origin

from dispatcher import event_log
from dispatcher.jobs import put
from dispatcher.models import Job, Report, Visit
from tests.support.callers import Caller, answers, calling, go_on
from tests.support.live_mirror import Mirror
from tests.support.postgres_server import start_postgres
from tests.support.redis_server import start_redis
from tests.support.running import free_port
from tests.support.stores import SERVICE
from tests.support.topology import ORIGIN, Process, Topology, eventually, production
from tests.support.watcher import Watcher
from tests.support.world import ORG

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.timeout(600),
]

BOARD = f"board:{ORG}"


@pytest.fixture(scope="module")
def service() -> Iterator[Topology]:
    """The whole service, once for this module; each test leaves every part running."""
    with (
        start_postgres(durable=True) as postgres,
        start_redis() as redis,
        tempfile.TemporaryDirectory(prefix="cpo-prod-") as folder,
        production(postgres, redis, Path(folder)) as made,
    ):
        yield made


@contextmanager
def desk(service: Topology, web: int, username: str = "dispatcher") -> Iterator[httpx.Client]:
    """Yield a signed-in client of one web process."""
    headers = {"Origin": ORIGIN, "Cookie": service.cookie(username)}
    address = f"http://127.0.0.1:{service.ports[web]}"
    with httpx.Client(base_url=address, headers=headers, timeout=30) as http:
        yield http


@contextmanager
def watching(service: Topology, *ports: int, watchers: int = 2) -> Iterator[list[Watcher]]:
    """Let screens watch the board; at the end they hold what a new screen would be shown."""
    cookie = service.cookie("operator")
    made = [Watcher(ports, cookie, BOARD, origin=ORIGIN) for _ in range(watchers)]
    for watcher in made:
        watcher.start()
    for watcher in made:
        watcher.reach(0)
    yield made
    with desk(service, 1) as http:
        picture = http.get("/api/v1/board").json()
    for watcher in made:
        watcher.reach(picture["offset"])
        watcher.leave()
        assert watcher.failure is None, "doubled, disordered or with a hole"
        assert watcher.held.snapshots == 1, "it went on from its own position every time"
        for item in picture["items"]:
            if item["key"].startswith("incident:"):
                held = watcher.held.items[item["key"]]
                assert held[0] >= item["ver"], "older than what a new screen shows"


def judge(service: Topology, callers: Sequence[Caller]) -> None:
    """Everything accepted is stored once; nothing else was said than yes, later, or no word."""
    for caller in callers:
        assert caller.lies == [], "one key, two answers"
        assert caller.unadvised == 0, "refused without saying when to come back"
        assert caller.statuses.keys() <= {0, 201, 409, 503}, caller.statuses
    accepted = {key for caller in callers for key in caller.answered}
    with service.store.read() as session:
        texts = session.exec(select(Report.text).where(col(Report.text).contains("appel"))).all()
        head = event_log.head(session).seq
        seqs = [event.seq for event in event_log.events_after(session, 0, head + 1)]
        assert list(event_log.broken_links(session)) == []
    stored = [text.rsplit(" ", 1)[1] for text in texts]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(stored) == len(set(stored)), "doubled"
    assert accepted <= set(stored), "lost"


def told_why(process: Process, part: str) -> bool:
    status, body = process.health()
    return (status, body.get("status")) == (200, "degraded") and body["checks"][part] != "ok"


def jobs_of(service: Topology) -> list[Job]:
    with service.store.read() as session:
        return list(session.exec(select(Job).where(Job.kind == "replan")).all())


def test_a_report_on_one_process_is_seen_served_and_finished_on_another(
    service: Topology,
) -> None:
    first, second = service.ports
    with (
        watching(service, second, watchers=1) as (board,),
        httpx.Client(base_url=f"http://127.0.0.1:{first}", timeout=30) as citizen,
        desk(service, 0) as here,
        desk(service, 1) as there,
    ):
        told = citizen.post(
            "/api/v1/reports",
            json={"text": "fuite rue Carnot à Tulle", "place": {"lat": 45.267, "lon": 1.771}},
            headers={"Idempotency-Key": "a-report-on-one-process"},
        ).json()
        found = here.get("/api/v1/incidents").json()["items"]
        incident = next(one["id"] for one in found if one["ref"] == told["reference"])
        eventually(lambda: f"incident:{incident}" in board.held.items)

        path = told["tracking_url"].removeprefix(ORIGIN)
        given = citizen.post(f"{path}/live").json()
        assert first_picture(second, given)["step"] == "received"

        visit = assign(there, incident)
        eventually(lambda: state_of(service, visit) == "notified")
        for at, state in ((here, "acknowledged"), (there, "en_route"), (here, "on_site")):
            move(at, visit, state)
        move(there, visit, "completed")
        assert here.get(f"/api/v1/incidents/{incident}").json()["state"] == "resolved"
        assert citizen.get(f"{path}/etat").json()["step"] == "done"
        eventually(lambda: board.held.values[f"incident:{incident}"]["state"] == "resolved")
    eventually(lambda: jobs_of(service) == [])


def first_picture(port: int, given: dict[str, str]) -> dict[str, str]:
    """Return what a citizen's page is shown at first by the live socket of a process."""
    page = Mirror()
    with connect(f"ws://127.0.0.1:{port}/api/v1/live", origin=Origin(ORIGIN)) as socket:
        hello = {"v": 1, "token": given["token"], "subs": {given["topic"]: {}}}
        socket.send(json.dumps({"id": 1, "connect": hello}))
        page.feed(socket.recv(timeout=20))
    shown: dict[str, str] = page[given["topic"]].values["request"]
    return shown


def assign(http: httpx.Client, incident: str) -> str:
    """Give an incident to the best crew; return the visit."""
    for _ in range(5):  # the plan may turn in between: a worker is at work
        offers = http.get(f"/api/v1/incidents/{incident}/offers").json()
        if not offers["offers"]:  # the worker has just started: crews get their shifts first
            eventually(lambda: http.get(f"/api/v1/incidents/{incident}/offers").json()["offers"])
            continue
        body = {"crew_id": offers["offers"][0]["crew_id"], "plan_version": offers["plan_version"]}
        answer = http.post(f"/api/v1/incidents/{incident}/accept", json=body)
        if answer.status_code == 200:
            return str(answer.json()["visit"]["id"])
    raise AssertionError(answer.text)


def move(http: httpx.Client, visit: str, state: str) -> None:
    answer = http.post(f"/api/v1/visits/{visit}/transitions", json={"to": state})
    assert answer.status_code == 200, answer.text


def state_of(service: Topology, visit: str) -> str:
    with service.store.read() as session:
        return session.get_one(Visit, UUID(visit)).state


def test_signing_out_on_one_process_ends_the_session_on_all(service: Topology) -> None:
    with desk(service, 0, "observer") as here:
        cookie = here.headers["Cookie"]
        there = httpx.Client(
            base_url=f"http://127.0.0.1:{service.ports[1]}", headers={"Cookie": cookie}
        )
        assert there.get("/api/v1/auth/me").status_code == 200
        assert here.post("/api/v1/auth/logout").status_code == 204
        assert there.get("/api/v1/auth/me").status_code == 401
        there.close()


def test_a_killed_web_process_is_replaced_by_the_other_at_once(service: Topology) -> None:
    victim, _ = service.web
    with calling(service.ports) as callers:
        with watching(service, *service.ports) as watchers:
            go_on(callers)
            victim.end(signal.SIGKILL)
            go_on(callers)
            victim.start()
            go_on(callers)
        assert all(watcher.resumed for watcher in watchers)
    judge(service, callers)


def ask_for_work(service: Topology) -> Job:
    """Ask for a plan until a worker is seen at work on it; return the job it holds."""
    for _ in range(200):
        service.store.submit_wait(lambda tx: put(tx, "replan", ORG), SERVICE)
        for _ in range(40):
            held = [job for job in jobs_of(service) if job.state == "leased"]
            if held:
                return held[0]
            time.sleep(0.01)
    raise AssertionError("no worker takes the job")


def who_holds(pair: list[Process], job: Job) -> Process:
    """Return the process whose planner holds a job."""
    pid = int(str(job.worker).split("-")[1])
    return next(one for one in pair if one.running is not None and one.running.pid == pid)


def test_a_worker_that_freezes_or_dies_loses_its_job_to_another(service: Topology) -> None:
    first = service.worker
    second = Process(first.command, first.environment, service.folder, free_port())
    second.start()
    pair = [first, second]

    job = ask_for_work(service)
    frozen = who_holds(pair, job)
    frozen.send(signal.SIGSTOP)
    try:
        eventually(lambda: all(one.id != job.id for one in jobs_of(service)))
    finally:
        frozen.send(signal.SIGCONT)
    eventually(lambda: "lease_lost" in frozen.log.read_text())  # what it found was not stored

    job = ask_for_work(service)
    killed = who_holds(pair, job)
    killed.end(signal.SIGKILL)
    # The lease ends after half a minute, and then the other one has to solve it.
    eventually(lambda: all(one.id != job.id for one in jobs_of(service)), within_s=150)
    pair.remove(killed)
    service.processes[2] = pair[0]


def test_without_redis_everything_works_and_says_so(service: Topology) -> None:
    with calling(service.ports) as callers:
        with watching(service, service.ports[1]) as watchers:
            go_on(callers)
            service.redis.kill()
            eventually(lambda: all(told_why(web, "hints") for web in service.web))
            go_on(callers)
            eventually(lambda: all(told_why(web, "limits") for web in service.web))
            before = [watcher.held.offset for watcher in watchers]
            go_on(callers)
            eventually(
                lambda: all(w.held.offset > b for w, b in zip(watchers, before, strict=True))
            )
            service.redis.start()
            go_on(callers)
            eventually(lambda: all(web.health()[1].get("status") == "ready" for web in service.web))
        assert {watcher.resumed for watcher in watchers} == {0}, "nobody was disconnected"
    judge(service, callers)
    assert all(caller.statuses.keys() <= {201} for caller in callers), "nobody was refused"


def test_a_killed_database_refuses_and_loses_nothing(service: Topology) -> None:
    with calling(service.ports) as callers, watching(service, *service.ports):
        go_on(callers)
        service.postgres.kill()
        eventually(lambda: all(web.health()[0] == 503 for web in service.web))
        eventually(lambda: sum(caller.statuses[503] for caller in callers) > 3)
        before = answers(callers)
        time.sleep(0.5)
        assert answers(callers) == before, "accepted without a database"
        service.postgres.start()
        go_on(callers)
        eventually(lambda: all(one.health()[0] == 200 for one in service.processes))
    judge(service, callers)


def test_a_new_version_is_started_process_by_process_while_people_work(service: Topology) -> None:
    with calling(service.ports) as callers:
        with watching(service, *service.ports) as watchers:
            for process in service.web:
                go_on(callers)
                process.send(signal.SIGTERM)
                eventually(lambda p=process: p.health()[0] != 200)
                assert process.running is not None
                assert process.running.wait(timeout=60) in {0, -signal.SIGTERM}
                go_on(callers)
                process.start()
            go_on(callers)
        assert all(watcher.asked_to_return for watcher in watchers), "told before it was cut"
        assert all(watcher.resumed for watcher in watchers)
    judge(service, callers)


def test_one_process_runs_the_background(service: Topology) -> None:
    """After all that was done to them, exactly one is in office."""

    def in_office() -> int:
        token = service.settings.metrics_token.get_secret_value()
        headers = {"Authorization": f"Bearer {token}"}
        said = [
            httpx.get(f"http://127.0.0.1:{one.port}/metrics", headers=headers, timeout=10).text
            for one in service.processes
        ]
        return sum("cpo_in_office 1.0" in text for text in said)

    eventually(lambda: in_office() == 1)
    for process in service.processes:
        for line in process.log.read_text(encoding="utf-8").splitlines():
            assert {"at", "level", "event"} <= json.loads(line).keys()
