"""Urgent work comes before lunch, and lunch comes after it: put off, never lost."""

from datetime import datetime, timedelta
from uuid import UUID

from dispatcher.models import Shift
from dispatcher.planning.pauses import SOON_AFTER, breaks_owed
from tests.support.desk import TULLE, Desk, keep_on_duty, near
from tests.support.world import TUESDAY

NOON = TUESDAY + timedelta(hours=3)
"""12:00 in Paris; the pauses of the day begin between 11:45 and 12:45."""
LATEST = NOON + timedelta(minutes=45)
CREW = "tulle-1"


async def alone_before_noon(desk: Desk) -> None:
    """Leave one crew on duty, three quarters of an hour before noon."""
    await desk.world.do(lambda tx: keep_on_duty(tx, {CREW}))
    desk.world.clock.advance(timedelta(hours=2, minutes=15))
    await desk.world.settle()


async def urgent_burst(desk: Desk) -> UUID:
    """Report a burst main of four hours' work, and have it called urgent."""
    burst = await desk.incident("water_main_burst", TULLE)
    url = f"/api/v1/incidents/{burst}"
    etag = (await desk.http.get(url)).headers["etag"]
    body = {"override": {"priority": "P1", "reason": "the hospital is without water"}}
    answer = await desk.http.patch(url, json=body, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text
    await desk.world.settle()
    return burst


async def test_an_urgent_visit_is_begun_before_a_pause_that_another_visit_waits_for(
    desk: Desk,
) -> None:
    await alone_before_noon(desk)
    burst = await urgent_burst(desk)
    leak = await desk.incident("water_leak_road", near(TULLE, 2))

    urgent = (await desk.offers(burst))["offers"][0]
    assert datetime.fromisoformat(urgent["start_at"]) < NOON
    assert datetime.fromisoformat(urgent["end_at"]) > LATEST, "else nothing stands in the way"
    visit = await desk.accept(burst)
    assert visit["start_at"] == urgent["start_at"]
    assert desk.breaches() == []

    other = (await desk.offers(leak))["offers"][0]
    assert datetime.fromisoformat(other["start_at"]) >= datetime.fromisoformat(
        urgent["end_at"]
    ) + timedelta(hours=1), "the pause is had in between"


async def test_a_pause_put_off_is_owed_until_it_is_had(desk: Desk) -> None:
    await alone_before_noon(desk)
    visit = await desk.accept(await urgent_burst(desk))
    for state in ("acknowledged", "en_route", "on_site"):
        await desk.move(visit, state)
    desk.world.clock.advance(datetime.fromisoformat(visit["end_at"]) - desk.world.clock.now())
    await desk.move(visit, "completed")

    (crew,) = desk.snapshot().problem.crews
    (pause,) = crew.breaks
    assert pause.latest_at > LATEST.timestamp()


def test_a_pause_waits_only_for_urgent_work_that_lies_over_it() -> None:
    hour = timedelta(hours=1)
    pause = {
        "earliest_at": (NOON - timedelta(minutes=15)).isoformat(),
        "latest_at": LATEST.isoformat(),
        "duration_s": 3600,
    }
    shift = Shift.model_construct(breaks=[pause])

    def latest(*urgent: tuple[datetime, datetime], ready: datetime = NOON) -> list[float]:
        return [one.latest_at for one in breaks_owed(shift, ready, urgent)]

    assert latest() == [LATEST.timestamp()]
    assert latest((NOON - 3 * hour, NOON - hour)) == [LATEST.timestamp()]
    assert latest((NOON - hour, NOON + 4 * hour)) == [(NOON + 4 * hour + SOON_AFTER).timestamp()]
    assert latest((NOON - hour, NOON + hour / 4)) == [LATEST.timestamp()], "no sooner than owed"
    assert latest((NOON - hour, NOON + hour), ready=NOON + 2 * hour) == [], "had, or lost"
