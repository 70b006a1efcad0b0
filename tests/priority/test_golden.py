"""Sixty cases of the field with the class that good sense expects: ``golden.toml``."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from priority.facts import CategoryFacts, Danger, Facts, NearbySite, Reading, Vigilance
from priority.policy import Policy
from priority.score import assess
from tests.priority.library import catalogue

PARIS = ZoneInfo("Europe/Paris")
CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "golden.toml").read_text(encoding="utf-8")
)["case"]
KINDS = {one["code"]: one for one in catalogue()}
KEYS = {"say", "category", "expect", "why", "dangers", "sites", "density", "traffic", "homes"} | {
    "reports",
    "sources",
    "reading",
    "weather",
    "at",
    "waited_min",
    "reopenings",
    "attended",
}


def facts(case: dict[str, Any]) -> Facts:
    kind = KINDS[case["category"]]
    at = datetime.fromisoformat(case.get("at", "2026-11-24 10:00")).replace(tzinfo=PARIS)
    metric = case.get("reading")
    return Facts(
        at=at,
        reported_at=at - timedelta(minutes=case.get("waited_min", 0)),
        category=CategoryFacts(kind["code"], kind["service"], kind["severity"], kind["urgency"]),
        dangers=tuple(Danger(one, one) for one in case.get("dangers", ())),
        sites=tuple(
            NearbySite(one.split(":")[0], "", int(one.split(":")[1]))
            for one in case.get("sites", ())
        ),
        population_density=case.get("density"),
        traffic=case.get("traffic"),
        homes_without_water=case.get("homes", 0),
        readings=(Reading(metric[0], metric[1], "bar", metric[2], None, at),) if metric else (),
        reports=case.get("reports", 1),
        sources=case.get("sources", 1),
        vigilances=tuple(
            Vigilance(one.split(":")[0], one.split(":")[1], at) for one in case.get("weather", ())
        ),
        reopenings=case.get("reopenings", 0),
        is_attended=case.get("attended", False),
    )


def test_there_are_sixty_cases_each_with_a_reason() -> None:
    assert len(CASES) >= 60
    assert all(set(one) <= KEYS and one["why"].endswith(".") for one in CASES)
    assert len({one["say"] for one in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=[one["say"] for one in CASES])
def test_the_policy_of_the_house_agrees_with_good_sense(case: dict[str, Any]) -> None:
    found = assess(facts(case), Policy.default())

    assert found.priority.value in case["expect"], (found.score, case["why"], found.reasons)
