"""Where the front end lies on disk: the built pages and the citizens' templates."""

import json
from functools import cache
from pathlib import Path
from typing import Any

DIST = Path(__file__).parent / "dist"
"""What Vite built (see `.vite/manifest.json`); absent when built with CPO_SKIP_UI=1."""

TEMPLATES = Path(__file__).parent / "templates"
"""Jinja2 templates of the pages that work without JavaScript."""


@cache
def _manifest() -> dict[str, dict[str, Any]]:
    path = DIST / ".vite" / "manifest.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def asset(source: str) -> str | None:
    """Return the address of a built asset; None when the front end was not built."""
    entry = _manifest().get(source)
    return f"/static/{entry['file']}" if entry else None
