"""Which state of a visit may follow which."""

import pytest

from dispatcher.errors import IllegalMove
from dispatcher.events.states import VisitStatus as S
from dispatcher.planning.workflow import (
    COMMITTED,
    CREWS_MAY,
    FINAL,
    MOVES,
    PLANNED,
    check_move,
)


def test_every_state_has_its_row() -> None:
    assert set(MOVES) == set(S)


def test_every_state_can_be_reached() -> None:
    reached, waiting = {S.PROPOSED}, [S.PROPOSED]
    while waiting:
        for target in MOVES[waiting.pop()] - reached:
            reached.add(target)
            waiting.append(target)

    assert reached == set(S)


def test_every_state_that_is_not_final_can_be_left_for_good() -> None:
    for state in set(S) - FINAL:
        reached, waiting = {state}, [state]
        while waiting:
            for target in MOVES[waiting.pop()] - reached:
                reached.add(target)
                waiting.append(target)
        assert reached & FINAL, f"no way out of {state}"


def test_a_final_state_stays() -> None:
    assert {S.COMPLETED, S.INCOMPLETE, S.REFUSED, S.REASSIGNED, S.CANCELLED} == FINAL


def test_no_state_follows_itself() -> None:
    assert all(state not in targets for state, targets in MOVES.items())


def test_states_are_planned_or_under_way_or_over_and_never_two_of_these() -> None:
    assert PLANNED | COMMITTED | FINAL | {S.PROPOSED} == set(S)
    assert not PLANNED & COMMITTED
    assert not (PLANNED | COMMITTED) & FINAL


def test_a_crew_can_finish_what_it_began_without_the_desk() -> None:
    state = S.NOTIFIED
    for target in (S.ACKNOWLEDGED, S.EN_ROUTE, S.ON_SITE, S.PAUSED, S.ON_SITE, S.COMPLETED):
        check_move(state, target)
        assert target in CREWS_MAY
        state = target


def test_taking_work_away_is_the_desks_word() -> None:
    assert not CREWS_MAY & {S.CANCELLED, S.REASSIGNED, S.ASSIGNED, S.NOTIFIED, S.PROPOSED}


def test_a_move_that_is_not_drawn_is_refused_with_both_states() -> None:
    with pytest.raises(IllegalMove) as refused:
        check_move(S.COMPLETED, S.EN_ROUTE)

    assert refused.value.params == {"source": "completed", "target": "en_route"}
