from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from priority.facts import CategoryFacts, Facts
from priority.policy import Priority
from priority.reasons import Rule
from priority.score import assess
from tests.priority.cases import NOW, POLICY, danger, facts, hospital, policy, pressure, vigilance

DANGERS = st.lists(st.sampled_from(sorted(POLICY.dangers)), max_size=5)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Draw an incident with any mix of evidence."""
    base = st.integers(0, 30)
    service = draw(st.sampled_from(["drinking_water", "roads", "waste"]))
    at = NOW + timedelta(minutes=draw(st.integers(0, 60 * 24 * 14)))
    return facts(
        at=at,
        reported_at=at - timedelta(minutes=draw(st.integers(-10, 5000))),
        category=CategoryFacts("kind", service, draw(base), draw(base)),
        dangers=tuple(danger(kind) for kind in draw(DANGERS)),
        sites=tuple(hospital(distance) for distance in draw(st.lists(st.integers(0, 600)))),
        population_density=draw(st.none() | st.floats(0, 2000)),
        traffic=draw(st.none() | st.integers(0, 20_000)),
        homes_without_water=draw(st.integers(0, 900)),
        reports=draw(st.integers(1, 40)),
        sources=draw(st.integers(1, 5)),
        vigilances=tuple(
            vigilance("snow_ice", colour)
            for colour in draw(st.lists(st.sampled_from(["yellow", "orange", "red"])))
        ),
        respond_by=draw(st.none() | st.just(at + timedelta(minutes=draw(st.integers(-90, 90))))),
        is_attended=draw(st.booleans()),
        reopenings=draw(st.integers(0, 3)),
    )


@given(any_facts())
@settings(max_examples=200)
def test_reasons_add_up_to_the_score_exactly(incident: Facts) -> None:
    result = assess(incident, POLICY)

    assert sum(reason.points for reason in result.reasons) == result.score
    for axis, total in (("severity", result.severity), ("urgency", result.urgency)):
        assert sum(one.points for one in result.reasons if one.axis == axis) == total
    assert all(reason.points for reason in result.reasons)


@given(any_facts())
def test_a_score_lies_between_0_and_100_and_decides_the_class(incident: Facts) -> None:
    result = assess(incident, POLICY)

    assert 0 <= result.severity <= 50
    assert 0 <= result.urgency <= 50
    assert result.priority is POLICY.priority_of(result.score)


@given(any_facts(), st.sampled_from(sorted(POLICY.dangers)))
def test_one_more_danger_never_lowers_a_score(incident: Facts, kind: str) -> None:
    with_danger = replace(incident, dangers=(*incident.dangers, danger(kind)))

    assert assess(with_danger, POLICY).score >= assess(incident, POLICY).score


def test_the_same_facts_give_the_same_assessment() -> None:
    assert assess(facts(), POLICY) == assess(facts(), POLICY)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (100, "P1"),
        (70, "P1"),
        (69, "P2"),
        (50, "P2"),
        (49, "P3"),
        (30, "P3"),
        (29, "P4"),
        (0, "P4"),
    ],
)
def test_thresholds_are_inclusive(score: int, expected: str) -> None:
    assert POLICY.priority_of(score) is Priority(expected)


def test_what_an_axis_cannot_hold_is_told_as_a_negative_reason() -> None:
    grave = facts(
        category=CategoryFacts("water_main_burst", "drinking_water", 26, 24),
        sites=(hospital(50),),
        homes_without_water=142,
    )

    result = assess(grave, POLICY)

    capped = [reason for reason in result.reasons if reason.rule is Rule.AXIS_CAP]
    assert result.severity == 50
    assert [(one.axis, one.points, one.params) for one in capped] == [("severity", -8, {"cap": 50})]


def test_somebody_hurt_makes_nearly_anything_immediate() -> None:
    bench = CategoryFacts("street_furniture", "green_spaces", 4, 3)

    hurt = assess(facts(category=bench, dangers=(danger("life", "blessé"),)), POLICY)

    assert hurt.priority is Priority.P1


def test_waiting_alone_never_makes_a_planned_job_immediate() -> None:
    forgotten = facts(
        category=CategoryFacts("lamp_out", "public_lighting", 4, 3),
        reported_at=NOW - timedelta(days=60),
        respond_by=NOW - timedelta(days=50),
    )

    assert assess(forgotten, POLICY).priority in {Priority.P3, Priority.P4}


def test_a_leak_before_frost_near_a_hospital_with_many_homes_dry_is_immediate() -> None:
    burst = facts(
        category=CategoryFacts("water_main_burst", "drinking_water", 26, 24),
        reported_at=NOW - timedelta(minutes=6),
        sites=(hospital(180),),
        homes_without_water=142,
        readings=(pressure(0.4),),
        reports=4,
        sources=3,
        vigilances=(vigilance("snow_ice", "orange", timedelta(hours=4)),),
    )

    assert assess(burst, POLICY).priority is Priority.P1


def test_another_policy_gives_another_class_to_the_same_facts() -> None:
    strict = policy(thresholds={"p1": 25, "p2": 20, "p3": 10})

    assert assess(facts(), POLICY).priority is Priority.P4
    assert assess(facts(), strict).priority is Priority.P1
