"""Rotas are lawful, covered whenever they can be, fair, and the same for the same seed."""

from dataclasses import replace
from itertools import product

import pytest

from scheduling.rota.astreinte import Budget, ImpossiblePinsError, Progress, Run, plan
from scheduling.rota.check import check
from scheduling.rota.problem import (
    Assignment,
    Carry,
    Frequency,
    Mentoring,
    Policy,
    Post,
    Problem,
    ProblemError,
)
from scheduling.rota.rules import breaches
from scheduling.rota.solution import Outcome, Proof, Rota
from tests.support.rotas import (
    OPERATIONS,
    away,
    centre,
    department,
    person,
    random_problem,
    weekly_duties,
)


def _faults(problem: Problem, outcome: Outcome) -> set[str]:
    """Codes of the faults, cover apart when the outcome itself reports the gap."""
    codes = {fault.code for fault in check(problem, outcome.rota)}
    return codes - {"cover"} if outcome.stage("uncovered").value else codes


@pytest.mark.parametrize("people", [12, 16, 20])
@pytest.mark.parametrize("seed", range(3))
def test_a_quarter_for_a_control_centre_is_covered_lawful_and_proven(
    seed: int, people: int
) -> None:
    problem = centre(seed, people)
    outcome = plan(problem)
    assert _faults(problem, outcome) == set()
    assert outcome.rota.uncovered(problem) == {}
    assert outcome.stage("uncovered").proof is Proof.PROVEN
    assert all(stage.bound <= stage.value for stage in outcome.stages)


@pytest.mark.parametrize("seed", range(60))
def test_any_problem_gets_a_lawful_rota(seed: int) -> None:
    problem = replace(random_problem(seed), pins=())
    outcome = plan(problem, Run(Budget(stage_s=0.2)))
    assert _faults(problem, outcome) == set()


@pytest.mark.parametrize("seed", range(25))
def test_no_rota_leaves_fewer_duties_uncovered(seed: int) -> None:
    problem = random_problem(seed)
    problem = replace(
        problem,
        posts=tuple(replace(post, need=1) for post in problem.posts),
        people=problem.people[:3],
        duties=tuple(replace(duty, need=1) for duty in problem.duties[:5]),
        absences=tuple(a for a in problem.absences if a.person_id != "p3"),
        history=(),
        pins=(),
        bans=(),
        policy=replace(problem.policy, mentoring=()),
    )
    ids = [None, *(p.id for p in problem.people)]
    lawful = (
        sum(who is None for who in choice)
        for choice in product(ids, repeat=len(problem.duties))
        if _is_lawful(problem, choice)
    )
    assert plan(problem).stage("uncovered").value == min(lawful)


def _is_lawful(problem: Problem, choice: tuple[str | None, ...]) -> bool:
    pairs = [
        (duty.id, who) for duty, who in zip(problem.duties, choice, strict=True) if who is not None
    ]
    return {fault.code for fault in check(problem, Rota.of(pairs))} <= {"cover"}


def test_the_same_seed_gives_the_same_rota() -> None:
    problem = centre(4)
    assert plan(problem, Run(seed=5)) == plan(problem, Run(seed=5))


def test_any_number_of_posts_works() -> None:
    posts = [Post(f"post{n}", f"Poste {n}", "P", OPERATIONS.kind) for n in range(4)]
    people = [person(f"p{n}", *(post.code for post in posts[n % 3 :])) for n in range(14)]
    problem = Problem(tuple(posts), tuple(people), weekly_duties(posts, 8))
    outcome = plan(problem)
    assert _faults(problem, outcome) == set()


def test_a_post_that_needs_two_people_gets_two() -> None:
    post = replace(OPERATIONS, need=2)
    duties = tuple(replace(duty, points=100) for duty in weekly_duties((post,), 6))
    problem = Problem((post,), tuple(person(f"p{n}", post.code) for n in range(6)), duties)
    outcome = plan(problem)
    assert _faults(problem, outcome) == set()
    assert outcome.stage("spread").value == 0


def test_people_off_for_the_only_week_they_could_take_leave_a_named_gap() -> None:
    duties = weekly_duties((OPERATIONS,), 3)
    people = (person("ana", "operations"), person("bob", "operations"))
    absences = tuple(away(who.id, duties, 1, 1) for who in people)
    problem = Problem((OPERATIONS,), people, duties, absences)
    outcome = plan(problem)
    assert outcome.rota.uncovered(problem) == {duties[1].id: 1}
    assert outcome.stage("uncovered").proof is Proof.PROVEN
    assert _faults(problem, outcome) == set()


def test_whoever_did_more_last_year_does_less_now() -> None:
    people = tuple(person(f"p{n}", "operations") for n in range(4))
    duties = weekly_duties(
        (OPERATIONS,), 6, start=weekly_duties((OPERATIONS,), 1)[0].start_at.date()
    )
    problem = Problem((OPERATIONS,), people, duties, carries=(Carry("p0", 300),))
    held = plan(problem).rota.duties_of()
    assert len(held.get("p0", [])) == 0
    assert all(len(held[f"p{n}"]) == 2 for n in (1, 2, 3))


