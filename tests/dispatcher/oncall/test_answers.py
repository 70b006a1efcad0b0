"""Taking a page: by the link, at the desk, by SMS; and the work that follows it."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from dispatcher.auth.links import read_link, sign_link
from dispatcher.database import Tx
from dispatcher.errors import InvalidInput, NotFound
from dispatcher.events.states import IncidentStatus
from dispatcher.incidents import commands as incidents
from dispatcher.models import CallOut, Incident
from dispatcher.oncall import callouts
from dispatcher.oncall.replies import receive_reply
from tests.support.oncall import LEAK, NIGHT, NightShift
from tests.support.world import World

SOPHIE, ANNE = "+33 6 39 98 00 01", "06 39 98 00 19"
TOKEN = {"Authorization": "Bearer the-token-of-the-provider"}


@pytest.fixture
async def night(either_world: World) -> NightShift:
    made = NightShift(either_world)
    await made.begin()
    return made


@pytest.fixture
async def called(night: NightShift) -> tuple[UUID, str]:
    """An incident for which Sophie was called, and the path of her link."""
    incident_id = await night.world.incident(LEAK)
    await night.turn()
    return incident_id, link_in(night.sms.sent[-1].text)


@pytest.fixture
async def phone(night: NightShift) -> AsyncIterator[httpx.AsyncClient]:
    async with night.world.client() as client:
        yield client


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/]+(/astreinte/\S+)", text)
    assert found is not None
    return found.group(1)


async def reply(night: NightShift, sender: str, text: str, number: int = 1) -> str:
    return await night.world.do(lambda tx: receive_reply(tx, f"message-{number}", sender, text))


async def test_opening_the_link_changes_nothing_and_the_button_takes_the_page(
    night: NightShift, called: tuple[UUID, str], phone: httpx.AsyncClient
) -> None:
    incident_id, link = called
    shown = await phone.get(link)
    assert shown.status_code == 200
    assert "Je m’en occupe" in shown.text
    assert "Sophie Mazière" in shown.text
    assert shown.headers["referrer-policy"] == "strict-origin"
    assert "no-store" in shown.headers["cache-control"]
    assert night.page(incident_id).state == "open"

    taken = await phone.post(f"{link}/prendre")
    assert taken.status_code == 303
    assert night.page(incident_id).state == "acknowledged"
    assert night.page(incident_id).person_id == night.person_id("sophie-maziere")
    assert "Je pars" in (await phone.get(link)).text


async def test_the_page_speaks_english_too(
    called: tuple[UUID, str], phone: httpx.AsyncClient
) -> None:
    assert "I take it" in (await phone.get(f"{called[1]}?lang=en")).text


async def test_a_forged_or_foreign_link_opens_nothing(
    night: NightShift, called: tuple[UUID, str], phone: httpx.AsyncClient
) -> None:
    link = called[1]
    head, token = link.rsplit("/", 1)
    other = "A" if token[30] != "A" else "B"
    forged = token[:30] + other + token[31:]
    secret = night.world.service.secret
    for_something_else = sign_link(secret, "calendar", read_link(secret, "page", token))
    for wrong in (forged, token[:-1], token + "A", "x", for_something_else, "é" * 43):
        assert (await phone.get(f"{head}/{wrong}")).status_code == 404
        assert (await phone.post(f"{head}/{wrong}/prendre")).status_code == 404
    assert (await phone.post(f"{link}/danser")).status_code == 404


async def test_leaving_and_coming_back_is_a_call_out_with_its_hours(
    night: NightShift, called: tuple[UUID, str], phone: httpx.AsyncClient
) -> None:
    incident_id, link = called
    assert (await phone.post(f"{link}/partir")).status_code == 404, "not taken yet"
    await phone.post(f"{link}/prendre")
    await phone.post(f"{link}/partir")
    await phone.post(f"{link}/partir")
    night.world.clock.advance(timedelta(minutes=95))
    await phone.post(f"{link}/retour")
    await phone.post(f"{link}/retour")

    with night.world.look() as session:
        (out,) = session.exec(select(CallOut)).all()
    assert (out.start_at, out.end_at) == (NIGHT, NIGHT + timedelta(minutes=95))
    assert (out.incident_id, out.person_id) == (incident_id, night.person_id("sophie-maziere"))


async def test_the_work_can_be_ended_after_its_incident(
    night: NightShift, called: tuple[UUID, str], phone: httpx.AsyncClient
) -> None:
    incident_id, link = called
    await phone.post(f"{link}/prendre")
    await phone.post(f"{link}/partir")

    def cancel(tx: Tx) -> None:
        incidents.move(tx, tx.session.get_one(Incident, incident_id), IncidentStatus.CANCELLED)

    await night.world.do(cancel)
    await night.world.settle()
    night.world.clock.advance(timedelta(minutes=30))
    assert "Intervention terminée" in (await phone.get(link)).text
    await phone.post(f"{link}/retour")
    with night.world.look() as session:
        assert session.exec(select(CallOut)).one().end_at is not None


async def test_a_reply_with_the_code_takes_the_page(
    night: NightShift, called: tuple[UUID, str]
) -> None:
    page = night.page(called[0])
    assert await reply(night, "0033639980001", f"ok {page.code}") == "acknowledged"
    assert night.page(called[0]).state == "acknowledged"


async def test_a_plain_yes_is_enough_when_one_page_is_open(
    night: NightShift, called: tuple[UUID, str]
) -> None:
    assert await reply(night, SOPHIE, "Oui j'arrive") == "acknowledged"


async def test_with_two_pages_a_plain_yes_says_too_little(
    night: NightShift, called: tuple[UUID, str]
) -> None:
    await night.world.incident("Effondrement de chaussée à Tulle, voiture dans le trou, blessé")
    await night.turn()
    assert len([p for p in night.pages() if p.state == "open"]) == 2
    assert await reply(night, SOPHIE, "ok") == "not_understood"
    assert await reply(night, SOPHIE, night.page(called[0]).code, 2) == "acknowledged"


@pytest.mark.parametrize(
    ("sender", "text", "outcome"),
    [
        ("+33 6 00 00 00 00", "ok", "unknown_number"),
        (SOPHIE, "qui est-ce ?", "not_understood"),
        (ANNE, "ok", "no_page"),
        (SOPHIE, "ok 0000", "no_page"),
    ],
)
async def test_a_reply_that_fits_nothing_changes_nothing(
    night: NightShift, called: tuple[UUID, str], sender: str, text: str, outcome: str
) -> None:
    assert await reply(night, sender, text) == outcome
    assert night.page(called[0]).state == "open"


async def test_the_provider_hands_replies_over_with_its_token_only(
    sqlite_copy: str,
) -> None:
    world = World(sqlite_copy, sms_hook_token="the-token-of-the-provider")
    world.service.store.start()
    night = NightShift(world)
    await night.begin()
    incident_id = await world.incident(LEAK)
    await night.turn()
    body = {"id": "m-1", "from": SOPHIE, "text": f"OK {night.page(incident_id).code}"}
    async with world.client() as provider:
        refused = await provider.post("/api/v1/sms/replies", json=body)
        wrong = await provider.post(
            "/api/v1/sms/replies", json=body, headers={"Authorization": "Bearer wrong"}
        )
        first = await provider.post("/api/v1/sms/replies", json=body, headers=TOKEN)
        second = await provider.post("/api/v1/sms/replies", json=body, headers=TOKEN)
    world.service.store.stop()

    assert (refused.status_code, wrong.status_code) == (401, 401)
    assert first.json() == second.json() == {"outcome": "acknowledged"}


async def test_the_desk_takes_a_page_for_somebody_who_answered_by_voice(
    night: NightShift, called: tuple[UUID, str]
) -> None:
    async with night.world.client("operator") as operator:
        (page,) = (await operator.get("/api/v1/pages")).json()
        assert [one["person"] for one in page["people"]] == ["Sophie Mazière", "Anne Faure"]
        assert page["calls"][0]["deliveries"] == {"sms": "sent", "email": "sent"}
        chosen = page["people"][1]["person_id"]
        answer = await operator.post(
            f"/api/v1/pages/{page['id']}/acknowledge", json={"person_id": chosen}
        )
    assert answer.json()["acknowledged_by"] == "Anne Faure"


async def test_the_policy_is_changed_by_whoever_builds_rotas(night: NightShift) -> None:
    async with night.world.client("oncall_manager") as manager:
        policy = (await manager.get("/api/v1/paging/policy")).json()
        policy["wait_min"] = [3, 5]
        made = await manager.put("/api/v1/paging/policy", json=policy)
        stale = await manager.put("/api/v1/paging/policy", json=policy)
    assert (made.status_code, made.json()["version"]) == (200, 2)
    assert stale.status_code == 412


async def test_hours_entered_by_hand_may_not_meet_others(night: NightShift) -> None:
    who = night.person_id("sophie-maziere")
    span = (NIGHT - timedelta(hours=5), NIGHT - timedelta(hours=3))
    made = await night.world.do(partial(callouts.enter, person_id=who, span=span))
    for wrong in (
        span,
        (span[1], span[0]),
        (NIGHT - timedelta(hours=4), NIGHT),
        (NIGHT - timedelta(hours=1), NIGHT + timedelta(hours=1)),
        (NIGHT - timedelta(hours=40), NIGHT - timedelta(hours=10)),
    ):
        with pytest.raises(InvalidInput):
            await night.world.do(partial(callouts.enter, person_id=who, span=wrong))
    longer = (span[0], span[1] + timedelta(hours=1))
    await night.world.do(partial(callouts.correct, call_out_id=made.id, span=longer))
    with pytest.raises(NotFound):
        await night.world.do(partial(callouts.correct, call_out_id=who, span=longer))
