"""After an absence the rota changes as little as it can, and stays lawful."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import product

import pytest

from scheduling.rota.astreinte import plan
from scheduling.rota.check import check
from scheduling.rota.problem import Absence, AbsenceKind, Problem
from scheduling.rota.repair import CHANGES, Situation, WayOut, hand_over, is_minimal, repair
from scheduling.rota.solution import Rota
from tests.support.rotas import OPERATIONS, centre, person, weekly_duties


def _ill(problem: Problem, who: str, first: int, last: int) -> Absence:
    starts = sorted({duty.start_at for duty in problem.duties})
    ends = sorted({duty.end_at for duty in problem.duties})
    return Absence(who, starts[first], ends[last], AbsenceKind.SICK)


def _busiest(problem: Problem, rota: Rota, first: int, last: int) -> str:
    """Who loses most duties by being ill from week `first` to week `last`."""

    def lost(who: str) -> int:
        absence = _ill(problem, who, first, last)
        duties = problem.duty_by_id()
        mine = [duties[duty_id] for duty_id in rota.duties_of().get(who, ())]
        return sum(absence.start_at < d.end_at and d.start_at < absence.end_at for d in mine)

    return max((person.id for person in problem.people), key=lost)


@cache
def _situation(seed: int) -> Situation:
    problem = centre(seed, people=14)
    published = plan(problem).rota
    who = _busiest(problem, published, 4, 9)
    absence = _ill(problem, who, 4, 9)
    now = sorted({duty.start_at for duty in problem.duties})[4] - timedelta(hours=14)
    changed = replace(problem, absences=(*problem.absences, absence))
    return Situation(changed, published, now)


@pytest.mark.parametrize("seed", range(3))
def test_every_way_out_is_lawful_and_leaves_alone_what_has_begun(seed: int) -> None:
    situation = _situation(seed)
    starts = {duty.id: duty.start_at for duty in situation.problem.duties}
    ways = repair(situation)
    assert ways[0].name == "fewest"
    for way in ways:
        faults = {fault.code for fault in check(situation.problem, way.rota)}
        assert faults <= ({"cover"} if way.rota.uncovered(situation.problem) else set())
        assert all(starts[change.duty_id] > situation.now for change in way.changes)
        assert is_minimal(ways[0])


def test_the_way_of_fewest_changes_changes_least_and_the_cheapest_costs_least() -> None:
    for seed in range(3):
        ways = {way.name: way for way in repair(_situation(seed))}
        fewest = ways["fewest"]
        for way in ways.values():
            assert _weight(fewest) <= _weight(way)
            assert ways.get("cheapest", fewest).short_notice_cents <= way.short_notice_cents


def _weight(way: WayOut) -> int:
    return sum(
        (change.before is not None) + 2 * (change.after is not None) for change in way.changes
    )


def test_a_lost_duty_that_one_colleague_can_take_is_one_change() -> None:
    people = tuple(person(f"p{n}", "operations") for n in range(5))
    problem = Problem((OPERATIONS,), people, weekly_duties((OPERATIONS,), 10))
    published = plan(problem).rota
    fourth = sorted(problem.duties, key=lambda duty: duty.start_at)[4]
    (who,) = published.holders()[fourth.id]
    absence = _ill(problem, who, 4, 4)
    now = problem.duties[0].start_at
    changed = replace(problem, absences=(absence,))
    way = repair(Situation(changed, published, now))[0]
    (change,) = way.changes
    assert (change.duty_id, change.before) == (fourth.id, who)
    assert change.after is not None
    assert way.people == {who, change.after}


def test_the_number_of_changes_is_the_least_found_by_trying_everything() -> None:
    people = tuple(person(f"p{n}", "operations") for n in range(3))
    problem = Problem((OPERATIONS,), people, weekly_duties((OPERATIONS,), 6))
    published = plan(problem).rota
    absence = _ill(problem, "p0", 1, 4)
    changed = replace(problem, absences=(absence,))
    now = problem.duties[0].start_at - timedelta(days=60)
    way = repair(Situation(changed, published, now))[0]
    duties = [duty.id for duty in problem.duties]
    lawful = [
        rota
        for choice in product(("p0", "p1", "p2"), repeat=6)
        for rota in [Rota.of(zip(duties, choice, strict=True))]
        if not check(changed, rota)
    ]
    least = min(len(published.assignments - rota.assignments) for rota in lawful)
    assert len(way.changes) == least


def test_parts_nobody_left_are_not_touched() -> None:
    situation = _situation(1)
    lost = {
        cell.duty_id.split("-")[0]
        for cell in situation.published.assignments
        for fault in check(situation.problem, situation.published)
        if cell.duty_id in fault.duty_ids
    }
    assert len(lost) == 1
    changed = {change.duty_id.split("-")[0] for change in repair(situation)[0].changes}
    assert changed == lost


def test_nothing_changes_when_nothing_is_broken() -> None:
    problem = centre(1)
    published = plan(problem).rota
    (way,) = repair(Situation(problem, published, problem.duties[0].start_at))
    assert way.changes == ()
    assert way.rota == published
    assert way.short_notice_cents == 0


def test_short_notice_is_priced_by_the_decree() -> None:
    people = tuple(person(f"p{n}", "operations") for n in range(4))
    problem = Problem((OPERATIONS,), people, weekly_duties((OPERATIONS,), 6))
    published = plan(problem).rota
    (who,) = published.holders()[problem.duties[1].id]
    absence = _ill(problem, who, 1, 1)
    now = problem.duties[1].start_at - timedelta(days=3)
    changed = replace(problem, absences=(absence,))
    way = repair(Situation(changed, published, now))[0]
    assert len(way.changes) == 1
    assert way.short_notice_cents == 7_960


def test_whoever_falls_ill_during_the_week_hands_over_the_rest_of_it() -> None:
    people = tuple(person(f"p{n}", "operations") for n in range(5))
    problem = Problem((OPERATIONS,), people, weekly_duties((OPERATIONS,), 6))
    published = plan(problem).rota
    running = problem.duties[2]
    (who,) = published.holders()[running.id]
    ill_at = running.start_at + timedelta(days=2, hours=10)
    absence = Absence(who, ill_at, ill_at + timedelta(days=10), AbsenceKind.SICK)
    changed, rota = hand_over(problem, published, absence)
    way = repair(Situation(changed, rota, ill_at))[0]
    assert check(changed, way.rota) == ()
    holders = way.rota.holders()
    assert holders[running.id] == [who]
    (stand_in,) = holders[f"{running.id}+"]
    assert stand_in != who
    halves = [duty.points for duty in changed.duties if duty.id.startswith(running.id)]
    assert sum(halves) == running.points


def test_ways_out_report_their_stages() -> None:
    way = repair(_situation(2))[0]
    assert CHANGES in {report.name for report in way.stages}


@pytest.mark.parametrize("seed", range(3))
def test_three_answers_differ_in_who_takes_something(seed: int) -> None:
    situation = _situation(seed)
    ways = repair(situation)
    given = [way.rota.assignments - situation.published.assignments for way in ways]
    assert len(set(given)) == len(ways)
    assert 3 <= len(ways) <= 4


@pytest.mark.parametrize("seed", range(3))
def test_no_way_touches_fewer_people_than_the_one_of_that_name(seed: int) -> None:
    ways = repair(_situation(seed))
    least = next((way for way in ways if way.name == "fewest_people"), ways[0])
    assert len(least.people) == min(len(way.people) for way in ways)
