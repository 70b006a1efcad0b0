"""Compiled code on disk is never served stale."""

from collections.abc import Callable
from types import FunctionType

import pytest

from scheduling.dispatch.anneal import anneal
from scheduling.dispatch.edits import insert
from scheduling.dispatch.jit import compiled, fingerprint


def made(text: str, **names: object) -> Callable[..., object]:
    scope: dict[str, object] = dict(names)
    exec(text, scope)
    function = scope["f"]
    assert isinstance(function, FunctionType)
    return function


def test_a_changed_constant_changes_the_fingerprint() -> None:
    text = "def f(x):\n    return x + LIMIT\n"
    assert fingerprint(made(text, LIMIT=1)) != fingerprint(made(text, LIMIT=2))


def test_a_changed_callee_changes_the_fingerprint_of_its_caller() -> None:
    caller = "def f(x):\n    return inner(x)\n"
    one, two = (compiled(made(f"def f(x):\n    return x + {n}\n")) for n in (1, 2))
    assert fingerprint(made(caller, inner=one)) != fingerprint(made(caller, inner=two))


def test_the_same_code_has_the_same_fingerprint() -> None:
    text = "def f(x):\n    return x\n"
    assert fingerprint(made(text)) == fingerprint(made(text))


def test_the_cache_compares_our_fingerprint() -> None:
    stamp = insert._cache._cache_file._source_stamp  # type: ignore[attr-defined]
    assert stamp == fingerprint(insert.py_func)  # type: ignore[attr-defined]


def test_a_changed_callee_further_down_the_module_changes_the_fingerprint() -> None:
    prints = []
    for n in (1, 2):
        caller = made("def f(x):\n    return inner(x)\n")
        compiled(caller)
        caller.__globals__["inner"] = compiled(made(f"def f(x):\n    return x + {n}\n"))
        prints.append(fingerprint(caller))
    assert prints[0] != prints[1]


def test_what_calls_itself_has_a_fingerprint() -> None:
    caller = made("def f(x):\n    return f(x - 1) if x else 0\n")
    caller.__globals__["f"] = compiled(caller)
    assert len(fingerprint(caller)) == 64


def test_the_search_covers_what_places_visits_with_special_crews(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = fingerprint(anneal.py_func)  # type: ignore[attr-defined]
    monkeypatch.setattr("scheduling.dispatch.special.MAX_TRAVEL", 77)
    assert fingerprint(anneal.py_func) != before  # type: ignore[attr-defined]
