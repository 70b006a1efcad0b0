"""Cutting a problem by posts loses nothing and joins whoever depends on one another."""

from dataclasses import replace

from scheduling.rota.districts import districts, share_of
from scheduling.rota.problem import Mentoring
from scheduling.rota.solution import Rota
from tests.support.rotas import centre, department


def test_every_duty_and_everybody_entitled_is_in_exactly_one_district() -> None:
    problem = department(1, sectors=3, count=4)
    pieces = districts(problem)
    assert len(pieces) == 4
    duties = [duty.id for piece in pieces for duty in piece.duties]
    people = [person.id for piece in pieces for person in piece.people]
    assert sorted(duties) == sorted(duty.id for duty in problem.duties)
    assert sorted(people) == sorted(person.id for person in problem.people)


def test_a_couple_and_a_novice_join_their_districts() -> None:
    base = centre(1)
    assert len(districts(base)) == 2
    couple = replace(base, policy=replace(base.policy, apart=(("p00", "p10"),)))
    assert len(districts(couple)) == 1
    novice = replace(base, policy=replace(base.policy, mentoring=(Mentoring("p10", ("p01",)),)))
    assert len(districts(novice)) == 1


def test_a_rota_is_shared_out_by_duty() -> None:
    problem = department(1, sectors=2, count=2)
    rota = Rota.of((duty.id, problem.people[0].id) for duty in problem.duties)
    shares = [share_of(rota, piece) for piece in districts(problem)]
    assert frozenset().union(*(share.assignments for share in shares)) == rota.assignments
