"""Each rule says the same thing before the search and after it, and cites its source."""

from datetime import date, timedelta

import pytest

from scheduling.rota.model import Model
from scheduling.rota.problem import Held, Mentoring, Policy, Problem, Qualification
from scheduling.rota.rules import (
    KeptApart,
    Mentored,
    NotTooOften,
    Present,
    Qualified,
    Rule,
    Spacing,
    WorkedHours,
    breaches,
    rules_for,
)
from scheduling.rota.solution import Rota
from tests.support.rotas import (
    DECISION,
    OPERATIONS,
    Person,
    away,
    person,
    random_problem,
    random_rota,
    weekly_duties,
)


def _obeys(model: Model, rota: Rota) -> bool:
    """Reads the statements of a model directly: what every search relies on."""
    taken = rota.assignments
    over = any(
        sum(term.weight for term in cap.terms if term.cell in taken) > cap.limit
        for cap in model.caps
    )
    alone = any(
        rule.cell in taken and not taken.intersection(rule.companions) for rule in model.companions
    )
    return (
        not over
        and not alone
        and not taken & model.forbidden.keys()
        and taken >= model.required.keys()
    )


@pytest.mark.parametrize("seed", range(80))
def test_what_a_rule_states_and_what_it_verifies_agree_on_random_rotas(seed: int) -> None:
    problem = random_problem(seed)
    for rule in rules_for(problem.policy):
        if rule.name == "cover":
            continue
        model = Model(problem)
        rule.add(model)
        for number in range(6):
            drawn = random_rota(problem, 1000 * seed + number)
            open_cells = drawn.assignments.intersection(model.cells)
            pins = {pin for pin in problem.pins if number % 2 and pin in model.cells}
            rota = Rota(open_cells | pins)
            stated = _obeys(model, rota)
            assert stated == (not rule.verify(problem, rota)), (rule, rota)


def test_random_rotas_obey_and_break_every_rule_so_that_the_comparison_means_something() -> None:
    broken: set[str] = set()
    for seed in range(80):
        problem = random_problem(seed)
        for number in range(6):
            rota = random_rota(problem, 1000 * seed + number)
            broken |= {breach.rule for breach in breaches(problem, rota)}
    names = {rule.name for seed in range(20) for rule in rules_for(random_problem(seed).policy)}
    assert broken == names


def test_every_rule_says_where_it_is_written() -> None:
    rules = rules_for(random_problem(1).policy)
    for rule in rules:
        assert rule.source.text, rule.name
        assert rule.source.link.startswith("https://"), rule.name
        assert "Source:" in (type(rule).__doc__ or ""), rule.name


def _weeks(people: list[Person], policy: Policy, count: int = 4) -> Problem:
    return Problem(
        (OPERATIONS, DECISION),
        tuple(people),
        weekly_duties((OPERATIONS, DECISION), count),
        policy=policy,
    )


def _broken(rule: Rule, problem: Problem, *pairs: tuple[str, str]) -> bool:
    return bool(rule.verify(problem, Rota.of(pairs)))


def test_two_weeks_running_break_the_spacing_and_every_other_week_does_not() -> None:
    problem = _weeks([person("ana", "operations")], Policy())
    weeks = [duty.id for duty in problem.duties if duty.post == "operations"]
    spacing = Spacing(free_weeks=1)
    assert _broken(spacing, problem, (weeks[0], "ana"), (weeks[1], "ana"))
    assert not _broken(spacing, problem, (weeks[0], "ana"), (weeks[2], "ana"))
    assert _broken(Spacing(free_weeks=2), problem, (weeks[0], "ana"), (weeks[2], "ana"))


def test_spacing_counts_civil_weeks_across_a_change_of_hour() -> None:
    # The hour changes on 28 March 2027: that week lasts 167 hours and is still a week.
    duties = weekly_duties((OPERATIONS,), 3, start=date(2027, 3, 15))
    problem = Problem((OPERATIONS,), (person("ana", "operations"),), duties)
    first, _, third = (duty.id for duty in duties)
    assert duties[2].start_at - duties[0].end_at == timedelta(weeks=1, hours=-1)
    assert duties[1].end_at - duties[1].start_at == timedelta(hours=167)
    assert not _broken(Spacing(free_weeks=1), problem, (first, "ana"), (third, "ana"))


