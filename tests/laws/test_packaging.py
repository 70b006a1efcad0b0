"""What an installation contains, and that its module names are ours."""

import importlib
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

from tests.support.project import PACKAGES, ROOT, source_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PACKAGES)
def test_the_package_that_is_imported_is_ours(name: str) -> None:
    # PyPI has packages called `priority` (used by hypercorn) and `realtime` (used by supabase).
    module = importlib.import_module(name)

    assert Path(module.__file__ or "").parent == ROOT / name


def test_nothing_that_brings_a_namesake_is_locked() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))

    locked = {package["name"] for package in lock["package"]}

    assert locked.isdisjoint({"priority", "realtime", "hypercorn", "supabase", "dispatcher", "ui"})


def test_the_lock_file_has_every_dependency_we_declare() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    (ours,) = [package for package in lock["package"] if package["name"] == "cpo-dispatcher"]

    extras = PROJECT["project"].get("optional-dependencies", {})
    needs = [*PROJECT["project"]["dependencies"], *(one for e in extras.values() for one in e)]
    declared = {re.split(r"[^\w.-]", need)[0].lower() for need in needs}

    assert declared == {entry["name"] for entry in ours["metadata"]["requires-dist"]}


def test_every_package_folder_is_in_the_wheel() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert set(wheel["packages"]) == set(PACKAGES)
    assert "ui/dist/**" in wheel["artifacts"]


def test_every_folder_with_modules_is_a_package() -> None:
    # Without __init__.py it imports in a checkout, and tools that look for packages miss it.
    folders = {path.parent for path in source_files(".py") if path.parent.name != "versions"}

    assert [str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists()] == []
