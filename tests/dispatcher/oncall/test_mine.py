"""Somebody's own page: he asks for swaps, wishes, leaves notes; its link can be taken away."""

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from dispatcher.actors import system
from dispatcher.database import Tx
from dispatcher.models import EventRow, HandoverNote, OnCallDuty, Swap, Wish
from dispatcher.oncall import snapshot
from dispatcher.oncall.generation import Wanted, generate
from dispatcher.oncall.ladder import change_policy, paging_policy
from dispatcher.oncall.snapshot import Horizon
from tests.support.oncall import NightShift
from tests.support.world import ORG, TUESDAY, World


@pytest.fixture
async def night(world: World) -> NightShift:
    """A solved rota of eight weeks, on its second day."""
    generate(world.service.store, system(ORG), Wanted(Horizon(None, 8, "Europe/Paris")))
    await world.settle()
    return NightShift(world)


@pytest.fixture
def duty(night: NightShift) -> OnCallDuty:
    """A turn on operations three weeks ahead."""
    with night.world.look() as session:
        rows = session.exec(select(OnCallDuty).where(OnCallDuty.post == "operations-tulle")).all()
    return next(one for one in rows if one.start_at > TUESDAY + timedelta(weeks=2))


async def links(night: NightShift) -> dict[str, str]:
    """Return the path of everybody's page by his id."""
    async with night.world.client("oncall_manager") as manager:
        rows = (await manager.get("/api/v1/oncall/calendars")).json()
    return {one["person_id"]: re.sub(r"^https?://[^/]+", "", one["page"]) for one in rows}


async def asked(phone: httpx.AsyncClient, path: str, duty: OnCallDuty) -> Swap | None:
    page = await phone.get(f"{path}/echange/{duty.id}")
    chain = re.search(r'name="chain" value="(\w+)"', page.text)
    assert chain, page.text
    done = await phone.post(f"{path}/echange/{duty.id}", data={"chain": chain[1]})
    assert done.status_code == 303, done.text
    return None


def only_swap(night: NightShift) -> Swap:
    with night.world.look() as session:
        return session.exec(select(Swap)).one()


async def set_rule(night: NightShift, rule: str) -> None:
    def change(tx: Tx) -> None:
        policy = paging_policy(tx.session, tx.org)
        change_policy(tx, policy.model_copy(update={"swaps_validated": rule}))

    await night.world.do(change)


@pytest.mark.parametrize(("rule", "ends"), [("always", "agreed"), ("never", "approved")])
async def test_an_agent_asks_colleagues_agree_and_the_rules_say_whether_the_manager_must(
    night: NightShift, duty: OnCallDuty, rule: str, ends: str
) -> None:
    await set_rule(night, rule)
    pages = await links(night)
    mine = pages[str(duty.person_id)]
    async with night.world.client() as phone:
        shown = await phone.get(mine)
        assert f"/echange/{duty.id}" in shown.text
        await asked(phone, mine, duty)
        waiting = await phone.get(mine)
        assert "En attente de" in waiting.text
        assert f"/echange/{duty.id}" not in waiting.text, "asked for once"
        swap = only_swap(night)
        others = {one["to_id"] for one in swap.handovers} - {str(duty.person_id)}
        for other in others:
            await phone.post(f"{pages[other]}/{swap.id}/oui")

    assert only_swap(night).state == ends
    with night.world.look() as session:
        holder = session.get_one(OnCallDuty, duty.id).person_id
        authors = {e.actor for e in session.exec(select(EventRow)).all() if e.type == "swap.moved"}
    assert (holder != duty.person_id) == (ends == "approved")
    assert f"agent:{duty.person_id}" in authors


async def test_an_exchange_nobody_proposed_and_somebody_elses_turn_are_refused(
    night: NightShift, duty: OnCallDuty
) -> None:
    pages = await links(night)
    other = next(path for who, path in pages.items() if who != str(duty.person_id))
    async with night.world.client() as phone:
        forged = await phone.post(
            f"{pages[str(duty.person_id)]}/echange/{duty.id}", data={"chain": "0" * 24}
        )
        foreign = await phone.get(f"{other}/echange/{duty.id}")
    assert (forged.status_code, foreign.status_code) == (422, 404)
    assert 'role="alert"' in forged.text


async def test_the_asker_withdraws_and_nothing_changes(night: NightShift, duty: OnCallDuty) -> None:
    mine = (await links(night))[str(duty.person_id)]
    async with night.world.client() as phone:
        await asked(phone, mine, duty)
        await phone.post(f"{mine}/{only_swap(night).id}/non")
        assert "Demande retirée" in (await phone.get(mine)).text
    assert only_swap(night).state == "withdrawn"


