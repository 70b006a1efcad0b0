"""The keeper: the serving process comes back when it is killed, and goes when it is told to."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.processes import is_gone, until_gone
from tests.support.project import ROOT
from tests.support.running import free_port

SERVE = """
import os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import create_server
from dispatcher.keeper import keep

listening = create_server(("127.0.0.1", int(sys.argv[1])))

class Told(BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(os.getpid()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

def serve():
    if sys.argv[2] == "leave":
        sys.exit(7)
    if sys.argv[2] == "die":
        os.kill(os.getpid(), 9)
    server = HTTPServer(("127.0.0.1", 0), Told, bind_and_activate=False)
    server.socket = listening
    server.serve_forever()

keep(serve)
"""


class Kept:
    """A kept server that answers with the number of its process."""

    def __init__(self, how: str = "serve") -> None:
        self.port = free_port()
        command = [sys.executable, "-c", SERVE, str(self.port), how]
        self.keeper = subprocess.Popen(
            command,
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def server(self) -> int:
        """Return the number of the serving process, from itself."""
        until = time.monotonic() + 30
        while True:
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as one:
                    one.request("GET", "/")
                    return int(one.getresponse().read())
            except (ConnectionError, http.client.HTTPException):
                assert time.monotonic() < until


@pytest.fixture
def kept() -> Iterator[Kept]:
    one = Kept()
    yield one
    one.keeper.kill()
    one.keeper.wait()


def test_a_killed_server_is_replaced_on_the_same_socket(kept: Kept) -> None:
    first = kept.server()
    os.kill(first, signal.SIGKILL)
    second = kept.server()

    assert first != second
    assert first != kept.keeper.pid
    assert kept.keeper.poll() is None


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_who_ends_the_keeper_ends_the_server(kept: Kept, ending: signal.Signals) -> None:
    server = kept.server()
    kept.keeper.send_signal(ending)

    assert kept.keeper.wait(10) == -signal.SIGTERM
    assert is_gone(server)


def test_the_server_does_not_outlive_a_killed_keeper(kept: Kept) -> None:
    server = kept.server()
    kept.keeper.kill()
    until_gone(server)


def test_a_server_that_leaves_by_itself_is_not_called_back() -> None:
    assert Kept("leave").keeper.wait(30) == 7


def test_a_server_that_dies_again_and_again_is_given_up() -> None:
    assert Kept("die").keeper.wait(60) == 1
