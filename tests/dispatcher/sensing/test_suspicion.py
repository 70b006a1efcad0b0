"""A pressure that falls and three calls of one sector become one incident, and can part again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from dispatcher.actors import Actor
from dispatcher.models import Incident, IncidentMerge, Report, SuspectedBurst
from dispatcher.sensing.api import post_readings
from dispatcher.sensing.schemas import ReadingIn
from tests.support.desk import USSEL, Desk
from tests.support.stores import ORG, log_of
from tests.support.world import World

Json = dict[str, Any]
PHONES = ["06 39 98 10 01", "06 39 98 10 02", "06 39 98 10 03", "06 39 98 10 04"]
STREETS = [
    {"lat": 45.2655, "lon": 1.7680},
    {"lat": 45.2690, "lon": 1.7725},
    {"lat": 45.2625, "lon": 1.7640},
    {"lat": 45.2705, "lon": 1.7610},
]
"""All nearer to the sensors of « Tulle centre » than to that of the plateau."""


@dataclass(slots=True)
class Town:
    """Tulle, its telephones and its sensors."""

    world: World
    http: httpx.AsyncClient
    sent: int = 0

    async def call(self, number: int, category: str = "water_outage", **more: Any) -> UUID:
        """Somebody calls; return the incident that his report is in then."""
        body = {"category": category, "place": STREETS[number], "channel": "phone"} | more
        body.setdefault("contact", {"phone": PHONES[number]})
        told = await self.world.report(self.http, f"plus d'eau, appel {number}", **body)
        await self.world.settle()
        return UUID(told["incident"]["id"])

    async def measure(
        self, value: float, sensor: str = "tulle-centre-p1", actor: Actor | None = None
    ) -> list[UUID]:
        """A sensor sends a reading; return the bursts found with it."""
        self.sent += 1
        row = ReadingIn(id=f"r{self.sent}", sensor=sensor, value=value, at=self.world.clock.now())
        by = actor or self.world.actor("admin")
        told = await post_readings(self.world.service, by, [row])
        assert told.stored == 1
        await self.world.settle()
        return told.bursts

    async def read(self, incident: UUID) -> Json:
        """Return what the drawer shows."""
        answer = await self.http.get(f"/api/v1/incidents/{incident}")
        body: Json = answer.raise_for_status().json()
        return body

    def burst(self) -> Incident:
        """Return the one suspected burst."""
        with self.world.look() as session:
            row = session.exec(select(SuspectedBurst)).one()
            return session.get_one(Incident, row.incident_id)

    def bursts(self) -> int:
        """Return how many there are."""
        with self.world.look() as session:
            return len(session.exec(select(SuspectedBurst)).all())

    def events(self) -> list[str]:
        """Return the kinds of all that happened."""
        with self.world.look() as session:
            return [row.type for row in log_of(session)]


@pytest.fixture
async def town(either_world: World) -> AsyncIterator[Town]:
    """A town, on each kind of store."""
    async with either_world.client("dispatcher") as http:
        yield Town(either_world, http)


@pytest.fixture
async def quick_town(world: World) -> AsyncIterator[Town]:
    """A town on SQLite."""
    async with world.client("dispatcher") as http:
        yield Town(world, http)


async def test_three_calls_then_a_pressure_drop_become_one_incident(town: Town) -> None:
    calls = [await town.call(number) for number in range(3)]
    assert len(set(calls)) == 3

    (found,) = await town.measure(1.2)

    burst = town.burst()
    assert (burst.id, burst.category, burst.report_count) == (found, "water_main_burst", 4)
    told = await town.read(burst.id)
    assert {one["id"] for one in told["merged"]} == {str(one) for one in calls}
    (reason,) = (one for one in told["reasons"] if one["rule"] == "sensor")
    assert reason["params"]["sensor"] == "Pression rue Carnot (fictif)"
    assert (reason["params"]["value"], reason["params"]["unit"]) == (1.2, "bar")
    assert (told["burst"]["sector"], told["burst"]["calls"]) == ("Tulle centre", 3)
    assert told["burst"]["sensors"][0]["value"] == 1.2
    assert town.events().count("burst.suspected") == 1
    assert told["priority"] == "P1"


async def test_a_pressure_drop_then_three_calls_do_too(town: Town) -> None:
    assert await town.measure(1.2) == []
    await town.call(0)
    await town.call(1)
    assert town.bursts() == 0

    await town.call(2)

    assert town.burst().report_count == 4


async def test_an_existing_burst_is_raised_and_none_is_opened(quick_town: Town) -> None:
    town = quick_town
    main = await town.call(0, "water_main_burst")
    before = (await town.read(main))["score"]
    await town.call(1)
    await town.call(2)

    assert await town.measure(1.0) == [main]

    told = await town.read(main)
    assert told["score"] > before
    assert len(told["merged"]) == 2
    assert told["reports"] == 3, "no report of a sensor is invented"


async def test_an_incident_with_a_crew_is_joined_and_never_taken_from_it(
    quick_town: Town,
) -> None:
    town = quick_town
    leak = await town.call(0, "water_leak_road")
    desk = Desk(town.world, town.http)
    visit = await desk.accept(leak)
    for state in ("acknowledged", "en_route", "on_site"):
        assert (await desk.try_move(visit, state)).status_code == 200
    await town.world.settle()
    await town.call(1)
    await town.call(2)

    (found,) = await town.measure(1.0)

    assert found == leak
    told = await town.read(leak)
    assert told["state"] == "in_progress"
    assert len(told["merged"]) == 2


async def test_too_little_is_no_burst(quick_town: Town) -> None:
    town = quick_town
    await town.call(0)
    await town.call(1)
    assert await town.measure(1.0) == [], "two calls"
    town.world.clock.advance(timedelta(minutes=16))
    for number in range(3):
        await town.call(number)
    assert await town.measure(2.6) == [], "a small drop"
    assert await town.measure(1.0, "ussel-p1") == [], "a drop elsewhere"
    assert town.bursts() == 0


async def test_whoever_calls_three_times_is_one_caller(quick_town: Town) -> None:
    for number in range(3):
        await quick_town.call(number, contact={"phone": "+33 6 39 98 10 01"})
    assert await quick_town.measure(1.0) == []

    await quick_town.call(3, contact={"email": "a@example.fr"})
    assert quick_town.bursts() == 0


async def test_a_low_pressure_that_lasts_makes_no_storm(quick_town: Town) -> None:
    town = quick_town
    for number in range(3):
        await town.call(number)
    await town.measure(1.2)
    before = town.events()

    for minute in range(30):
        town.world.clock.advance(timedelta(minutes=1))
        assert await town.measure(1.2 + 0.001 * minute) == []

    since = town.events()[len(before) :]
    assert "burst.suspected" not in since
    assert "incident.joined" not in since
    assert since.count("incident.rescored") <= 2, since
    assert town.bursts() == 1


async def test_a_later_call_joins_while_the_pressure_is_low(quick_town: Town) -> None:
    town = quick_town
    for number in range(3):
        await town.call(number)
    await town.measure(1.2)
    await town.world.pass_time(timedelta(minutes=25))
    await town.measure(1.3)

    later = await town.call(3)

    with town.world.look() as session:
        joined = session.get_one(Incident, later)
    assert (joined.state, joined.merged_into) == ("merged", town.burst().id)


async def test_what_a_person_parts_is_not_joined_again(quick_town: Town) -> None:
    town = quick_town
    calls = [await town.call(number) for number in range(3)]
    await town.measure(1.2)

    answer = await town.http.post(f"/api/v1/incidents/{calls[0]}/unmerge")
    assert answer.status_code == 200
    town.world.clock.advance(timedelta(minutes=1))
    await town.measure(1.1)

    with town.world.look() as session:
        assert session.get_one(Incident, calls[0]).state == "received"
        own = session.exec(select(Report).where(Report.incident_id == calls[0])).all()
    assert len(own) == 1
    assert town.bursts() == 1


async def test_all_can_be_parted_and_are_as_before(quick_town: Town) -> None:
    town = quick_town
    calls = [await town.call(number) for number in range(3)]
    before = [await town.read(one) for one in calls]
    await town.measure(1.2)
    for one in calls:
        await town.http.post(f"/api/v1/incidents/{one}/unmerge")
    await town.world.settle()

    for one, was in zip(calls, before, strict=True):
        now = await town.read(one)
        assert (now["state"], now["reports"]) == (was["state"], was["reports"])
        assert now["respond_by"] == was["respond_by"]
    await town.measure(1.1)
    assert town.bursts() == 1


async def test_a_burst_that_joined_another_incident_is_followed_there(quick_town: Town) -> None:
    town = quick_town
    for number in range(3):
        await town.call(number)
    await town.measure(1.2)
    works = await town.call(3, "water_leak_service")
    burst = town.burst().id
    answer = await town.http.post(f"/api/v1/incidents/{burst}/merge", json={"into": str(works)})
    assert answer.status_code == 200, answer.text
    assert any(one["rule"] == "sensor" for one in (await town.read(works))["reasons"])
    town.world.clock.advance(timedelta(minutes=2))

    await town.measure(1.1)

    assert town.bursts() == 1


async def test_a_pressure_that_is_back_takes_its_points_away(quick_town: Town) -> None:
    town = quick_town
    for number in range(3):
        await town.call(number)
    await town.measure(1.2)
    burst = town.burst().id
    assert any(one["rule"] == "sensor" for one in (await town.read(burst))["reasons"])
    town.world.clock.advance(timedelta(minutes=5))

    await town.measure(4.5)

    told = await town.read(burst)
    assert not any(one["rule"] == "sensor" for one in told["reasons"])
    assert told["burst"]["sensors"][0]["value"] == 4.5


async def test_simulated_readings_never_touch_what_people_reported(quick_town: Town) -> None:
    town = quick_town
    for number in range(3):
        await town.call(number)

    assert await town.measure(1.2, actor=Actor("simulation", ORG)) == []
    assert town.bursts() == 0


async def test_a_category_put_right_can_complete_the_picture(quick_town: Town) -> None:
    town = quick_town
    await town.measure(1.2)
    await town.call(0)
    await town.call(1)
    wrong = await town.call(2, "pothole")
    assert town.bursts() == 0

    version = (await town.read(wrong))["ver"]
    answer = await town.http.patch(
        f"/api/v1/incidents/{wrong}",
        json={"category": "water_outage"},
        headers={"If-Match": f'"v{version}"'},
    )
    assert answer.status_code == 200, answer.text
    await town.world.settle()

    assert town.burst().report_count == 4


async def test_those_who_reported_follow_the_burst(quick_town: Town) -> None:
    town = quick_town
    async with town.world.client() as citizen:
        told = await town.world.report(
            citizen, "plus d'eau", category="water_outage", place=STREETS[0]
        )
        path = told["tracking_url"].removeprefix(town.world.settings.origin)
        await town.call(1)
        await town.call(2)
        await town.measure(1.2)

        page = (await citizen.get(path)).text
    assert town.burst().ref in page


async def test_the_place_is_where_somebody_sees_water(quick_town: Town) -> None:
    town = quick_town
    await town.call(0)
    await town.call(1, "water_leak_road")
    await town.call(2)
    await town.measure(1.2)

    burst = town.burst()
    assert (burst.lat, burst.lon) == (STREETS[1]["lat"], STREETS[1]["lon"])
    with town.world.look() as session:
        merges = session.exec(
            select(IncidentMerge).where(col(IncidentMerge.undone_at).is_(None))
        ).all()
        own = session.exec(select(Report).where(Report.channel == "sensor")).one()
    assert len(merges) == 3
    assert "1,2" in own.text
    assert "Tulle centre" in own.text
    assert USSEL["lat"] != burst.lat
