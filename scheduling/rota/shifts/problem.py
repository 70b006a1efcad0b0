"""What a shift roster must answer: which shift each worker has on each day of a horizon.

The frozen input of the roster engine. Whatever concerns one worker alone is hard and belongs
to his row; cover is soft, so that a lawful roster exists as soon as every worker has a lawful
row. Day 0 is a Monday; days outside the horizon are days off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

OFF = -1
"""The entry of a row on a day without a shift; a shift is its position in `Roster.shifts`."""

Row = tuple[int, ...]
"""One entry a day: the position of the shift, or `OFF`."""


class RosterError(ValueError):
    """The roster problem contradicts itself, or one worker has no lawful row; the message says."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A kind of shift; `not_before` lists the shifts that may not follow it the next day."""

    id: str
    minutes: int
    not_before: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody with a contract; every limit is inclusive and hard.

    Attributes:
        caps: most shifts of a kind over the horizon; kinds not named are free.
        min_run: fewest days worked in a row; a run that touches an edge is never too short.
        min_off: fewest days off in a row, with the same exception.
        max_weekends: most week-ends with a shift on Saturday or Sunday.
        days_off: days on which no shift is possible, from 0.
    """

    id: str
    caps: Mapping[str, int]
    max_minutes: int
    min_minutes: int
    max_run: int
    min_run: int = 1
    min_off: int = 1
    max_weekends: int = 10_000
    days_off: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Request:
    """A wish to have a shift on a day, or not to have it; `weight` is paid when unmet."""

    worker_id: str
    day: int
    shift_id: str
    weight: int
    wants_shift: bool = True


@dataclass(frozen=True, slots=True)
class Demand:
    """How many people a shift needs on a day, and what each one short or too many costs."""

    day: int
    shift_id: str
    need: int
    under: int
    over: int


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """Everything the roster engine may know; validated on construction.

    Raises:
        RosterError: on unknown or doubled identifiers, or values out of range.
    """

    days: int
    shifts: tuple[Shift, ...]
    workers: tuple[Worker, ...]
    demands: tuple[Demand, ...] = ()
    requests: tuple[Request, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuses a problem that contradicts itself."""
        if self.days < 1 or not self.shifts or not self.workers:
            raise RosterError("a roster needs days, shifts and workers")
        shifts = _once("shift", (shift.id for shift in self.shifts))
        workers = _once("worker", (worker.id for worker in self.workers))
        _once("demand", ((demand.day, demand.shift_id) for demand in self.demands))
        _known("shift", (demand.shift_id for demand in self.demands), shifts)
        _known("shift", (request.shift_id for request in self.requests), shifts)
        _known("worker", (request.worker_id for request in self.requests), workers)
        for worker in self.workers:
            if min(worker.max_run, worker.min_run, worker.min_off) < 1:
                raise RosterError(f"a run shorter than a day: {worker.id}")
        dated = [*(one.day for one in self.demands), *(one.day for one in self.requests)]
        if outside := [day for day in dated if not 0 <= day < self.days]:
            raise RosterError(f"day outside the horizon: {outside[0]}")
        for shift in self.shifts:
            if shift.minutes < 1:
                raise RosterError(f"a shift without minutes: {shift.id}")


def _once(what: str, ids: Iterable[object]) -> set[object]:
    counts = Counter(ids)
    doubled = [str(key) for key, times in counts.items() if times > 1]
    if doubled:
        raise RosterError(f"{what} given twice: {min(doubled)}")
    return set(counts)


def _known(what: str, mentioned: Iterable[object], known: set[object]) -> None:
    strangers = [str(one) for one in mentioned if one not in known]
    if strangers:
        raise RosterError(f"unknown {what}: {min(strangers)}")
