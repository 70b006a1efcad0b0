"""Who is asked for travel times, in which order: router, road network, great circle.

`estimate` answers at once from what is known; what is not yet known is a great circle this time,
and is found out in the background for the next. No offer ever waits for a network.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from dispatcher.clock import Clock, SystemClock, monotonic_s
from dispatcher.settings import Settings
from dispatcher.travel.keeping import TravelFile
from dispatcher.travel.roads import Provenance, Roads, load
from dispatcher.travel.routers import AT_ONCE, Osrm, Router, RouterFailed, Valhalla
from dispatcher.travel.table import Key, TravelTable, key_of
from scheduling.dispatch.estimates import SOURCES, Estimates, Known, combined
from scheduling.dispatch.problem import IntMatrix
from scheduling.dispatch.roads import RoadTimes, Snapped
from scheduling.dispatch.travel import Point

log = logging.getLogger("cpo.travel")

INLINE_S: Final = 0.02
"""Seconds that one answer may spend searching the road network; the background does the rest."""

PAUSES_S: Final = (5.0, 15.0, 60.0, 300.0)
"""How long a router that failed is left in peace, failure after failure."""

WANTED: Final = 400
"""Places that wait to be asked about, at most; newer ones wait for the next look."""

ASK_AGAIN_S: Final = 300.0
"""A place that the router was asked about is not asked about again sooner."""

KEEP_S: Final = 30.0
"""How often what was found out is kept in the file, at most."""

Places = Sequence[Point]
GRAPH: Final = SOURCES.index("graph")
KEY: Final = "travel_desk"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the sources stand, for people.

    Attributes:
        order: Sources asked, the most trusted first.
        roads: Where the road network comes from, if there is one.
        router_trouble: Why the router is not asked at present; None while it answers.
        places: Places known.
        pairs: Known pairs by source.
        bytes: Memory they take.
        kept_at: When they were last kept in a file or taken from it; None without one.
        refreshed_at: When a router or the road network last taught something; None before.
    """

    order: tuple[str, ...]
    roads: Provenance | None
    router_trouble: str | None
    places: int
    pairs: dict[str, int]
    bytes: int
    kept_at: datetime | None = None
    refreshed_at: datetime | None = None


