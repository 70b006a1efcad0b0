"""What finished work teaches, how it is stored, and whether the windows told hold."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlmodel import Session, col, select

from dispatcher.actors import system
from dispatcher.clock import new_id
from dispatcher.database import Store, Tx
from dispatcher.models import (
    Category,
    Crew,
    EventRow,
    Incident,
    LearnedTravel,
    Visit,
    VisitStamp,
    WorkOrder,
)
from dispatcher.planning.promise import rounded
from dispatcher.planning.windows import Telling, corrected
from dispatcher.travel import learning
from dispatcher.travel.calibration import last_measured, measure
from dispatcher.travel.history import finished
from dispatcher.travel.learned import current, experience, from_row, guess
from scheduling.dispatch.eta import HIGH, LOW, MIDDLE
from tests.support.stores import open_store
from tests.support.world import ORG, TUESDAY

ZONE = ZoneInfo("Europe/Paris")
TULLE, USSEL = (45.267, 1.771), (45.548, 2.309)


@dataclass
class Past:
    """Finished visits of the past, put into a store as if they had happened."""

    store: Store
    rows: list[Any] = field(default_factory=list)

    def add(self, number: int, **told: Any) -> UUID:
        """Add one visit: left, arrived and ended at stated minutes of its own hour."""
        with self.store.read() as session:
            crew_id = session.exec(select(Crew.id).order_by(col(Crew.position))).first()
            kind = session.exec(select(Category.code).order_by(Category.code)).first() or ""
        at = TUESDAY - timedelta(days=30) + timedelta(minutes=250 * number)
        drove, worked = told.get("drove_s", 900), told.get("worked_s", 3600)
        place = told.get("place", TULLE)
        stamps = [
            ("en_route", at),
            ("on_site", at + timedelta(seconds=drove)),
            *((s, at + timedelta(seconds=drove + x)) for s, x in told.get("between", ())),
            (told.get("state", "completed"), at + timedelta(seconds=drove + worked)),
        ]
        incident = _incident(number, place, kind)
        order = WorkOrder(
            id=new_id(),
            org=ORG,
            incident_id=incident.id,
            skills=[],
            duration_s=3600,
            state="done",
            created_at=at,
        )
        visit = Visit(
            id=new_id(),
            org=ORG,
            incident_id=incident.id,
            work_order_id=order.id,
            crew_id=told.get("crew_id", crew_id),
            state=told.get("state", "completed"),
            travel_s=told.get("base_s", 900),
            travel_base_s=told.get("base_s", 900),
            travel_source=told.get("source", "great_circle"),
            distance_m=told.get("distance_m", 12_000),
            duration_s=3600,
            skills=[],
            flags=[],
            stamps={state: when.isoformat() for state, when in stamps},
            told=told["windows"](at + timedelta(seconds=drove)) if "windows" in told else {},
            brief={
                "category": told.get("category", "leak"),
                "priority": "P3",
                "place": {"lat": place[0], "lon": place[1]},
            },
            simulated=told.get("simulated", False),
            created_at=at,
            updated_at=stamps[-1][1],
        )
        rows = [
            VisitStamp(
                id=new_id(), visit_id=visit.id, state=state, at=when, recorded_at=when, source="x"
            )
            for state, when in stamps
        ]
        self.rows.append([incident, order, visit, rows])
        return visit.id

    def happen(self) -> None:
        """Store all that was added."""
        rows, self.rows = self.rows, []

        def put(tx: Tx) -> None:
            for layer in range(3):
                tx.session.add_all([one[layer] for one in rows])
                tx.session.flush()
            for one in rows:
                tx.session.add_all(one[3])

        self.store.submit_wait(put, system(ORG), deadline_s=60)

    def learn(self) -> int | None:
        """Study and store, as the worker does."""
        with self.store.read() as session:
            taught = learning.study(session, ORG, TUESDAY, ZONE)
        return self.store.submit_wait(partial(learning.store, taught=taught), system(ORG))


def _incident(number: int, place: tuple[float, float], category: str) -> Incident:
    return Incident(
        id=new_id(),
        org=ORG,
        ref=f"2026-9{number:04d}",
        state="closed",
        category=category,
        service="water",
        title="fuite",
        priority="P3",
        score=1,
        severity=1,
        urgency=1,
        reasons=[],
        facts={},
        lat=place[0],
        lon=place[1],
        step="done",
        stamps={},
        channels=[],
        policy_version="x",
        reported_at=TUESDAY,
        updated_at=TUESDAY,
    )


@pytest.fixture
def past(sqlite_copy: str) -> Iterator[Past]:
    with open_store(sqlite_copy, TUESDAY) as store:
        yield Past(store)


@pytest.fixture
def either_past(either: Store) -> Past:
    return Past(either)


def lognormal(count: int, sigma: float, seed: int = 3) -> list[float]:
    return [float(x) for x in np.random.default_rng(seed).lognormal(0, sigma, count)]


def look(past: Past, ask: Callable[[Session], Any]) -> Any:
    with past.store.read() as session:
        return ask(session)


def test_before_any_history_the_stated_guesses_hold(past: Past) -> None:
    assert past.learn() is None
    assert not look(past, lambda session: learning.is_due(session, ORG))
    known = look(past, lambda session: current(session, ORG))

    assert (known.version, known.history, known.ratios) == (0, "none", {})
    assert known.drive(600).at(MIDDLE) == pytest.approx(600)
    assert known.work("any", "any", 3600).at(MIDDLE) == pytest.approx(3600)
    assert 1.5 < known.work("any", "any", 3600).at(HIGH) / 3600 < 2


def test_a_thin_history_is_counted_and_not_believed(past: Past) -> None:
    for number in range(learning.ENOUGH - 1):
        past.add(number, drove_s=1800)
    past.happen()

    assert look(past, lambda session: learning.is_due(session, ORG))
    assert past.learn() == 1
    assert not look(past, lambda session: learning.is_due(session, ORG)), "nothing ended since"
    known = look(past, lambda session: current(session, ORG))

    assert (known.history, known.ratios) == ("none", {})
    assert known.drives.values == pytest.approx(guess(0.2).values, rel=1e-4)


def test_slow_hills_are_learned_and_the_plain_is_not_slowed(past: Past) -> None:
    noise = lognormal(160, 0.1)
    for number in range(160):
        slow, place = (1.4, USSEL) if number % 2 else (1.0, TULLE)
        past.add(number, place=place, drove_s=round(900 * slow * noise[number]))
    past.happen()

    assert past.learn() == 1
    known = look(past, lambda session: current(session, ORG))
    seen = look(past, lambda session: {f.territory for f in finished(session, ORG, TUESDAY)})

    groups = known.ratios["great_circle"].groups
    ratios = {cell[0]: ratio.value for cell, ratio in groups.items() if len(cell) == 1}
    assert set(ratios) == seen
    assert len(ratios) == 2
    assert max(ratios.values()) == pytest.approx(1.4, rel=0.08)
    assert min(ratios.values()) == pytest.approx(1.0, rel=0.08)
    # What remains is the noise of single drives, not the difference of the hills.
    assert known.drives.at(HIGH) / known.drives.at(LOW) < 1.6


def test_each_source_learns_from_its_own_drives(past: Past) -> None:
    for number in range(80):
        source, took = ("graph", 990) if number % 2 else ("great_circle+learned", 1350)
        past.add(number, source=source, drove_s=took)
    past.happen()
    past.learn()
    known = look(past, lambda session: current(session, ORG))

    assert known.ratios["graph"].groups[()].value == pytest.approx(1.1, rel=0.05)
    assert known.ratios["great_circle"].groups[()].value == pytest.approx(1.5, rel=0.12)


def test_pauses_are_not_work_and_a_second_arrival_is_not_one(past: Past) -> None:
    pause = (("paused", 600), ("on_site", 7800))
    visit_id = past.add(1, worked_s=9000, between=pause)
    past.happen()

    (one,) = look(past, lambda session: finished(session, ORG, TUESDAY))

    assert one.visit.id == visit_id
    assert one.worked_s == 600 + 1200
    assert (one.arrived_at - one.left_at).total_seconds() == 900


def test_experience_is_a_count_and_the_experienced_are_predicted_apart(past: Past) -> None:
    with past.store.read() as session:
        crews = session.exec(select(Crew.id).order_by(col(Crew.position)).limit(9)).all()
    number = 0
    for crew_id in crews:
        for done in range(12):
            slow = 1.6 if experience(done) == "new" else 1.0
            past.add(number, crew_id=crew_id, worked_s=round(3600 * slow))
            number += 1
    past.happen()
    past.learn()
    known = look(past, lambda session: current(session, ORG))

    seasoned = known.work(str(crews[0]), "leak", 3600).at(MIDDLE)
    novice = known.work(str(new_id()), "leak", 3600).at(MIDDLE)
    unknown_kind = known.work(str(crews[0]), "never seen", 1200).at(MIDDLE)
    assert novice > 1.2 * seasoned
    assert known.done[str(crews[0])] == {"leak": 12}
    # A kind of work that nobody did yet: its own planned time, by what all work teaches.
    assert 1200 * 0.9 < unknown_kind < 1200 * 1.7


def test_real_history_alone_teaches_where_there_is_any(past: Past) -> None:
    for number in range(40):
        past.add(number, drove_s=1800, simulated=True)
    past.happen()
    past.learn()
    simulated = look(past, lambda session: current(session, ORG))
    for number in range(40, 80):
        past.add(number, drove_s=990)
    past.happen()
    past.learn()
    real = look(past, lambda session: current(session, ORG))

    assert (simulated.version, simulated.history) == (1, "simulated")
    assert (real.version, real.history) == (2, "real")
    assert real.ratios["great_circle"].groups[()].trips == 40


def test_the_same_history_gives_the_same_parameters_and_no_new_version(either_past: Past) -> None:
    noise = lognormal(60, 0.3)
    for number in range(60):
        either_past.add(
            number, drove_s=round(900 * noise[number]), worked_s=round(3600 * noise[number])
        )
    either_past.happen()
    with either_past.store.read() as session:
        first = learning.study(session, ORG, TUESDAY, ZONE)
        second = learning.study(session, ORG, TUESDAY, ZONE)

    assert first.body == second.body
    assert either_past.learn() == 1
    assert either_past.learn() is None
    row = look(either_past, lambda session: session.exec(select(LearnedTravel)).one())
    events = look(either_past, lambda s: s.exec(select(EventRow.type)).all())
    assert events.count("travel.learned") == 1
    again = learning.to_body(from_row(row))
    assert again == {name: row.body[name] for name in again}


def test_old_versions_are_forgotten(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "KEPT", 2)
    for round_ in range(4):
        for number in range(10):
            past.add(10 * round_ + number)
        past.happen()
        past.learn()

    versions = look(past, lambda s: s.exec(select(LearnedTravel.version)).all())
    assert sorted(versions) == [3, 4]


def test_arrivals_are_counted_against_the_windows_told(either_past: Past) -> None:
    def windows(off_min: int) -> Callable[[datetime], dict[str, list[str]]]:
        def told(arrived: datetime) -> dict[str, list[str]]:
            low = arrived - timedelta(minutes=10 - off_min)
            high, at = low + timedelta(minutes=20), arrived - timedelta(minutes=60)
            return {"left": [low.isoformat(), high.isoformat(), at.isoformat()]}

        return told

    for number, off in enumerate([0, 0, 10, -10, 30, -30]):
        either_past.add(number, windows=windows(off))
    either_past.add(9)
    either_past.happen()
    either_past.learn()

    left = look(either_past, lambda session: measure(finished(session, ORG, TUESDAY)))["left"]

    # Ends are inside; half an hour before the window is early, after it late.
    assert (left.arrivals, left.inside, left.early, left.late) == (6, 4, 1, 1)
    assert (left.share, left.mean_width_min, left.mean_lead_min) == (0.6667, 20.0, 60.0)
    assert look(either_past, last_measured)["left"] == (6, 4)


def test_windows_that_held_badly_are_moved_and_widened_until_they_hold(past: Past) -> None:
    # Computed windows of ±10 minutes; crews come 8 minutes later than their middle, ± 12.
    late = [8 + 12 * float(x) for x in np.random.default_rng(5).normal(size=400)]

    def told(off_min: float) -> Callable[[datetime], dict[str, list[str]]]:
        def windows(arrived: datetime) -> dict[str, list[str]]:
            middle = arrived - timedelta(minutes=off_min)
            low, high = middle - timedelta(minutes=10), middle + timedelta(minutes=10)
            at = middle - timedelta(minutes=70)
            return {"later": [one.isoformat() for one in (low, high, at, low, high)]}

        return windows

    for number, off in enumerate(late[:200]):
        past.add(number, windows=told(off))
    past.happen()
    past.learn()
    known = look(past, lambda session: current(session, ORG))
    middle = TUESDAY + timedelta(minutes=70)
    ends = (middle - timedelta(minutes=10), middle + timedelta(minutes=10))
    window = corrected(known, Telling("later", "P3", TUESDAY), *ends)
    never_left = corrected(known, Telling("left", "P3", TUESDAY), *ends)

    def share(low: datetime, high: datetime) -> float:
        return sum(low <= middle + timedelta(minutes=off) <= high for off in late[200:]) / 200

    assert share(*ends) < 0.6
    assert 0.74 <= share(*window.ends) <= 0.92, "rounded outwards, so a little above 0.8"
    assert window.computed == ends
    assert never_left.ends == rounded(*ends), "nothing was learned of crews on their way"
