"""Windows told to people: what they may count on, eight times out of ten.

A route is walked many times with learned drives and times on site; what varies before a visit
widens its window, and the window narrows as the crew comes nearer. The width is never less than
honest: ends are rounded outwards to five minutes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.events.states import IncidentStatus
from dispatcher.events.travel_facts import WindowTold
from dispatcher.incidents import commands as incidents
from dispatcher.incidents.images import image_of, priority_of
from dispatcher.models import Crew, Incident, Visit
from dispatcher.planning.promise import rounded, window_around
from dispatcher.planning.snapshot import Snapshot
from dispatcher.planning.workflow import PLANNED
from dispatcher.travel.desk import desk_of
from dispatcher.travel.learned import Learned, current
from scheduling.dispatch.eta import DRAWS, HIGH, LOW, Expected, Spread, eta_windows
from scheduling.dispatch.eta import spread_of as quantiles_of
from scheduling.dispatch.promises import LEFT, kind_of, scale_of
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.solution import Route
from scheduling.dispatch.travel import Point

SEED = 1
MOVED = timedelta(minutes=10)
"""A shift of either end that people are told of."""

NARROWER = 0.75
"""Share of its width to which a window must shrink to be told anew."""

TAKEN_BACK = frozenset({"cancelled", "refused", "reassigned"})

FRESH = timedelta(minutes=5)
"""A position older than this says nothing of how far a crew still is."""


@dataclass(frozen=True, slots=True)
class Window:
    """What people are told, and what was computed.

    Attributes:
        ends: Earliest and latest arrival told.
        computed: The same before what past arrivals teach of such windows, and unrounded; None when
            a stated rule made the window.
        ahead: Visits of the crew before this one.
    """

    ends: tuple[datetime, datetime]
    computed: tuple[datetime, datetime] | None = None
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class Telling:
    """What a window is of: its kind, the class of the visit, and now."""

    kind: str
    level: str
    now: datetime


def corrected(learned: Learned, telling: Telling, low: datetime, high: datetime) -> Window:
    """Return a window as told: moved and widened by how past windows of its kind held."""
    middle, half_s = low + (high - low) / 2, (high - low).total_seconds() / 2
    scale_s = scale_of(telling.kind, half_s, (middle - telling.now).total_seconds())
    reach = learned.reaches.of(telling.kind, telling.level)
    early, late = (middle + timedelta(seconds=end * scale_s) for end in (reach.early, reach.late))
    # Nobody comes before now; a plan in the past says only that it is late.
    early = max(early, min(telling.now, low))
    return Window(rounded(early, max(late, early)), (low, high))


def route_windows(snapshot: Snapshot, route: Route, now: datetime) -> dict[str, Window]:
    """Return the window of each stop of a timed route, by engine name."""
    if not route.stops:
        return {}
    crew = snapshot.crews[route.crew_id]
    durations, opens = {}, {}
    for stop in route.stops:
        source = snapshot.visits.get(stop.visit_id) or snapshot.orders[stop.visit_id]
        category = snapshot.incidents[source.incident_id].category
        durations[stop.visit_id] = snapshot.learned.work(str(crew.id), category, source.duration_s)
        opens[stop.visit_id] = snapshot.problem.visit(stop.visit_id).windows
    expected = Expected(
        durations=durations,
        travel=snapshot.learned.drives,
        windows=opens,
        late=_late(snapshot, crew, route.stops[0].depart_at, now),
    )
    found = eta_windows(route, expected, SEED)
    return {
        name: _ahead(snapshot, name, (_instant(window.low_at), _instant(window.high_at)), now, rank)
        for rank, (name, window) in enumerate(found.items())
    }


def _ahead(
    snapshot: Snapshot, name: str, computed: tuple[datetime, datetime], now: datetime, ahead: int
) -> Window:
    low, high = computed
    kind = kind_of((low + (high - low) / 2 - now).total_seconds())
    source = snapshot.visits.get(name) or snapshot.orders[name]
    level = priority_of(snapshot.incidents[source.incident_id])
    return replace(corrected(snapshot.learned, Telling(kind, level, now), low, high), ahead=ahead)


def _late(snapshot: Snapshot, crew: Crew, leaves_at: int, now: datetime) -> Spread | None:
    """Return the spread of seconds by which a crew is free later than its route begins."""
    under_way = snapshot.committed.get(crew.id)
    if not under_way:
        return None
    free = np.full(DRAWS, now.timestamp())
    chance = np.random.default_rng(SEED)
    for visit in under_way:
        category = snapshot.incidents[visit.incident_id].category
        work = snapshot.learned.work(str(crew.id), category, visit.duration_s)
        if visit.state == "en_route":
            free = free + _still_driving(visit, snapshot.learned, now).draw(chance, DRAWS)
        else:
            work = work.left_after(_since(visit, "on_site", now))
        free = free + work.draw(chance, DRAWS)
    # Nobody leaves before now, however early the work before ends.
    late = np.maximum(free, now.timestamp()) - leaves_at
    return Spread(quantiles_of([float(one) for one in late]))


def _still_driving(visit: Visit, learned: Learned, now: datetime) -> Spread:
    """Return the spread of seconds still to drive, as planned and since when."""
    return learned.drive(max(visit.travel_s, 60)).left_after(_since(visit, "en_route", now))


def _since(visit: Visit, state: str, now: datetime) -> float:
    stamp = visit.stamps.get(state)
    at = datetime.fromisoformat(stamp) if stamp else now
    return max(0.0, (now - at).total_seconds())


def driving_window(session: Session, visit: Visit, now: datetime) -> Window:
    """Return the window of a crew on its way: from where it was seen last, else from its start."""
    learned = current(session, visit.org)
    left = _still_driving(visit, learned, now)
    since = now
    seen = _seen(session, visit, now)
    if seen is not None:
        since, seconds = seen
        left = learned.drive(max(seconds, 60.0))
    low, high = (since + timedelta(seconds=left.at(level)) for level in (LOW, HIGH))
    telling = Telling(LEFT, str(visit.brief.get("priority", "")), now)
    return corrected(learned, telling, max(low, now), max(high, now))


def _seen(session: Session, visit: Visit, now: datetime) -> tuple[datetime, float] | None:
    """Return when a driving crew was last seen on its way, and how long the rest would take it."""
    crew = session.get_one(Crew, visit.crew_id)
    place = visit.brief.get("place") or {}
    left = visit.stamps.get("en_route")
    if crew.lat is None or crew.lon is None or crew.located_at is None or left is None:
        return None
    is_fresh = crew.located_at > max(datetime.fromisoformat(left), now - FRESH)
    if not is_fresh or place.get("lat") is None or place.get("lon") is None:
        return None
    here, there = Point(crew.lat, crew.lon), Point(place["lat"], place["lon"])
    leg = desk_of(session).estimate([here, there]).leg(0, 1)
    # What the whole drive was stretched by holds for its rest.
    stretch = visit.travel_s / visit.travel_base_s if visit.travel_base_s > 0 else 1.0
    return crew.located_at, leg.seconds * stretch


def tell_planned(tx: Tx, incident: Incident, visit: Visit, window: Window | None) -> None:
    """Let an incident follow a visit that stands in the plan; keep which window was told when.

    Args:
        tx: The command's transaction.
        incident: Whose progress it is.
        visit: Its visit.
        window: When the crew should come; by the stated rule if the route does not say.
    """
    if not visit.told:
        visit.told = _told_before(tx.session, visit)
    if window is None and visit.start_at is not None:
        window = Window(window_around(visit.start_at, tx.now))
    state = IncidentStatus.TRIAGED if incident.state in {"received", "reopened"} else None
    if incident.step != "on_site":  # a second crew takes nothing back of what people were told
        incidents.progress(tx, incident, "planned", window.ends if window else None, state)
    _keep(visit, "planned", window, tx.now)


def tell_leaving(tx: Tx, incident: Incident, visit: Visit) -> None:
    """Let an incident follow a crew that leaves for it; keep the window told."""
    window = driving_window(tx.session, visit, tx.now)
    if incident.step != "on_site":
        incidents.progress(tx, incident, "en_route", window.ends, IncidentStatus.IN_PROGRESS)
    _keep(visit, "left", window, tx.now)


def _keep(visit: Visit, moment: str, window: Window | None, now: datetime) -> None:
    """Note a window with when it was told: the first of all, the first at each distance ahead, and
    the last before the crew left.
    """
    if window is None:
        return
    words = [one.isoformat() for one in (*window.ends, now, *(window.computed or ()))]
    told = {"first": words} | visit.told | {moment: words}
    if window.computed is not None and moment != LEFT:
        words = [*words, str(window.ahead)]
        low, high = window.computed
        told.setdefault(kind_of((low + (high - low) / 2 - now).total_seconds()), words)
    visit.told = told


def _told_before(session: Session, visit: Visit) -> dict[str, list[str]]:
    """Return what people were told of a visit that was taken back and is now given anew.

    To them it is one promise, whatever the plan did meanwhile.
    """
    before = session.exec(
        select(Visit)
        .where(Visit.incident_id == visit.incident_id, Visit.id != visit.id)
        .order_by(col(Visit.created_at).desc(), col(Visit.id).desc())
        .limit(1)
    ).first()
    if before is None or before.state not in TAKEN_BACK:
        return {}
    return {moment: words for moment, words in before.told.items() if moment != LEFT}


@dataclass(frozen=True, slots=True)
class Fresh:
    """A window that holds for one version of a visit."""

    visit_id: UUID
    version: int
    window: Window


def fresh_windows(session: Session, plans: Iterable[Snapshot], now: datetime) -> list[Fresh]:
    """Return the windows worth telling: moved, or narrower because the crew came nearer."""
    found: list[tuple[Visit, Window]] = []
    about: dict[UUID, Incident] = {}
    for snapshot in plans:
        about.update(snapshot.incidents)
        found += _windows_in(session, snapshot, now)
    # Several crews for one incident: people wait for the one that comes first.
    first: dict[UUID, tuple[Visit, Window]] = {}
    for visit, window in sorted(found, key=lambda one: (one[1].ends, one[0].id)):
        first.setdefault(visit.incident_id, (visit, window))
    return [
        Fresh(visit.id, visit.version, window)
        for visit, window in first.values()
        if _is_news(about[visit.incident_id], window, now)
    ]


def _windows_in(
    session: Session, snapshot: Snapshot, now: datetime
) -> Iterator[tuple[Visit, Window]]:
    """Yield the window of each visit that is planned or driven to."""
    scheduler = Scheduler(snapshot.problem)
    for planned in snapshot.problem.plan:
        names = [stop.visit_id for stop in planned.stops]
        route = scheduler.route(planned.crew_id, names)
        for name, window in route_windows(snapshot, route, now).items():
            yield snapshot.visits[name], window
    for visits in snapshot.committed.values():
        for visit in visits:
            if visit.state == "en_route":
                yield visit, driving_window(session, visit, now)


def _is_news(incident: Incident, fresh: Window, now: datetime) -> bool:
    window = fresh.ends
    if incident.step in {"on_site", "done"}:
        return False
    if incident.window_from is None or incident.window_to is None:
        return True
    moved = max(abs(window[0] - incident.window_from), abs(window[1] - incident.window_to))
    width = incident.window_to - incident.window_from
    is_over = now > incident.window_to and window[1] > incident.window_to
    return moved >= MOVED or window[1] - window[0] <= NARROWER * width or is_over


def tell_fresh(tx: Tx, windows: list[Fresh]) -> int:
    """Tell windows whose visits have not changed since; return how many were."""
    told = 0
    for fresh in windows:
        visit = tx.session.get(Visit, fresh.visit_id)
        if visit is None or visit.version != fresh.version:
            continue
        incident = tx.session.get_one(Incident, visit.incident_id)
        if not incidents.progress(tx, incident, None, fresh.window.ends):
            continue
        if visit.state in PLANNED:
            _keep(visit, "planned", fresh.window, tx.now)
        low, high = fresh.window.ends
        fact = WindowTold(
            visit_id=visit.id, incident_id=incident.id, window_from=low, window_to=high
        )
        tx.record(fact, image_of(incident))
        told += 1
    return told


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