class TravelDesk:
    """Travel times of one process."""

    def __init__(
        self, roads: Roads | None = None, router: Router | None = None, capacity: int = 1500
    ) -> None:
        """Prepare; without roads and router every estimate is a great circle."""
        self.roads = roads
        self.router = router
        self.trouble: str | None = None
        self.zone = ZoneInfo("Europe/Paris")
        self.remembered: dict[Any, Any] = {}
        self._times = RoadTimes(roads.graph) if roads is not None else None
        self._table = TravelTable(capacity)
        self._snapped: dict[Key, Snapped | None] = {}
        self._wanted: dict[Key, Point] = {}
        self._around: tuple[Point, ...] = ()
        self._lock = threading.Lock()
        self._task: asyncio.Task[None] | None = None
        self._is_warm = False
        self._asked: dict[Key, float] = {}
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failures, self._quiet_until_s = 0, 0.0
        self.clock: Clock = SystemClock()
        self._file: TravelFile | None = None
        self._taught_pairs, self._kept_pairs = 0, 0
        self._taught_at: datetime | None = None

    @classmethod
    def of(cls, settings: Settings) -> "TravelDesk":
        """Return the desk that the settings ask for.

        Raises:
            InvalidInput: The road file is missing or is no compiled network.
        """
        roads = load(Path(settings.road_file)) if settings.road_file else None
        router: Router | None = None
        if settings.router_url is not None:
            kind = Osrm if settings.router == "osrm" else Valhalla
            router = kind(settings.router_url, settings.router_timeout_s)
        desk = cls(roads, router, settings.travel_places)
        desk.zone = ZoneInfo(settings.timezone)
        kept = settings.travel_path
        if kept is not None and (roads is not None or router is not None):
            desk.keep_in(kept, settings.router_url)
        return desk

    # -- the file ----------------------------------------------------------------------------------

    def keep_in(self, path: Path, router_url: str | None = None) -> int:
        """Take what was known before from a file, and keep it there; return the pairs it gave."""
        origins = {}
        if self.roads is not None:
            origins[SOURCES[GRAPH]] = self.roads.origin.sha256
        if self.router is not None:
            origins[self.router.source] = router_url or ""
        self._file = TravelFile(path, self.clock, origins)
        return self._file.load(self._table)

    def keep(self) -> bool:
        """Write what is known to the file if anything is new; say whether it was written."""
        if self._file is None or self._taught_pairs == self._kept_pairs:
            return False
        pairs = self._taught_pairs
        if not self._file.save(self._table):
            return False
        self._kept_pairs = pairs
        return True

    # -- answers -----------------------------------------------------------------------------------

    def estimate(self, points: Sequence[Point]) -> Estimates:
        """Return travel between all places, at once, each pair by the best source that knows it."""
        if self._times is None and self.router is None:
            return combined(points)
        known = self._known(points)
        if self._times is not None and self._is_warm:
            done = self._search(points, known, monotonic_s() + INLINE_S)
            known = self._known(points)
            if not done:
                self._want((), points)
        elif self._times is not None:
            self._want((), points)
        if self.router is not None:
            self._want(self._unasked(points, known), points)
        return combined(points, known)

    def _known(self, points: Sequence[Point]) -> Known:
        """Return what the table knows; places beyond its room are great circles."""
        over = max(0, len(points) - self._table.capacity)
        known = self._table.look(points[: len(points) - over])
        if not over:
            return known
        room = ((0, over), (0, over))
        return Known(
            np.pad(known.seconds, room), np.pad(known.metres, room), np.pad(known.codes, room)
        )

    def _unasked(self, points: Sequence[Point], known: Known) -> list[Point]:
        """Return places of which the router has mostly not spoken, nor was asked a moment ago."""
        assert self.router is not None  # noqa: S101 - asked by the caller
        poor = (known.codes < SOURCES.index(self.router.source)) & _apart(points)
        most = np.maximum(poor.sum(axis=1), poor.sum(axis=0)) > (len(points) - 1) / 2
        now_s = monotonic_s()
        places = [points[int(i)] for i in np.flatnonzero(most)]
        return [p for p in places if self._asked.get(key_of(p), -ASK_AGAIN_S) < now_s - ASK_AGAIN_S]

    def standing(self) -> Standing:
        """Return how the sources stand."""
        order = [self.router.source] if self.router is not None else []
        order += ["graph"] if self.roads is not None else []
        return Standing(
            order=(*order, "great_circle"),
            roads=self.roads.origin if self.roads is not None else None,
            router_trouble=self.trouble,
            places=len(self._table),
            pairs={SOURCES[code]: n for code, n in self._table.pairs().items()},
            bytes=self._table.bytes,
            kept_at=self._file.kept_at if self._file is not None else None,
            refreshed_at=self._taught_at,
        )

    # -- the road network --------------------------------------------------------------------------

    def _search(self, points: Sequence[Point], known: Known, until_s: float) -> bool:
        """Search from and to places until every pair on the map is known; say whether it is.

        One new place among many known ones costs two searches, whatever their number.
        """
        times = self._times
        assert times is not None  # noqa: S101 - asked by the callers
        snapped = [self._snap(place) for place in points[: self._table.capacity]]
        snapped += [None] * (len(points) - len(snapped))
        on_map = np.array([at is not None for at in snapped], dtype=bool)
        unknown = (known.codes == 0) & _apart(points) & on_map[:, None] & on_map[None, :]
        ends = [at for at in snapped if at is not None]
        places = [place for place, at in zip(points, snapped, strict=True) if at is not None]
        while unknown.any():
            if monotonic_s() > until_s:
                return False
            i = int(np.argmax(unknown.sum(axis=1) + unknown.sum(axis=0)))
            here = snapped[i]
            assert here is not None  # noqa: S101 - what is off the map is not unknown
            there, back = times.row(here, ends), times.column(ends, here)
            self._put(([points[i]], places), (there[0][None, :], there[1][None, :]), GRAPH)
            self._put((places, [points[i]]), (back[0][:, None], back[1][:, None]), GRAPH)
            unknown[i, :] = unknown[:, i] = False
        return True

    def _snap(self, place: Point) -> Snapped | None:
        key = key_of(place)
        if key not in self._snapped:
            if len(self._snapped) > 4 * self._table.capacity:
                self._snapped.clear()
            assert self._times is not None  # noqa: S101 - asked by the callers
            self._snapped[key] = self._times.snapped(place)
        return self._snapped[key]

    # -- the background ----------------------------------------------------------------------------

    def _want(self, places: Sequence[Point], around: Sequence[Point]) -> None:
        """Have places asked about, and the road network searched, in the background."""
        with self._lock:
            self._around = tuple(around)
            for place in places:
                if len(self._wanted) < WANTED:
                    self._wanted.setdefault(key_of(place), place)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Find out what answers lacked, until cancelled."""
        self._loop = asyncio.get_running_loop()
        await run_in_threadpool(self.warm_up)
        kept_s = monotonic_s()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KEEP_S):
                    await self._woken.wait()
            if self._woken.is_set():
                self._woken.clear()
                try:
                    await self.fill()
                except Exception:  # the edge of a job: logged; estimates stay what they are
                    log.exception("travel_failed")
            if monotonic_s() - kept_s >= KEEP_S:
                await run_in_threadpool(self.keep)
                kept_s = monotonic_s()

    def warm_up(self) -> None:
        """Compile the search before the first answer needs it."""
        if self._times is not None and self.roads is not None:
            self.roads.graph.from_node(0, np.zeros(1, dtype=np.int32))
        self._is_warm = True

    async def fill(self) -> int:
        """Find out about everything that waits; return how many pairs the router taught."""
        with self._lock:
            wanted, around = list(self._wanted.values()), self._around
            self._wanted.clear()
        if self._times is not None and around:
            known = await run_in_threadpool(self._known, around)
            await run_in_threadpool(self._search, around, known, float("inf"))
        return await self._ask(wanted, around) if wanted and self.router is not None else 0

    async def _ask(self, wanted: Sequence[Point], around: Sequence[Point]) -> int:
        """Ask the router in blocks; what fails stays with the next source."""
        router = self.router
        if router is None or monotonic_s() < self._quiet_until_s:
            return 0
        self._asked = {k: at for k, at in self._asked.items() if at > monotonic_s() - ASK_AGAIN_S}
        self._asked |= {key_of(place): monotonic_s() for place in wanted}
        blocks = [
            *_blocks(wanted, around, router.side),
            *_blocks(_others(around, wanted), wanted, router.side),
        ]
        gate = asyncio.Semaphore(AT_ONCE)
        found = await asyncio.gather(*(self._block(router, gate, block) for block in blocks))
        if monotonic_s() >= self._quiet_until_s:
            self._failures, self.trouble = 0, None
        return sum(found)

    async def _block(
        self, router: Router, gate: asyncio.Semaphore, block: tuple[Places, Places]
    ) -> int:
        """Return how many pairs one block taught; a router that is down is left in peace."""
        async with gate:
            if monotonic_s() < self._quiet_until_s:
                return 0
            try:
                told = await router.table(*block)
            except RouterFailed as failure:
                log.warning("router_failed", extra={"detail": str(failure)})
                if failure.is_down:
                    self._rest(f"{router.source}: {failure}")
                return 0
        return self._put(block, told, SOURCES.index(router.source))

    def _put(
        self, block: tuple[Places, Places], told: tuple[IntMatrix, IntMatrix], code: int
    ) -> int:
        """Store a block of answers; return how many pairs are new or better than before."""
        pairs = self._table.put(*block, told, code)
        if pairs:
            self._taught_pairs, self._taught_at = self._taught_pairs + pairs, self.clock.now()
        return pairs

    def _rest(self, trouble: str) -> None:
        if monotonic_s() >= self._quiet_until_s:
            pause_s = PAUSES_S[min(self._failures, len(PAUSES_S) - 1)]
            self._failures, self._quiet_until_s = self._failures + 1, monotonic_s() + pause_s
        self.trouble = trouble
        # What was not answered may be asked about as soon as the pause is over.
        self._asked.clear()

    def start(self) -> None:
        """Begin to work in the background of the running event loop."""
        self._task = asyncio.create_task(self.run(), name="travel")

    async def stop(self) -> None:
        """End the background and let connections go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await run_in_threadpool(self.keep)
        if self.router is not None:
            await self.router.aclose()


def _apart(points: Sequence[Point]) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Return which pairs are two places, to the table's precision."""
    known: dict[Key, int] = {}
    ranks = np.array([known.setdefault(key_of(place), len(known)) for place in points])
    return np.asarray(ranks[:, None] != ranks[None, :], dtype=np.bool_)


def _blocks(origins: Places, goals: Places, side: int) -> list[tuple[Places, Places]]:
    return [
        (origins[i : i + side], goals[j : j + side])
        for i in range(0, len(origins), side)
        for j in range(0, len(goals), side)
    ]


def _others(places: Places, without: Places) -> list[Point]:
    left = {key_of(place) for place in without}
    return [place for place in places if key_of(place) not in left]


GREAT_CIRCLE: Final = TravelDesk()
"""What answers where no desk was set up: command lines, tests of one slice."""


def desk_of(session: Session) -> TravelDesk:
    """Return the desk of the service that a session belongs to."""
    found: TravelDesk = session.info.get(KEY, GREAT_CIRCLE)
    return found
