"""Whatever code the dispatch engine can emit has its words on the board, in both languages."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from scheduling.dispatch import assemble, check, linked, meetings, offers, refusals, suppose
from scheduling.dispatch.moves import Caution
from scheduling.dispatch.objective import Term
from scheduling.dispatch.offers import Flag
from scheduling.dispatch.schedule import Rule
from scheduling.dispatch.solution import UnservedReason
from tests.support.project import ROOT

TOLD_OTHERWISE = {"bumps"}
"""Flags that the board tells in the sentence of the offer."""
CENSUS = {
    "one_route_per_crew",
    "unknown_crew",
    "each_visit_once",
    "unknown_visit",
    "service",
    "sums",
    "travel",
}
"""Rules of the checker that only a defect of the search can break: logged, never shown."""


def source(module: Any) -> str:
    return Path(module.__file__).read_text(encoding="utf-8")


def refusal_codes() -> set[str]:
    """Return every reason for which a crew is left out, read from the code that makes them."""
    texts = [source(module) for module in (refusals, offers, linked, meetings, suppose)]
    found = {code for t in texts for code in re.findall(r'Refusal\(\s*\S+?, "(\w+)"', t)}
    found |= set(re.findall(r'"(\w+)" if expired else "(\w+)"', texts[0])[0])
    found |= set(re.findall(r'"example_reason": "(\w+)"', source(assemble)))
    return found | set(get_args(Rule)) | {suppose.REMOVED, "not_on_duty"}


def breaches() -> set[str]:
    """Return every rule of the checker that a plan may break: from its code and from its page."""
    page = (ROOT / "docs" / "dispatch-model.md").read_text(encoding="utf-8")
    table = page.split("## Hard rules")[1].split("## Prices")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("|")]
    listed = {code for row in rows for code in re.findall(r"`(\w+)`", row[-2])} - {"check"}
    coded = set(re.findall(r'Breach\(\s*"(\w+)"', source(check)))
    return (listed | coded) - CENSUS


CODES = [
    *(("term", code) for code in get_args(Term)),
    *(("flag", code) for code in {*get_args(Flag), *get_args(Caution)} - TOLD_OTHERWISE),
    *(("unserved", code) for code in get_args(UnservedReason)),
    *(("refusal", code) for code in refusal_codes()),
    *(("rule", code) for code in breaches()),
]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_code_of_the_engine_has_words(language: str) -> None:
    path = ROOT / "ui" / "src" / "locales" / f"{language}.json"
    words = json.loads(path.read_text(encoding="utf-8"))
    assert sorted(f"{kind}.{code}" for kind, code in CODES if f"{kind}.{code}" not in words) == []


def test_the_codes_are_found_at_all() -> None:
    known = refusal_codes()
    assert {"missing_skill", "skill_expires", "delays_other", "hard_end", "linked"} <= known
    assert {"window", "frozen", "churn", "together_time"} <= breaches()
    assert len(CODES) > 90
