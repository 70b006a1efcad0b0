"""Chains of swaps are lawful, fair and short; of those of two people none is left out."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from scheduling.rota.astreinte import plan
from scheduling.rota.check import check
from scheduling.rota.counters import count
from scheduling.rota.problem import Assignment, Problem, ProblemError
from scheduling.rota.solution import Rota
from scheduling.rota.swaps import Ask, Chain, chains
from tests.support.rotas import OPERATIONS, centre, person, weekly_duties


@cache
def _planned(seed: int) -> tuple[Problem, Rota]:
    problem = centre(seed, people=14)
    return problem, plan(problem).rota


def _deviations(problem: Problem, rota: Rota) -> dict[str, int]:
    return {one.person_id: abs(one.deviation) for one in count(problem, rota)}


def _asked(problem: Problem, rota: Rota) -> tuple[Ask, tuple[Chain, ...]]:
    cell = sorted(rota.assignments)[3]
    ask = Ask(cell.person_id, cell.duty_id)
    return ask, chains(problem, rota, ask)


SEEDS = range(10)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_chain_frees_whoever_asks_lawfully_and_fairly(seed: int) -> None:
    problem, rota = _planned(seed)
    ask, found = _asked(problem, rota)
    before, faults = _deviations(problem, rota), set(check(problem, rota))
    for chain in found:
        after = _deviations(problem, chain.rota)
        # A rota that lacks somebody already (seed 2) may not come to lack more.
        assert set(check(problem, chain.rota)) <= faults
        assert ask.duty_id not in chain.rota.duties_of().get(ask.person_id, [])
        assert 2 <= len(chain.people) == len(set(chain.people)) <= 4
        assert chain.people[0] == ask.person_id
        assert all(after[who] <= before[who] + ask.tolerance for who in chain.people)
        assert all(after[who] == before[who] for who in before if who not in chain.people)
        assert chain.unfairness == max(after[who] for who in chain.people)


def test_a_chain_is_found_for_most_who_ask() -> None:
    """For some duties there is none; that it is so for all would mean that nothing is searched."""
    helped = sum(bool(_asked(*_planned(seed))[1]) for seed in SEEDS)
    assert helped > len(SEEDS) // 2


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_chains_of_two_are_all_those_found_by_trying_every_exchange(seed: int) -> None:
    problem, rota = _planned(seed)
    found = 0
    for cell in sorted(rota.assignments)[::5]:
        ask = Ask(cell.person_id, cell.duty_id, most_people=2, limit=1_000)
        rotas = {chain.rota for chain in chains(problem, rota, ask)}
        assert rotas == set(_exchanges(problem, rota, ask))
        found += len(rotas)
    assert found


def _exchanges(problem: Problem, rota: Rota, ask: Ask) -> Iterator[Rota]:
    """Every lawful and fair gift or exchange of the duty asked about, by trying them all."""
    before = _deviations(problem, rota)
    cell = Assignment(ask.duty_id, ask.person_id)
    for other in problem.people:
        if other.id == ask.person_id:
            continue
        for given in (None, *rota.duties_of().get(other.id, [])):
            pairs = set(rota.assignments) - {cell} | {cell._replace(person_id=other.id)}
            if given:
                pairs -= {Assignment(given, other.id)}
                pairs |= {Assignment(given, ask.person_id)}
            changed = Rota(frozenset(pairs))
            if check(problem, changed):
                continue
            after = _deviations(problem, changed)
            if all(after[who] <= before[who] + ask.tolerance for who in before):
                yield changed


def test_nothing_frozen_or_pinned_changes_hands() -> None:
    problem, rota = _planned(1)
    cell = sorted(rota.assignments)[3]
    others = frozenset(c.duty_id for c in rota.assignments) - {cell.duty_id}
    pinned = replace(problem, pins=tuple(sorted(rota.assignments - {cell})))
    for world, frozen in ((problem, others), (pinned, frozenset[str]())):
        for chain in chains(world, rota, Ask(cell.person_id, cell.duty_id, frozen)):
            assert [one.duty_id for one in chain.handovers] == [cell.duty_id]


def test_three_people_are_asked_when_two_cannot_help() -> None:
    """Nobody qualified for the week is free beside it, except through a third person."""
    people = tuple(person(f"p{n}", "operations") for n in range(3))
    problem = Problem((OPERATIONS,), people, weekly_duties((OPERATIONS,), 3))
    first, second, third = problem.duties
    rota = Rota.of([(first.id, "p0"), (second.id, "p1"), (third.id, "p2")])
    found = chains(problem, rota, Ask("p0", first.id))
    assert {len(chain.people) for chain in found} == {2, 3}
    assert all(chain.is_cycle for chain in found)
    assert all(check(problem, chain.rota) == () for chain in found)


def test_who_does_not_hold_the_duty_cannot_give_it() -> None:
    problem, rota = _planned(1)
    cell = sorted(rota.assignments)[0]
    stranger = next(p.id for p in problem.people if p.id != cell.person_id)
    with pytest.raises(ProblemError):
        chains(problem, rota, Ask(stranger, cell.duty_id))
    with pytest.raises(ProblemError):
        chains(problem, rota, Ask(cell.person_id, cell.duty_id, frozenset({cell.duty_id})))
