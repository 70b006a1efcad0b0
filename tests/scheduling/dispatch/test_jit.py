"""Compiled code on disk is never served stale."""

from collections.abc import Callable
from types import FunctionType

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
    assert len(stamp) == 64
