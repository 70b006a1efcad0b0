"""The pages of staff: shells without data, and assets that browsers may keep."""

import gzip
from pathlib import Path

import httpx
import pytest

from dispatcher.edge.pages import PAGES, Assets, shell
from tests.support.world import World


async def test_the_address_alone_leads_citizens_to_the_form(world: World) -> None:
    async with world.client() as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/signaler")


@pytest.mark.parametrize("address", PAGES)
async def test_a_shell_holds_nothing_that_needs_a_door(world: World, address: str) -> None:
    await world.incident("Nid-de-poule rue Carnot à Tulle")
    async with world.client() as stranger, world.client("admin") as admin:
        assert (await stranger.get(address)).text == (await admin.get(address)).text


def test_a_page_that_was_not_built_says_how(tmp_path: Path) -> None:
    answer = shell("board.html", tmp_path)

    assert answer.status_code == 503
    assert b"make setup" in answer.body


def test_a_page_that_was_built_is_served(tmp_path: Path) -> None:
    (tmp_path / "board.html").write_text("<!doctype html><title>é</title>", encoding="utf-8")

    assert shell("board.html", tmp_path).body.decode() == "<!doctype html><title>é</title>"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../dispatcher/cli.py",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/..%5c..%5cpyproject.toml",
        "/static//etc/passwd",
        "/static/%00",
        "/static/assets/%00",
        "/static/.vite/../../templates/report.html",
    ],
)
async def test_no_path_leads_out_of_the_assets(world: World, path: str) -> None:
    async with world.client() as client:
        answer = await client.get(path)
    assert answer.status_code in {400, 404}
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    ("asks", "packed"),
    [
        ({"Accept-Encoding": "br, gzip;q=0.8"}, True),
        ({"Accept-Encoding": "gzip;q=0, br"}, False),
        ({"Accept-Encoding": "identity"}, False),
        ({"Accept-Encoding": "gzip", "Range": "bytes=0-9"}, False),
    ],
)
async def test_texts_come_packed_to_whoever_can_read_that(
    tmp_path: Path, asks: dict[str, str], packed: bool
) -> None:
    plain = b"const board = 1;" * 200
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "board-1a2b.js").write_bytes(plain)
    (tmp_path / "assets" / "board-1a2b.js.gz").write_bytes(gzip.compress(plain))
    (tmp_path / "assets" / "face-1a2b.woff2").write_bytes(b"wOF2")
    transport = httpx.ASGITransport(Assets(directory=tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        script = await client.get("/assets/board-1a2b.js", headers=asks)
        face = await client.get("/assets/face-1a2b.woff2", headers=asks)
    is_part = "Range" in asks
    assert script.content == (plain[:10] if is_part else plain)
    assert script.headers.get("content-encoding") == ("gzip" if packed else None)
    assert "javascript" in script.headers["content-type"]
    assert script.headers["vary"] == "Accept-Encoding"
    assert "immutable" in script.headers["cache-control"]
    assert "content-encoding" not in face.headers
