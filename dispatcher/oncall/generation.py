"""Making a rota from start to end: read, solve in another process, judge, store, publish."""

from dataclasses import dataclass, field
from uuid import UUID

from dispatcher.actors import Actor
from dispatcher.database import Store, Tx
from dispatcher.oncall import commands
from dispatcher.oncall import snapshot as snapshots
from dispatcher.oncall.snapshot import Horizon
from dispatcher.oncall.solving import Effort, solve


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rota to make, whether it replaces the one in force at once, and how long to search."""

    horizon: Horizon
    publish: bool = True
    effort: Effort = field(default_factory=Effort)


def generate(store: Store, actor: Actor, wanted: Wanted) -> UUID:
    """Make a rota and return its id; blocking for a few seconds, so call it from a thread.

    Raises:
        InvalidInput: Nothing can be planned there.
        Unavailable: The solver failed; the rota in force stays.
        Conflict: Another rota was published meanwhile.
    """
    with store.read() as session:
        taken = snapshots.take(session, actor.org, store.clocks.service.now(), wanted.horizon)
    solved = solve(taken.problem, wanted.effort)

    def keep(tx: Tx) -> UUID:
        rota = commands.store_rota(tx, taken, solved)
        if wanted.publish:
            commands.publish_rota(tx, rota.id, taken.previous)
        else:
            commands.announce(tx, rota)
        return rota.id

    return store.submit_wait(keep, actor)
