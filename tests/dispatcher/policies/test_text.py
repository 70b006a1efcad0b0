"""A policy as text: nothing lost, mistakes found where they are."""

import pytest

from dispatcher.policies.hints import Scored, override_hints
from dispatcher.policies.text import check, to_text, with_version
from priority.policy import Policy


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_what_is_written_is_read_back_the_same(locale: str) -> None:
    policy = Policy.from_toml('name = "L’été \\"chaud\\""\n[categories.pothole]\nseverity = 3\n')

    assert Policy.from_toml(to_text(policy, "en" if locale == "en" else "fr")) == policy


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "version = 4\n"),
        ("version = 2\n[waiting]\ncap = 1\n", "version = 4\n[waiting]\ncap = 1\n"),
        ("# un mot\n[x]\nversion = 9\n", "version = 4\n# un mot\n[x]\nversion = 9\n"),
    ],
)
def test_only_the_version_changes(text: str, wanted: str) -> None:
    assert with_version(text, 4) == wanted


def test_every_mistake_is_told_not_only_the_first() -> None:
    found = check("[waiting]\nevery_min = 0\ncap = -1\n").problems

    assert [(p.path, p.line) for p in found] == [("waiting.every_min", 2), ("waiting.cap", 3)]


def test_few_overrides_are_no_advice_and_split_ones_neither() -> None:
    rule = [{"rule": "danger", "params": {"kind": "ice"}}]
    calm = [Scored("P3", None, rule)] * 10
    (once,) = override_hints([*calm, Scored("P3", "P1", rule)])
    (split,) = override_hints([*calm, *[Scored("P3", "P1", rule), Scored("P3", "P4", rule)] * 3])
    (lower,) = override_hints([*calm, *[Scored("P1", "P3", rule)] * 4])

    assert (once.kind, once.advice) == ("ice", "none")
    assert split.advice == "none"
    assert lower.advice == "fewer"


def test_setting_the_computed_class_by_hand_is_no_disagreement() -> None:
    (hint,) = override_hints([Scored("P2", "P2", [{"rule": "traffic", "params": {}}])])

    assert (hint.seen, hint.raised, hint.lowered) == (1, 0, 0)
