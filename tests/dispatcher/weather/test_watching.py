"""Bulletins come from a server of a test's own; silence is told, never taken for fine weather."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dispatcher.events.weather_states import WeatherState
from dispatcher.incidents.weather import weather_of
from dispatcher.weather import watching
from dispatcher.weather.watching import SILENT_AFTER, Watch
from tests.dispatcher.weather.test_bulletin import BODY, bulletin
from tests.dispatcher.weather.test_weather import ICE, warn
from tests.support.world import ORG, World


@dataclass
class Sky:
    """What the weather's server answers, and the keys it was shown."""

    url: str = ""
    body: bytes = BODY
    status: int = 200
    keys: list[str | None] = field(default_factory=list)


@pytest.fixture
def sky() -> Iterator[Sky]:
    """A weather's server on the loopback."""
    made = Sky()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.keys.append(self.headers["apikey"])
            self.send_response(made.status)
            self.send_header("Content-Length", str(len(made.body)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(made.body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}/cartevigilance/encours"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def watched(sqlite_copy: str, sky: Sky, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A service that asks that server, at every turn."""
    monkeypatch.setattr(watching, "EVERY_S", 0.0)
    monkeypatch.setattr(watching, "AGAIN_S", 0.0)
    # The bulletin is of two days before the day of the tests, which is over by then.
    made = World(sqlite_copy, weather_url=sky.url, weather_key="a-key")
    made.clock.advance(timedelta(days=-2))
    made.service.store.start()
    yield made
    made.service.store.stop()


def kept(world: World) -> WeatherState:
    with world.look() as session:
        found = weather_of(session, ORG)
    assert found is not None
    return found


async def test_a_bulletin_is_taken_beside_what_people_wrote(watched: World, sky: Sky) -> None:
    await warn(watched, ICE | {"colour": "red", "starts_at": watched.clock.now().isoformat()})
    await Watch(watched.service).turn(watched.do)

    state = kept(watched)
    assert sky.keys == ["a-key"]
    assert (state.feed, state.warnings[0].source) == ("heard", "hand")
    assert {one.source for one in state.warnings[1:]} == {"meteofrance"}

    sky.body = bulletin(("1", 2, 5, 23))
    watch = Watch(watched.service)
    await watch.turn(watched.do)
    said = [(one.phenomenon, one.source) for one in kept(watched).warnings]
    assert said == [("snow_ice", "hand"), ("wind", "meteofrance")]

    before = kept(watched).ver
    await watch.turn(watched.do)
    assert kept(watched).ver == before, "nothing new is nothing told"


async def test_an_hour_of_silence_is_told_and_an_answer_ends_it(
    watched: World, sky: Sky, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, wall = Watch(watched.service), watched.service.clocks.wall
    await watch.turn(watched.do)
    before = kept(watched).warnings

    sky.status = 503
    await watch.turn(watched.do)
    assert kept(watched).feed == "heard", "one failure is no silence"
    later = wall.now() + SILENT_AFTER
    with monkeypatch.context() as patch:
        patch.setattr(type(wall), "now", lambda _self: later)
        await watch.turn(watched.do)
    assert kept(watched).feed == "silent"
    assert kept(watched).warnings == before, "what was said stays until it is over"

    sky.status = 200
    await watch.turn(watched.do)
    assert kept(watched).feed == "heard"


@pytest.mark.parametrize("body", [b"no bulletin", b"x" * (watching.BULLETIN_BYTES + 1)])
async def test_what_is_no_bulletin_changes_nothing(watched: World, sky: Sky, body: bytes) -> None:
    watch = Watch(watched.service)
    await watch.turn(watched.do)
    before = kept(watched)
    sky.body = body
    await watch.turn(watched.do)
    assert kept(watched) == before


async def test_without_an_address_nobody_is_asked(world: World, sky: Sky) -> None:
    await Watch(world.service).turn(world.do)
    assert sky.keys == []
