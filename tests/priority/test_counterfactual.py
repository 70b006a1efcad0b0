from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings

from priority.counterfactual import Counterfactual, counterfactuals
from priority.facts import CategoryFacts, Facts, NearbySite, Vigilance
from priority.policy import Priority
from priority.score import assess
from tests.priority.cases import (
    NOW,
    POLICY,
    danger,
    facts,
    hospital,
    of_service,
    pressure,
    vigilance,
)
from tests.priority.test_score import any_facts


def leak(severity: int, urgency: int, **changes: object) -> Facts:
    """Return a water incident with chosen base points."""
    return facts(category=CategoryFacts("leak", "drinking_water", severity, urgency), **changes)


def by_change(incident: Facts) -> dict[tuple[str, str], Counterfactual]:
    found = counterfactuals(incident, POLICY)
    return {(one.change, one.priority.value): one for one in found}


@given(any_facts())
@settings(max_examples=60)
def test_a_counterfactual_always_leads_to_another_class(incident: Facts) -> None:
    now = assess(incident, POLICY)

    found = counterfactuals(incident, POLICY)

    assert all(one.priority is not now.priority for one in found)
    assert all(POLICY.priority_of(one.score) is one.priority for one in found)
    distances = [abs(one.score - now.score) for one in found]
    assert distances == sorted(distances)
    assert len({(one.change, one.priority) for one in found}) == len(found)


def test_without_the_hospital_so_near_it_would_be_urgent_only() -> None:
    near = leak(26, 26, sites=(hospital(180),))

    assert assess(near, POLICY).priority is Priority.P1
    found = by_change(near)[("no_site_near", "P2")]
    assert (found.score, found.params) == (52, {"kind": "hospital"})


def test_a_hospital_within_200_m_would_make_it_immediate() -> None:
    found = by_change(leak(26, 26))[("site_near", "P1")]

    assert found.score == 70
    assert found.params["within_m"] == 200


def test_the_smallest_number_of_homes_is_given_up_and_down() -> None:
    some = leak(20, 20, homes_without_water=60)

    found = by_change(some)

    assert assess(some, POLICY).score == 51
    assert found[("homes_without_water", "P3")].params == {"homes": 49}
    assert ("homes_without_water", "P1") not in found


def test_homes_are_not_asked_of_a_service_without_water() -> None:
    pothole = facts(category=CategoryFacts("pothole", "roads", 20, 9))

    assert not any(change == "homes_without_water" for change, _ in by_change(pothole))


def test_a_danger_withdrawn_or_told_changes_the_class() -> None:
    told = leak(20, 15, dangers=(danger("flooding"),))

    found = by_change(told)

    assert found[("danger_withdrawn", "P3")].params == {"kind": "flooding"}
    assert found[("danger_told", "P1")].score >= 70


def test_a_sensor_back_to_normal_changes_the_class() -> None:
    assert by_change(leak(22, 20, readings=(pressure(0.4),)))[("sensor_normal", "P3")].score == 42


def test_more_reports_and_more_sources_are_named() -> None:
    found = by_change(leak(24, 25))

    assert found[("reports", "P2")].params == {"reports": 2}
    assert found[("sources", "P2")].params == {"sources": 2}


def test_weather_may_rise_or_be_lifted() -> None:
    warned = leak(24, 20, vigilances=(vigilance("snow_ice", "yellow"),))

    found = by_change(warned)

    assert found[("weather", "P3")].params == {"phenomenon": "snow_ice", "colour": "green"}
    assert found[("weather", "P1")].params == {"phenomenon": "snow_ice", "colour": "red"}


def test_the_first_moment_at_which_the_class_changes_by_itself_is_found() -> None:
    incident = leak(24, 24, respond_by=NOW + timedelta(hours=4))

    found = by_change(incident)[("time_passing", "P2")]

    # Half an hour of waiting gives one point, an hour two: 48 + 2.
    assert found.params == {"at": "2026-11-24T14:07:00Z"}


def test_the_end_of_a_vigilance_is_such_a_moment() -> None:
    until = NOW + timedelta(hours=5, minutes=20)
    warned = leak(24, 24, vigilances=(Vigilance("snow_ice", "yellow", NOW, until),))
    attended = replace(warned, is_attended=True)

    assert by_change(attended)[("time_passing", "P3")].params == {"at": "2026-11-24T18:27:00Z"}


def test_an_incident_that_stays_as_it_is_has_no_moment() -> None:
    attended = leak(2, 2, is_attended=True)

    assert not any(one.change == "time_passing" for one in counterfactuals(attended, POLICY))


def first_minute(incident: Facts) -> datetime | None:
    """Return the first whole minute of the next 72 hours with another class, by trying them all."""
    before = assess(incident, POLICY).priority
    for minute in range(1, 72 * 60 + 1):
        at = incident.at + timedelta(minutes=minute)
        later = facts(
            at=at,
            reported_at=incident.reported_at,
            category=incident.category,
            sites=incident.sites,
            readings=incident.readings,
            vigilances=incident.vigilances,
            respond_by=incident.respond_by,
        )
        if assess(later, POLICY).priority is not before:
            return at
    return None


def test_no_earlier_minute_changes_the_class_than_the_one_found() -> None:
    school = NearbySite("school", "École du Centre", 40)
    incidents = [
        leak(24, 18, respond_by=NOW + timedelta(hours=3)),
        leak(24, 24, sites=(school,)),
        facts(category=CategoryFacts("pothole", "roads", 23, 24)),
        leak(20, 25, readings=(pressure(0.4),)),
        leak(20, 20, vigilances=(vigilance("snow_ice", "orange", timedelta(hours=30)),)),
        facts(category=of_service("roads"), respond_by=NOW + timedelta(hours=70)),
    ]
    for incident in incidents:
        found = [one for one in counterfactuals(incident, POLICY) if one.change == "time_passing"]
        moments = [datetime.fromisoformat(str(one.params["at"])) for one in found]
        tried = first_minute(incident)
        assert (tried is None) == (moments == [])
        if tried is not None:
            # A share of a delay falls between seconds: the moment found lies just past it.
            one_second = timedelta(seconds=1)
            assert tried - timedelta(minutes=1) < moments[0].astimezone(UTC) <= tried + one_second