def test_spacing_looks_back_at_the_previous_rota() -> None:
    duties = weekly_duties((OPERATIONS,), 2)
    held = Held("ana", "operations", duties[0].start_at - timedelta(weeks=1), duties[0].start_at)
    problem = Problem((OPERATIONS,), (person("ana", "operations"),), duties, history=(held,))
    assert _broken(Spacing(), problem, (duties[0].id, "ana"))
    assert not _broken(Spacing(), problem, (duties[1].id, "ana"))


def test_an_absence_of_one_hour_frees_the_whole_week() -> None:
    duties = weekly_duties((OPERATIONS,), 2)
    absence = away("ana", duties, 0, 0)
    short = type(absence)("ana", absence.end_at - timedelta(hours=1), absence.end_at)
    problem = Problem((OPERATIONS,), (person("ana", "operations"),), duties, (short,))
    assert _broken(Present(), problem, (duties[0].id, "ana"))
    assert not _broken(Present(), problem, (duties[1].id, "ana"))


def test_a_habilitation_must_last_until_the_end_of_the_duty() -> None:
    duties = weekly_duties((OPERATIONS,), 2)
    last_sunday = (duties[0].end_at - timedelta(days=1)).date()
    until = Person("ana", "Ana", (Qualification("operations", None, last_sunday),))
    longer = Person(
        "bob", "Bob", (Qualification("operations", None, last_sunday + timedelta(days=1)),)
    )
    problem = Problem((OPERATIONS,), (until, longer), duties)
    assert _broken(Qualified(), problem, (duties[0].id, "ana"))
    assert not _broken(Qualified(), problem, (duties[0].id, "bob"))


def test_a_cap_of_two_in_four_weeks_counts_the_past() -> None:
    duties = weekly_duties((OPERATIONS,), 4)
    held = Held(
        "ana",
        "operations",
        duties[0].start_at - timedelta(weeks=2),
        duties[0].start_at - timedelta(weeks=1),
    )
    problem = Problem((OPERATIONS,), (person("ana", "operations"),), duties, history=(held,))
    often = NotTooOften(max_duties=2, window_weeks=4)
    assert not _broken(often, problem, (duties[0].id, "ana"), (duties[2].id, "ana"))
    assert _broken(often, problem, (duties[0].id, "ana"), (duties[1].id, "ana"))


def test_a_couple_is_never_on_duty_the_same_week() -> None:
    couple = [person("ana", "operations"), person("bob", "decision")]
    problem = _weeks(couple, Policy(apart=(("ana", "bob"),)))
    first = [duty.id for duty in problem.duties[:2]]
    apart = KeptApart(one="ana", other="bob")
    assert _broken(apart, problem, (first[0], "ana"), (first[1], "bob"))
    assert not _broken(apart, problem, (first[0], "ana"), (problem.duties[3].id, "bob"))


def test_a_novice_is_not_on_duty_without_a_senior() -> None:
    problem = _weeks([person("ana", "operations"), person("bob", "decision")], Policy())
    first = [duty.id for duty in problem.duties[:2]]
    mentored = Mentored(mentoring=Mentoring("ana", ("bob",)))
    assert _broken(mentored, problem, (first[0], "ana"))
    assert not _broken(mentored, problem, (first[0], "ana"), (first[1], "bob"))


def test_fifty_hours_of_on_site_duty_in_a_week_are_too_many() -> None:
    duty = weekly_duties((OPERATIONS,), 1)[0]
    work = [
        type(duty)(f"d{day}", "operations", start, start + timedelta(hours=10), work_min=600)
        for day in range(5)
        for start in [duty.start_at + timedelta(days=day)]
    ]
    problem = Problem((OPERATIONS,), (person("ana", "operations"),), tuple(work))
    pairs = [(one.id, "ana") for one in work]
    assert _broken(WorkedHours(mean_h=48, weeks=1), problem, *pairs)
    assert not _broken(WorkedHours(mean_h=48, weeks=1), problem, *pairs[:4])


def test_a_rule_only_applies_to_duties_begun_while_it_is_in_force() -> None:
    problem = _weeks([person("ana", "operations")], Policy())
    weeks = [duty for duty in problem.duties if duty.post == "operations"]
    pairs = [(duty.id, "ana") for duty in weeks[:2]]
    later = Spacing(valid_from=weeks[2].start_at.date())
    assert _broken(Spacing(), problem, *pairs)
    assert not _broken(later, problem, *pairs)
    model = Model(problem)
    later.add(model)
    assert _obeys(model, Rota.of(pairs))
