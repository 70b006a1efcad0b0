"""Which state of an incident may follow which: one dictionary, read by commands, screens and a
test.
"""

from dispatcher.errors import IllegalMove
from dispatcher.events.states import IncidentStatus as S
from dispatcher.events.states import Step

MOVES: dict[S, frozenset[S]] = {
    S.RECEIVED: frozenset(
        {S.TRIAGED, S.IN_PROGRESS, S.ANSWERED, S.ON_HOLD, S.TRANSFERRED, S.MERGED, S.CANCELLED}
    ),
    S.TRIAGED: frozenset(
        {
            S.RECEIVED,
            S.IN_PROGRESS,
            S.RESOLVED,
            S.ANSWERED,
            S.ON_HOLD,
            S.TRANSFERRED,
            S.MERGED,
            S.CANCELLED,
        }
    ),
    S.IN_PROGRESS: frozenset({S.TRIAGED, S.STABILISED, S.RESOLVED, S.ON_HOLD, S.CANCELLED}),
    S.STABILISED: frozenset({S.IN_PROGRESS, S.RESOLVED, S.ON_HOLD, S.CANCELLED}),
    S.RESOLVED: frozenset({S.CLOSED, S.REOPENED}),
    S.CLOSED: frozenset({S.REOPENED}),
    S.ANSWERED: frozenset({S.CLOSED, S.REOPENED}),
    # A crew that is there may finish whatever the desk said meanwhile.
    S.ON_HOLD: frozenset(
        {S.TRIAGED, S.IN_PROGRESS, S.RESOLVED, S.TRANSFERRED, S.MERGED, S.CANCELLED}
    ),
    S.TRANSFERRED: frozenset({S.CLOSED, S.REOPENED}),
    S.MERGED: frozenset({S.REOPENED}),
    S.CANCELLED: frozenset({S.REOPENED}),
    S.REOPENED: frozenset(
        {S.TRIAGED, S.IN_PROGRESS, S.ANSWERED, S.ON_HOLD, S.TRANSFERRED, S.MERGED, S.CANCELLED}
    ),
}

LIVE = frozenset({S.RECEIVED, S.TRIAGED, S.IN_PROGRESS, S.STABILISED, S.ON_HOLD, S.REOPENED})
"""States that still ask something of somebody: what the queue shows."""

DUE = frozenset({S.RECEIVED, S.TRIAGED, S.REOPENED})
"""States in which the promised arrival is still ahead."""

STEP_OF: dict[S, Step] = {
    S.TRIAGED: "examined",
    S.RESOLVED: "done",
    S.CLOSED: "closed",
    S.ANSWERED: "answered",
    S.TRANSFERRED: "transferred",
    S.CANCELLED: "cancelled",
    S.REOPENED: "received",
}
"""What citizens read when a state is reached by the desk; visits tell the steps in between."""


def check_move(source: S, target: S) -> None:
    """Refuse a state that cannot follow.

    Raises:
        IllegalMove: With both states as parameters.
    """
    if target not in MOVES[source]:
        raise IllegalMove(source=source.value, target=target.value)
