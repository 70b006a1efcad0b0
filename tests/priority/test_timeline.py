from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from priority.facts import Facts
from priority.score import assess
from priority.timeline import HORIZON, next_change_at
from tests.priority.cases import NOW, POLICY, facts, of_service
from tests.priority.test_batch import incidents


def test_waiting_changes_the_score_at_the_next_half_hour() -> None:
    assert next_change_at(facts(), POLICY) == NOW + timedelta(minutes=POLICY.waiting.every_min)


def test_an_attended_incident_of_a_quiet_service_waits_for_the_week_end() -> None:
    attended = facts(category=of_service("waste"), is_attended=True)

    found = next_change_at(attended, POLICY)

    assert found is None or POLICY.calendar.working.is_week_end(found)


def test_a_class_changes_no_sooner_than_a_score() -> None:
    incident = facts(respond_by=NOW + timedelta(hours=4))
    score, other = (next_change_at(incident, POLICY, of=what) for what in ("score", "class"))

    assert score is not None
    assert other is None or score <= other


@settings(max_examples=80, deadline=None)
@given(incidents(), st.floats(0, 1))
def test_nothing_changes_before_the_moment_found(incident: Facts, share: float) -> None:
    found = next_change_at(incident, POLICY)
    end = found - timedelta(seconds=2) if found is not None else incident.at + HORIZON
    between = incident.at + max(share * (end - incident.at), timedelta(0))

    assert assess(replace(incident, at=between), POLICY).score == assess(incident, POLICY).score


@settings(max_examples=80, deadline=None)
@given(incidents())
def test_the_score_is_another_at_the_moment_found(incident: Facts) -> None:
    found = next_change_at(incident, POLICY)

    if found is not None:
        later = assess(replace(incident, at=found), POLICY)
        assert later.score != assess(incident, POLICY).score
