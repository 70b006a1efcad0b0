"""Paging: somebody is called, then the next, then all again, until one answers or nobody must."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from dispatcher.database import Tx
from dispatcher.errors import StaleVersion
from dispatcher.events.states import IncidentStatus, Priority
from dispatcher.incidents import commands as incidents
from dispatcher.live.views import items_of
from dispatcher.models import Incident
from dispatcher.oncall import paging
from dispatcher.oncall.board import refresh_on_call
from dispatcher.oncall.ladder import PagingPolicy, change_policy
from tests.support.oncall import LEAK, NIGHT, PARIS, TURNS, NightShift, person_by, put_turns
from tests.support.world import World

QUIET = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
"""Tuesday 23:30 in Paris."""


@pytest.fixture
async def night(either_world: World) -> NightShift:
    made = NightShift(either_world)
    await made.begin()
    return made


async def leak(night: NightShift, priority: Priority = "P1") -> UUID:
    """A leak in Tulle, its class fixed by hand so that the scoring rules may change."""
    incident_id = await night.world.incident(LEAK)
    await reclass(night, incident_id, priority)
    return incident_id


async def reclass(night: NightShift, incident_id: UUID, priority: Priority) -> None:
    def override(tx: Tx) -> None:
        incidents.override_priority(tx, tx.session.get_one(Incident, incident_id), priority, "test")

    await night.world.do(override)
    await night.world.settle()


async def move(night: NightShift, incident_id: UUID, state: IncidentStatus) -> None:
    def command(tx: Tx) -> None:
        incidents.move(tx, tx.session.get_one(Incident, incident_id), state)

    await night.world.do(command)
    await night.world.settle()


async def test_at_night_the_person_on_call_of_the_sector_is_called_at_once(
    night: NightShift,
) -> None:
    incident_id = await leak(night)
    await night.turn()

    assert night.called(incident_id) == ["Sophie Mazière"]
    assert [m.to for m in night.sms.sent] == ["+33 6 39 98 00 01"]
    assert [m.to for m in night.mail.sent] == ["sophie-maziere@exemple.invalid"]
    page = night.page(incident_id)
    assert f"OK {page.code}" in night.sms.sent[0].text
    assert "/astreinte/" in night.sms.sent[0].text


async def test_while_the_service_is_open_nobody_on_call_is_disturbed(either_world: World) -> None:
    day = NightShift(either_world)
    await either_world.do(partial(put_turns, turns=TURNS))
    await either_world.incident(LEAK)
    await day.turn()

    assert day.pages() == []


async def test_a_class_that_does_not_page_calls_nobody(night: NightShift) -> None:
    incident_id = await leak(night, "P3")
    await night.turn()

    assert [p.state for p in night.pages() if p.incident_id == incident_id] in ([], ["ended"])
    assert night.sms.sent == []


async def test_without_an_answer_the_ladder_goes_up_to_decision_and_begins_anew(
    night: NightShift,
) -> None:
    incident_id = await leak(night)
    await night.turn()
    await night.pass_minutes(3)
    assert len(night.sms.sent) == 2, "the same person again, half-way"
    await night.pass_minutes(3)
    assert night.called(incident_id)[-1] == "Anne Faure"
    await night.pass_minutes(5)
    await night.pass_minutes(5)
    assert night.page(incident_id).unanswered_at is not None
    assert night.page(incident_id).state == "open", "it never gives up"
    await night.pass_minutes(15)

    to = [m.to[-2:] for m in night.sms.sent]
    assert to == ["01", "01", "19", "19", "01"]
    assert night.page(incident_id).round == 2


async def test_an_acknowledged_page_calls_nobody_else(night: NightShift) -> None:
    incident_id = await leak(night)
    await night.turn()
    page = night.page(incident_id)
    await night.world.do(
        lambda tx: paging.acknowledge(tx, page.id, night.person_id("sophie-maziere"), "screen")
    )
    await night.pass_minutes(60)

    page = night.page(incident_id)
    assert (page.state, page.brief["acknowledged_by"]) == ("acknowledged", "Sophie Mazière")
    assert len(night.sms.sent) == 1


async def test_the_second_who_answers_learns_that_the_first_has_it(night: NightShift) -> None:
    incident_id = await leak(night)
    await night.turn()
    page_id = night.page(incident_id).id
    first, second = night.person_id("sophie-maziere"), night.person_id("anne-faure")
    await night.world.do(lambda tx: paging.acknowledge(tx, page_id, first, "link"))
    await night.world.do(lambda tx: paging.acknowledge(tx, page_id, second, "link"))

    assert night.page(incident_id).person_id == first


@pytest.mark.parametrize("state", [IncidentStatus.CANCELLED, IncidentStatus.TRANSFERRED])
async def test_a_page_is_cancelled_with_its_incident(
    night: NightShift, state: IncidentStatus
) -> None:
    incident_id = await leak(night)
    await night.world.do(partial(paging.escalate, means=night.means))
    await move(night, incident_id, state)
    await night.pass_minutes(30)

    page = night.page(incident_id)
    assert (page.state, page.ended_why) == ("ended", "incident_over")
    assert night.sms.sent == [], "what had not left stays"
    assert {d.state for d in night.deliveries()} == {"cancelled"}


async def test_an_incident_that_is_reopened_calls_again(night: NightShift) -> None:
    incident_id = await leak(night)
    await night.turn()
    await move(night, incident_id, IncidentStatus.CANCELLED)
    await move(night, incident_id, IncidentStatus.REOPENED)
    await night.turn()

    assert [p.state for p in night.pages()] == ["ended", "open"]
    assert len(night.sms.sent) == 2


async def test_an_empty_rung_does_not_wait(either_world: World) -> None:
    night = NightShift(either_world)
    await night.begin({post: who for post, who in TURNS.items() if post == "decision"})
    incident_id = await leak(night)
    await night.turn()

    assert night.called(incident_id) == ["Anne Faure"]


async def test_when_nobody_at_all_is_on_call_it_is_said_and_tried_again(
    either_world: World,
) -> None:
    night = NightShift(either_world)
    await night.begin({})
    incident_id = await leak(night)
    await night.turn()
    assert night.page(incident_id).unanswered_at == NIGHT
    await night.world.do(partial(put_turns, turns=TURNS))
    await night.pass_minutes(15)

    assert night.called(incident_id) == ["Sophie Mazière"]


async def test_snow_calls_the_winter_team(night: NightShift) -> None:
    incident_id = await night.world.incident(
        "Neige abondante, route bloquée, camion en travers à Tulle"
    )
    await reclass(night, incident_id, "P1")
    with night.world.look() as session:
        service = session.get_one(Incident, incident_id).service
    await night.turn()

    assert service == "winter_service"
    assert set(night.called(incident_id)) == {"Denis Coudert", "Rémi Estrade"}


async def test_in_quiet_hours_a_lesser_class_waits_for_the_morning(night: NightShift) -> None:
    night.world.clock.set(QUIET)
    incident_id = await leak(night, "P2")
    await night.turn()

    assert night.sms.sent == []
    due = night.page(incident_id).due_at
    assert due is not None
    assert (due.astimezone(PARIS).hour, due.astimezone(PARIS).day) == (6, 25)


async def test_a_page_that_waits_for_the_morning_hurries_when_the_class_rises(
    night: NightShift,
) -> None:
    night.world.clock.set(QUIET)
    incident_id = await leak(night, "P2")
    await night.turn()
    await reclass(night, incident_id, "P1")
    await night.turn()

    assert night.called(incident_id) == ["Sophie Mazière"]


async def test_what_nobody_has_when_the_service_closes_is_paged(either_world: World) -> None:
    evening = NightShift(either_world)
    await evening.begin()
    either_world.clock.set(NIGHT - timedelta(hours=6))
    incident_id = await leak(evening)
    await evening.turn()
    assert evening.pages() == []
    await either_world.do(refresh_on_call)
    either_world.clock.set(NIGHT)
    await either_world.do(refresh_on_call)
    await evening.turn()

    assert evening.called(incident_id) == ["Sophie Mazière"]


async def test_somebody_on_leave_is_not_called(night: NightShift) -> None:
    def on_leave(tx: Tx) -> None:
        person_by(tx, "sophie-maziere").absences = [
            {"start": "2026-11-24", "end": "2026-11-26", "kind": "sick"}
        ]

    await night.world.do(on_leave)
    incident_id = await leak(night)
    await night.turn()

    assert night.called(incident_id) == ["Anne Faure"]


async def test_a_policy_edited_by_two_is_refused_to_the_second(night: NightShift) -> None:
    wanted = PagingPolicy(classes=("P1",))
    made = await night.world.do(lambda tx: change_policy(tx, wanted))
    assert made.version == 2

    with pytest.raises(StaleVersion):
        await night.world.do(lambda tx: change_policy(tx, wanted))


async def test_the_board_shows_who_is_called_and_who_took_it(night: NightShift) -> None:
    incident_id = await leak(night)
    await night.turn()
    with night.world.look() as session:
        key = f"page:{night.page(incident_id).id}"
        shown = {item.key: item.data for item in items_of(session, "board:correze")}[key]
    assert shown is not None
    assert [one["person"] for one in shown["called"]] == ["Sophie Mazière"]
    assert shown["next_at"] is not None
    with night.world.look() as session:
        assert key in {item.key for item in items_of(session, "rota:correze")}
