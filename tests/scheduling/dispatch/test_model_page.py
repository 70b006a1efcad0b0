"""The page on the model names everything the model has."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

import scheduling.dispatch.check as checker
import scheduling.dispatch.check_shared as shared
from scheduling.dispatch.objective import Term
from scheduling.dispatch.problem import Crew, Prices, Problem, Visit

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "dispatch-model.md").read_text(encoding="utf-8")
INPUTS = {"visits", "crews", "matrix", "now", "plan", "prices", "duration_s", "place", "id"}
CENSUS = {
    "one_route_per_crew",
    "unknown_crew",
    "each_visit_once",
    "unknown_visit",
    "service",
    "sums",
}


@pytest.mark.parametrize("kind", [Visit, Crew, Prices, Problem])
def test_every_field_is_on_the_page(kind: type) -> None:
    names = {field.name for field in fields(kind) if field.init} - INPUTS  # type: ignore[arg-type]
    assert {name for name in names if not re.search(rf"\b{name}\b", PAGE)} == set()


def test_every_term_is_on_the_page() -> None:
    assert {term for term in get_args(Term) if f"`{term}`" not in PAGE} == set()


def test_every_rule_of_the_checker_is_on_the_page() -> None:
    files = [checker.__file__, shared.__file__]
    text = "".join(Path(str(file)).read_text(encoding="utf-8") for file in files)
    rules = set(re.findall(r'Breach\(\s*"(\w+)"', text)) - CENSUS
    assert {rule for rule in rules if f"`{rule}`" not in PAGE} == set()
