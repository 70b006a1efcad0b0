"""Rules that routes share: caught, obeyed by search, offers and displacement, said in words."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.check import check
from scheduling.dispatch.displacement import displace
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.moves import Moves
from scheduling.dispatch.offers import find_offers
from scheduling.dispatch.problem import (
    FREE,
    KeptHours,
    Problem,
    ProblemError,
    Reserve,
    Skill,
    Territory,
    Window,
)
from scheduling.dispatch.sectors import split
from scheduling.dispatch.settle import settle
from scheduling.dispatch.suppose import Supposition, suppose
from tests.scheduling.dispatch.cases import HOUR, crew, visit, with_plan, world

MORNING = Window(HOUR, 3 * HOUR)
ONE_FREE = (Reserve(1, (MORNING,)),)
SHARED: list[tuple[str, dict[str, object]]] = [
    ("active_crews", {"max_active_crews": 1}),
    ("kept_hours", {"kept_hours": (KeptHours(95),)}),
    ("coverage", {"reserves": ONE_FREE}),
]


def day(**rules: object) -> Problem:
    """Two crews, each with work all morning at a village of its own."""
    visits = [visit("a", 1), visit("b", 2), visit("c", 11), visit("d", 12)]
    long = [replace(one, duration_s=HOUR) for one in visits]
    return world(long, [crew("k"), crew("l", 10)], prices=FREE, **rules)


BOTH = [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize(("rule", "rules"), SHARED)
def test_a_plan_made_without_the_rule_is_caught(rule: str, rules: dict[str, object]) -> None:
    innocent = assemble(day(), BOTH)
    assert check(day(), innocent) == []
    assert {breach.rule for breach in check(day(**rules), innocent)} == {rule}


@pytest.mark.parametrize(("rule", "rules"), SHARED)
def test_the_search_obeys(rule: str, rules: dict[str, object]) -> None:
    due = day(**rules)
    # Whoever waits until the window is over costs more than leaving him out.
    due = replace(due, visits=tuple(replace(v, due_at=HOUR, late_rate=10_000) for v in due.visits))
    found = improve(due, Effort(iterations=400), clock=lambda: 0.0)
    assert check(found.problem, found.solution) == []
    assert found.solution.unserved, rule


@pytest.mark.parametrize(("rule", "rules"), SHARED)
def test_a_plan_in_force_is_made_lawful_before_the_search(
    rule: str, rules: dict[str, object]
) -> None:
    planned = with_plan(day(**rules), {"k": BOTH[0], "l": BOTH[1]})
    found = improve(planned, Effort(iterations=1), clock=lambda: 0.0)
    assert check(found.problem, found.solution) == [], rule


@pytest.mark.parametrize(("rule", "rules"), SHARED)
def test_offers_and_moves_refuse_what_would_take_too_much(
    rule: str, rules: dict[str, object]
) -> None:
    half = with_plan(day(**rules), {"k": ["a", "b"]} if rule != "kept_hours" else {"l": ["d"]})
    short = tuple(replace(v, windows=(Window(0, 2 * HOUR),)) for v in half.visits)
    asked = replace(half, visits=short)
    answer = find_offers(asked, "c", in_force(asked))
    assert "l" not in {offer.crew_id for offer in answer.offers}
    assert [r.reason for r in answer.refusals if r.crew_id == "l"] == [rule]
    move = Moves(asked, "c").best("l")
    assert not move.place.is_lawful
    assert rule in {refusal.reason for refusal in move.broken}
    why = {one.visit_id: one for one in assemble(asked, in_force(asked)).unserved}["c"]
    assert (why.reason, why.params["example_reason"]) == ("no_time", rule)
    forced = suppose(asked, Supposition(forced=("c", "l")))
    assert rule in {refusal.reason for refusal in forced.broken}


def test_urgent_work_is_what_hours_and_crews_are_kept_for() -> None:
    kept = day(reserves=ONE_FREE, kept_hours=(KeptHours(75),))
    planned = with_plan(kept, {"k": ["a", "b"]})
    urgent = tuple(replace(v, is_urgent=v.id == "c", due_at=HOUR) for v in planned.visits)
    asked = replace(planned, visits=urgent)
    assert {offer.crew_id for offer in find_offers(asked, "c").offers} == {"k", "l"}
    placed = displace(asked, "c")
    assert placed is not None
    assert placed.routes == {"l": ("c",)}
    assert check(asked, assemble(asked, [["a", "b"], ["c"]])) == []


def test_a_displacement_takes_no_more_crews_than_may_go_out() -> None:
    for most, crews in ((1, {"k"}), (2, {"l"})):
        planned = with_plan(day(max_active_crews=most), {"k": ["a", "b"]})
        placed = displace(planned, "c", most_moved=0)
        assert placed is not None
        assert placed.routes.keys() == crews


@pytest.mark.parametrize(("rule", "rules"), SHARED)
def test_frozen_stops_are_facts_and_nothing_more_is_allowed(
    rule: str, rules: dict[str, object]
) -> None:
    frozen = replace(
        with_plan(day(**rules), {"k": ["a"], "l": ["c"]}), frozen_until=HOUR, now=5 * 60
    )
    settled = settle(frozen)
    found = improve(frozen, Effort(iterations=100), clock=lambda: 0.0)
    assert check(settled, found.solution) == [], rule
    assert {"a", "c"} <= {s.visit_id for r in found.solution.routes for s in r.stops}
    if rule == "kept_hours":
        assert {one.visit_id for one in found.solution.unserved} == {"b", "d"}


def test_only_able_crews_of_the_sector_that_are_there_count() -> None:
    north, pump = (Territory("north"),), (Skill("pump"),)
    crews = [
        crew("k", territories=north, skills=pump),
        crew("l", 10, territories=north),
        crew("m", 10, territories=(Territory("north", 500),), skills=pump),
        crew("n", 10, territories=north, skills=pump, shift_end=2 * HOUR),
    ]
    asked = replace(day(), crews=tuple(crews), reserves=(Reserve(1, (MORNING,), "north", pump),))
    assert check(asked, assemble(asked, [[], ["a", "b"], ["c"], []])) == []
    broken = check(asked, assemble(asked, [["a", "b"], [], ["c"], []]))
    assert {breach.rule for breach in broken} == {"coverage"}


def test_a_crew_whose_window_is_over_may_work_again() -> None:
    asked = day(reserves=ONE_FREE)
    found = improve(asked, Effort(iterations=400), clock=lambda: 0.0)
    assert found.solution.unserved == ()
    late = [r for r in found.solution.routes if all(s.start_at >= 3 * HOUR for s in r.stops)]
    assert len(late) >= 1


def test_a_problem_is_cut_only_where_nothing_is_shared_across() -> None:
    group = {"k": "west", "l": "east"}
    assert len(split(day(), group)) == 2
    assert len(split(day(kept_hours=(KeptHours(50),)), group)) == 2
    assert len(split(day(reserves=ONE_FREE), group)) == 1
    assert len(split(day(max_active_crews=1), group)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: KeptHours(0),
        lambda: KeptHours(101),
        lambda: Reserve(0, (MORNING,)),
        lambda: day(max_active_crews=-1),
    ],
)
def test_nonsense_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ProblemError):
        wrong()
