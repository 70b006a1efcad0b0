"""The examples in docstrings are true."""

import doctest
import importlib

import pytest

from tests.support.project import name_of, source_files

MODULES = [
    name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    for path in source_files(".py")
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)

    assert result.failed == 0
    assert result.attempted > 0
