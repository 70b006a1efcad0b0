"""Questions to experts: who is asked, what an answer does, what is spared, what nobody answers."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from dispatcher.expertise.commands import escalate_due
from dispatcher.models import ExpertQuestion
from tests.support.desk import TULLE, Desk
from tests.support.verify_action import verify_action

Json = dict[str, Any]
QUESTION = "Chlore à 0,1 : purger ?"


async def on_duty(desk: Desk, *domains: str, hours: int = 8) -> None:
    """Let the expert say that he may be asked."""
    until = (desk.world.clock.now() + timedelta(hours=hours)).isoformat()
    body = {"domains": list(domains), "phone": "05 55 00 00 00", "until": until}
    async with desk.world.client("expert") as expert:
        assert (await expert.put("/api/v1/experts/me", json=body)).status_code == 200


async def ask(desk: Desk, incident: UUID) -> ExpertQuestion:
    path = f"/api/v1/incidents/{incident}/expert"
    body = {"needed": True, "question": QUESTION}
    answer = await verify_action(desk.world, desk.http.post(path, json=body))
    assert answer.status_code == 200, answer.text
    return question_of(desk)


def question_of(desk: Desk) -> ExpertQuestion:
    with desk.world.look() as session:
        return session.exec(select(ExpertQuestion)).one()


async def as_expert(
    desk: Desk, question: ExpertQuestion, verb: str, body: Json | None = None
) -> httpx.Response:
    async with desk.world.client("expert") as expert:
        path = f"/api/v1/questions/{question.id}/{verb}"
        return await verify_action(desk.world, expert.post(path, json=body or {}))


async def test_the_experts_of_the_domain_are_asked_and_answer(either_desk: Desk) -> None:
    desk = either_desk
    await on_duty(desk, "drinking_water")
    incident = await desk.incident("water_quality", TULLE)
    question = await ask(desk, incident)
    assert (question.domain, question.level) == ("drinking_water", 1)
    assert question.asked_of == ["Expert"]

    async with desk.world.client("expert") as expert:
        (shown,) = (await expert.get("/api/v1/questions")).json()
    assert (shown["text"], shown["question"]["ref"]) == (
        QUESTION,
        desk.incident_row(incident).ref,
    )
    answered = await as_expert(desk, question, "answer", {"text": "Oui, 20 minutes."})

    assert answered.json()["question"]["state"] == "answered"
    assert desk.incident_row(incident).needs_expert is False
    notes = (await desk.http.get(f"/api/v1/incidents/{incident}")).json()["notes"]
    assert "Oui, 20 minutes." in [note["text"] for note in notes]
    late = await as_expert(desk, question, "answer", {"text": "Non."})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")


async def test_a_question_of_another_domain_goes_to_everybody(desk: Desk) -> None:
    await on_duty(desk, "roads")

    question = await ask(desk, await desk.incident("water_quality", TULLE))

    assert question.level == 2
    assert "Expert" in question.asked_of


async def test_without_anybody_the_desk_is_asked_at_once(desk: Desk) -> None:
    question = await ask(desk, await desk.incident("water_quality", TULLE))

    assert (question.level, question.asked_of, question.due_at) == (3, [], None)


async def test_silence_passes_a_question_on_by_itself(either_desk: Desk) -> None:
    desk = either_desk
    await on_duty(desk, "drinking_water", hours=12)
    incident = await desk.incident("water_quality", TULLE)
    question = await ask(desk, incident)
    assert question.due_at is not None
    delay = question.due_at - question.asked_at
    minutes = {"P1": 5, "P2": 15, "P3": 60, "P4": 240}
    assert delay == timedelta(minutes=minutes[desk.incident_row(incident).priority])

    levels = []
    for _ in range(3):
        desk.world.clock.advance(delay + timedelta(minutes=1))
        await verify_action(desk.world, desk.world.do(escalate_due))
        levels.append(question_of(desk).level)

    assert levels == [2, 3, 3]
    assert question_of(desk).due_at is None


async def test_who_takes_a_question_has_it_until_he_forgets_it(desk: Desk) -> None:
    await on_duty(desk, "drinking_water", hours=24)
    question = await ask(desk, await desk.incident("water_quality", TULLE))

    taken = await as_expert(desk, question, "take")
    assert (taken.json()["question"]["state"], taken.json()["question"]["taken_by"]) == (
        "taken",
        "Expert",
    )
    other = await desk.http.post(f"/api/v1/questions/{question.id}/take")
    assert other.status_code == 409
    due = question_of(desk).due_at
    assert due is not None
    desk.world.clock.advance(due - desk.world.clock.now())
    await verify_action(desk.world, desk.world.do(escalate_due))

    row = question_of(desk)
    assert (row.state, row.level, row.taken_by) == ("open", 2, None)


async def test_an_incident_is_settled_without_a_trip_and_counted(either_desk: Desk) -> None:
    desk = either_desk
    await on_duty(desk, "drinking_water")
    incident = await desk.incident("water_quality", TULLE)
    visit = await desk.accept(incident)
    await desk.move(visit, "acknowledged")
    question = await ask(desk, incident)

    body = {"text": "Air dans l’eau.", "told": "L’eau blanche contient de l’air."}
    done = await as_expert(desk, question, "no-trip", body)

    assert done.status_code == 200, done.text
    assert done.json()["question"]["state"] == "no_trip"
    assert desk.incident_row(incident).state in {"answered", "resolved"}
    assert desk.visit(visit).state == "cancelled"
    detail = (await desk.http.get(f"/api/v1/incidents/{incident}")).json()
    assert [one["text_fr"] for one in detail["messages"]] == [body["told"]]
    async with desk.world.client("expert") as expert:
        figures = (await expert.get("/api/v1/experts")).json()["figures"]
    assert (figures["asked"], figures["no_trip"]) == (1, 1)


async def test_there_is_no_settling_without_a_trip_once_a_crew_is_there(desk: Desk) -> None:
    incident = await desk.incident("water_quality", TULLE)
    visit = await desk.accept(incident)
    await desk.move(visit, "en_route", "on_site")
    question = await ask(desk, incident)

    answer = await as_expert(desk, question, "no-trip", {"text": "Rien à faire."})

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert question_of(desk).state == "open"


async def test_a_crews_question_reaches_the_experts_with_its_visit_and_number(desk: Desk) -> None:
    await on_duty(desk)
    visit = await desk.accept(await desk.incident("water_quality", TULLE))
    body = {"need": "expert", "note": "Quelle vanne ?", "phone": "06 00 00 00 00"}

    path = f"/api/v1/visits/{visit['id']}/help"
    await verify_action(desk.world, desk.http.post(path, json=body))

    question = question_of(desk)
    assert (str(question.visit_id), question.text) == (visit["id"], "Quelle vanne ?")
    assert question.phone == "06 00 00 00 00"
    assert (await desk.http.get("/api/v1/help")).json() == []


async def test_what_is_over_is_asked_no_more(desk: Desk) -> None:
    incident = await desk.incident("water_quality", TULLE)
    await ask(desk, incident)

    path = f"/api/v1/incidents/{incident}/transitions"
    await verify_action(desk.world, desk.http.post(path, json={"to": "cancelled", "reason": "x"}))

    assert question_of(desk).state == "withdrawn"


@pytest.mark.parametrize("role", ["crew", "observer"])
async def test_the_desk_of_experts_is_theirs(desk: Desk, role: str) -> None:
    async with desk.world.client(role) as other:
        assert (await other.get("/api/v1/questions")).status_code == 403


async def test_a_domain_that_does_not_exist_is_bad_input(desk: Desk) -> None:
    async with desk.world.client("expert") as expert:
        body = {"domains": ["astrology"], "until": None}
        answer = await expert.put("/api/v1/experts/me", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
