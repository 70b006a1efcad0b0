"""Which state of a visit may follow which: one dictionary, read by commands, screens and a test."""

from dispatcher.errors import IllegalMove
from dispatcher.events.states import VisitStatus as S

MOVES: dict[S, frozenset[S]] = {
    S.PROPOSED: frozenset({S.ASSIGNED, S.CANCELLED}),
    S.ASSIGNED: frozenset(
        {S.NOTIFIED, S.ACKNOWLEDGED, S.EN_ROUTE, S.REFUSED, S.REASSIGNED, S.CANCELLED}
    ),
    S.NOTIFIED: frozenset({S.ACKNOWLEDGED, S.EN_ROUTE, S.REFUSED, S.REASSIGNED, S.CANCELLED}),
    S.ACKNOWLEDGED: frozenset({S.EN_ROUTE, S.REFUSED, S.REASSIGNED, S.CANCELLED}),
    S.EN_ROUTE: frozenset({S.ON_SITE, S.ACKNOWLEDGED, S.INCOMPLETE, S.REASSIGNED, S.CANCELLED}),
    S.ON_SITE: frozenset({S.PAUSED, S.COMPLETED, S.INCOMPLETE}),
    S.PAUSED: frozenset({S.ON_SITE, S.COMPLETED, S.INCOMPLETE}),
    S.COMPLETED: frozenset(),
    S.INCOMPLETE: frozenset(),
    S.REFUSED: frozenset(),
    S.REASSIGNED: frozenset(),
    S.CANCELLED: frozenset(),
}

FINAL = frozenset(state for state, targets in MOVES.items() if not targets)
"""States that a visit never leaves; more work is another visit."""

PLANNED = frozenset({S.ASSIGNED, S.NOTIFIED, S.ACKNOWLEDGED})
"""States in which the plan may still move the visit."""

COMMITTED = frozenset({S.EN_ROUTE, S.ON_SITE, S.PAUSED})
"""States that tie a crew: its route starts again where this visit ends."""

CREWS_MAY = frozenset(
    {S.ACKNOWLEDGED, S.EN_ROUTE, S.ON_SITE, S.PAUSED, S.COMPLETED, S.INCOMPLETE, S.REFUSED}
)
"""States that a crew may say of its own visit; the others are the desk's."""


def check_move(source: S, target: S) -> None:
    """Refuse a state that cannot follow.

    Raises:
        IllegalMove: With both states as parameters.
    """
    if target not in MOVES[source]:
        raise IllegalMove(source=source.value, target=target.value)
