"""The judge of the other tests here is not blind: each way to break a promise is seen."""

from tests.support.promises import broken_promises, is_prefix


def test_every_broken_promise_is_named() -> None:
    assert broken_promises(["a", "b"], ["a", "x", "b"]) == []
    assert broken_promises(["a", "b"], ["a"]) == ["lost: b"]
    assert broken_promises(["a"], ["a", "a"]) == ["doubled: a"]
    assert broken_promises(["a", "b"], ["b", "a"]) == ["out of order"]


def test_a_history_with_a_hole_is_not_a_beginning() -> None:
    assert is_prefix([], ["a", "b"])
    assert is_prefix(["a"], ["a", "b"])
    assert not is_prefix(["b"], ["a", "b"])
    assert not is_prefix(["a", "b", "c"], ["a", "b"])
