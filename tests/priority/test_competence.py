from dataclasses import replace
from datetime import timedelta

import pytest

from priority.competence import Situation, competent, rules_from_toml
from priority.policy import PolicyError
from tests.priority.cases import NOW, POLICY
from tests.priority.library import FIXTURES

RULES = rules_from_toml((FIXTURES / "competence.toml").read_text(encoding="utf-8"))
POTHOLE = Situation(NOW, "roads", "pothole", insee="19272", council="200066744", road="communal")
NIGHT = NOW + timedelta(hours=12)


def decided(situation: Situation) -> tuple[str, str | None, str]:
    found = competent(situation, RULES, POLICY.calendar.working)
    assert found is not None
    return found.level, found.authority, found.rule


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (POTHOLE, ("commune", "19272", "communal_road")),
        (replace(POTHOLE, road="departmental"), ("departement", "19", "departmental_road")),
        (replace(POTHOLE, road="motorway"), ("concessionaire", "motorway", "motorway_operator")),
        (replace(POTHOLE, road="national"), ("state", "national_roads", "national_road")),
        (
            replace(POTHOLE, category="pavement", road="departmental", in_town=True),
            ("commune", "19272", "pavement_in_town"),
        ),
        (
            replace(POTHOLE, category="pavement", road="departmental", in_town=None),
            ("departement", "19", "departmental_road"),
        ),
        (
            replace(POTHOLE, service="drinking_water", category="water_outage"),
            ("epci", "200066744", "water_epci"),
        ),
        (
            replace(POTHOLE, service="drinking_water", category="water_outage", at=NIGHT),
            ("concessionaire", "water_on_call", "water_out_of_hours"),
        ),
        (
            replace(POTHOLE, service="public_lighting", category="cable_down"),
            ("concessionaire", "electricity", "power_network"),
        ),
    ],
)
def test_the_first_rule_that_holds_decides(
    situation: Situation, expected: tuple[str, str | None, str]
) -> None:
    assert decided(situation) == expected


def test_the_proof_carries_what_was_looked_at() -> None:
    found = competent(POTHOLE, RULES, POLICY.calendar.working)

    assert found is not None
    assert found.params["road"] == "communal"
    assert "in_town" not in found.params


def test_nobody_is_competent_without_a_rule() -> None:
    assert competent(POTHOLE, (), POLICY.calendar.working) is None


def test_a_mistake_names_its_rule_and_field() -> None:
    with pytest.raises(PolicyError, match=r"rule\.0\.level"):
        rules_from_toml('[[rule]]\nid = "x"\nlevel = "king"\n')


def test_every_source_of_the_shipped_rules_says_when_it_was_compared_with_the_law() -> None:
    for rule in RULES:
        assert (rule.source == "") == (rule.checked_on is None), rule.id
