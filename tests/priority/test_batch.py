from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from priority.batch import Batch, assess_batch
from priority.facts import CategoryFacts, Danger, Facts, NearbySite, Reading, Vigilance
from priority.policy import Policy, Priority
from priority.replay import replay
from priority.score import assess
from tests.priority.cases import POLICY, danger, facts, policy

SERVICES = ["drinking_water", "roads", "winter_service", "waste"]
CLASSES = list(Priority)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
SPANS = st.timedeltas(timedelta(0), timedelta(hours=90))


@st.composite
def incidents(draw: st.DrawFn) -> Facts:
    at = draw(INSTANTS)
    reported = at - draw(SPANS)
    around = st.builds(lambda span: at + span - timedelta(hours=45), SPANS)
    kind = CategoryFacts(
        draw(st.sampled_from(["leak", "ice", "own"])),
        draw(st.sampled_from(SERVICES)),
        draw(st.integers(0, 30)),
        draw(st.integers(0, 30)),
    )
    kinds = st.sampled_from([*POLICY.dangers, "unheard_of"])
    site = st.builds(
        NearbySite,
        st.sampled_from([*POLICY.sites, "museum"]),
        st.just("x"),
        st.integers(0, 400),
    )
    reading = st.builds(
        Reading,
        st.just("pressure"),
        st.floats(0, 12),
        st.just("bar"),
        st.sampled_from([None, 2.0]),
        st.sampled_from([None, 8.0]),
        around,
    )
    warning = st.builds(
        Vigilance,
        st.sampled_from([*POLICY.weather, "volcano"]),
        st.sampled_from(["yellow", "orange", "red"]),
        around,
        st.none() | around,
    )
    few: dict[str, Any] = {"max_size": 3}
    return Facts(
        at=at,
        reported_at=reported,
        category=kind,
        dangers=tuple(draw(st.lists(st.builds(Danger, kinds, st.just("x")), **few))),
        sites=tuple(draw(st.lists(site, **few))),
        population_density=draw(st.none() | st.floats(0, 900)),
        traffic=draw(st.none() | st.integers(0, 9_000)),
        homes_without_water=draw(st.integers(0, 700)),
        readings=tuple(draw(st.lists(reading, **few))),
        reports=draw(st.integers(1, 20)),
        sources=draw(st.integers(1, 5)),
        vigilances=tuple(draw(st.lists(warning, **few))),
        respond_by=draw(st.none() | around),
        is_attended=draw(st.booleans()),
        reopenings=draw(st.integers(0, 4)),
        road=draw(st.none() | st.sampled_from([*POLICY.road_traffic])),
    )


OWN = policy(categories={"own": {"severity": 11, "urgency": 7}}, axis_cap=40)


@settings(max_examples=150, deadline=None)
@given(st.lists(incidents(), max_size=6), st.sampled_from([POLICY, OWN]))
def test_scoring_in_bulk_equals_scoring_one_by_one(many: list[Facts], under: Policy) -> None:
    found = assess_batch(Batch.of(many), under)

    singly = [assess(one, under) for one in many]
    assert found.severity.tolist() == [one.severity for one in singly]
    assert found.urgency.tolist() == [one.urgency for one in singly]
    assert found.scores.tolist() == [one.score for one in singly]
    assert [CLASSES[i] for i in found.classes.tolist()] == [one.priority for one in singly]


@settings(max_examples=100, deadline=None)
@given(incidents(), st.sampled_from([*POLICY.dangers]))
def test_a_danger_more_never_lowers_the_class(incident: Facts, kind: str) -> None:
    told = (*incident.dangers, danger(kind))
    more = Facts(**{**{f: getattr(incident, f) for f in Facts.__slots__}, "dangers": told})

    assert assess(more, POLICY).priority <= assess(incident, POLICY).priority


@settings(max_examples=100, deadline=None)
@given(incidents(), st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_told_does_not_change_the_score(
    incident: Facts, chance: Any
) -> None:
    values = {f: getattr(incident, f) for f in Facts.__slots__}
    for several in ("dangers", "sites", "readings", "vigilances"):
        values[several] = tuple(chance.sample(values[several], len(values[several])))

    assert assess(Facts(**values), POLICY).score == assess(incident, POLICY).score


def test_a_replay_tells_who_changes_class_and_who_would_wait() -> None:
    calm, ice = facts(), facts(dangers=(danger("ice"),))
    draft = policy(dangers={"ice": {"severity": 0, "urgency": 0}})

    found = replay([calm, ice], POLICY, draft)

    before, after = assess(ice, POLICY), assess(ice, draft)
    assert before.priority < after.priority
    assert (found.incidents, found.changed, found.would_wait) == (2, 1, 1)
    assert [(one.index, one.before, one.after) for one in found.moves] == [
        (1, before.priority, after.priority)
    ]


def test_a_replay_of_nothing_changes_nothing() -> None:
    found = replay([], POLICY, POLICY)

    assert (found.incidents, found.changed, found.moves) == (0, 0, ())
