"""Browsers ring with the page closed: experts asked, crews answered, lone workers asked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select

from dispatcher.database import Tx
from dispatcher.field import lone
from dispatcher.models import Delivery, ExpertQuestion, LoneWatch, PushSubscription, User
from tests.support.desk import Desk

Json = dict[str, Any]


async def give_browser(desk: Desk, username: str, crew_id: str | None = None) -> str:
    """Let an account have a browser that rings; return the target of its messages."""

    def give(tx: Tx) -> str:
        user = tx.session.exec(select(User).where(User.username == username)).one()
        user.crew_id = UUID(crew_id) if crew_id else user.crew_id
        row = PushSubscription(
            id=tx.new_id(),
            org=tx.org,
            user_id=user.id,
            endpoint=f"https://push.example/{username}",
            p256dh="k",
            auth="a",
            device="Firefox",
            created_at=tx.now,
        )
        tx.session.add(row)
        return f"push:{row.id}"

    return await desk.world.do(give)


def rung(desk: Desk, target: str) -> list[str]:
    """Return the kinds of messages that left for a browser, oldest first."""
    with desk.world.look() as session:
        rows = session.exec(select(Delivery).where(Delivery.target == target)).all()
    return [row.kind for row in sorted(rows, key=lambda row: row.created_at)]


async def test_an_expert_rings_for_a_question_and_the_crew_for_the_answer(desk: Desk) -> None:
    until = (desk.world.clock.now() + timedelta(hours=8)).isoformat()
    visit = await desk.accept(await desk.incident("water_quality"))
    expert, crew = (
        await give_browser(desk, "expert"),
        await give_browser(desk, "crew", visit["crew_id"]),
    )
    async with desk.world.client("expert") as http:
        await http.put("/api/v1/experts/me", json={"until": until})
        body = {"need": "expert", "note": "Purger ?"}
        await desk.http.post(f"/api/v1/visits/{visit['id']}/help", json=body)
        await desk.world.settle()
        assert rung(desk, expert) == ["question"]
        with desk.world.look() as session:
            question = session.exec(select(ExpertQuestion)).one()

        await http.post(f"/api/v1/questions/{question.id}/answer", json={"text": "Oui."})
        await desk.world.settle()

    assert rung(desk, crew) == ["answer"]
    assert rung(desk, expert) == ["question"]


async def test_a_lone_worker_rings_when_he_is_asked(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    crew = await give_browser(desk, "crew", visit["crew_id"])
    await desk.move(visit, "en_route", "on_site")
    await desk.http.post(f"/api/v1/visits/{visit['id']}/lone", json={"interval_min": 10})
    await desk.world.settle()

    desk.world.clock.advance(timedelta(minutes=11))
    await desk.world.do(lone.watch)
    await desk.world.settle()

    with desk.world.look() as session:
        assert session.exec(select(LoneWatch)).one().state == "asking"
    assert rung(desk, crew) == ["lone"]
