"""Which state of an incident may follow which."""

import pytest

from dispatcher.errors import IllegalMove
from dispatcher.events.states import IncidentStatus as S
from dispatcher.incidents.workflow import DUE, LIVE, MOVES, STEP_OF, check_move
from dispatcher.planning.rows import OUT_OF_PLAY


def test_every_state_has_its_row() -> None:
    assert set(MOVES) == set(S)


def test_every_state_can_be_reached() -> None:
    reached, waiting = {S.RECEIVED}, [S.RECEIVED]
    while waiting:
        for target in MOVES[waiting.pop()] - reached:
            reached.add(target)
            waiting.append(target)

    assert reached == set(S)


def test_every_state_can_be_left() -> None:
    # Even a closed incident: the person who reported it may say that it is not repaired.
    assert all(MOVES[state] for state in S)


def test_every_living_incident_can_come_to_an_end() -> None:
    for state in LIVE:
        reached, waiting = {state}, [state]
        while waiting:
            for target in MOVES[waiting.pop()] - reached:
                reached.add(target)
                waiting.append(target)
        assert S.CLOSED in reached


def test_what_is_over_lives_again_only_by_being_reopened() -> None:
    for state in set(S) - LIVE:
        assert MOVES[state] & LIVE == {S.REOPENED}, state


def test_no_state_follows_itself() -> None:
    assert all(state not in targets for state, targets in MOVES.items())


def test_crews_go_to_living_incidents_only() -> None:
    assert {state.value for state in LIVE} & set(OUT_OF_PLAY) == {"on_hold"}
    assert {state.value for state in set(S) - LIVE} <= set(OUT_OF_PLAY)


def test_a_promise_is_ahead_only_while_somebody_waits() -> None:
    assert DUE < LIVE


def test_an_end_is_told_to_citizens() -> None:
    untold = {state for state in set(S) - LIVE if state not in STEP_OF}

    # A merged report goes on under the reference of the one it joined.
    assert untold == {S.MERGED}


def test_a_move_that_is_not_drawn_is_refused_with_both_states() -> None:
    with pytest.raises(IllegalMove) as refused:
        check_move(S.CLOSED, S.IN_PROGRESS)

    assert refused.value.params == {"source": "closed", "target": "in_progress"}
