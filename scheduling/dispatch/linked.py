"""Visits tied to one another: when they start in given routes, and how to plan around them.

A link makes the clock of one route depend on another's. Searches that move one route at a time
cannot have that, so the ties are loosened into **boxes**: from routes that keep every link, each
tied visit gets a window of its own, chosen so that *any* starts inside the windows keep the link.
Whatever is planned inside the boxes is lawful; new boxes are drawn when a tied visit is placed
anew. The price is that a box does not move while it stands, so a search sees fewer plans, never a
wrong one. Problems without links come back untouched.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scheduling.dispatch.problem import After, Pin, Problem, Together, Visit, Window
from scheduling.dispatch.schedule import FOREVER, NEVER, Scheduler, both_windows, start_windows
from scheduling.dispatch.solution import Route, Stop

Routes = Sequence[Sequence[str]]
Placed = Mapping[str, tuple[str, Stop]]

NOBODY: Final = ("",)
"""Required crews of a visit that waits for its link to be placed."""


@dataclass(frozen=True, slots=True)
class Boxed:
    """A problem whose links have become windows.

    Attributes:
        problem: without links; any lawful plan of it that serves ``held`` keeps the links.
        held: tied visits that stand in the routes and may not leave them one by one.
    """

    problem: Problem
    held: frozenset[str]


def tied(problem: Problem) -> frozenset[str]:
    """Every visit that a link names."""
    names: set[str] = set()
    for link in problem.links:
        names |= set(members(link))
    return frozenset(names)


def members(link: Together | After) -> tuple[str, ...]:
    """The visits a link names."""
    return link.visit_ids if isinstance(link, Together) else (link.first, link.then)


def timed_routes(problem: Problem, scheduler: Scheduler, routes: Routes) -> list[Route]:
    """The routes of all crews, timed together: each stop as early as rules and links allow.

    Args:
        problem: the question.
        scheduler: of the same problem.
        routes: visit ids per crew, in the problem's order.
    """
    not_before: dict[str, int] = {}
    crew_ids = [crew.id for crew in problem.crews]
    timed = [
        scheduler.route(crew_id, names) for crew_id, names in zip(crew_ids, routes, strict=True)
    ]
    # Every pass moves some start later; links without a circle settle in a few.
    for _ in range(8 * len(problem.links) + 8):
        later = _later_starts(problem, placed_in(timed))
        if not later:
            break
        not_before |= later
        for row, names in enumerate(routes):
            if not later.keys().isdisjoint(names):
                timed[row] = scheduler.route(crew_ids[row], names, not_before)
    return timed


def placed_in(routes: Iterable[Route]) -> dict[str, tuple[str, Stop]]:
    """Visit id → crew id and stop."""
    return {stop.visit_id: (route.crew_id, stop) for route in routes for stop in route.stops}


def _later_starts(problem: Problem, placed: Placed) -> dict[str, int]:
    """Visits that must wait for another one, and until when."""
    later: dict[str, int] = {}
    for link in problem.links:
        here = [placed[name][1] for name in members(link) if name in placed]
        if len(here) < 2:
            continue
        if isinstance(link, Together):
            start_at = max(stop.start_at for stop in here)
            waits = {stop.visit_id: start_at for stop in here if stop.start_at < start_at}
        else:
            waits = _lagging(link, *here)
        for name, at in waits.items():
            later[name] = max(at, later.get(name, at))
    return later


def _lagging(link: After, first: Stop, then: Stop) -> dict[str, int]:
    lag_s = then.start_at - first.end_at
    if lag_s < link.min_lag_s:
        return {link.then: first.end_at + link.min_lag_s}
    if link.max_lag_s is not None and lag_s > link.max_lag_s:
        return {link.first: first.start_at + lag_s - link.max_lag_s}
    return {}


def whole(problem: Problem, routes: Routes) -> list[list[str]]:
    """The routes without visits whose link is not kept: partners missing, or times apart."""
    kept = [list(names) for names in routes]
    scheduler = Scheduler(problem)
    while True:
        placed = placed_in(timed_routes(problem, scheduler, kept))
        gone = {name for link in problem.links for name in orphans(link, placed)}
        if not gone:
            return kept
        kept = [[name for name in names if name not in gone] for names in kept]


def orphans(link: Together | After, placed: Placed) -> tuple[str, ...]:
    """The visits of a link that have to leave."""
    here = [placed[name] for name in members(link) if name in placed]
    if isinstance(link, Together):
        starts, crews = {stop.start_at for _, stop in here}, {crew_id for crew_id, _ in here}
        is_kept = not here or (len(here) == len(link.visit_ids) == len(crews) and len(starts) == 1)
        return () if is_kept else link.visit_ids
    if link.then not in placed:
        return ()
    if link.first not in placed or _lagging(link, here[0][1], here[1][1]):
        return (link.then,)
    return (link.then,) if link.same_crew and here[0][0] != here[1][0] else ()


def boxed(problem: Problem, routes: Routes) -> Boxed:
    """The problem with a window for every tied visit in the routes, and the others set aside.

    Args:
        problem: the question.
        routes: visit ids per crew, keeping every link (see :func:`whole`).
    """
    if not problem.links:
        return Boxed(problem, frozenset())
    placed = placed_in(timed_routes(problem, Scheduler(problem), routes))
    boxes = {name: Box() for name in tied(problem) if name in placed}
    for link in problem.links:
        _draw(problem, link, placed, boxes)
    pins = {pin.visit_id: pin for pin in problem.pins}
    visits = []
    for visit in problem.visits:
        if visit.id in boxes:
            visits.append(boxes[visit.id].applied(visit, pins.get(visit.id)))
        elif visit.id in tied(problem):
            visits.append(replace(visit, required_crews=NOBODY))
        else:
            visits.append(visit)
    loose = replace(problem, visits=tuple(visits), pins=_hourless(problem.pins, boxes), links=())
    return Boxed(loose, frozenset(boxes))


def _hourless(pins: Iterable[Pin], names: Container[str]) -> tuple[Pin, ...]:
    """The pins; those of boxed visits without their hour, which the box holds already."""
    return tuple(replace(pin, window=None) if pin.visit_id in names else pin for pin in pins)


def freed(
    loose: Boxed, problem: Problem, names: Sequence[str], box: "Box", placed: Placed
) -> Boxed:
    """The boxed problem with some visits set aside back in play, inside one box.

    Args:
        loose: made from ``problem``.
        problem: with its links.
        names: visits that are not placed.
        box: starts they may have.
        placed: the stops of the plan.
    """
    pins, waited_for = {pin.visit_id: pin for pin in problem.pins}, _waited_for(problem, names)
    visits = []
    for one in loose.problem.visits:
        if one.id in names:
            visits.append(box.applied(problem.visit(one.id), pins.get(one.id)))
        elif one.id in waited_for and one.id in placed:
            # Put in before it on one route, they would make it later than the box reckons with.
            visits.append(Box(last=placed[one.id][1].start_at).applied(one))
        else:
            visits.append(one)
    hourless = _hourless(loose.problem.pins, names)
    return replace(loose, problem=replace(loose.problem, visits=tuple(visits), pins=hourless))


def _waited_for(problem: Problem, names: Sequence[str]) -> set[str]:
    """Visits whose start the boxes of others stand on: firsts, and thens within a longest lag."""
    links = [link for link in problem.links if isinstance(link, After)]
    firsts = {link.first for link in links if link.then in names}
    return firsts | {
        link.then for link in links if link.first in names and link.max_lag_s is not None
    }


@dataclass(slots=True)
class Box:
    """Starts that keep a visit's links: first and last second, and its only crew if it has one."""

    first: int = -FOREVER
    last: int = FOREVER - 1
    crew_id: str | None = None

    def narrow(self, first: int | None = None, last: int | None = None) -> None:
        """Keep only what lies in these seconds too."""
        self.first = self.first if first is None else max(self.first, first)
        self.last = self.last if last is None else min(self.last, last)

    def applied(self, visit: Visit, pin: Pin | None = None) -> Visit:
        """The visit with these starts only."""
        crews = visit.required_crews if self.crew_id is None else (self.crew_id,)
        is_kept = not visit.required_crews or set(crews) <= set(visit.required_crews)
        if self.last < self.first or not is_kept:
            return replace(visit, required_crews=NOBODY)
        box, windows = Window(self.first, self.last + 1), start_windows(visit, pin)
        inside = (both_windows(window, box) for window in windows or (box,))
        kept = tuple(window for window in inside if window is not None) or (NEVER,)
        return replace(visit, windows=kept, ready_at=None, required_crews=crews)


