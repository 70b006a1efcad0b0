"""Where the front end lies on disk: the built pages and the citizens' templates."""

from pathlib import Path

DIST = Path(__file__).parent / "dist"
"""What Vite built (see `.vite/manifest.json`); absent when built with CPO_SKIP_UI=1."""

TEMPLATES = Path(__file__).parent / "templates"
"""Jinja2 templates of the pages that work without JavaScript."""
