"""A night of storm: more urgent incidents than the urgent tier holds, and planning goes on."""

from datetime import timedelta

from dispatcher.database import Tx
from dispatcher.intake.api import library_of
from dispatcher.intake.commands import Arrival, receive_report
from dispatcher.intake.understanding import understand
from dispatcher.planning import commands, snapshot
from tests.support.world import ORG, World

STORM = 520


async def test_planning_goes_on_in_a_storm(world: World) -> None:
    library = library_of(world.service)
    known = [
        understand(library, f"Arbre tombé sur la D{9 + n} à Tulle, danger", None, None)
        for n in range(STORM)
    ]

    def storm(tx: Tx) -> None:
        for understood in known:
            receive_report(tx, understood, Arrival("phone"), b"storm")

    await world.do(storm)
    with world.look() as session:
        seen = snapshot.take(session, ORG, world.clock.now(), timedelta(minutes=30))
    urgent = [visit.is_urgent for visit in seen.problem.visits]
    assert len(urgent) == STORM
    assert 100 < sum(urgent) < STORM, "the storm was none"
    await world.do(lambda tx: commands.retime(tx, timedelta(minutes=30)))