def _draw(
    problem: Problem, link: Together | After, placed: Placed, boxes: Mapping[str, Box]
) -> None:
    """Narrow the boxes of a link's visits around their starts."""
    if not all(name in boxes for name in members(link)):
        return
    if isinstance(link, Together):
        for name in link.visit_ids:
            start_at = placed[name][1].start_at
            boxes[name].narrow(start_at, start_at)
        return
    (crew_id, first), (_, then) = placed[link.first], placed[link.then]
    length_s = first.end_at - first.start_at
    # All the slack goes to the first: what it delays is known, what comes after may yet move.
    boxes[link.first].narrow(last=then.start_at - length_s - link.min_lag_s)
    boxes[link.then].narrow(first=then.start_at)
    if link.max_lag_s is not None:
        boxes[link.first].narrow(first=first.start_at)
        boxes[link.then].narrow(last=first.end_at + link.max_lag_s)
    if link.same_crew:
        boxes[link.first].crew_id = boxes[link.then].crew_id = crew_id
    elif problem.visit(link.first).crew_durations:
        # Its end is known with this crew only; another could be longer at it.
        boxes[link.first].crew_id = crew_id


def room_for(problem: Problem, visit_id: str, placed: Placed) -> Box | None:
    """Starts that keep the visit's links to what is placed; ``None`` if one it follows is not.

    Args:
        problem: with its links.
        visit_id: a visit that is not placed.
        placed: the stops of the plan.
    """
    box, wanted = Box(), problem.visit(visit_id)
    # Whichever crew takes it, its end must keep the link.
    longest_s, shortest_s = wanted.longest_s, wanted.shortest_s
    for link in problem.links:
        if isinstance(link, Together):
            for name in link.visit_ids if visit_id in link.visit_ids else ():
                if name in placed:
                    box.narrow(placed[name][1].start_at, placed[name][1].start_at)
        elif link.then == visit_id:
            if link.first not in placed:
                return None
            crew_id, first = placed[link.first]
            last = None if link.max_lag_s is None else first.end_at + link.max_lag_s
            box.narrow(first.end_at + link.min_lag_s, last)
            box.crew_id = crew_id if link.same_crew else box.crew_id
        elif link.first == visit_id and link.then in placed:
            crew_id, then = placed[link.then]
            last = then.start_at - longest_s - link.min_lag_s
            first_at = None
            if link.max_lag_s is not None:
                first_at = then.start_at - shortest_s - link.max_lag_s
            box.narrow(first_at, last)
            box.crew_id = crew_id if link.same_crew else box.crew_id
    return box


def opened(problem: Problem, visit_id: str, routes: Routes) -> Boxed | None:
    """As :func:`boxed`, with one visit free to go wherever its links allow.

    Args:
        problem: settled, with its links.
        visit_id: a visit that is in none of the routes.
        routes: visit ids per crew.

    Returns:
        ``None`` if the visit follows one that is not placed.
    """
    loose = boxed(problem, routes)
    if visit_id not in tied(problem):
        return loose
    placed = placed_in(timed_routes(problem, Scheduler(problem), routes))
    room = room_for(problem, visit_id, placed)
    if room is None:
        return None
    return freed(loose, problem, (visit_id,), room, placed)


def unplaced_partners(problem: Problem, visit_id: str, routes: Routes) -> tuple[str, ...]:
    """Visits that start with this one and are in none of the routes."""
    served = {name for names in routes for name in names}
    return tuple(
        name
        for link in problem.links
        if isinstance(link, Together) and visit_id in link.visit_ids
        for name in link.visit_ids
        if name != visit_id and name not in served
    )
