"""Nothing in the project depends on where, or by whom, it was written."""

import re

import pytest

from tests.support.project import name_of, project_files

TEXT = {
    "", ".py", ".ts", ".js", ".svelte", ".css", ".html", ".json", ".md", ".toml", ".lock", ".yml",
    ".yaml", ".txt", ".csv", ".geojson", ".mako", ".svg",
}  # fmt: skip
PLACES = re.compile(r"(?<![\w.])/(work|root|home/[a-z]+|Users)/|/opt/(pypi|wheels)")
LARGE = 4_000_000


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    offenders = []
    for path in project_files():
        if path.suffix not in TEXT or path.name == __file__.rsplit("/", 1)[-1]:
            continue
        if path.stat().st_size < LARGE:
            text = path.read_text(encoding="utf-8", errors="replace")
            offenders += [f"{name_of(path)}: {m[0]}" for m in PLACES.finditer(text)]

    assert offenders == []


@pytest.mark.parametrize("text", ["cd /work/x", "'/root/.cache'", "file:///opt/pypi/simple"])
def test_such_a_folder_is_recognised(text: str) -> None:
    assert PLACES.search(text)


def test_a_route_is_not_taken_for_a_folder() -> None:
    assert not PLACES.search("/api/v1/work/7 and https://example.org/root/")
