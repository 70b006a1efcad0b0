"""How long giving an incident to a crew holds up every other command, on a crowded day.

``python -m benchmarks.accept [--incidents 5000] [--crews 200] [--visits 600]`` fills a service,
then gives waiting incidents to crews in two ways: a place chosen beforehand and judged again
beside the crews concerned (`ms`, what the service does), and the plan of all crews judged inside
the command (`whole_ms`, what it still does where a visit has to give way). Then it takes proposals
that place one waiting incident each (`proposal_ms`), against reading the plan of all crews, which
the command would do first if it looked at everything (`plan_ms`). Prints one JSON line with medians
and ratios.
"""

import argparse
import statistics
import tempfile
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from benchmarks._board_world import crowd, rested
from benchmarks._results import say
from dispatcher.actors import system
from dispatcher.auth.context import Service
from dispatcher.clock import elapsed_ms, monotonic_s
from dispatcher.database import Tx
from dispatcher.models import Incident
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.applying import accept
from dispatcher.planning.commands import Choice, accept_offer, plan_with
from dispatcher.planning.proposals import publish
from dispatcher.planning.rows import open_orders
from scheduling.dispatch.arrays import tables
from scheduling.dispatch.offers import Desk
from tests.support.desk import moved
from tests.support.running import serving
from tests.support.world import ORG, fill

FREEZE = timedelta(minutes=20)
EACH = 8


def waiting(service: Service) -> list[UUID]:
    """Return incidents with work that waits for a crew, oldest first."""
    with service.store.read() as session:
        return [order.incident_id for order in open_orders(session, ORG)]


def best(service: Service, incident_id: UUID) -> Choice | None:
    """Return the best place that makes no visit give way, found beside the writer."""
    with service.store.read() as session:
        incident = session.get_one(Incident, incident_id)
        snapshot, name = plan_with(session, incident, service.clocks.service.now(), FREEZE)
        found = Desk(tables(snapshot.problem)).offers(name, may_bump=False).offers
    return Choice(UUID(found[0].crew_id), found[0].position) if found else None


def hold(service: Service, incident_id: UUID, choice: Choice) -> float:
    """Take the choice; return the milliseconds that the command took inside the writer."""

    def give(tx: Tx) -> float:
        started_s = monotonic_s()
        accept_offer(tx, tx.session.get_one(Incident, incident_id), choice, FREEZE)
        tx.session.flush()
        return elapsed_ms(started_s)

    return service.store.submit_wait(give, system(ORG), deadline_s=120)


def measure(service: Service) -> dict[str, float]:
    """Return the medians of both ways."""
    ways: dict[str, list[float]] = {"ms": [], "whole_ms": []}
    for incident_id in waiting(service):
        choice = best(service, incident_id)
        if choice is None:
            continue
        way = "ms" if len(ways["ms"]) <= len(ways["whole_ms"]) else "whole_ms"
        given = choice if way == "ms" else Choice(choice.crew_id)
        ways[way].append(hold(service, incident_id, given))
        if len(ways["whole_ms"]) == EACH:
            break
    return _medians(ways, "ms", "whole_ms", "ratio")


def take_one(service: Service, incident_id: UUID) -> float | None:
    """Take a proposal that places one waiting incident; return the milliseconds it took inside the
    writer, or None if it was not worth proposing.
    """
    with service.store.read() as session:
        incident = session.get_one(Incident, incident_id)
        snapshot, name = plan_with(session, incident, service.clocks.service.now(), FREEZE)
    offers = Desk(tables(snapshot.problem)).offers(name, may_bump=False).offers
    if not offers:
        return None
    plans = moved(snapshot, {name: snapshot.crews[offers[0].crew_id].name})

    def take(tx: Tx) -> float | None:
        proposal = publish(tx, snapshot, plans, {"name": "benchmark", "elapsed_ms": 0.0})
        if proposal is None:
            return None
        tx.session.flush()
        begun_s = monotonic_s()
        accept(tx, proposal.id, None, FREEZE)
        tx.session.flush()
        return elapsed_ms(begun_s)

    return service.store.submit_wait(take, system(ORG), deadline_s=120)


def read_plan(service: Service) -> float:
    """Return the milliseconds that reading the plan takes with all that waits."""
    started_s = monotonic_s()
    with service.store.read() as session:
        snapshots.take(session, ORG, service.clocks.service.now(), FREEZE)
    return elapsed_ms(started_s)


def proposals(service: Service) -> dict[str, float]:
    """Return the medians of taking a proposal and of reading the whole plan."""
    took = (take_one(service, incident_id) for incident_id in waiting(service))
    ways = {
        "proposal_ms": list(islice((ms for ms in took if ms is not None), EACH)),
        "plan_ms": [read_plan(service) for _ in range(3)],
    }
    return _medians(ways, "proposal_ms", "plan_ms", "proposal_ratio")


def _medians(ways: dict[str, list[float]], ours: str, whole: str, ratio: str) -> dict[str, float]:
    found = {way: round(statistics.median(took), 1) for way, took in ways.items()}
    return found | {ratio: round(found[ours] / found[whole], 3)}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, count in (("incidents", 5000), ("crews", 200), ("visits", 600)):
        parser.add_argument(f"--{name}", type=int, default=count)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "cpo.sqlite3"
        fill(f"sqlite:///{database}")
        with serving(database) as running:
            crowd(running.service, asked.incidents, asked.crews, asked.visits)
            rested(running.service)
            figures = measure(running.service) | proposals(running.service)
    say("accept", incidents=asked.incidents, crews=asked.crews, visits=asked.visits, **figures)


if __name__ == "__main__":
    main()
