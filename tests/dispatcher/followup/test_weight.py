"""What a citizen's page weighs on a slow network: everything it needs, photos and maps aside."""

import re

from tests.support.citizens import CONTACT, report
from tests.support.desk import Desk
from ui import DIST

SCRIPT = 2048
"""Bytes of script of one page, before any compression."""
PAGE = 60_000
"""Bytes of a page with its style and scripts, likewise."""


def scripts_of(name: str) -> dict[str, int]:
    """Return the size of a script and of every script that it imports."""
    text = (DIST / "assets" / name).read_text(encoding="utf-8")
    found = {name: len(text.encode())}
    for imported in re.findall(r"""(?:import|from)\s*\(?["'`]\./([\w.-]+\.js)""", text):
        found |= scripts_of(imported)
    return found


def weigh(page: str) -> tuple[int, int]:
    """Return the bytes of script, and of everything, that a page makes a browser fetch."""
    assets = re.findall(r'(?:href|src)="/static/(assets/[^"]+)"', page)
    scripts: dict[str, int] = {}
    for asset in assets:
        if asset.endswith(".js"):
            scripts |= scripts_of(asset.removeprefix("assets/"))
    styles = sum((DIST / asset).stat().st_size for asset in assets if asset.endswith(".css"))
    script = sum(scripts.values())
    return script, len(page.encode()) + styles + script


async def test_the_pages_of_citizens_stay_light(desk: Desk) -> None:
    async with desk.world.client() as http:
        odette = await report(desk.world, http, **CONTACT)
        await desk.accept(odette.incident_id)
        await desk.world.settle()
        form = (await http.get("/signaler")).text
        track = await odette.page()

    for page in (form, track):
        script, whole = weigh(page)
        assert 0 < script <= SCRIPT
        assert whole <= PAGE
        assert "<script>" not in page, "nothing inline: our own policy would refuse it"


def test_the_scale_finds_what_a_script_imports() -> None:
    track = next((DIST / "assets").glob("citizen-track-*.js"))
    assert len(scripts_of(track.name)) == 2
