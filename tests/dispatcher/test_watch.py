"""A topic followed in a terminal: it resumes like a browser, and says when it could not."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from shutil import copy

import httpx
import pytest

from dispatcher import watch as watching
from dispatcher.errors import BadCredentials, Forbidden, NotSignedIn, Unavailable
from dispatcher.watch import Follower, sign_in, watch
from tests.support.running import Running, free_port, serving
from tests.support.world import ORG, PASSWORD

BOARD = f"board:{ORG}"


class Enough(Exception):
    """The test has seen enough."""


class Terminal:
    """Takes lines; `until` waits for one, `leave` ends whoever writes here."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._left = False

    def __call__(self, line: str) -> None:
        with self._changed:
            self.lines.append(line)
            self._changed.notify_all()
            if self._left:
                raise Enough

    def until(self, word: str, count: int = 1) -> None:
        with self._changed:
            assert self._changed.wait_for(
                lambda: sum(word in line for line in self.lines) >= count, 20
            ), f"never said {word}: {self.lines[-5:]}"

    def leave(self) -> None:
        self._left = True


@contextmanager
def watched(url: str, cookie: str) -> Iterator[Terminal]:
    """Watch the board in a thread for the time of the block."""
    terminal = Terminal()

    def pause(_s: float) -> None:
        if terminal._left:
            raise Enough
        threading.Event().wait(0.02)

    def run() -> None:
        with pytest.raises(Enough):
            watch(url, BOARD, cookie, terminal, pause=pause)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield terminal
    finally:
        terminal.leave()


def publication(offset: int, prev: int, key: str = "incident:1") -> dict[str, object]:
    return {
        "offset": offset,
        "prev": prev,
        "type": "incident.moved",
        "at": "2026-03-10T08:00:00Z",
        "key": key,
        "ver": 1,
        "data": {"state": "received"},
    }


def report(http: httpx.Client, number: int) -> None:
    """Tell of an incident by phone."""
    answer = http.post(
        "/api/v1/reports",
        json={"text": f"Fuite rue Carnot à Tulle, numéro {number}", "channel": "phone"},
        headers={"Idempotency-Key": f"watched-report-{number:04d}"},
    )
    assert answer.status_code == 201, answer.text


@pytest.mark.slow
def test_a_watcher_resumes_where_it_stopped_when_the_service_comes_back(
    filled_sqlite: Path, tmp_path: Path
) -> None:
    database = tmp_path / "cpo.sqlite3"
    copy(filled_sqlite, database)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serving(database, port=port):
        cookie = sign_in(url, "operator", PASSWORD)
    with watched(url, cookie) as terminal:
        terminal.until("# no connection")
        for life in (1, 2):
            with serving(database, port=port) as service, service.client("operator") as http:
                terminal.until("# live from", life)
                report(http, life)
                terminal.until(" incident.opened ", life)
    told = [line.split(" ", 1)[0] for line in terminal.lines if " incident.opened " in line]
    assert len(told) == len(set(told)) == 2
    assert sum("keys at" in line for line in terminal.lines) == 1, "the second time it resumed"


def test_a_wrong_password_and_a_strange_topic_are_refused(running: Running) -> None:
    with pytest.raises(BadCredentials):
        sign_in(running.url, "operator", "not the password at all")
    cookie = sign_in(running.url, "observer", PASSWORD)
    with pytest.raises(Forbidden):
        watch(running.url, "board:elsewhere", cookie, Terminal())
    with pytest.raises(NotSignedIn):
        watch(running.url, BOARD, "cpo=nobody", Terminal())


def test_a_change_is_one_line_with_its_data() -> None:
    terminal = Terminal()
    follower = Follower(BOARD, terminal, "e", 4)
    assert follower.published(publication(7, 4))
    offset, _at, kind, key, ver, data = terminal.lines[0].split(" ", 5)
    assert (offset, kind, key, ver) == ("7", "incident.moved", "incident:1", "1")
    assert json.loads(data) == {"state": "received"}


def test_a_hole_is_noticed_and_a_repeat_is_not_said_twice() -> None:
    terminal = Terminal()
    follower = Follower(BOARD, terminal, "e", 4)
    assert not follower.published(publication(9, 7))
    assert follower.offset == 4
    assert follower.published(publication(7, 4))
    assert follower.published(publication(7, 4))
    assert len(terminal.lines) == 1


def test_a_refusal_says_whether_to_come_back() -> None:
    follower = Follower(BOARD, Terminal())
    with pytest.raises(Forbidden):
        follower.loaded({"error": {"code": 103, "message": "no", "temporary": False}})
    with pytest.raises(Unavailable):
        follower.loaded({"error": {"code": 108, "message": "later", "temporary": True}})


def test_pauses_are_jittered_grow_and_keep_to_the_window_of_a_drain() -> None:
    drawn = [watching._pause_s(n, None, Random(n).uniform) for n in range(1, 40)]
    assert all(0 <= pause <= watching.LONGEST_PAUSE_S for pause in drawn)
    assert len(set(drawn)) == len(drawn)
    assert max(watching._pause_s(1, None, Random(n).uniform) for n in range(50)) <= 1.0
    assert all(0 <= watching._pause_s(9, 3.0, Random(n).uniform) <= 3.0 for n in range(50))
