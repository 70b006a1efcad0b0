"""Every place has the price of the plan it makes, and names the rules that plan breaks."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling.dispatch.assemble import in_force, unexplained
from scheduling.dispatch.check import check
from scheduling.dispatch.moves import Moves
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.problem import Problem, Promise, Skill
from scheduling.dispatch.solution import Solution
from tests.scheduling.dispatch.cases import HOUR, MINUTE, crew, problems, visit, with_plan, world


def as_planned(problem: Problem, routes: list[list[str]], name: str) -> Solution:
    """The plan of these routes; the omission of one visit is not counted."""
    plan = unexplained(problem, routes)
    return replace(plan, unserved=tuple(v for v in plan.unserved if v.visit_id != name))


@settings(max_examples=40, deadline=None)
@given(problems(), st.data())
def test_a_place_costs_what_its_plan_costs_more_and_is_lawful_when_the_checker_says_so(
    problem: Problem, data: st.DataObject
) -> None:
    assume(not problem.links)
    names = [v.id for v in problem.visits]
    routes: list[list[str]] = [[] for _ in problem.crews]
    for name in data.draw(st.permutations(names)):
        row = data.draw(st.integers(-1, len(routes) - 1))
        if row >= 0:
            routes[row].append(name)
    given_routes = {c.id: r for c, r in zip(problem.crews, routes, strict=True)}
    day = replace(with_plan(problem, given_routes), frozen_until=-1, pins=())
    name = data.draw(st.sampled_from(names))
    before = as_planned(day, in_force(day), name)
    moves = Moves(day, name)
    lifted = [[v for v in route if v != name] for route in in_force(day)]
    base = as_planned(day, lifted, name)
    for row, one in enumerate(day.crews):
        for place in moves.places(one.id):
            after_routes = [list(route) for route in lifted]
            after_routes[row].insert(place.position, name)
            after = as_planned(day, after_routes, name)
            assert after.placements()[name][1].start_at == place.start_at
            assert cost_of(day, after) - cost_of(day, before) == place.cost
            assert place.is_here == (after_routes == in_force(day))
            if check(day, base) == []:
                broken = moves.at(one.id, place.position).broken
                assert place.is_lawful == (broken == ()) == (check(day, after) == [])


def day_of_two() -> Problem:
    """Crew a: x at village 2 then y at 4; crew b, far away, has nothing; w waits at village 3."""
    visits = [
        visit("x", 2),
        visit("y", 4, promise=Promise(80 * MINUTE, is_told=True)),
        visit("w", 3, skills=(Skill("gas"),), due_at=2 * HOUR),
    ]
    crews = [crew("a", skills=(Skill("gas"),)), crew("b", 19)]
    return with_plan(world(visits, crews), {"a": ["x", "y"], "b": []})


def test_the_place_of_an_hour_lies_between_the_stops_of_that_hour() -> None:
    moves = Moves(day_of_two(), "w")
    assert moves.around("a", 0).place.position == 0
    assert moves.around("a", 60 * MINUTE).place.position == 1
    assert moves.around("a", 7 * HOUR).place.position == 2


def test_a_move_tells_whose_hour_it_moves_and_which_skill_is_missing() -> None:
    moves = Moves(day_of_two(), "w", frozen_until=HOUR)
    between = moves.at("a", 1)
    assert [(s.visit_id, s.shift_s) for s in between.shifts] == [("y", 30 * MINUTE)]
    assert "promise_moved" in between.warnings
    assert between.broken == ()
    assert (moves.crew_id, between.place.is_here) == (None, False)
    (missing,) = moves.best("b").broken
    assert (missing.reason, missing.params["skill"]) == ("missing_skill", "gas")


def test_where_a_visit_stands_now_costs_nothing_and_moving_it_frees_its_crew() -> None:
    moves = Moves(day_of_two(), "x", frozen_until=HOUR)
    here = moves.at("a", 0)
    assert (here.place.is_here, here.bill.amounts, here.warnings) == (True, {}, ())
    away = moves.at("b", 0)
    assert [s.visit_id for s in away.shifts] == ["y"]
    assert away.shifts[0].shift_s < 0
    assert "frozen" in away.warnings


def test_a_route_that_ends_too_late_says_by_how_much() -> None:
    long = visit("long", 1, duration_s=10 * HOUR)
    day = with_plan(world([long], [crew("a")]), {"a": []})
    (broken,) = Moves(day, "long").best("a").broken
    assert (broken.reason, broken.params["shift_end"]) == ("hard_end", 9 * HOUR)
