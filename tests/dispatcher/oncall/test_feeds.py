"""Calendar feeds as a client reads them, and links that are made anew or shut one by one."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from dispatcher.models import EventRow, OnCallDuty
from dispatcher.oncall.calendar_feed import Entry, calendar
from tests.support.icalendar import NotACalendarError, events, parse
from tests.support.oncall import MONDAY, NightShift
from tests.support.world import World

STAMP = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


@pytest.fixture
async def night(world: World) -> NightShift:
    made = NightShift(world)
    await made.begin()
    return made


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


async def test_every_feed_is_read_by_a_strict_client_as_the_turns_that_were_published(
    night: NightShift,
) -> None:
    async with night.world.client("oncall_manager") as manager:
        shared = (await manager.get("/api/v1/oncall/calendars/shared")).json()
        own = (await manager.get("/api/v1/oncall/calendars")).json()
    async with night.world.client() as client:
        feeds = {one["url"]: (await client.get(path_of(one["url"]))) for one in (*shared, *own)}
    with night.world.look() as session:
        spans = {(duty.start_at, duty.end_at) for duty in session.exec(select(OnCallDuty)).all()}
    read = [event for feed in feeds.values() for event in events(feed.content)]

    assert len(read) > 20
    assert {(event.start, event.end) for event in read} == spans
    assert {feed.headers["content-type"] for feed in feeds.values()} == {
        "text/calendar; charset=utf-8"
    }


async def test_one_shared_link_is_made_anew_or_shut_and_the_others_stay(night: NightShift) -> None:
    async with night.world.client("oncall_manager") as manager:
        before = (await manager.get("/api/v1/oncall/calendars/shared")).json()
        first, other = before[0], before[1]
        where = f"/api/v1/oncall/calendars/shared/{first['kind']}/{first['code']}"
        fresh = (await manager.post(where)).json()
        async with night.world.client() as client:
            old = await client.get(path_of(first["url"]))
            new = await client.get(path_of(fresh["url"]))
            untouched = await client.get(path_of(other["url"]))
            shut = (await manager.delete(where)).json()
            closed = [await client.get(path_of(one["url"])) for one in (first, fresh, shut)]
            again = (await manager.post(where)).json()
            reopened = await client.get(path_of(again["url"]))
        unknown = await manager.post("/api/v1/oncall/calendars/shared/post/nobody")
        after = (await manager.get("/api/v1/oncall/calendars/shared")).json()
    async with night.world.client("dispatcher") as dispatcher:
        refused = await dispatcher.delete(where)

    assert (old.status_code, new.status_code, untouched.status_code) == (404, 200, 200)
    assert [one.status_code for one in closed] == [404, 404, 404]
    assert (shut["open"], reopened.status_code) == (False, 200)
    assert (unknown.status_code, refused.status_code) == (404, 403)
    assert len({first["url"], fresh["url"], shut["url"], again["url"]}) == 4
    assert after[1:] == before[1:]
    with night.world.look() as session:
        query = select(EventRow).where(EventRow.type == "oncall.shared_link_changed")
        told = [(e.data["code"], e.data["open"]) for e in session.exec(query).all()]
    assert told == [(first["code"], True), (first["code"], False), (first["code"], True)]


@given(
    title=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=200),
    week=st.integers(-40, 60),
)
def test_any_title_and_any_week_come_back_as_they_went(title: str, week: int) -> None:
    start = MONDAY + timedelta(weeks=week)
    duty = OnCallDuty(
        id=UUID(int=1),
        rota_id=UUID(int=2),
        post="operations",
        person_id=UUID(int=3),
        week="2026-W48",
        start_at=start,
        end_at=start + timedelta(days=7),
    )
    text = calendar("Équipe", [Entry(duty, title, 3)], STAMP, "cpo.example")
    (event,) = events(text.encode())
    assert (event.summary, event.start, event.end) == (title, start, start + timedelta(days=7))


@pytest.mark.parametrize(
    "broken",
    [
        b"BEGIN:VCALENDAR\nEND:VCALENDAR\n",
        b"BEGIN:VCALENDAR\r\n" + b"X-LONG:" + b"a" * 80 + b"\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nno line at all\r\nEND:VCALENDAR\r\n",
    ],
)
def test_the_reader_refuses_what_clients_refuse(broken: bytes) -> None:
    with pytest.raises(NotACalendarError):
        parse(broken)
