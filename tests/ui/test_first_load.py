"""The board opens with little: what its page needs before the queue can be shown has a budget."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

DIST = Path(__file__).parents[2] / "ui" / "dist"
BUDGET = 120_000
"""Bytes of scripts and styles, gzipped; the map and the dialogs come after the queue."""


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """What the build made, and what each part imports."""
    path = DIST / ".vite" / "manifest.json"
    if not path.exists():
        pytest.skip("the pages are not built")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def first_files(manifest: dict[str, Any], page: str) -> set[str]:
    """Return the files that a page asks for before anything of it runs."""
    files: set[str] = set()
    seen: set[str] = set()
    waiting = [page]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = manifest[name]
        files |= {chunk["file"], *chunk.get("css", [])}
        waiting += chunk.get("imports", [])
    return files


def test_the_board_is_within_its_budget(manifest: dict[str, Any]) -> None:
    files = first_files(manifest, "board.html")
    weights = {name: len(gzip.compress((DIST / name).read_bytes())) for name in files}

    assert sum(weights.values()) < BUDGET, sorted(weights.items(), key=lambda one: -one[1])[:8]


def test_the_map_and_the_dialogs_are_not_part_of_the_first_load(manifest: dict[str, Any]) -> None:
    first = first_files(manifest, "board.html")
    later = {
        chunk["file"]
        for name, chunk in manifest.items()
        if name.endswith("map/engine.ts") or name.endswith("Dialog.svelte")
    }

    assert len(later) > 8
    assert later & first == set()
