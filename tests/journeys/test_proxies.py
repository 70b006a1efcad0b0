"""The proxies' files that we ship, run by the real nginx and Caddy in front of a real service."""

import asyncio
import contextlib
import json
import shutil
import socket as sockets
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from dispatcher.auth.limits import OwnLimits
from dispatcher.live.wiring import Live
from tests.support.live_mirror import Mirror
from tests.support.project import ROOT
from tests.support.running import Running, free_port, serving
from tests.support.world import ORG, PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

DEPLOY = ROOT / "docs" / "deploy"
BOARD = f"board:{ORG}"
ELSEWHERE = "127.0.0.2"
"""Where the caller sits: on loopback too, but not where the proxy does."""


@dataclass(frozen=True, slots=True)
class Proxied:
    """A service behind a proxy."""

    origin: str
    plain: str
    running: Running

    @contextmanager
    def client(self, **headers: str) -> Iterator[httpx.Client]:
        """Yield a client that comes from ELSEWHERE."""
        transport = httpx.HTTPTransport(verify=False, local_address=ELSEWHERE)
        own = {"Origin": self.origin} | headers
        with httpx.Client(base_url=self.origin, transport=transport, headers=own) as client:
            yield client

    @contextmanager
    def socket(self, cookie: str) -> Iterator[ClientConnection]:
        """Open the live socket through the proxy."""
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with connect(
            f"{self.origin.replace('https', 'wss')}/api/v1/live",
            ssl=trusting,
            origin=Origin(self.origin),
            additional_headers={"Cookie": cookie},
        ) as opened:
            yield opened


