"""An authority's own colours: read by everybody, or refused before the service starts."""

import re
from pathlib import Path

import pytest

from dispatcher.app import create_app
from dispatcher.edge.theme import LEAST, SURFACES, Theme, contrast, theme_of
from dispatcher.errors import InvalidInput
from tests.laws.test_colours import palette
from tests.support.world import World, settings_for

URL = "sqlite:///unused.sqlite3"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>'


def theme(**options: str) -> Theme:
    return theme_of(settings_for(URL, **options))


def tokens_in(css: str) -> list[dict[str, str]]:
    return [dict(re.findall(r"--(\w+):(#[0-9A-Fa-f]{6})", block)) for block in css.splitlines()]


def test_without_a_theme_nothing_is_changed() -> None:
    assert theme() == Theme()


@pytest.mark.parametrize("accent", ["#7A1F3D", "#1B4F9C", "#2E6B1F", "#5B2A86", "#000000"])
def test_a_readable_accent_reads_in_both_themes(accent: str) -> None:
    light, dark, _forced = tokens_in(theme(theme_accent=accent).css)
    assert light["accent"] == accent
    for name, found in (("light", light), ("dark", dark)):
        for surface in (*SURFACES[name].values(), found["accentsoft"]):
            assert contrast(found["accenttext"], surface) >= LEAST
        assert contrast(found["onaccent"], found["accent"]) >= LEAST


@pytest.mark.parametrize(
    ("options", "setting"),
    [
        ({"theme_accent": "#FFCC00"}, "CPO_THEME_ACCENT"),
        ({"theme_accent": "#1B4F9C", "theme_accent_dark": "#1B4F9C"}, "CPO_THEME_ACCENT_DARK"),
    ],
)
def test_a_colour_nobody_could_read_stops_the_start_and_says_why(
    options: dict[str, str], setting: str
) -> None:
    with pytest.raises(InvalidInput, match=rf"^{setting} #\w+ has a contrast of [\d.]+:1 on"):
        create_app(settings_for(URL, **options))


def test_the_surfaces_are_those_of_the_style_sheet() -> None:
    for name, surfaces in SURFACES.items():
        known = palette(name)
        assert {token: known[token] for token in surfaces} == surfaces


def test_a_logo_is_a_small_picture(tmp_path: Path) -> None:
    good, large, other = tmp_path / "a.svg", tmp_path / "b.png", tmp_path / "c.txt"
    good.write_text(SVG, encoding="utf-8")
    large.write_bytes(b"x" * 200_001)
    other.write_text("x", encoding="utf-8")
    assert theme(theme_logo=str(good)).logo == SVG.encode()
    for path in (large, other, tmp_path / "none.svg"):
        with pytest.raises(InvalidInput):
            theme(theme_logo=str(path))


async def test_pages_carry_the_theme_and_strangers_may_read_it(
    sqlite_copy: str, tmp_path: Path
) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(SVG, encoding="utf-8")
    world = World(sqlite_copy, theme_accent="#7A1F3D", theme_logo=str(logo))
    async with world.client() as stranger:
        css = await stranger.get("/theme.css")
        assert css.headers["content-type"].startswith("text/css")
        assert "--accent:#7A1F3D" in css.text
        assert (await stranger.get("/theme/logo")).headers["content-type"] == "image/svg+xml"
        assert "/theme.css?" in (await stranger.get("/connexion")).text


async def test_without_a_theme_pages_are_as_they_were_built(world: World) -> None:
    async with world.client() as stranger:
        assert "/theme.css" not in (await stranger.get("/connexion")).text
        assert (await stranger.get("/theme.css")).text == ""
        assert (await stranger.get("/theme/logo")).status_code == 404
