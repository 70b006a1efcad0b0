"""Words of notices: every version stays, with who and why; any of them can be put back."""

from typing import Any

from sqlmodel import col, select

from dispatcher.models import EventRow
from tests.support.desk import Desk

PATH = "/api/v1/notices/received/sms"
Json = dict[str, Any]


def words(text: str, **more: Any) -> Json:
    return {"text_fr": text, "text_en": "Thank you {link}", **more}


async def test_versions_are_kept_and_one_is_put_back_as_the_newest(either_desk: Desk) -> None:
    desk = either_desk
    async with desk.world.client("admin") as pilot:
        assert (await pilot.get(f"{PATH}/versions")).json() == []
        await pilot.put(PATH, json=words("Merci {link}", note="plus court"))
        await pilot.put(PATH, json=words("Bien reçu {link}"))
        listed = (await pilot.get(f"{PATH}/versions")).json()
        back = await pilot.post(
            f"{PATH}/restore", json={"version": 2, "replaces": 3, "note": "mieux avant"}
        )
        after = (await pilot.get(f"{PATH}/versions")).json()
        in_force = (await pilot.get("/api/v1/notices")).json()

    assert [one["version"] for one in listed] == [3, 2, 1]
    assert (listed[1]["by"], listed[1]["note"]) == ("Admin", "plus court")
    assert listed[2]["at"] is None, "the program's own words come first"
    assert (back.status_code, back.json()["version"]) == (200, 4)
    assert (after[0]["body"]["text_fr"], after[0]["note"]) == ("Merci {link}", "mieux avant")
    (sms,) = [one for one in in_force if (one["code"], one["channel"]) == ("received", "sms")]
    assert (sms["text_fr"], sms["version"], sms["is_own"]) == ("Merci {link}", 4, True)
    with desk.world.look() as session:
        query = select(EventRow).where(EventRow.type == "notice.template_changed")
        facts = session.exec(query.order_by(col(EventRow.seq))).all()
    assert [fact.data["restored"] for fact in facts] == [None, None, 2]
    assert facts[-1].actor == desk.world.actor("admin").label


async def test_the_words_that_came_with_the_program_can_be_put_back(desk: Desk) -> None:
    async with desk.world.client("admin") as pilot:
        (first,) = [
            one
            for one in (await pilot.get("/api/v1/notices")).json()
            if (one["code"], one["channel"]) == ("received", "sms")
        ]
        await pilot.put(PATH, json=words("Autre {link}"))
        back = await pilot.post(f"{PATH}/restore", json={"version": 1})

    assert back.json()["text_fr"] == first["text_fr"]


async def test_putting_back_is_refused_when_stale_unknown_or_not_ones_own(desk: Desk) -> None:
    async with desk.world.client("admin") as pilot:
        await pilot.put(PATH, json=words("Merci {link}"))
        stale = await pilot.post(f"{PATH}/restore", json={"version": 1, "replaces": 1})
        unknown = await pilot.post(f"{PATH}/restore", json={"version": 9})
    forbidden = await desk.http.post(f"{PATH}/restore", json={"version": 1})

    assert [one.status_code for one in (stale, unknown, forbidden)] == [409, 404, 403]
