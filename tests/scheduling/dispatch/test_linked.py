"""Visits that start together or after one another: timed, checked, placed and searched jointly."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.check import check
from scheduling.dispatch.codec import problem_from_json, problem_to_json
from scheduling.dispatch.displacement import displace
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.linked import boxed, whole
from scheduling.dispatch.meetings import find_meeting, units, with_meeting
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.offers import find_offers
from scheduling.dispatch.problem import (
    After,
    Link,
    Pin,
    PinKind,
    Problem,
    ProblemError,
    Together,
    Window,
)
from scheduling.dispatch.solution import Solution
from scheduling.dispatch.ties import lawful_links
from tests.scheduling.dispatch.cases import (
    HOUR,
    MINUTE,
    crew,
    linked_problems,
    visit,
    with_plan,
    world,
)


def day(*links: Link) -> Problem:
    """Two crews at the ends of the road, two halves of one job and a visit of its own."""
    visits = [visit("left", 8), visit("right", 8), visit("alone", 2)]
    return world(visits, [crew("west", 0), crew("east", 19)], links=links)


def rules(problem: Problem, solution: Solution) -> set[str]:
    return {breach.rule for breach in check(problem, solution)}


def test_crews_that_meet_wait_for_the_last() -> None:
    problem = day(Together(("left", "right")))
    placed = assemble(problem, [["left", "alone"], ["right"]]).placements()
    assert placed["left"][1].start_at == placed["right"][1].start_at == 110 * MINUTE
    assert placed["left"][1].arrive_at == 80 * MINUTE


def test_a_wait_pushes_what_comes_behind_it_on_every_route() -> None:
    problem = day(Together(("left", "right")), After("left", "alone", min_lag_s=HOUR))
    placed = assemble(problem, [["left"], ["right", "alone"]]).placements()
    assert placed["alone"][1].start_at == placed["left"][1].end_at + HOUR


def test_a_longest_lag_holds_the_first_back() -> None:
    problem = day(After("left", "right", 0, 10 * MINUTE))
    placed = assemble(problem, [["left"], ["alone", "right"]]).placements()
    first, then = placed["left"][1], placed["right"][1]
    assert 0 <= then.start_at - first.end_at <= 10 * MINUTE
    assert first.start_at > first.arrive_at


LINKS = [
    ("together_time", Together(("left", "right")), [["left"], ["right", "alone"]]),
    ("together_partly", Together(("left", "right")), [["left", "alone"], []]),
    ("together_crew", Together(("left", "right")), [["left", "right"], []]),
    ("after_lag", After("left", "right", HOUR), [["left", "right"], []]),
    ("after_lag", After("left", "alone", 0, MINUTE), [["left", "right", "alone"], []]),
    ("after_missing", After("left", "right"), [["right"], []]),
    ("after_crew", After("left", "right", same_crew=True), [["left"], ["alone", "right"]]),
]


@pytest.mark.parametrize(("rule", "link", "routes"), LINKS)
def test_a_plan_made_without_the_link_is_caught(
    rule: str, link: Link, routes: list[list[str]]
) -> None:
    assert rule in rules(day(link), assemble(day(), routes))


@pytest.mark.parametrize(("rule", "link", "routes"), LINKS)
def test_what_breaks_a_link_leaves_the_routes(
    rule: str, link: Link, routes: list[list[str]]
) -> None:
    problem = day(link)
    assert check(problem, assemble(problem, lawful_links(problem, routes))) == [], rule


@settings(max_examples=80, deadline=None)
@given(linked_problems())
def test_plans_found_keep_every_link_and_are_honestly_priced(problem: Problem) -> None:
    found = improve(problem, Effort(iterations=60), clock=lambda: 0.0)
    assert check(found.problem, found.solution) == []
    assert found.after <= found.before
    assert found.after == cost_of(found.problem, found.solution)


@settings(max_examples=40, deadline=None)
@given(linked_problems())
def test_an_accepted_offer_keeps_every_link(problem: Problem) -> None:
    routes = lawful_links(problem, in_force(problem))
    for one in problem.visits:
        if any(one.id in names for names in routes):
            continue
        for unit in units(problem):
            if one.id in unit and len(unit) > 1:
                break
        else:
            for offer in find_offers(problem, one.id, routes).offers[:2]:
                after = [[name for name in names if name != offer.bumped] for names in routes]
                after[problem.crew_index[offer.crew_id]].insert(offer.position, one.id)
                assert not _new_breaches(problem, routes, after)


@settings(max_examples=40, deadline=None)
@given(linked_problems())
def test_a_meeting_found_brings_everybody_and_breaks_nothing(problem: Problem) -> None:
    routes = lawful_links(problem, in_force(problem))
    for unit in units(problem):
        if not any(name in names for names in routes for name in unit):
            meeting = find_meeting(problem, unit[0], routes)
            if meeting is not None:
                assert {place.visit_id for place in meeting.places} == set(unit)
                assert not _new_breaches(problem, routes, with_meeting(problem, routes, meeting))


def _new_breaches(problem: Problem, before: list[list[str]], after: list[list[str]]) -> set[str]:
    """Rules that the routes break only after a change."""
    return rules(problem, assemble(problem, after)) - rules(problem, assemble(problem, before))


@settings(max_examples=40, deadline=None)
@given(linked_problems())
def test_boxes_hold_what_they_were_drawn_around(problem: Problem) -> None:
    routes = lawful_links(problem, in_force(problem))
    loose = boxed(problem, routes)
    assert loose.problem.links == ()
    inside = assemble(loose.problem, routes)
    assert [r.stops for r in inside.routes] == [r.stops for r in assemble(problem, routes).routes]


def test_two_crews_are_sent_to_one_burst_and_the_road_is_mended_after() -> None:
    visits = [
        visit("pump", 9, is_urgent=True, due_at=HOUR, priority=1),
        visit("dig", 9, is_urgent=True, due_at=HOUR, priority=1),
        visit("mend", 9),
        *[visit(f"v{n}", n * 3 % 20) for n in range(8)],
    ]
    links = (Together(("pump", "dig")), After("dig", "mend", 30 * MINUTE, 4 * HOUR))
    problem = world(visits, [crew("a", 3), crew("b", 12), crew("c", 18)], links=links)
    found = improve(problem, Effort(iterations=300), clock=lambda: 0.0)
    placed = found.solution.placements()
    assert check(problem, found.solution) == []
    assert placed["pump"][1].start_at == placed["dig"][1].start_at <= HOUR
    assert placed["mend"][1].start_at >= placed["dig"][1].end_at + 30 * MINUTE
    assert found.solution.unserved == ()


def test_one_seed_gives_one_plan() -> None:
    problem = day(Together(("left", "right")))
    one, two = (improve(problem, Effort(iterations=90), clock=lambda: 0.0) for _ in range(2))
    assert one.solution == two.solution


def test_a_partner_already_there_fixes_the_start_that_is_offered() -> None:
    problem = with_plan(day(Together(("left", "right"))), {"west": ["alone", "left"]})
    (offer,) = [o for o in find_offers(problem, "right").offers if o.crew_id == "east"]
    assert offer.start_at == assemble(problem, in_force(problem)).placements()["left"][1].start_at


def test_nobody_is_offered_for_what_follows_something_unplaced() -> None:
    answer = find_offers(day(After("left", "right")), "right")
    assert {refusal.reason for refusal in answer.refusals} == {"follows_unplaced"}
    assert displace(day(After("left", "right")), "right") is None


def test_an_urgent_visit_never_pushes_one_half_of_a_meeting_away() -> None:
    base = replace(day(Together(("left", "right"))), crews=day().crews)
    urgent = visit("u", 10, priority=1, is_urgent=True, due_at=0)
    planned = with_plan(
        replace(base, visits=(*base.visits, urgent)), {"west": ["left"], "east": ["right"]}
    )
    found = displace(planned, "u")
    assert found is not None
    assert not {change.visit_id for change in found.moved} & {"left", "right"}
    assert all(offer.bumped is None for offer in find_offers(planned, "u").offers)


def test_links_survive_a_trip_through_json() -> None:
    problem = day(Together(("left", "right")), After("left", "alone", 5, 10, same_crew=True))
    assert problem_from_json(problem_to_json(problem)).links == problem.links


@pytest.mark.parametrize(
    "links",
    [
        lambda: (Together(("left",)),),
        lambda: (Together(("left", "ghost")),),
        lambda: (Together(("left", "right")), Together(("right", "alone"))),
        lambda: (After("left", "left"),),
        lambda: (After("left", "right", 10, 5),),
        lambda: (After("left", "right"), After("right", "left")),
        lambda: (Together(("left", "right")), After("left", "alone"), After("alone", "right")),
    ],
)
def test_links_that_cannot_be_kept_are_refused(links: object) -> None:
    with pytest.raises(ProblemError, match=r"\w+"):
        day(*links())  # type: ignore[operator]


def test_whole_takes_out_a_meeting_with_a_missing_half() -> None:
    assert whole(day(Together(("left", "right"))), [["left", "alone"], []]) == [["alone"], []]


def test_a_pinned_hour_does_not_overrule_a_link() -> None:
    """The pinned hour is over before the first half can be."""
    hour = Window(0, HOUR)
    base = day(After("left", "right", HOUR))
    pinned = replace(base, pins=(Pin("right", "east", PinKind.TIME, hour),))
    found = improve(pinned, Effort(iterations=60), clock=lambda: 0.0)
    assert check(found.problem, found.solution) == []
    assert "right" not in found.solution.placements()


def test_a_follower_that_needs_another_crew_than_its_first_stays_out() -> None:
    visits = [visit("a", 1, required_crews=("k",)), visit("b", 2, required_crews=("l",))]
    asked = world(visits, [crew("k"), crew("l")], links=(After("a", "b", same_crew=True),))
    assert find_meeting(asked, "b", [["a"], []]) is None
    found = improve(asked, Effort(iterations=60), clock=lambda: 0.0)
    assert check(found.problem, found.solution) == []
