"""French and English say the same things, with the same blanks to fill in."""

import json
import re
from pathlib import Path

import pytest

from tests.support.project import ROOT

FOLDERS = [ROOT / "dispatcher" / "locales", ROOT / "ui" / "src" / "locales"]
PLURAL = re.compile(r"\.(one|other|zero|few|many)$")


def sentences(path: Path) -> dict[str, str]:
    """Return `key -> sentence`, nested objects joined by dots."""

    def flat(node: object, prefix: str) -> dict[str, str]:
        if not isinstance(node, dict):
            return {prefix: str(node)}
        parts = (flat(value, f"{prefix}.{key}" if prefix else key) for key, value in node.items())
        return {key: value for part in parts for key, value in part.items()}

    return flat(json.loads(path.read_text(encoding="utf-8")), "")


def blanks(sentence: str) -> set[str]:
    """Return the names in braces of a sentence."""
    return set(re.findall(r"\{(\w+)", sentence))


def pairs() -> list[tuple[str, Path, Path]]:
    """Return every French file with the English one of the same name or folder."""
    found = []
    for folder in FOLDERS:
        for french in sorted(folder.glob("*fr.json")):
            english = french.with_name(french.name.removesuffix("fr.json") + "en.json")
            found.append((str(french.relative_to(ROOT)), french, english))
    return found


BOTH = pytest.mark.parametrize(
    ("french", "english"), [pair[1:] for pair in pairs()], ids=[pair[0] for pair in pairs()]
)


@BOTH
def test_both_languages_have_the_same_keys(french: Path, english: Path) -> None:
    assert sentences(french).keys() == sentences(english).keys()


@BOTH
def test_both_languages_fill_in_the_same_blanks(french: Path, english: Path) -> None:
    ours, theirs = sentences(french), sentences(english)

    different = [
        key
        for key in ours.keys() & theirs.keys()
        # A singular may spell its number out.
        if not PLURAL.search(key) and blanks(ours[key]) != blanks(theirs[key])
    ]

    assert different == []


@BOTH
def test_no_sentence_is_empty(french: Path, english: Path) -> None:
    both = {**sentences(french), **sentences(english)}

    assert [key for key, sentence in both.items() if not sentence.strip()] == []


def test_there_is_something_to_compare() -> None:
    assert pairs()
