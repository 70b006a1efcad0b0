"""What citizens are told by message: at which steps, by which way, at which hour."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from dispatcher.database import Tx
from dispatcher.events.states import IncidentStatus, VisitStatus
from dispatcher.followup import notices as news
from dispatcher.i18n import Locale
from dispatcher.incidents import commands as incidents
from dispatcher.models import Delivery, Incident, Person, Visit
from dispatcher.notifications import deliveries, notices
from dispatcher.notifications.sending import Post
from dispatcher.notifications.sms_size import sms_size
from dispatcher.planning.visits import move_visit
from tests.support.citizens import CONTACT, Citizen, report
from tests.support.desk import Desk
from tests.support.http_sink import Sink, http_sink
from tests.support.mail_server import MailServer, mail_server
from tests.support.world import TUESDAY, World

WAYS = {"email", "sms"}


class Wire:
    """A desk whose messages really leave: to a mail server and to an SMS gateway of the test."""

    def __init__(self, desk: Desk, mail: MailServer, sms: Sink) -> None:
        self.desk, self.world, self.mail, self.sms = desk, desk.world, mail, sms
        self.post = Post.of(self.world.service)

    async def deliver(self) -> int:
        """Send what is due as the worker does; return how many were sent."""
        held = await self.world.do(lambda tx: deliveries.lease(tx, WAYS, most=50))
        for one in held:
            outcome = self.post.send(one)
            await self.world.do(lambda tx, o=outcome, h=one: deliveries.settle(tx, h, o))
        return len(held)

    async def go(self, citizen: Citizen, *states: str) -> None:
        """Move the visit of an incident through states."""
        for state in states:

            def move(tx: Tx, state: str = state) -> None:
                visit = tx.session.exec(
                    select(Visit).where(Visit.incident_id == citizen.incident_id)
                ).one()
                move_visit(tx, visit, VisitStatus(state))

            await self.world.do(move)
            await self.world.settle()

    def kinds(self) -> list[tuple[str, str, str]]:
        """Return kind, channel and state of every message to citizens, in order."""
        with self.world.look() as session:
            rows = session.exec(
                select(Delivery)
                .where(col(Delivery.kind).like("citizen.%"))
                .order_by(col(Delivery.created_at), col(Delivery.id))
            ).all()
        return [(row.kind[8:], row.channel, row.state) for row in rows]


@pytest.fixture
async def wire(sqlite_copy: str) -> AsyncIterator[Wire]:
    """A desk with a real mail server and a real SMS gateway, at nine in the morning."""
    with mail_server() as mail, http_sink() as sms:
        world = World(
            sqlite_copy,
            freeze_minutes=0,
            smtp_host="127.0.0.1",
            smtp_port=mail.port,
            smtp_security="none",
            sms_provider="http",
            sms_url=sms.url.replace("localhost", "127.0.0.1"),
            public_url="https://cpo.exemple.fr",
            extra_origins=("http://127.0.0.1:8000",),
            outcome_share=1.0,
        )
        # Messages leave by the wall clock: hold it in hand as well.
        world.service.clocks.wall = world.service.store.clocks.wall = world.clock
        world.service.store.start()
        async with world.client("dispatcher") as http:
            yield Wire(Desk(world, http), mail, sms)
        world.service.store.stop()


async def citizen_of(wire: Wire, **contact: str) -> Citizen:
    return await report(wire.world, wire.desk.http, **(contact or CONTACT))


async def test_every_step_is_told_once_by_mail_or_sms(wire: Wire) -> None:
    odette = await citizen_of(wire)
    await wire.deliver()
    await wire.desk.accept(odette.incident_id)
    await wire.world.settle()
    await wire.deliver()
    await wire.go(odette, "en_route")
    await wire.deliver()
    await wire.go(odette, "on_site", "completed")
    await wire.deliver()

    assert wire.kinds() == [
        ("received", "email", "sent"),
        ("planned", "email", "sent"),
        ("en_route", "sms", "sent"),
        ("done", "email", "sent"),
    ]
    assert [mail["To"] for mail in wire.mail.taken] == [CONTACT["email"]] * 3
    planned = wire.mail.taken[1]
    assert "une équipe vient aujourd’hui entre" in str(planned["Subject"])
    assert f"https://cpo.exemple.fr{odette.link}" in planned.get_content()
    (_path, headers, body) = wire.sms.taken[0]
    assert CONTACT["phone"].replace(" ", "").encode() in body
    assert headers["idempotency-key"]
    assert await wire.deliver() == 0


async def test_mail_can_be_stopped_in_one_click(wire: Wire) -> None:
    odette = await citizen_of(wire)
    await wire.deliver()
    mail = wire.mail.taken[0]
    address = str(mail["List-Unsubscribe"]).strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    async with wire.world.client() as provider:
        provider.headers.pop("Origin")
        answer = await provider.post(
            address.replace("https://cpo.exemple.fr", ""),
            data={"List-Unsubscribe": "One-Click"},
        )
    await wire.desk.accept(odette.incident_id)
    await wire.world.settle()
    await wire.deliver()

    assert answer.status_code == 303
    assert [kind for kind, *_ in wire.kinds()] == ["received"]
    assert len(wire.mail.taken) == 1


async def test_what_waits_for_somebody_who_stops_it_does_not_leave(wire: Wire) -> None:
    odette = await citizen_of(wire)
    await odette.act("messages", stop="1")
    await wire.deliver()
    assert wire.kinds() == [("received", "email", "cancelled")]
    assert wire.mail.taken == []


async def test_nothing_leaves_at_night_and_the_newest_leaves_in_the_morning(wire: Wire) -> None:
    wire.world.clock.set(datetime(2026, 11, 24, 21, 30, tzinfo=UTC))  # 22:30 in Paris
    await citizen_of(wire)
    assert await wire.deliver() == 0
    wire.world.clock.set(datetime(2026, 11, 25, 6, 59, tzinfo=UTC))
    assert await wire.deliver() == 0
    wire.world.clock.set(datetime(2026, 11, 25, 7, 1, tzinfo=UTC))
    assert await wire.deliver() == 1


async def test_somebody_who_asked_for_it_is_told_at_night(wire: Wire) -> None:
    odette = await citizen_of(wire)
    await wire.deliver()
    await odette.act("messages", night="1")
    wire.world.clock.set(datetime(2026, 11, 24, 21, 30, tzinfo=UTC))

    def plan(tx: Tx) -> None:
        incident = tx.session.get_one(Incident, odette.incident_id)
        incidents.progress(tx, incident, "done", None, None)

    await wire.world.do(plan)
    await wire.world.do(lambda tx: follow(tx, odette))
    assert await wire.deliver() == 1


def follow(tx: Tx, citizen: Citizen) -> None:
    news.follow(tx, citizen.incident_id)


async def window(wire: Wire, citizen: Citizen, start: datetime, minutes: int) -> None:
    """Give an incident a window and let those who follow it be told."""

    def tell(tx: Tx) -> None:
        incident = tx.session.get_one(Incident, citizen.incident_id)
        ends = (start, start + timedelta(minutes=minutes))
        incidents.progress(tx, incident, "planned", ends, None)
        follow(tx, citizen)

    await wire.world.do(tell)


@pytest.mark.parametrize(
    ("start", "minutes", "is_told"),
    [(20, 60, False), (29, 60, False), (45, 60, True), (-40, 60, True), (10, 20, False)],
)
async def test_a_window_is_told_again_when_it_moved_by_more_than_half_an_hour(
    wire: Wire, start: int, minutes: int, is_told: bool
) -> None:
    odette = await citizen_of(wire)
    at = TUESDAY + timedelta(hours=3)
    await window(wire, odette, at, 60)
    await wire.deliver()
    await window(wire, odette, at + timedelta(minutes=start), minutes)
    await wire.deliver()

    assert ("moved" in [kind for kind, *_ in wire.kinds()]) is is_told


async def test_somebody_without_mail_is_told_by_sms_in_signs_that_cost_one_part(
    wire: Wire,
) -> None:
    await citizen_of(wire, phone="06 12 34 56 78")
    await wire.deliver()
    body = json.loads(wire.sms.taken[0][2])["text"]
    assert wire.kinds() == [("received", "sms", "sent")]
    assert not {"’", "\u202f", "«"} & set(body)


async def test_an_english_reader_is_written_to_in_english(wire: Wire) -> None:
    async with wire.world.client() as http:
        await http.get("/signaler?lang=en")
        await report(wire.world, http, email="walker@example.org")
    await wire.deliver()
    assert "Your report has arrived" in wire.mail.taken[0].get_content()


async def test_without_an_address_nothing_is_stored(wire: Wire) -> None:
    await citizen_of(wire, name="Odette")
    assert wire.kinds() == []


async def test_a_mail_server_that_is_away_gets_the_same_message_later(wire: Wire) -> None:
    await citizen_of(wire)
    wire.mail.data_answer = None  # takes it and hangs up: nobody can tell
    await wire.deliver()
    wire.mail.data_answer = "250 taken"
    wire.world.clock.advance(timedelta(seconds=10))
    await wire.deliver()
    ids = {mail["Message-ID"] for mail in wire.mail.taken}
    assert (len(wire.mail.taken), len(ids)) == (2, 1)


async def test_a_person_who_was_erased_is_not_written_to(wire: Wire) -> None:
    await citizen_of(wire)

    def erase(tx: Tx) -> None:
        person = tx.session.exec(select(Person)).one()
        person.name = person.phone = person.email = None

    await wire.world.do(erase)
    await wire.deliver()
    assert wire.kinds() == [("received", "email", "cancelled")]


async def test_a_pilot_changes_the_words_and_turns_a_step_off(wire: Wire) -> None:
    words = {"text_fr": "Reçu : {reference} {link}", "text_en": "Got it: {reference} {link}"}
    async with wire.world.client("admin") as pilot:
        put = await pilot.put("/api/v1/notices/received/sms", json=words)
        off = await pilot.put("/api/v1/notices/done/email", json={**words, "active": False})
        wrong = await pilot.put(
            "/api/v1/notices/received/sms", json={**words, "text_fr": "Bonjour\n{nom}"}
        )
        listed = (await pilot.get("/api/v1/notices")).json()
    odette = await citizen_of(wire, phone="06 12 34 56 78")
    await wire.deliver()

    assert (put.status_code, off.status_code, wrong.status_code) == (200, 200, 422)
    assert (put.json()["version"], wrong.json()["params"]["line"]) == (2, 2)
    assert "Recu : 2026-00001 https://cpo.exemple.fr" in json.loads(wire.sms.taken[0][2])["text"]
    assert odette.link
    by_code = {(one["code"], one["channel"]): one for one in listed}
    assert by_code["done", "email"]["active"] is False
    assert by_code["planned", "sms"]["is_own"] is False


async def test_the_editor_counts_the_parts_of_an_sms(wire: Wire) -> None:
    body: dict[str, Any] = {"text_fr": "é" * 100, "text_en": "漢" * 100}
    found = (await wire.desk.http.post("/api/v1/notices/check", json=body)).json()
    assert (found["fr"]["sms"]["encoding"], found["fr"]["sms"]["parts"]) == ("gsm7", 1)
    assert (found["en"]["sms"]["encoding"], found["en"]["sms"]["parts"]) == ("ucs2", 2)
    assert found["en"]["sms"]["odd"] == "漢"


async def test_a_question_and_its_answer_go_by_message(wire: Wire) -> None:
    odette = await citizen_of(wire)
    await wire.deliver()
    await wire.desk.http.post(
        f"/api/v1/incidents/{odette.incident_id}/reply",
        json={"text": "Le portail est-il ouvert ?", "asks": True},
    )
    await wire.world.settle()
    await wire.deliver()
    assert "Le portail est-il ouvert ?" in wire.mail.taken[-1].get_content()
    assert wire.kinds()[-1] == ("question", "email", "sent")


async def test_the_desk_sees_what_left_and_never_the_address(wire: Wire) -> None:
    odette = await citizen_of(wire)
    await wire.deliver()
    seen = await wire.desk.http.get(f"/api/v1/incidents/{odette.incident_id}/notices")
    log = await wire.desk.http.get("/api/v1/deliveries")
    assert [(one["code"], one["state"]) for one in seen.json()] == [("received", "sent")]
    for text in (seen.text, log.text):
        assert "odette" not in text.casefold()
        assert "12 34" not in text


async def test_an_operator_sends_the_link_even_to_somebody_who_stopped_the_rest(
    wire: Wire,
) -> None:
    odette = await citizen_of(wire)
    await odette.act("messages", stop="1")
    wire.world.clock.set(datetime(2026, 11, 24, 21, 30, tzinfo=UTC))
    async with wire.world.client("operator") as operator:
        sent = await operator.post(f"/api/v1/requests/{odette.request.id}/link")
    await wire.deliver()
    assert sent.json() == {"sent": True}
    assert odette.link in wire.sms.taken[-1][2].decode()


async def test_after_closing_those_asked_are_asked_by_message(wire: Wire) -> None:
    odette = await citizen_of(wire)

    def close(tx: Tx) -> None:
        incident = tx.session.get_one(Incident, odette.incident_id)
        for state in ("triaged", "resolved", "closed"):
            incidents.move(tx, incident, IncidentStatus(state))

    await wire.world.do(close)
    await wire.world.settle()
    await wire.deliver()
    assert ("fixed", "email", "sent") in wire.kinds()
    assert "Est-ce vraiment réparé ?" in await odette.page()


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_every_sms_of_the_program_fits_the_cheap_alphabet(locale: Locale) -> None:
    values = {**notices.SAMPLE[locale], "org": "Corrèze centre"}
    for code in notices.CODES:
        text = notices.fill(notices.default_of(code, "sms").text(locale), values)
        size = sms_size(notices.plain(text))
        assert (code, size.encoding) == (code, "gsm7")
        assert (code, size.parts <= 2) == (code, True)
