"""The pages of staff: shells without data, and assets that browsers may keep."""

from pathlib import Path

import pytest

from dispatcher.edge.pages import PAGES, shell
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
        "/static/.vite/../../templates/report.html",
    ],
)
async def test_no_path_leads_out_of_the_assets(world: World, path: str) -> None:
    async with world.client() as client:
        answer = await client.get(path)
    assert answer.status_code in {400, 404}
    assert "root:" not in answer.text
