"""The field feeds the law: a call-out at night moves the start of the day, and offers follow."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlmodel import select

from dispatcher.crews.commands import turn_shifts
from dispatcher.database import Tx
from dispatcher.events.states import OnCallAlertsState
from dispatcher.live.views import items_of
from dispatcher.models import Crew, Incident, KeptState, Visit, WorkOrder
from dispatcher.oncall import callouts, law
from dispatcher.oncall.ladder import PagingPolicy, change_policy
from dispatcher.planning import snapshot
from tests.support.oncall import LEAK, NIGHT, NightShift
from tests.support.world import PARIS, World

SHIFT = datetime(2026, 11, 25, 8, 0, tzinfo=PARIS)
"""The shift of Tulle 1 on Wednesday."""


@pytest.fixture
async def night(either_world: World) -> NightShift:
    made = NightShift(either_world)
    await made.begin()
    await either_world.do(partial(turn_shifts, zone=PARIS))
    return made


async def call_out(night: NightShift, start: datetime, hours: float) -> None:
    """Sophie, who works in Tulle 1 by day, is called out; the night is over when she is back."""
    end = start + timedelta(hours=hours)
    night.world.clock.set(max(night.world.clock.now(), end))
    who = night.person_id("sophie-maziere")
    await night.world.do(partial(callouts.enter, person_id=who, span=(start, end)))
    await night.world.settle()


def tulle(night: NightShift) -> Crew:
    return night.world.crew("tulle-1")


async def test_a_call_out_at_night_delays_the_crew_until_eleven_hours_have_passed(
    night: NightShift,
) -> None:
    await call_out(night, NIGHT + timedelta(minutes=40), 1)  # 21:40 to 22:40
    rest = tulle(night).rest_until

    assert rest is not None
    assert rest.astimezone(PARIS) == datetime(2026, 11, 25, 9, 40, tzinfo=PARIS)


async def test_offers_and_plans_give_the_crew_its_later_start(night: NightShift) -> None:
    await call_out(night, NIGHT + timedelta(minutes=40), 1)
    await night.world.incident(LEAK)
    night.world.clock.set(SHIFT - timedelta(hours=1))
    with night.world.look() as session:
        taken = snapshot.take(session, "correze", night.world.clock.now(), timedelta(0))
    ready = {crew.id: crew.ready_at for crew in taken.problem.crews}[str(tulle(night).id)]

    assert datetime.fromtimestamp(ready, UTC) == tulle(night).rest_until


async def test_a_resting_crew_is_not_available_when_its_shift_begins(night: NightShift) -> None:
    await call_out(night, NIGHT + timedelta(minutes=40), 1)
    turn = partial(turn_shifts, zone=PARIS)
    night.world.clock.set(SHIFT + timedelta(minutes=5))
    await night.world.do(turn)
    assert tulle(night).state == "off"
    night.world.clock.set(SHIFT + timedelta(minutes=101))
    await night.world.do(turn)

    assert tulle(night).state == "available"


async def test_an_early_call_out_delays_nobody(night: NightShift) -> None:
    await call_out(night, NIGHT - timedelta(minutes=100), 0.5)  # over at 19:50

    assert tulle(night).rest_until is None


async def test_hours_entered_while_the_crew_is_at_work_do_not_stop_it(night: NightShift) -> None:
    night.world.clock.set(SHIFT + timedelta(hours=2))
    await night.world.do(partial(turn_shifts, zone=PARIS))
    assert tulle(night).state == "available"
    await call_out(night, NIGHT + timedelta(minutes=40), 1)

    assert tulle(night).rest_until is None


async def test_a_call_out_after_a_whole_rest_asks_for_none_unless_the_authority_says_so(
    night: NightShift,
) -> None:
    early = datetime(2026, 11, 25, 5, 30, tzinfo=PARIS)
    await call_out(night, early, 1)
    assert tulle(night).rest_until is None

    strict = PagingPolicy(taken_rest_counts=False)
    await night.world.do(partial(change_policy, wanted=strict))
    await night.world.do(partial(law.refresh_person, person_id=night.person_id("sophie-maziere")))
    assert tulle(night).rest_until == early + timedelta(hours=12)


async def test_the_board_says_when_the_crew_may_start(night: NightShift) -> None:
    await call_out(night, NIGHT + timedelta(minutes=40), 1)
    with night.world.look() as session:
        shown = {item.key: item.data for item in items_of(session, "board:correze")}
    crew = shown[f"crew:{tulle(night).id}"]

    assert crew is not None
    assert crew["may_start_at"] == "2026-11-25T08:40:00Z"


async def test_hours_are_counted_and_shown_to_whoever_builds_rotas(night: NightShift) -> None:
    before = await rest_of(night)
    await call_out(night, NIGHT + timedelta(minutes=40), 1.5)
    after = await rest_of(night)

    assert after["week_min"] - before["week_min"] == 90
    assert after["left_min"] - before["left_min"] == -90
    assert after["owes_rest"]


async def rest_of(night: NightShift) -> dict[str, int]:
    async with night.world.client("oncall_manager") as manager:
        rows = (await manager.get("/api/v1/oncall/rest")).json()
    found: dict[str, int] = next(row for row in rows if row["person"] == "Sophie Mazière")
    return found


async def test_who_is_on_call_and_owes_rest_is_told(night: NightShift) -> None:
    await call_out(night, NIGHT + timedelta(minutes=40), 1)
    await night.audit()
    with night.world.look() as session:
        kept = session.get_one(KeptState, "oncall_alerts:correze")
    alerts = OnCallAlertsState.model_validate(kept.state).alerts

    assert [(a.code, a.person) for a in alerts] == [("not_rested", "Sophie Mazière")]


async def test_a_visit_that_ends_at_night_delays_the_morning(night: NightShift) -> None:
    """Overtime of the crew itself counts, without any call-out."""
    incident_id = await night.world.incident(LEAK)
    end = NIGHT + timedelta(hours=2)

    def worked(tx: Tx) -> None:
        crew = tx.session.exec(select(Crew).where(Crew.code == "tulle-1")).one()
        incident = tx.session.get_one(Incident, incident_id)
        order = tx.session.exec(select(WorkOrder).where(WorkOrder.incident_id == incident.id)).one()
        tx.session.add(
            Visit(
                id=tx.new_id(),
                org=tx.org,
                incident_id=incident.id,
                work_order_id=order.id,
                crew_id=crew.id,
                state="completed",
                skills=[],
                flags=[],
                stamps={
                    "en_route": (NIGHT - timedelta(hours=5)).isoformat(),
                    "completed": end.isoformat(),
                },
                brief={},
                created_at=tx.now,
                updated_at=tx.now,
            )
        )
        tx.session.flush()
        law.refresh_after_overtime(tx, crew.id)

    night.world.clock.set(end)
    await night.world.do(worked)

    assert tulle(night).rest_until == end + timedelta(hours=11)