def test_half_time_means_half_the_weeks() -> None:
    people = (
        person("half", "operations", fte_pct=50),
        *(person(f"p{n}", "operations") for n in range(4)),
    )
    duties = tuple(replace(duty, points=100) for duty in weekly_duties((OPERATIONS,), 18))
    held = plan(Problem((OPERATIONS,), people, duties)).rota.duties_of()
    assert len(held["half"]) == 2
    assert {len(held[f"p{n}"]) for n in range(4)} == {4}


def test_a_wish_is_granted_when_fairness_does_not_suffer() -> None:
    base = centre(6)
    outcome = plan(base)
    assert outcome.stage("wishes").value == 0


def test_pinned_duties_stand_and_banned_ones_do_not() -> None:
    base = centre(2)
    first = plan(base).rota
    pin = sorted(first.assignments)[0]
    ban = sorted(first.assignments)[5]
    problem = replace(base, pins=(pin,), bans=(ban,))
    outcome = plan(problem)
    assert pin in outcome.rota.assignments
    assert ban not in outcome.rota.assignments
    assert _faults(problem, outcome) == set()


def test_pins_that_break_the_law_are_refused_by_name() -> None:
    base = centre(2)
    weeks = [duty.id for duty in base.duties if duty.post == "operations"]
    who = next(p.id for p in base.people if p.qualifications[0].post == "operations")
    pins = (Assignment(weeks[0], who), Assignment(weeks[1], who))
    with pytest.raises(ImpossiblePinsError) as refusal:
        plan(replace(base, pins=pins, absences=()))
    assert {breach.rule for breach in refusal.value.breaches} == {"spacing"}


def test_couples_and_novices_are_respected_beside_everything_else() -> None:
    base = centre(4)
    policy = replace(
        base.policy,
        apart=(("p00", "p06"), ("p07", "p01")),
        mentoring=(Mentoring("p08", ("p02", "p03")),),
        frequencies=(Frequency(4, 12),),
    )
    problem = replace(base, policy=policy)
    outcome = plan(problem)
    assert _faults(problem, outcome) == set()
    assert outcome.components == 1


def test_a_preferred_rule_gives_way_to_cover_and_is_counted() -> None:
    people = (person("ana", "operations"), person("bob", "operations"))
    policy = Policy(preferred_free_weeks=2)
    problem = Problem((OPERATIONS,), people, weekly_duties((OPERATIONS,), 4), policy=policy)
    outcome = plan(problem)
    assert outcome.rota.uncovered(problem) == {}
    assert outcome.stage("relaxed").value > 0
    assert {breach.rule for breach in breaches(problem, outcome.rota)} == {"preferred_spacing"}


def test_a_year_of_several_sectors_is_covered_and_fair_to_a_week() -> None:
    problem = department(1, sectors=2)
    outcome = plan(problem, Run(Budget(moves=40_000)))
    assert check(problem, outcome.rota) == ()
    assert outcome.components == 3
    assert outcome.stage("relaxed").value == 0
    assert outcome.stage("spread").value <= 100


def test_annealing_respects_couples_novices_pins_and_wishes() -> None:
    base = department(2, sectors=1)
    policy = replace(
        base.policy,
        apart=(("s0p0", "s0p8"), ("s0p5", "cadre0")),
        mentoring=(Mentoring("s0p1", ("cadre1", "cadre2", "cadre3")),),
    )
    problem = replace(base, policy=policy)
    pins = tuple(sorted(plan(base, Run(Budget(moves=1))).rota.assignments)[:3])
    problem = replace(problem, pins=pins)
    outcome = plan(problem, Run(Budget(moves=40_000)))
    assert check(problem, outcome.rota) == ()
    assert set(pins) <= outcome.rota.assignments


def test_the_search_stops_when_told_and_still_answers() -> None:
    problem = department(1, sectors=2)
    outcome = plan(problem, Run(stop=lambda: True))
    assert outcome.proof is Proof.STOPPED
    assert {fault.code for fault in check(problem, outcome.rota)} <= {"cover"}


def test_progress_is_told_for_every_part_and_stage() -> None:
    heard: list[Progress] = []
    plan(centre(1), Run(on_progress=heard.append))
    assert {(step.part, step.report.name) for step in heard} == {
        (part, name)
        for part in range(2)
        for name in ("uncovered", "relaxed", "spread", "unevenness", "wishes")
    }


def test_a_problem_that_names_a_stranger_is_refused() -> None:
    base = centre(1)
    with pytest.raises(ProblemError, match="unknown person: ghost"):
        replace(base, carries=(Carry("ghost"),))


def test_a_problem_with_two_duties_of_one_name_is_refused() -> None:
    base = centre(1)
    with pytest.raises(ProblemError, match="duty given twice"):
        replace(base, duties=(*base.duties, base.duties[0]))
