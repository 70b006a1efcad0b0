"""The second life cycle: one body's answer to one incident."""

from typing import Literal

from dispatcher.errors import IllegalMove

ClaimState = Literal["asked", "accepted", "refused", "handed_over", "closed"]

MOVES: dict[str, frozenset[str]] = {
    "asked": frozenset({"accepted", "refused", "handed_over"}),
    "accepted": frozenset({"handed_over", "closed"}),
    "refused": frozenset(),
    "handed_over": frozenset(),
    "closed": frozenset(),
}
OPEN = frozenset({"asked", "accepted"})


def check_move(source: str, target: str) -> None:
    """Refuse an answer that cannot follow.

    Raises:
        IllegalMove: With both states as parameters.
    """
    if target not in MOVES[source]:
        raise IllegalMove(source=source, target=target)
