"""The planning problem as it was last read, kept while nothing has happened since.

A hand that drags asks many questions of one plan within a second or two. Reading the rows and
building the matrix costs ten times what an answer costs, so both are done once for as long as the
log and the plan stand still.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, select

from dispatcher import event_log
from dispatcher.auth.context import Service
from dispatcher.models import Plan
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.snapshot import Snapshot
from scheduling.dispatch.moves import Moves

OLDEST = timedelta(seconds=5)
"""The clock moves on too: start times of a snapshot older than this would be wrong on screen."""
MOVES_KEPT = 16


@dataclass(slots=True)
class Kept:
    """One snapshot with nothing frozen, and the moves priced on it.

    Attributes:
        snapshot: The problem; a person may move what is about to start.
        frozen_until: Planned starts before it are worth a warning, Unix seconds.
    """

    snapshot: Snapshot
    taken_at: datetime
    frozen_until: int
    _moves: dict[str, Moves] = field(default_factory=dict)

    def moves(self, name: str) -> Moves:
        """Return every place of a visit or order, priced; computed once."""
        found = self._moves.get(name)
        if found is None:
            snapshot = self.snapshot
            if snapshot.problem.visit(name).is_urgent:
                snapshot = snapshots.for_urgent(snapshot, name)
            found = Moves(snapshot.problem, name, self.frozen_until)
            if len(self._moves) >= MOVES_KEPT:
                self._moves.clear()
            self._moves[name] = found
        return found


class Keeper:
    """Keeps one snapshot for each authority."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._kept: dict[str, tuple[tuple[int, int], Kept]] = {}

    @staticmethod
    def of(service: Service) -> "Keeper":
        """Return the service's own."""
        found: Keeper = service.parts.setdefault("plans", Keeper())
        return found

    def read(self, session: Session, org: str, now: datetime, freeze: timedelta) -> Kept:
        """Return the problem as it is on this session's view of the database.

        Keyed by the plan's number and the last event: whatever was decided or has happened makes a
        new one. Two threads may build the same one; both are right.
        """
        number = session.exec(select(Plan.number).where(Plan.org == org)).first() or 1
        key = (number, event_log.head(session).seq)
        known = self._kept.get(org)
        if known and known[0] == key and timedelta(0) <= now - known[1].taken_at < OLDEST:
            return known[1]
        taken = snapshots.take(session, org, now, snapshots.NOTHING_FROZEN)
        kept = Kept(taken, now, round((now + freeze).timestamp()))
        self._kept[org] = (key, kept)
        return kept
