"""The first rota of a service that has none, so that somebody is on call from the first minute."""

from dispatcher.database import Tx
from dispatcher.oncall import commands
from dispatcher.oncall import snapshot as snapshots
from dispatcher.oncall.snapshot import Horizon, published_rota
from dispatcher.oncall.solving import solve

WEEKS = 12
TIMEZONE = "Europe/Paris"


def first_rota(tx: Tx) -> None:
    """Make and publish a rota from the week running now on, unless there is one.

    Holds the writer while the solver's process works: only for filling an empty database before
    anybody is served. Everything else goes through `generation.generate`.
    """
    if published_rota(tx.session, tx.org) is not None:
        return
    taken = snapshots.take(tx.session, tx.org, tx.now, Horizon(None, WEEKS, TIMEZONE))
    rota = commands.store_rota(tx, taken, solve(taken.problem))
    commands.publish_rota(tx, rota.id)
