"""The files of the project as its laws see them: what is committed, not what tools leave behind."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("dispatcher", "priority", "realtime", "scheduling", "ui")
# What .gitignore names, so that the laws also hold in a source archive without git.
LEFT_BEHIND = {
    "__pycache__", "node_modules", "dist", "build", "test-results",
    ".git", ".venv", ".tools", ".demo", ".hypothesis",
    ".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache",
}  # fmt: skip


@cache
def project_files() -> tuple[Path, ...]:
    """Return every committed file, in order."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(set(folders) - LEFT_BEHIND)
        found += [Path(folder) / name for name in sorted(names)]
    return tuple(found)


def source_files(*suffixes: str, under: tuple[str, ...] = PACKAGES) -> Iterator[Path]:
    """Yield the files with these suffixes below these top folders."""
    for path in project_files():
        if path.suffix in suffixes and path.relative_to(ROOT).parts[0] in under:
            yield path


def name_of(path: Path) -> str:
    """Return the path as people write it: relative to the root, with slashes."""
    return path.relative_to(ROOT).as_posix()
