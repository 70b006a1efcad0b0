"""The auditor finds what fell through, and gaps are told before they begin."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, delete, select, update

from dispatcher.database import Tx
from dispatcher.events.states import OnCallAlert, OnCallAlertsState
from dispatcher.live.views import items_of
from dispatcher.models import Delivery, EventRow, KeptState, OnCallDuty, OnCallPost, Page, PageCall
from dispatcher.oncall import paging
from dispatcher.oncall.watching import gaps
from tests.support.oncall import LEAK, MONDAY, TURNS, NightShift, person_by
from tests.support.world import World


@pytest.fixture
async def night(either_world: World) -> NightShift:
    made = NightShift(either_world)
    await made.begin()
    return made


def alerts(night: NightShift) -> list[OnCallAlert]:
    with night.world.look() as session:
        kept = session.get(KeptState, "oncall_alerts:correze")
    return OnCallAlertsState.model_validate(kept.state).alerts if kept else []


def codes(night: NightShift) -> list[str]:
    return [alert.code for alert in alerts(night)]


async def paged(night: NightShift) -> UUID:
    incident_id = await night.world.incident(LEAK)
    await night.turn()
    await night.audit()
    return incident_id


async def test_an_ordinary_night_has_nothing_to_tell(night: NightShift) -> None:
    await paged(night)

    assert codes(night) == []
    assert await night.audit() == 0


async def test_a_page_deleted_by_hand_is_found_told_and_made_again(night: NightShift) -> None:
    incident_id = await paged(night)

    def lose(tx: Tx) -> None:
        for table in (Delivery, PageCall, Page):
            tx.session.execute(delete(table))

    await night.world.do(lose)
    night.world.clock.advance(timedelta(minutes=1))
    assert await night.audit() == 0, "a page may take a moment"
    night.world.clock.advance(timedelta(minutes=2))
    assert await night.audit() == 1
    await night.turn()

    assert codes(night) == ["page_lost"]
    assert night.page(incident_id).cause == "audit"
    assert night.called(incident_id) == ["Sophie Mazière"]
    async with night.world.client("admin") as admin:
        figures = (await admin.get("/metrics")).text
    assert "cpo_pages_fell_through_total 1.0" in figures


async def test_messages_deleted_by_hand_are_found_and_sent_again(night: NightShift) -> None:
    await paged(night)
    await night.world.do(lambda tx: tx.session.execute(delete(Delivery)) and None)
    night.world.clock.advance(timedelta(minutes=2, seconds=1))
    assert await night.audit() == 1
    await night.turn()

    assert codes(night) == ["page_lost"]
    assert len(night.sms.sent) == 2


async def test_a_page_without_a_next_call_is_found(night: NightShift) -> None:
    incident_id = await paged(night)
    await night.world.do(lambda tx: tx.session.execute(update(Page).values(due_at=None)) and None)
    assert await night.audit() == 1
    await night.turn()

    assert len(night.sms.sent) == 2
    assert night.page(incident_id).due_at is not None


async def test_the_alert_goes_when_somebody_has_it(night: NightShift) -> None:
    incident_id = await paged(night)
    await night.world.do(lambda tx: tx.session.execute(update(Page).values(due_at=None)) and None)
    await night.audit()
    page = night.page(incident_id)
    await night.world.do(
        lambda tx: paging.acknowledge(tx, page.id, night.person_id("anne-faure"), "screen")
    )
    await night.audit()

    assert codes(night) == []


async def test_an_unanswered_ladder_is_told(night: NightShift) -> None:
    await paged(night)
    for _ in range(5):
        await night.pass_minutes(5)
    await night.audit()

    assert codes(night) == ["page_unanswered"]


async def test_a_dead_letter_is_told(night: NightShift) -> None:
    await paged(night)
    await night.world.do(
        lambda tx: tx.session.execute(update(Delivery).values(state="dead")) and None
    )
    await night.audit()

    assert [(a.code, a.count) for a in alerts(night)] == [("delivery_dead", 2)]


async def test_a_rota_that_ends_and_people_who_cannot_come_are_told_ahead(
    either_world: World,
) -> None:
    night = NightShift(either_world)
    await night.begin({**TURNS, "winter-safety": ("denis-coudert",)})

    def trouble(tx: Tx) -> None:
        person_by(tx, "anne-faure").absences = [
            {"start": "2026-11-30", "end": "2026-12-07", "kind": "leave"}
        ]
        away = person_by(tx, "karim-benali")
        away.phone = away.email = None
        late = MONDAY + timedelta(weeks=1)
        ids = select(OnCallDuty.id).where(
            OnCallDuty.post == "operations-tulle", col(OnCallDuty.start_at) == late
        )
        tx.session.execute(delete(OnCallDuty).where(col(OnCallDuty.id).in_(ids)))

    await night.world.do(trouble)
    await night.audit()
    told = {(a.code, a.post, a.person, a.start_at) for a in alerts(night)}
    week = timedelta(weeks=1)

    assert ("gap", "operations-tulle", None, MONDAY + week) in told
    assert ("gap", "winter-safety", None, None) in told
    assert ("on_leave", "decision", "Anne Faure", MONDAY + week) in told
    assert ("not_reachable", "operations-brive", "Karim Benali", MONDAY) in told
    with night.world.look() as session:
        for topic in ("rota:correze", "board:correze"):
            assert "oncall_alerts" in {item.key for item in items_of(session, topic)}


async def test_what_did_not_change_is_not_told_again(either_world: World) -> None:
    night = NightShift(either_world)
    await night.begin({**TURNS, "winter-safety": ("denis-coudert",)})
    await paged(night)
    assert codes(night) == ["gap"]

    def told() -> int:
        with night.world.look() as session:
            query = select(EventRow).where(EventRow.type == "oncall.alerts_changed")
            return len(session.exec(query).all())

    before = told()
    night.world.clock.advance(timedelta(minutes=1))
    await night.audit()
    assert told() == before


POST = OnCallPost(
    code="p", org="o", label_fr="P", label_en="P", letter="P", duty_kind="operations", need=2
)


def turn(start_h: int, end_h: int) -> OnCallDuty:
    return OnCallDuty(
        id=UUID(int=0),
        rota_id=UUID(int=0),
        post="p",
        person_id=UUID(int=0),
        week="",
        start_at=MONDAY + timedelta(hours=start_h),
        end_at=MONDAY + timedelta(hours=end_h),
    )


@pytest.mark.parametrize(
    ("turns", "missing"),
    [
        ([(0, 24), (0, 24)], []),
        ([], [(0, 24, 2)]),
        ([(0, 24)], [(0, 24, 1)]),
        ([(0, 10), (10, 24), (0, 24)], []),
        ([(0, 10), (12, 24), (0, 24)], [(10, 12, 1)]),
        ([(0, 10), (5, 30)], [(0, 5, 1), (10, 24, 1)]),
        ([(-5, 8), (-5, 8)], [(8, 24, 2)]),
    ],
)
def test_gaps_are_the_stretches_with_too_few(
    turns: list[tuple[int, int]], missing: list[tuple[int, int, int]]
) -> None:
    def hours(at: datetime | None) -> int:
        assert at is not None
        return int((at - MONDAY) / timedelta(hours=1))

    found = gaps(POST, [turn(*one) for one in turns], MONDAY, MONDAY + timedelta(hours=24))
    assert [(hours(a.start_at), hours(a.until), a.count) for a in found] == missing
