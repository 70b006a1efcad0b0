"""An authority's own accent and logo, refused when people could not read them.

The accent stands as text on our surfaces and under white or dark text on buttons; both must reach
WCAG 2.1 AA (1.4.3, 4.5:1) in the light and the dark theme. It is judged before the service starts.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.errors import InvalidInput, NotFound
from dispatcher.settings import Settings

router = APIRouter(include_in_schema=False)

PART: Final = "theme"
LEAST: Final = 4.5
"""WCAG 2.1, success criterion 1.4.3 (contrast, minimum) for ordinary text."""
LOGO_BYTES: Final = 200_000
KINDS: Final = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}
SOFT: Final = {"light": 0.12, "dark": 0.18}
"""How much of the accent the soft fill behind a selection holds."""
SURFACES: Final = {
    "light": {"surface": "#FFFFFF", "sunken": "#F5F7F8"},
    "dark": {"surface": "#141C23", "raised": "#1D2730", "sunken": "#10171D"},
}
"""Tokens on which the accent is read; a test holds them to the style sheet."""
ON: Final = ("#FFFFFF", "#04222A")

Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Theme:
    """What an authority has chosen.

    Attributes:
        css: A style sheet that follows ours; empty without an accent and a logo.
        logo: Bytes of the logo; empty without one.
        logo_type: Media type of the logo.
    """

    css: str = ""
    logo: bytes = b""
    logo_type: str = ""

    @property
    def tag(self) -> str:
        """Return a short name of this very theme, for caches."""
        return hashlib.sha256(self.css.encode() + self.logo).hexdigest()[:12]


def theme_of(settings: Settings) -> Theme:
    """Return the theme that the settings ask for.

    Raises:
        InvalidInput: A colour cannot be read on our surfaces, or the logo is missing, too large
            (200 kB) or of another kind than SVG, PNG and WebP.
    """
    rules = []
    if settings.theme_accent:
        dark = settings.theme_accent_dark or _lightened(settings.theme_accent)
        light_css = _block("light", settings.theme_accent, "CPO_THEME_ACCENT")
        dark_css = _block("dark", dark, "CPO_THEME_ACCENT_DARK")
        rules += [
            f":root,:root[data-theme='light']{{{light_css}}}",
            f"@media (prefers-color-scheme:dark){{:root:not([data-theme='light']){{{dark_css}}}}}",
            f":root[data-theme='dark']{{{dark_css}}}",
        ]
    logo, kind = _logo_of(settings.theme_logo)
    if logo:
        rules.append(
            ".logo,.brand>svg{background:url(/theme/logo) center/contain no-repeat}"
            ".logo>*,.brand>svg>*{visibility:hidden}"
        )
    return Theme("\n".join(rules), logo, kind)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21.

    Source: WCAG 2.1, relative luminance and contrast ratio.

    >>> contrast("#FFFFFF", "#000000"), round(contrast("#0B5563", "#FFFFFF"), 1)
    (21.0, 8.4)
    """
    lighter, darker = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _block(theme: str, accent: str, setting: str) -> str:
    soft = _mixed(accent, SURFACES[theme]["surface"], SOFT[theme])
    for name, surface in {**SURFACES[theme], "its own soft fill": soft}.items():
        found = contrast(accent, surface)
        if found < LEAST:
            raise InvalidInput(
                f"{setting} {accent} has a contrast of {found:.1f}:1 on {name} {surface} in the "
                f"{theme} theme; people need {LEAST}:1 (WCAG 2.1 AA). "
                f"Choose a {'darker' if theme == 'light' else 'lighter'} colour.",
                setting=setting,
                contrast=round(found, 2),
            )
    on = max(ON, key=lambda text: contrast(text, accent))
    return f"--accent:{accent};--onaccent:{on};--accentsoft:{soft};--accenttext:{accent}"


def _logo_of(path: str | None) -> tuple[bytes, str]:
    if path is None:
        return b"", ""
    file = Path(path)
    kind = KINDS.get(file.suffix.lower())
    if kind is None:
        raise InvalidInput("CPO_THEME_LOGO must be an SVG, PNG or WebP file", setting="logo")
    if not file.is_file():
        raise InvalidInput("CPO_THEME_LOGO names no file", setting="logo")
    if file.stat().st_size > LOGO_BYTES:
        raise InvalidInput("CPO_THEME_LOGO is larger than 200 kB", setting="logo")
    return file.read_bytes(), kind


def _lightened(accent: str) -> str:
    """Return the accent mixed with white until it can be read on the dark surfaces."""
    for step in range(21):
        tried = _mixed("#FFFFFF", accent, step / 20)
        soft = _mixed(tried, SURFACES["dark"]["surface"], SOFT["dark"])
        if all(contrast(tried, one) >= LEAST for one in (*SURFACES["dark"].values(), soft)):
            return tried
    return "#FFFFFF"


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round((a * share + b * (1 - share)) * 255):02X}" for a, b in pairs)


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@router.get("/theme.css")
async def read_theme(
    request: Request, _anyone: Annotated[Actor, Depends(access.public)]
) -> Response:
    """Serve the authority's own colours; empty when it has none."""
    theme: Theme = service_of(request).parts[PART]
    headers = {"Cache-Control": "no-cache", "ETag": f'"{theme.tag}"'}
    return Response(theme.css, media_type="text/css", headers=headers)


@router.get("/theme/logo")
async def read_logo(
    request: Request, _anyone: Annotated[Actor, Depends(access.public)]
) -> Response:
    """Serve the authority's own logo."""
    theme: Theme = service_of(request).parts[PART]
    if not theme.logo:
        raise NotFound(what="logo")
    headers = {"Cache-Control": "no-cache", "ETag": f'"{theme.tag}"'}
    return Response(theme.logo, media_type=theme.logo_type, headers=headers)
