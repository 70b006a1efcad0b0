"""The colours can be read: contrast and distance recomputed from the token file, in both themes.

Source: WCAG 2.1, success criteria 1.4.3 (text 4.5:1) and 1.4.11 (controls 3:1); OKLab by Björn
Ottosson (2020).
"""

import re

import pytest

from tests.support.project import ROOT

TOKENS = (ROOT / "ui" / "src" / "styles" / "tokens.css").read_text(encoding="utf-8")
THEMES = ("light", "dark")

TEXT_PAIRS = re.findall(
    r"\S+",
    """
    text/surface text/bg text2/surface text2/bg text2/sunken text3/surface text3/bg text3/accentsoft
    onink/ink onink2/ink2 onaccent/accent accenttext/accentsoft accenttext/surface
    plantext/plan acktext/ack ongo/go onsite/site sitetext/sitesoft sitetext/surface
    holdtext/holdsoft donetext/done onwarn/warn warntext/surface warntext/warnsoft
    onrisk/risk risktext/risksoft risktext/surface
""",
)
CONTROL_PAIRS = re.findall(
    r"\S+",
    """
    edge/surface edge/bg focus/surface focus/bg accent/surface go/surface site/surface hold/surface
    risk/surface planline/surface warnline/surface
""",
)


def palette(theme: str) -> dict[str, str]:
    """Return `token -> #RRGGBB` of a theme."""
    blocks = re.findall(rf":root\[data-theme='{theme}'\]\s*\{{(.*?)\}}", TOKENS, re.DOTALL)
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})\b", "".join(blocks)))


def linear(colour: str) -> tuple[float, float, float]:
    """Return the three channels as light, 0 to 1."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast of two colours, 1 to 21."""
    lights = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other))]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def oklab(colour: str) -> tuple[float, float, float]:
    """Return lightness and the two opponent axes, all times 100."""
    r, g, b = linear(colour)
    long, medium, short = (
        (x * r + y * g + z * b) ** (1 / 3)
        for x, y, z in (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        )
    )
    return (
        100 * (0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short),
        100 * (1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short),
        100 * (0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short),
    )


def distance(one: str, other: str) -> float:
    """Return how far two colours look, OKLab × 100."""
    return sum((a - b) ** 2 for a, b in zip(oklab(one), oklab(other), strict=True)) ** 0.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("pair", TEXT_PAIRS)
def test_text_can_be_read(theme: str, pair: str) -> None:
    ink, paper = (palette(theme)[name] for name in pair.split("/"))

    assert contrast(ink, paper) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("pair", CONTROL_PAIRS)
def test_controls_can_be_seen(theme: str, pair: str) -> None:
    edge, ground = (palette(theme)[name] for name in pair.split("/"))

    assert contrast(edge, ground) >= 3.0


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("state", ["plan", "ack", "go", "site", "sitesoft", "hold", "done"])
@pytest.mark.parametrize("alert", ["warn", "risk"])
def test_an_alert_is_never_taken_for_a_state(theme: str, state: str, alert: str) -> None:
    colours = palette(theme)

    assert distance(colours[alert], colours[state]) >= 8


def test_the_system_dark_theme_is_the_chosen_one() -> None:
    (by_system,) = re.findall(
        r"prefers-color-scheme: dark\)\s*\{\s*:root[^{]*\{(.*?)\}", TOKENS, re.DOTALL
    )

    assert dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})\b", by_system)) == palette("dark")


def test_contrast_is_computed_as_the_standard_does() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