async def test_a_wish_reaches_the_engine_and_bad_days_lose_nothing(night: NightShift) -> None:
    who, mine = next(iter((await links(night)).items()))
    wish = {"kind": "free", "start": "2026-12-24", "last": "2026-12-26", "weight": "9"}
    async with night.world.client() as phone:
        bad = await phone.post(f"{mine}/souhaits", data={**wish, "last": "2026-12-20"})
        done = await phone.post(f"{mine}/souhaits", data=wish)
        shown = await phone.get(mine)
    assert (bad.status_code, done.status_code) == (422, 303)
    assert 'value="2026-12-24"' in bad.text, "what was typed stays"
    assert "24/12/2026" in shown.text
    assert "26/12/2026" in shown.text
    with night.world.look() as session:
        horizon = Horizon(None, 4, "Europe/Paris")
        taken = snapshot.take(session, ORG, night.world.clock.now(), horizon)
        (stored,) = session.exec(select(Wish)).all()
    (heard,) = taken.problem.wishes
    assert (heard.person_id, heard.weight, heard.wants_duty) == (who, 9, False)
    async with night.world.client() as phone:
        other = next(path for path in (await links(night)).values() if path != mine)
        assert (await phone.post(f"{other}/souhaits/{stored.id}/retirer")).status_code == 404
        assert (await phone.post(f"{mine}/souhaits/{stored.id}/retirer")).status_code == 303
    with night.world.look() as session:
        assert session.exec(select(Wish)).all() == []


async def test_whoever_is_on_call_leaves_a_note_and_the_next_one_reads_it(
    night: NightShift,
) -> None:
    with night.world.look() as session:
        turns = session.exec(select(OnCallDuty).where(OnCallDuty.post == "operations-tulle")).all()
    running, following = sorted(turns, key=lambda one: one.start_at)[:2]
    pages = await links(night)
    async with night.world.client() as phone:
        note = {"text": "Barrière <posée> à Corrèze", "post": "operations-tulle"}
        assert (
            await phone.post(f"{pages[str(running.person_id)]}/consignes", data=note)
        ).status_code == 303
        next_page = pages[str(following.person_id)]
        assert "Barrière" not in (await phone.get(next_page)).text, "too early"
        night.world.clock.set(following.start_at - timedelta(hours=3))
        shown = await phone.get(next_page)
        assert "Barrière &lt;posée&gt;" in shown.text
        with night.world.look() as session:
            stored = session.exec(select(HandoverNote)).one()
        assert (await phone.post(f"{next_page}/consignes/{stored.id}/lu")).status_code == 303
        assert "J’ai lu" not in (await phone.get(next_page)).text
    async with night.world.client("operator") as operator:
        (listed,) = (await operator.get("/api/v1/oncall/handover")).json()
    assert [one["name"] for one in listed["seen"]] != []


async def test_links_made_anew_or_shut_open_nothing_more(night: NightShift) -> None:
    before = await links(night)
    who = next(iter(before))
    async with night.world.client("oncall_manager") as manager:
        fresh = (await manager.post(f"/api/v1/oncall/people/{who}/links")).json()
        new = {name: re.sub(r"^https?://[^/]+", "", fresh[name]) for name in ("page", "url")}
        async with night.world.client() as phone:
            assert (await phone.get(before[who])).status_code == 404
            assert (await phone.get(new["page"])).status_code == 200
            assert (await phone.get(new["url"])).status_code == 200
            shut = (await manager.delete(f"/api/v1/oncall/people/{who}/links")).json()
            assert shut["open"] is False
            closed = re.sub(r"^https?://[^/]+", "", shut["page"])
            assert [(await phone.get(p)).status_code for p in (new["page"], closed)] == [404, 404]
    with night.world.look() as session:
        query = select(EventRow).where(EventRow.type == "oncall.links_changed")
        assert [e.data["open"] for e in session.exec(query).all()] == [True, False]


async def test_a_message_carries_the_present_link(night: NightShift, duty: OnCallDuty) -> None:
    pages = await links(night)
    async with night.world.client() as phone:
        await asked(phone, pages[str(duty.person_id)], duty)
    swap = only_swap(night)
    taker = UUID(swap.handovers[0]["to_id"])
    async with night.world.client("oncall_manager") as manager:
        await manager.post(f"/api/v1/oncall/people/{taker}/links")
    await night.send_all()
    fresh = (await links(night))[str(taker)]
    assert any(message.text.endswith(fresh) for message in night.sms.sent)
