"""A swap: lawful chains are proposed, everybody agrees, the manager approves, the rota changes."""

import re
from datetime import timedelta
from functools import partial
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from dispatcher.actors import system
from dispatcher.errors import Conflict
from dispatcher.models import EventRow, OnCallDuty, Rota
from dispatcher.oncall import swapping
from dispatcher.oncall.board import refresh_on_call
from dispatcher.oncall.generation import Wanted, generate
from dispatcher.oncall.snapshot import Horizon
from scheduling.rota.check import check
from tests.support.oncall import PARIS, NightShift
from tests.support.world import ORG, TUESDAY, World

Json = dict[str, object]


@pytest.fixture
async def night(either_world: World) -> NightShift:
    """A solved rota of eight weeks, on its second day."""
    wanted = Wanted(Horizon(None, 8, "Europe/Paris"))
    generate(either_world.service.store, system(ORG), wanted)
    await either_world.settle()
    return NightShift(either_world)


@pytest.fixture
def duty(night: NightShift) -> OnCallDuty:
    """A turn on operations three weeks ahead."""
    with night.world.look() as session:
        rows = session.exec(select(OnCallDuty).where(OnCallDuty.post == "operations-tulle")).all()
    return next(one for one in rows if one.start_at > TUESDAY + timedelta(weeks=2))


def holder(night: NightShift, duty_id: UUID) -> UUID:
    with night.world.look() as session:
        return session.get_one(OnCallDuty, duty_id).person_id


async def ask(manager: httpx.AsyncClient, duty: OnCallDuty) -> dict[str, object]:
    found = (await manager.get(f"/api/v1/oncall/duties/{duty.id}/swaps")).json()
    assert found, "nobody can swap"
    steps = [
        {name: one[name] for name in ("duty_id", "from_id", "to_id")}
        for one in found[0]["handovers"]
    ]
    body = {"duty_id": str(duty.id), "handovers": steps}
    answer = await manager.post("/api/v1/oncall/swaps", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


async def test_a_swap_that_all_agree_to_changes_the_rota_and_stays_lawful(
    night: NightShift, duty: OnCallDuty
) -> None:
    async with night.world.client("oncall_manager") as manager:
        swap = await ask(manager, duty)
        early = await manager.post(
            f"/api/v1/oncall/swaps/{swap['id']}/decide", json={"approve": True}
        )
        assert early.status_code == 409, "nobody has agreed yet"
        for one in swap["handovers"]:  # type: ignore[attr-defined]
            answer = await manager.post(
                f"/api/v1/oncall/swaps/{swap['id']}/answer",
                json={"person_id": one["to_id"], "agrees": True},
            )
        assert answer.json()["state"] == "agreed"
        done = await manager.post(
            f"/api/v1/oncall/swaps/{swap['id']}/decide", json={"approve": True}
        )
        again = await manager.post(
            f"/api/v1/oncall/swaps/{swap['id']}/decide", json={"approve": True}
        )
    assert (done.json()["state"], again.status_code) == ("approved", 409)
    assert holder(night, duty.id) != duty.person_id
    with night.world.look() as session:
        after = swapping.in_force(session, ORG, night.world.clock.now(), PARIS)
        rota = session.exec(select(Rota)).one()
        states = [
            event.data["state"]
            for event in session.exec(
                select(EventRow).where(EventRow.type == "swap.moved").order_by(EventRow.seq)
            ).all()
        ]
    assert check(after.problem, after.rota) == ()
    assert states[0] == "proposed"
    assert states[-2:] == ["agreed", "approved"]
    weeks = {c["person_id"]: c["weeks"] for c in rota.counters}
    assert sum(weeks.values()) == 8 * 5, "no turn is lost or counted twice"


async def test_one_refusal_ends_a_swap_and_nothing_changes(
    night: NightShift, duty: OnCallDuty
) -> None:
    async with night.world.client("oncall_manager") as manager:
        swap = await ask(manager, duty)
        taker = swap["handovers"][0]["to_id"]  # type: ignore[index]
        said = await manager.post(
            f"/api/v1/oncall/swaps/{swap['id']}/answer",
            json={"person_id": taker, "agrees": False},
        )
    assert said.json()["state"] == "refused"
    assert holder(night, duty.id) == duty.person_id


async def test_people_are_told_and_answer_on_their_own_page(
    night: NightShift, duty: OnCallDuty
) -> None:
    async with night.world.client("oncall_manager") as manager:
        swap = await ask(manager, duty)
        await night.send_all()
        links = {
            re.sub(r"^https?://[^/]+", "", found)
            for message in night.sms.sent
            if (found := message.text.split()[-1])
        }
        assert links
        async with night.world.client() as phone:
            for link in links:
                shown = await phone.get(link)
                assert "J’accepte" in shown.text
                said = await phone.post(f"{link}/{swap['id']}/oui")
                assert said.status_code == 303
                assert "J’accepte" not in (await phone.get(link)).text
            assert (await phone.get("/mes-astreintes/wrong")).status_code == 404
        (listed,) = (await manager.get("/api/v1/oncall/swaps")).json()
    assert listed["state"] == "agreed"


async def test_a_chain_that_fits_no_more_is_refused_at_approval(
    night: NightShift, duty: OnCallDuty
) -> None:
    async with night.world.client("oncall_manager") as manager:
        swap = await ask(manager, duty)
    for one in swap["handovers"]:  # type: ignore[attr-defined]
        command = partial(
            swapping.answer,
            swap_id=UUID(str(swap["id"])),
            person_id=UUID(one["to_id"]),
            zone=PARIS,
            yes=True,
        )
        await night.world.do(command)
    generate(night.world.service.store, system(ORG), Wanted(Horizon(None, 4, "Europe/Paris")))
    with pytest.raises(Conflict):
        await night.world.do(
            partial(swapping.decide, swap_id=UUID(str(swap["id"])), zone=PARIS, approve=True)
        )


async def test_a_chain_that_breaks_a_rule_is_never_asked(
    night: NightShift, duty: OnCallDuty
) -> None:
    wrong = {
        "duty_id": f"{duty.post}:{duty.week}",
        "from_id": str(duty.person_id),
        "to_id": str(night.person_id("anne-faure")),
    }
    with pytest.raises(Conflict):
        await night.world.do(
            partial(swapping.ask_swap, duty=duty.id, handovers=[wrong], zone=PARIS)
        )


async def test_a_turn_that_has_begun_is_not_given_away(night: NightShift) -> None:
    await night.world.do(refresh_on_call)
    with night.world.look() as session:
        rows = session.exec(select(OnCallDuty)).all()
    begun = next(one for one in rows if one.start_at <= TUESDAY < one.end_at)
    async with night.world.client("oncall_manager") as manager:
        answer = await manager.get(f"/api/v1/oncall/duties/{begun.id}/swaps")
    assert answer.status_code == 422
