"""The roster on paper, calendar feeds that clients read, and notes from one turn to the next."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlmodel import select

from dispatcher.models import EventRow, OnCallDuty, OnCallPerson, OnCallPost
from dispatcher.oncall.calendar_feed import Entry, calendar, escaped, folded
from tests.support.oncall import MONDAY, NightShift
from tests.support.world import World


@pytest.fixture
async def night(either_world: World) -> NightShift:
    made = NightShift(either_world)
    await made.begin()
    return made


async def test_the_roster_is_one_page_that_needs_nothing_else(night: NightShift) -> None:
    async with night.world.client("oncall_manager") as manager:
        page = await manager.get("/api/v1/oncall/roster.html")
    async with night.world.client("dispatcher") as dispatcher:
        refused = await dispatcher.get("/api/v1/oncall/roster.html")

    assert (page.status_code, refused.status_code) == (200, 403)
    assert not re.search(r"(src|href)=|url\(|@import|<script", page.text)
    assert "attachment" in page.headers["content-disposition"]
    assert "Sophie Mazière" in page.text
    assert "+33 6 39 98 00 01" in page.text
    assert "Luc Ceyrac" not in page.text, "whoever has no turn keeps his number"
    assert page.text.count("2026-W") == 4
    with night.world.look() as session:
        query = select(EventRow).where(EventRow.type == "roster.taken")
        assert len(session.exec(query).all()) == 1


async def test_a_calendar_opens_with_its_link_only_and_follows_the_rota(
    night: NightShift,
) -> None:
    async with night.world.client("oncall_manager") as manager:
        links = (await manager.get("/api/v1/oncall/calendars")).json()
    url = next(one["url"] for one in links if one["person"] == "Sophie Mazière")
    path = re.sub(r"^https?://[^/]+", "", url)
    async with night.world.client() as client:
        feed = await client.get(path)
        wrong = await client.get("/agenda/wrong.ics")
        other = await client.get(path.replace("/agenda/", "/agenda/A"))

    assert (feed.status_code, wrong.status_code, other.status_code) == (200, 404, 404)
    assert feed.headers["content-type"].startswith("text/calendar")
    assert feed.text.count("BEGIN:VEVENT") == 4
    assert "DTSTART;TZID=Europe/Paris:20261123T080000" in feed.text
    assert "DTEND;TZID=Europe/Paris:20261130T080000" in feed.text
    assert len(set(re.findall(r"UID:(\S+)", feed.text))) == 4


async def test_posts_and_sectors_have_calendars_that_name_people_and_no_telephone(
    night: NightShift,
) -> None:
    async with night.world.client("oncall_manager") as manager:
        shared = (await manager.get("/api/v1/oncall/calendars/shared")).json()
    async with night.world.client("dispatcher") as dispatcher:
        refused = await dispatcher.get("/api/v1/oncall/calendars/shared")
    feeds = {}
    async with night.world.client() as client:
        for one in shared:
            path = re.sub(r"^https?://[^/]+", "", one["url"])
            feeds[one["kind"], one["code"]] = await client.get(path)
            forged = await client.get(path.replace("/commun/", "/commun/A"))
            personal = await client.get(path.replace("/commun/", "/"))
            assert (forged.status_code, personal.status_code) == (404, 404)

    assert refused.status_code == 403
    assert {feed.status_code for feed in feeds.values()} == {200}
    with night.world.look() as session:
        duties = session.exec(select(OnCallDuty)).all()
        posts = session.exec(select(OnCallPost)).all()
        names = {one.id: one.name for one in session.exec(select(OnCallPerson)).all()}
    for (kind, code), feed in feeds.items():
        within = {
            post.code
            for post in posts
            if post.code == code
            or (kind == "sector" and (code in post.sectors or not post.sectors))
        }
        own = [duty for duty in duties if duty.post in within]
        assert feed.text.count("BEGIN:VEVENT") == len(own)
        whole = feed.text.replace("\r\n ", "")
        assert all(names[duty.person_id] in whole for duty in own)
        assert "+33" not in whole
    assert {kind for kind, _code in feeds} == {"post", "sector"}
    assert any("BEGIN:VEVENT" in feed.text for feed in feeds.values())


def entry(title: str) -> Entry:
    duty = OnCallDuty(
        id=UUID(int=1),
        rota_id=UUID(int=2),
        post="operations",
        person_id=UUID(int=3),
        week="2026-W48",
        start_at=MONDAY,
        end_at=datetime(2026, 11, 30, 7, tzinfo=UTC),
    )
    return Entry(duty, title, 3)


def test_a_feed_is_what_rfc_5545_asks_for() -> None:
    title = "Astreinte : viabilité hivernale, sécurité; relève — " + "é" * 80
    text = calendar("Équipe, nuit", [entry(title)], MONDAY, "cpo.example")
    lines = text.split("\r\n")

    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in lines) <= 75
    whole = text.replace("\r\n ", "")
    assert f"SUMMARY:{escaped(title)}" in whole
    assert "X-WR-CALNAME:Équipe\\, nuit" in whole
    assert whole.count("BEGIN:") == whole.count("END:")
    assert "TZID:Europe/Paris" in whole
    assert "SEQUENCE:3" in whole


@pytest.mark.parametrize("length", [74, 75, 76, 149, 150, 151, 400])
def test_folding_keeps_every_character(length: int) -> None:
    for sign in "xé€🚒":
        line = (sign * length)[:length]
        assert folded(line).replace("\r\n ", "") == line
        assert max(len(part.encode()) for part in folded(line).split("\r\n")) <= 75


async def test_notes_are_handed_over_and_their_text_stays_out_of_the_log(
    night: NightShift,
) -> None:
    async with night.world.client("operator") as operator:
        made = await operator.post(
            "/api/v1/oncall/handover",
            json={"text": "Pompe 2 à surveiller", "post": "operations-tulle"},
        )
        wrong = await operator.post(
            "/api/v1/oncall/handover", json={"text": "x", "post": "nowhere"}
        )
        (note,) = (await operator.get("/api/v1/oncall/handover")).json()

    assert (made.status_code, wrong.status_code) == (201, 422)
    assert note["text"] == "Pompe 2 à surveiller"
    with night.world.look() as session:
        assert all("Pompe" not in str(e.data) for e in session.exec(select(EventRow)).all())
