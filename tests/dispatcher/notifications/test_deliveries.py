"""Messages leave at least once, under one id, and what cannot leave is shown and passed over."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from dispatcher.database import Tx
from dispatcher.errors import Conflict
from dispatcher.notifications import deliveries
from dispatcher.notifications.channels import Console, Outgoing, Undelivered
from dispatcher.notifications.deliveries import BACK_OFF, LEASE, Message, Outcome
from dispatcher.oncall import paging
from tests.support.oncall import LEAK, NightShift
from tests.support.world import World

HELLO = Message("test:1", "sms", "webhook", "page", {"ref": "2026-00001"})


class Broken:
    """A way out that is blocked."""

    def __init__(self, *, is_final: bool) -> None:
        self.is_final = is_final
        self.asked = 0

    def send(self, message: Outgoing) -> str | None:
        self.asked += 1
        raise Undelivered("blocked", is_final=self.is_final)


@pytest.fixture
async def night(either_world: World) -> NightShift:
    made = NightShift(either_world)
    await made.begin()
    return made


async def test_a_message_asked_for_twice_is_stored_once(night: NightShift) -> None:
    def twice(tx: Tx) -> set[UUID]:
        first = deliveries.enqueue(tx, HELLO).id
        tx.session.flush()
        return {first, deliveries.enqueue(tx, HELLO).id}

    assert len(await night.world.do(twice)) == 1
    assert len(night.deliveries()) == 1


async def test_a_sender_that_dies_after_sending_is_replaced_and_the_id_stays(
    night: NightShift,
) -> None:
    incident_id = await night.world.incident(LEAK)
    await night.world.do(partial(paging.escalate, means=night.means))
    (held,) = [one for one in await night.lease() if one.channel == "sms"]
    night.post.send(held)  # and here the sender dies: nobody marks it
    await night.send_all()
    assert len(night.sms.sent) == 1, "its lease still runs"

    night.wall.advance(LEASE + timedelta(seconds=1))
    await night.send_all()

    first, second = night.sms.sent
    assert first.id == second.id == held.id
    assert night.called(incident_id) == ["Sophie Mazière"]
    assert {d.state for d in night.deliveries()} == {"sent"}


async def test_a_late_mark_of_a_lost_lease_is_refused(night: NightShift) -> None:
    await night.world.do(partial(deliveries.enqueue, message=HELLO))
    (held,) = await night.lease()
    night.wall.advance(LEASE + timedelta(seconds=1))
    (again,) = await night.lease()

    with pytest.raises(Conflict):
        await night.world.do(partial(deliveries.settle, held=held, outcome=Outcome("late")))
    await night.world.do(partial(deliveries.settle, held=again, outcome=Outcome("ok")))
    assert night.deliveries()[0].receipt == "ok"


async def test_two_senders_never_hold_the_same_message(night: NightShift) -> None:
    await night.world.do(partial(deliveries.enqueue, message=HELLO))
    taken = await asyncio.gather(night.lease(), night.lease())

    assert sorted(len(held) for held in taken) == [0, 1]


async def test_a_failure_is_tried_again_later_and_later_then_given_up(
    either_world: World,
) -> None:
    broken = Broken(is_final=False)
    night = NightShift(either_world, {"sms": broken})
    await night.begin()
    payload = {"ref": "x", "title": "t", "place": None, "priority": "P1", "code": "1234"}
    target = f"person:{night.person_id('sophie-maziere')}"
    await night.world.do(
        partial(deliveries.enqueue, message=Message("t", "sms", target, "page", payload))
    )
    pauses = []
    for pause in BACK_OFF:
        await night.send_all()
        row = night.deliveries()[0]
        pauses.append(row.next_at - night.wall.now())
        night.wall.advance(pause)
    await night.send_all()

    row = night.deliveries()[0]
    assert tuple(pauses) == BACK_OFF
    assert (row.state, row.error, broken.asked) == ("dead", "blocked", len(BACK_OFF) + 1)


async def test_when_nothing_can_reach_a_person_the_next_is_called_at_once(
    either_world: World,
) -> None:
    broken = Broken(is_final=True)
    night = NightShift(either_world, {"sms": broken})
    await night.begin()
    incident_id = await night.world.incident(LEAK)
    await night.turn()
    await night.turn()

    assert night.called(incident_id) == ["Sophie Mazière", "Anne Faure"]


async def test_one_dead_channel_does_not_hurry_when_the_other_reached(
    either_world: World,
) -> None:
    mail = Console("email")
    night = NightShift(either_world, {"sms": Broken(is_final=True), "email": mail})
    await night.begin()
    incident_id = await night.world.incident(LEAK)
    await night.turn()
    await night.turn()

    assert night.called(incident_id) == ["Sophie Mazière"]
    assert len(mail.sent) == 1


async def test_a_dead_letter_is_shown_and_sent_again_by_hand(either_world: World) -> None:
    night = NightShift(either_world, {"sms": Broken(is_final=True)})
    await night.begin()
    await night.world.incident(LEAK)
    await night.turn()
    async with night.world.client("operator") as operator:
        (dead,) = (await operator.get("/api/v1/deliveries?state=dead")).json()[-1:]
        assert (dead["target"], dead["channel"], dead["error"]) == (
            "Sophie Mazière",
            "sms",
            "blocked",
        )
        answer = await operator.post(f"/api/v1/deliveries/{dead['id']}/retry", json={})
        again = await operator.post(f"/api/v1/deliveries/{dead['id']}/retry", json={})
    assert (answer.status_code, again.status_code) == (204, 409)


async def test_the_delivery_log_holds_no_address(night: NightShift) -> None:
    await night.world.incident(LEAK)
    await night.turn()
    async with night.world.client("operator") as operator:
        shown = (await operator.get("/api/v1/deliveries")).text
    stored = str([row.model_dump() for row in night.deliveries()])

    assert night.deliveries()
    for text in (shown, stored):
        assert "39 98" not in text
        assert "exemple.invalid" not in text
        assert "/astreinte/" not in text


async def test_the_content_of_old_messages_is_forgotten(night: NightShift) -> None:
    await night.world.incident(LEAK)
    await night.turn()
    await night.world.do(partial(deliveries.purge, before=night.wall.now() + timedelta(days=1)))

    assert {str(row.payload) for row in night.deliveries()} == {"{}"}
