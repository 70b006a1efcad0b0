"""How soon a crew would be somewhere: from where it is, or from what it must finish first."""

import pytest

from scheduling.dispatch.coverage import Answer, Stand, answers, cover, stands_at
from scheduling.dispatch.problem import PlannedRoute, PlannedStop, Problem
from tests.scheduling.dispatch.cases import HOUR, MINUTE, crew, road, visit

PLAN = (
    PlannedRoute("a", (PlannedStop("v1", HOUR), PlannedStop("v2", 2 * HOUR))),
    PlannedRoute("b", ()),
)
PROBLEM = Problem(
    visits=(visit("v1", 4), visit("v2", 10)),
    crews=(crew("a"), crew("b", 19, ready_at=3 * HOUR)),
    matrix=road(),
    now=0,
    plan=PLAN,
)


def test_a_planned_visit_gives_way_and_a_begun_one_is_finished_first() -> None:
    assert stands_at(PROBLEM, 0) == [Stand("a", 0, 0), Stand("b", 19, 3 * HOUR)]
    during = HOUR + 10 * MINUTE
    assert stands_at(PROBLEM, during)[0] == Stand("a", 4, HOUR + 30 * MINUTE)
    between = HOUR + 45 * MINUTE
    assert stands_at(PROBLEM, between)[0] == Stand("a", 4, between)
    assert stands_at(PROBLEM, 4 * HOUR)[0] == Stand("a", 10, 4 * HOUR)


def test_a_crew_whose_shift_has_ended_covers_nothing() -> None:
    assert stands_at(PROBLEM, 8 * HOUR) == []
    assert [stand.crew_id for stand in stands_at(PROBLEM, 8 * HOUR - 1)] == ["a", "b"]


def test_the_first_to_be_there_answers_waiting_included() -> None:
    stands = [Stand("near", 5, 40 * MINUTE), Stand("far", 0, 0)]
    found = answers(stands, road().seconds, 0, [4, 6, 0])
    assert found == [
        Answer(40 * MINUTE, "far"),
        Answer(50 * MINUTE, "near"),
        Answer(0, "far"),
    ]


def test_the_best_of_all_crews_is_never_slower_than_any_of_them() -> None:
    stands = [Stand(str(place), place, place * MINUTE) for place in (1, 7, 13, 19)]
    places = list(range(20))
    together = answers(stands, road().seconds, 0, places)
    for stand in stands:
        alone = answers([stand], road().seconds, 0, places)
        for best, one in zip(together, alone, strict=True):
            assert best.seconds is not None
            assert one.seconds is not None
            assert best.seconds <= one.seconds


def test_without_crews_nobody_answers() -> None:
    assert answers([], road().seconds, 0, [1, 2]) == [Answer(None), Answer(None)]
    assert cover([Answer(None), Answer(60, "a")], [1, 1], 600).mean_s is None


@pytest.mark.parametrize(
    ("people", "within"), [((900, 100), 0.9), ((100, 900), 0.1), ((0, 0), 0.5)]
)
def test_people_weigh_and_where_nobody_lives_places_do(
    people: tuple[int, int], within: float
) -> None:
    found = [Answer(10 * MINUTE, "a"), Answer(90 * MINUTE, "a")]
    assert cover(found, people, HOUR).within == pytest.approx(within)