def needs(program: str) -> str:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed (apt-get install nginx-light caddy)")
    return found


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everybody listens."""

    https: int
    http: int
    web: int
    admin: int
    away: int


def nginx(folder: Path, ports: Ports) -> tuple[list[str], dict[str, str]]:
    """Adapt the file of nginx; its second web process is one that is away."""
    program = needs("nginx")
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for ours, here in {
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid; daemon off;",
        "listen 80;": f"listen {ports.http};",
        "listen 443 ssl;": f"listen {ports.https} ssl;",
        "cpo.example.fr": "localhost",
        "/etc/nginx/certificate.pem": f"{folder}/certificate.pem",
        "/etc/nginx/key.pem": f"{folder}/key.pem",
        "127.0.0.1:8001": f"127.0.0.1:{ports.web}",
        "127.0.0.1:8002": f"127.0.0.1:{ports.away}",
    }.items():
        assert ours in text, f"nginx.conf says {ours} no more"
        text = text.replace(ours, here)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    return [program, "-c", str(folder / "nginx.conf"), "-p", str(folder)], {}


def caddy(folder: Path, ports: Ports) -> tuple[list[str], dict[str, str]]:
    """Adapt the file of Caddy by its own variables, and give it a certificate."""
    program = needs("caddy")
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    ours = "# tls /etc/caddy/certificate.pem /etc/caddy/key.pem"
    assert ours in text
    given = f"tls {folder}/certificate.pem {folder}/key.pem"
    (folder / "Caddyfile").write_text(text.replace(ours, given), encoding="utf-8")
    environment = {
        "CPO_DOMAIN": "localhost",
        "CPO_WEB_HOST": "127.0.0.1",
        "CPO_WEB_PORT": str(ports.web),
        "CPO_HTTP_PORT": str(ports.http),
        "CPO_HTTPS_PORT": str(ports.https),
        "CPO_CADDY_ADMIN": f"localhost:{ports.admin}",
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    command = [program, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    return command, environment


def make_certificate(folder: Path) -> None:
    """Sign a certificate with its own key."""
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run(
        [needs("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names, *files],
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def proxied(
    request: pytest.FixtureRequest, filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxied]:
    """A service behind each of the proxies."""
    folder = tmp_path_factory.mktemp("proxy")
    database = folder / "cpo.sqlite3"
    shutil.copy(filled_sqlite, database)
    # Bound, not listening: whoever knocks is refused, and no other test can begin to serve there.
    away = sockets.socket()
    away.bind(("127.0.0.1", 0))
    ports = Ports(free_port(), free_port(), free_port(), free_port(), away.getsockname()[1])
    command, environment = request.param(folder, ports)
    make_certificate(folder)
    origin = f"https://localhost:{ports.https}"
    with (
        serving(database, port=ports.web, public_url=origin, behind_proxy=True) as running,
        (folder / "proxy.log").open("wb") as log,
    ):
        process = subprocess.Popen(command, env=environment or None, stdout=log, stderr=log)
        made = Proxied(origin, f"http://localhost:{ports.http}", running)
        try:
            wait_ready(made, process, folder / "proxy.log")
            yield made
        finally:
            process.terminate()
            process.wait(timeout=20)
            away.close()


def wait_ready(proxied: Proxied, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until_s = time.monotonic() + 30
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until_s, log.read_text()
        try:
            with proxied.client() as client:
                if client.get("/health/ready").status_code == 200:
                    return
        except httpx.TransportError:
            time.sleep(0.1)


def cookie_of(proxied: Proxied, client: httpx.Client) -> str:
    body = {"username": "operator", "password": PASSWORD}
    answer = client.post("/api/v1/auth/login", json=body)
    assert answer.status_code == 200, answer.text
    (name, token), *_ = client.cookies.items()
    assert name == "__Host-cpo"
    assert "Secure" in answer.headers["set-cookie"]
    return f"{name}={token}"


def report(
    client: httpx.Client, key: str, text: str = "fuite rue Carnot à Tulle"
) -> httpx.Response:
    return client.post(
        "/api/v1/reports", json={"text": text}, headers={"Idempotency-Key": f"proxies-{key:0>16}"}
    )


def test_pages_come_with_their_own_headers_and_http_leads_to_https(proxied: Proxied) -> None:
    with proxied.client() as client:
        page = client.get("/signaler")
        assert page.status_code == 200
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["strict-transport-security"].startswith("max-age=31536000")
        board = client.get("/tableau")
        assert board.status_code in {200, 503}  # 503: the pages are not built here
    led = httpx.get(f"{proxied.plain}/signaler", follow_redirects=False)
    assert (led.status_code, led.headers["location"].partition("localhost")[0]) == (308, "https://")


def test_what_is_fetched_once_comes_compressed_and_pages_with_secrets_do_not(
    proxied: Proxied,
) -> None:
    styles = sorted((ROOT / "ui" / "dist" / "assets").glob("*.css"), key=lambda f: f.stat().st_size)
    asks = {"Accept-Encoding": "gzip"}
    with proxied.client() as client:
        sent = client.get(f"/static/assets/{styles[-1].name}", headers=asks)
        assert (sent.status_code, sent.headers["content-encoding"]) == (200, "gzip")
        assert sent.content == styles[-1].read_bytes()
        assert int(sent.headers.get("content-length", 0)) < styles[-1].stat().st_size
        assert "immutable" in sent.headers["cache-control"]
        page = client.get("/signaler", headers=asks)
        assert (page.status_code, page.headers.get("content-encoding")) == (200, None)


def test_figures_are_for_inside(proxied: Proxied) -> None:
    with proxied.client() as client:
        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics/").status_code == 404


def test_the_api_stores_once_and_a_foreign_page_is_refused(proxied: Proxied) -> None:
    with proxied.client() as client:
        first = report(client, "once")
        assert first.status_code == 201
        assert first.json()["tracking_url"].startswith(proxied.origin)
        assert report(client, "once").text == first.text
    with proxied.client(Origin="https://elsewhere.example") as foreign:
        assert report(foreign, "foreign").status_code == 403


def test_limits_count_the_caller_and_not_what_he_makes_up(proxied: Proxied) -> None:
    made_up = {
        "X-Forwarded-For": "198.51.100.7",
        "Forwarded": "for=198.51.100.8",
        "X-Real-IP": "198.51.100.9",
    }
    with proxied.client(**made_up) as client:
        assert report(client, "made-up").status_code == 201
    limits = proxied.running.service.limits
    assert isinstance(limits, OwnLimits)
    assert {caller for purpose, caller in limits._buckets if purpose == "report"} == {ELSEWHERE}


def test_a_large_body_is_refused_by_the_application_then_by_the_proxy(proxied: Proxied) -> None:
    with proxied.client() as client:
        ours = report(client, "large", "x" * 1_500_000)
        assert ours.status_code == 413
        assert ours.json()["code"] == "too_large"
        with contextlib.suppress(httpx.WriteError):  # cut while being sent: refused as well
            assert report(client, "larger", "x" * 21_000_000).status_code == 413
        for _ in range(3):
            assert client.get("/health/live").status_code == 200, "nobody else suffers"


def follow(socket: ClientConnection, mirror: Mirror) -> dict[str, Any]:
    """Say hello, resuming from what the mirror holds; return the answer for the board."""
    hello = {"v": 1, "name": "proxies", "subs": {BOARD: mirror[BOARD].position}}
    socket.send(json.dumps({"id": 1, "connect": hello}))
    answer: dict[str, Any] = mirror.feed(socket.recv(timeout=20))["connect"]["subs"][BOARD]
    return answer


def test_a_socket_is_upgraded_pushed_to_and_resumes(proxied: Proxied) -> None:
    mirror = Mirror()
    with proxied.client() as client:
        cookie = cookie_of(proxied, client)
        with proxied.socket(cookie) as socket:
            follow(socket, mirror)
            report(client, "pushed")
            while not mirror[BOARD].applied:
                mirror.feed(socket.recv(timeout=20))
        report(client, "missed")
        with proxied.socket(cookie) as socket:
            answer = follow(socket, mirror)
    assert answer["recovered"]
    assert answer["publications"], "what happened in between"
    assert mirror[BOARD].snapshots == 1


def test_sockets_are_told_to_come_back_when_the_service_leaves(proxied: Proxied) -> None:
    """Last, for afterwards the service welcomes no sockets any more."""
    live: Live = proxied.running.service.parts["live"]
    loop = live.relay._loop
    assert loop is not None
    with proxied.client() as client, proxied.socket(cookie_of(proxied, client)) as socket:
        mirror = Mirror()
        follow(socket, mirror)
        draining = asyncio.run_coroutine_threadsafe(live.hub.drain(), loop)
        while mirror.disconnect is None:
            mirror.feed(socket.recv(timeout=20))
        with pytest.raises(ConnectionClosed) as end:
            socket.recv(timeout=20)
        draining.result(20)
        assert mirror.disconnect["reconnect"]
        assert end.value.rcvd is not None
        assert end.value.rcvd.code == 1012
        assert report(client, "still").status_code == 201
