"""Do crews come inside the windows that the service told? Before and after it has learned.

``python -m benchmarks.windows [--seed N]`` plays two simulated working days through the real
commands on a database of its own, with the clock in hand: calls, crews that take their time,
colleagues that assign. The first day's windows come from stated guesses; overnight the service
learns from it. Drives of the simulated day are longer than the map says, by sector and hour, and
nobody leaves on the minute. Prints one JSON line for each day: coverage (0.8 is the goal), mean
width and interval score (width, and ten times by what an arrival missed it: less is better) of the
windows told first, last before leaving, at leaving, and first at each distance ahead. Days off are
passed over: a handful of crews teaches nothing.
"""

import asyncio
import tempfile
from datetime import datetime, timedelta
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
from dispatcher.travel.calibration import AHEAD, MOMENTS, Coverage, measure
from dispatcher.travel.history import finished
from dispatcher.travel.learned import current

STEP = timedelta(seconds=60)
DAY = timedelta(hours=9)
DAYS, FRIDAY = 2, 4


async def play(service: Service, clock: FrozenClock, until: timedelta) -> None:
    """Let time pass as the worker and the simulation do."""
    store, actor = service.store, system(service.settings.org)
    zone, player, end = ZoneInfo(service.settings.timezone), Player(service), clock.now() + until
    turns = 0
    while clock.now() < end:
        clock.advance(STEP)
        if turns % 5 == 0:
            await store.submit(partial(turn_shifts, zone=zone), actor, deadline_s=60)
        await player.tick()
        while await store.submit(reactions.step, actor, deadline_s=60):
            pass
        await store.submit(partial(retime, freeze=timedelta(0)), actor, deadline_s=60)
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
    try:
        for day in range(DAYS):
            opened = clock.now()
            await play(service, clock, DAY)
            with service.store.read() as session:
                visits = finished(session, org, clock.now())
                today = [v for v in visits if v.arrived_at and v.arrived_at >= opened]
                known = current(session, org)
                taught = learning.study(session, org, clock.now(), zone)
            figures = {m: told(c) for m, c in measure(today, (*MOMENTS, *AHEAD)).items()}
            say("windows", seed=seed, day=day + 1, learned_version=known.version, **figures)
            await service.store.submit(partial(learning.store, taught=taught), system(org))
            clock.set(next_working_day(opened, zone))
    finally:
        service.store.stop()


def told(one: Coverage) -> dict[str, float | None]:
    """How windows of one moment held."""
    return {
        "arrivals": one.arrivals,
        "share": one.share,
        "width_min": one.mean_width_min,
        "score_min": one.score_min,
        "lead_min": one.mean_lead_min,
    }


def next_working_day(at: datetime, zone: ZoneInfo) -> datetime:
    """The same hour of the next Monday to Friday."""
    later = at + timedelta(days=1)
    while later.astimezone(zone).weekday() > FRIDAY:
        later += timedelta(days=1)
    return later


def main() -> None:
    """Print one JSON line."""
    asked = arguments(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(asked.seed, Path(folder)))


if __name__ == "__main__":
    main()
