"""A search for a rota that somebody watches: how far it is, how good at best, and a way to end it.

The solver works in a process of its own; both sides meet at a slate, a folder with one small file
that it rewrites, and one whose mere presence asks it to stop. A slate lost with its process loses
nothing but a progress bar.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scheduling.rota.solution import ORDER, SPREAD

if TYPE_CHECKING:
    # The web process must not carry the solver's hundred megabytes.
    from scheduling.rota.astreinte import Progress

PART = "rota_searches"
"""Where the running service keeps its searches."""
OFTEN_S = 0.25
"""Seconds between two writes of a slate; the last word is always written."""


@dataclass(frozen=True, slots=True)
class StageSoFar:
    """One stage over the parts begun so far: its value, and below which it cannot go."""

    name: str
    value: int
    bound: int
    is_proven: bool

    @property
    def gap(self) -> float:
        """How far the value may be from the best, as a share of it; 0 is proven."""
        return (self.value - self.bound) / self.value if self.value else 0.0


@dataclass(frozen=True, slots=True)
class SoFar:
    """How far a search is.

    Attributes:
        parts: Independent parts of the problem.
        begun: How many of them it has begun.
        gains: Times a stage became better than it was.
    """

    parts: int = 0
    begun: int = 0
    gains: int = 0
    stages: tuple[StageSoFar, ...] = ()


class Scribe:
    """The solver's side: adds up what parts tell, and writes it down now and then."""

    def __init__(self, slate: Path, clock: Callable[[], float]) -> None:
        """Write on a slate; the clock says when it is time again, in seconds."""
        self.slate, self.clock = slate, clock
        self.told: dict[int, dict[str, Progress]] = {}
        self.gains = 0
        self.written_s: float | None = None

    def hear(self, progress: "Progress") -> None:
        """Take a stage's news, and write them if it is time."""
        mine = self.told.setdefault(progress.part, {})
        before = mine.get(progress.report.name)
        self.gains += before is not None and progress.report.value < before.report.value
        mine[progress.report.name] = progress
        now_s = self.clock()
        if self.written_s is None or now_s - self.written_s >= OFTEN_S:
            self.write()
            self.written_s = now_s

    def write(self) -> None:
        """Write how far the search is; a reader sees the old text or the new one, never half."""
        fresh = self.slate / "so_far.new"
        fresh.write_text(json.dumps(asdict(self.so_far())))
        fresh.replace(self.slate / "so_far.json")

    def so_far(self) -> SoFar:
        """Return the sums over the parts begun; the worst part's spread."""
        parts = max((one.parts for mine in self.told.values() for one in mine.values()), default=0)
        return SoFar(parts, len(self.told), self.gains, tuple(self._stages()))

    def _stages(self) -> Iterator[StageSoFar]:
        for name in ORDER:
            found = [mine[name].report for mine in self.told.values() if name in mine]
            if not found:
                continue
            merge: Callable[[list[int]], int] = max if name == SPREAD else sum
            value = merge([one.value for one in found])
            bound = merge([one.bound for one in found])
            yield StageSoFar(name, value, bound, bound >= value)

    def is_stopped(self) -> bool:
        """Whether somebody asked the search to end with the best rota so far."""
        return (self.slate / "stop").exists()


@dataclass(slots=True)
class Search:
    """The service's side of one search.

    Attributes:
        org: Whose rota it is.
        slate: The folder both sides know.
        weeks: Length of the rota.
        started_at: Wall time.
    """

    org: str
    slate: Path
    weeks: int
    started_at: datetime

    def so_far(self) -> SoFar:
        """Return how far it is; nothing yet while the solver's process starts."""
        try:
            told: dict[str, Any] = json.loads((self.slate / "so_far.json").read_text())
        except FileNotFoundError:
            return SoFar()
        stages = tuple(StageSoFar(**one) for one in told.pop("stages"))
        return SoFar(**told, stages=stages)

    def stop(self) -> None:
        """Ask it to end with the best rota so far; asking twice changes nothing."""
        (self.slate / "stop").touch()


@dataclass(slots=True)
class Searches:
    """The searches that run in this process, the latest last."""

    running: list[Search] = field(default_factory=list)

    @contextmanager
    def watched(self, org: str, weeks: int, at: datetime) -> Iterator[Search]:
        """Yield a search that others can watch until it is over."""
        search = Search(org, Path(tempfile.mkdtemp(prefix="cpo-rota-")), weeks, at)
        self.running.append(search)
        try:
            yield search
        finally:
            self.running.remove(search)
            shutil.rmtree(search.slate, ignore_errors=True)

    def of(self, org: str) -> Search | None:
        """Return the latest search of an authority, if one runs."""
        return next((one for one in reversed(self.running) if one.org == org), None)
