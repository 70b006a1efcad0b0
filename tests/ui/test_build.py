"""The front end is built once per content, and only with what the machine lacks."""

import os
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from ui.build import FrontEnd, is_good_node, machine_has_node

NPM = """#!/bin/sh
echo "$1" >> "$NPM_CALLS"
if [ "$1" = ci ]; then mkdir -p node_modules; fi
if [ "$1" = run ]; then
    if [ -e src/broken ]; then echo "syntax error in broken"; exit 1; fi
    rm -rf dist; mkdir dist; echo built > dist/index.html
fi
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A front end of one page, and an npm that only writes down what it was asked."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.ts").write_text("console.log(1)")
    (tmp_path / "package-lock.json").write_text("{}")
    return tmp_path


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    programs = tmp_path_factory.mktemp("bin")
    (programs / "npm").write_text(NPM)
    (programs / "npm").chmod(0o755)
    return {
        **os.environ,
        "NPM_CALLS": str(programs / "calls"),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }


def calls(environment: dict[str, str]) -> list[str]:
    return Path(environment["NPM_CALLS"]).read_text().split()


def test_a_build_makes_the_front_end_fresh(folder: Path, environment: dict[str, str]) -> None:
    front_end = FrontEnd(folder)
    assert not front_end.is_fresh()

    front_end.build(["npm"], environment)

    assert FrontEnd(folder).is_fresh()


def test_a_changed_source_must_be_built_again(folder: Path, environment: dict[str, str]) -> None:
    FrontEnd(folder).build(["npm"], environment)

    (folder / "src" / "main.ts").write_text("console.log(2)")

    assert not FrontEnd(folder).is_fresh()


def test_packages_are_installed_again_only_when_the_lock_changed(
    folder: Path, environment: dict[str, str]
) -> None:
    FrontEnd(folder).build(["npm"], environment)
    FrontEnd(folder).build(["npm"], environment)
    assert calls(environment) == ["ci", "run", "run"]

    (folder / "package-lock.json").write_text('{"name": "other"}')
    FrontEnd(folder).build(["npm"], environment)
    assert calls(environment) == ["ci", "run", "run", "ci", "run"]


def test_a_failed_build_says_why_and_is_not_taken_for_done(
    folder: Path, environment: dict[str, str]
) -> None:
    (folder / "src" / "broken").touch()

    with pytest.raises(RuntimeError, match="syntax error in broken"):
        FrontEnd(folder).build(["npm"], environment)

    assert not FrontEnd(folder).is_fresh()


def test_an_archive_without_sources_needs_no_build(tmp_path: Path) -> None:
    assert FrontEnd(tmp_path).is_fresh()


def test_templates_and_python_do_not_count_as_inputs(folder: Path) -> None:
    before = FrontEnd(folder).stamp()

    (folder / "templates").mkdir()
    (folder / "templates" / "track.html").write_text("<p>")
    (folder / "build.py").write_text("x = 1")

    assert FrontEnd(folder).stamp() == before


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("v18.20.0", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.0.0", True),
        ("nonsense", False),
    ],
)
def test_only_a_node_that_vite_accepts_is_used(version: str, good: bool) -> None:
    assert is_good_node(version) is good


def test_a_machine_without_node_is_recognised(tmp_path: Path) -> None:
    assert not machine_has_node(str(tmp_path))


def test_the_wheel_holds_pages_templates_and_reference_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CPO_SKIP_UI", "1")  # the pages as they are now, built or not
    root = Path(__file__).parents[2]
    builder = WheelBuilder(str(root))

    wheel = next(builder.build(directory=str(tmp_path), versions=["standard"]))

    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if not name.startswith("cpo_dispatcher-")}
    assert tops == {"dispatcher", "priority", "realtime", "scheduling", "ui"}
    for kind, here in (
        ("ui/dist/", root / "ui/dist"),
        ("dispatcher/_fixtures/", root / "fixtures"),
    ):
        assert any(n.startswith(kind) for n in names) == any(here.rglob("*.*"))
    assert "ui/templates/base.html" in names
    assert "dispatcher/locales/fr.json" in names
    assert not [
        n for n in names if n.startswith(("ui/src", "ui/node_modules")) or n.endswith(".ts")
    ]
