"""The judge of the other tests here is not blind: each way to break a promise is seen."""

import json

import pytest

from tests.support.crowd import Ledger, faults
from tests.support.live_mirror import Mirror
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


PUBLISHED = range(1, 21)


def broken_service(texts: list[str], way: str) -> list[str]:
    """Return the frames of a service that breaks one promise, at the tenth publication."""
    at = 9
    match way:
        case "hole":
            return texts[:at] + texts[at + 1 :]
        case "mended hole":
            # It even hides the hole from `prev`.
            after = json.loads(texts[at + 1])
            after["pub"]["prev"] = json.loads(texts[at])["pub"]["prev"]
            return [*texts[:at], json.dumps(after), *texts[at + 2 :]]
        case "swap":
            return [*texts[:at], texts[at + 1], texts[at], *texts[at + 2 :]]
        case "double":
            return [*texts[: at + 1], texts[at], *texts[at + 1 :]]
        case "no replay":
            answer = subscribed(offset=15, recovered=True)
            return [*texts[:at], answer, *texts[15:]]
        case "stops":
            return texts[:at]
        case "made up":
            invented = {"topic": TOPIC, "pub": {"offset": 99, "prev": 20, **BODY}}
            return [*texts, json.dumps(invented)]
    return texts


TOPIC = "board:cd19"
BODY = {"key": "k", "ver": 1, "data": None}


def subscribed(offset: int, *, recovered: bool) -> str:
    """Return the answer to a subscribe, with nothing in it."""
    word = "publications" if recovered else "snapshot"
    head = {"topic": TOPIC, "epoch": "k", "offset": offset, "was_recovering": recovered}
    return json.dumps({"id": 1, "subscribe": head | {"recovered": recovered, word: []}})


def judged(texts: list[str]) -> list[str]:
    """Return what a screen, and its judge afterwards, find wrong with these frames."""
    mirror = Mirror()
    mirror.topics[TOPIC] = held = Ledger()
    lies = []
    try:
        for text in [subscribed(0, recovered=False), *texts]:
            mirror.feed(text)
    except AssertionError as lie:
        lies.append(str(lie))
    return lies + faults(held, PUBLISHED, 20)


@pytest.mark.parametrize(
    ("way", "seen"),
    [
        ("hole", "a hole"),
        ("mended hole", "lost"),
        ("swap", "a hole"),
        ("double", "doubled"),
        ("no replay", "lost"),
        ("stops", "stopped"),
        ("made up", "made up"),
    ],
)
def test_a_screen_sees_every_way_in_which_a_service_can_break_its_promise(
    way: str, seen: str
) -> None:
    texts = [
        json.dumps({"topic": TOPIC, "pub": {"offset": n, "prev": n - 1, **BODY}}) for n in PUBLISHED
    ]
    assert judged(broken_service(texts, "none")) == []
    assert seen in " ".join(judged(broken_service(texts, way)))


def test_a_snapshot_stands_for_what_came_before_it_and_for_nothing_else() -> None:
    held = Ledger(offset=20, applied=[1, 2, 3, *range(11, 21)], pictures=[0, 10])
    assert faults(held, PUBLISHED, 20) == []
    held.applied.remove(12)
    assert faults(held, PUBLISHED, 20) == ["lost: [12]"]
