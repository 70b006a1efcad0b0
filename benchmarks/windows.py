"""Do crews come inside the windows that the service told? Before and after it has learned.

``python -m benchmarks.windows [--seed N]`` plays two simulated working days through the real
commands on a database of its own, with the clock in hand: calls, crews that take their time,
colleagues that assign. The first day's windows come from stated guesses; overnight the service
learns from it. Drives of the simulated day are longer than the map says, by sector and hour, and
nobody leaves on the minute. Prints one JSON line: coverage (0.8 is the goal) and mean width of the
windows told first, last before leaving, and at leaving, for each day.
"""

import asyncio
import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks._results import arguments, say
from dispatcher import demonstration, migrations, reactions
from dispatcher.actors import system
from dispatcher.app import build_service
from dispatcher.auth.context import Service
from dispatcher.clock import FrozenClock
from dispatcher.crews.commands import turn_shifts
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning import windows
from dispatcher.planning.commands import retime
from dispatcher.settings import Settings
from dispatcher.simulation.player import Player
from dispatcher.travel import learning
from dispatcher.travel.calibration import measure
from dispatcher.travel.history import finished
from dispatcher.travel.learned import current

STEP = timedelta(seconds=30)
DAY = timedelta(hours=9)
DAYS = 2


async def play(service: Service, clock: FrozenClock, until: timedelta) -> None:
    """Let time pass as the worker and the simulation do."""
    store, actor = service.store, system(service.settings.org)
    zone, player, end = ZoneInfo(service.settings.timezone), Player(service), clock.now() + until
    turns = 0
    while clock.now() < end:
        clock.advance(STEP)
        if turns % 10 == 0:
            await store.submit(partial(turn_shifts, zone=zone), actor, deadline_s=60)
        await player.tick()
        while await store.submit(reactions.step, actor, deadline_s=60):
            pass
        await store.submit(partial(retime, freeze=timedelta(0)), actor, deadline_s=60)
        if turns % 2 == 0:
            await narrow(service)
        turns += 1


async def narrow(service: Service) -> None:
    """Tell windows that moved or narrowed."""
    org, now = service.settings.org, service.clocks.service.now()
    with service.store.read() as session:
        snapshot = snapshots.take(session, org, now, timedelta(0))
        fresh = windows.fresh_windows(session, snapshot, now)
    if fresh:
        told = partial(windows.tell_fresh, windows=fresh)
        await service.store.submit(told, system(org), deadline_s=60)


async def run(seed: int, folder: Path) -> None:
    """Play the days and print what came of their windows."""
    url = f"sqlite:///{folder / 'cpo.sqlite3'}"
    settings = Settings(mode="demo", database_url=url, simulation_seed=seed, solver=False)
    migrations.upgrade(url)
    clock = FrozenClock(demonstration.prepare(settings).now())
    service = build_service(settings, clock)
    org, zone = settings.org, ZoneInfo(settings.timezone)
    service.store.start()
    days = []
    try:
        for _day in range(DAYS):
            opened = clock.now()
            await play(service, clock, DAY)
            with service.store.read() as session:
                visits = finished(session, org, clock.now())
                today = [v for v in visits if v.arrived_at and v.arrived_at >= opened]
                known, measured = current(session, org), measure(today)
                taught = learning.study(session, org, clock.now(), zone)
            days.append(
                {"learned_version": known.version}
                | {
                    moment: {
                        "arrivals": c.arrivals,
                        "share": c.share,
                        "width_min": c.mean_width_min,
                    }
                    for moment, c in measured.items()
                }
            )
            await service.store.submit(partial(learning.store, taught=taught), system(org))
            clock.set(opened + timedelta(days=1))
    finally:
        service.store.stop()
    say("windows", seed=seed, days=days, corrections=taught.body["corrections"])


def main() -> None:
    """Print one JSON line."""
    told = arguments(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(told.seed, Path(folder)))


if __name__ == "__main__":
    main()
