"""The invented water network: normal all day, low in a burst, and told of by callers near by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from sqlmodel import col, select

from dispatcher.models import Incident, Report, SensorReading, SuspectedBurst
from dispatcher.simulation.network import (
    BURSTS_AT,
    PARIS,
    bursts,
    calls,
    measure,
    slot_of,
)
from dispatcher.simulation.player import Player
from dispatcher.simulation.scenario import SimulatedPlace
from priority.duplicates import distance_m
from tests.support.world import World

DAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Sensor:
    code: str
    sector: str
    low: float | None = 3.0
    high: float | None = 7.0
    metric: str = "pressure"
    communes: Sequence[str] = ("19272",)
    lat: float = 45.2672
    lon: float = 1.7705


NETWORK = (Sensor("a", "east"), Sensor("b", "west"), Sensor("q", "east", None, 90.0, "flow"))
TULLE = {"19272": SimulatedPlace("19272", "Tulle", 45.27, 1.76, 13401)}


def test_the_same_day_has_the_same_bursts_at_waking_hours() -> None:
    once, again = (bursts(Random(7), DAY, NETWORK) for _ in range(2))

    assert once == again
    assert len(once) == len(BURSTS_AT)
    for burst, (start, end) in zip(once, BURSTS_AT, strict=True):
        local = burst.start.astimezone(PARIS)
        assert start <= local.hour + local.minute / 60 <= end
        assert burst.sector in {"east", "west"}


def test_without_a_sensor_of_pressure_nothing_bursts() -> None:
    assert bursts(Random(1), DAY, NETWORK[2:]) == ()


def test_the_pressure_is_normal_but_in_a_burst() -> None:
    (burst, _) = bursts(Random(7), DAY, NETWORK)
    hit = next(one for one in NETWORK[:2] if one.sector == burst.sector)
    spared = next(one for one in NETWORK[:2] if one.sector != burst.sector)
    for minute in range(0, 24 * 60, 5):
        at = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(minutes=minute)
        value = measure(Random(minute), hit, at, [burst])
        assert 3.0 < measure(Random(minute), spared, at, [burst]) < 7.0
        assert (value < 3.0 * 0.8) == (burst.start <= at < burst.end)
        assert 0 < measure(Random(minute), NETWORK[2], at, [burst]) < 90


def test_callers_are_near_and_soon_and_nobody_real() -> None:
    (burst, _) = bursts(Random(7), DAY, NETWORK)

    told = calls(Random(3), burst, NETWORK, TULLE, 30_000)

    assert 4 <= len(told) <= 6
    for call in told:
        assert timedelta(0) < call.at - burst.start <= timedelta(minutes=9)
        assert distance_m((call.lat, call.lon), (45.2672, 1.7705)) < 1000
        assert call.phone is not None
        assert call.phone.replace(" ", "").startswith("063998")
        assert call.simulated


def test_gateways_send_at_round_minutes() -> None:
    assert slot_of(datetime(2026, 11, 24, 8, 14, 59, 7, tzinfo=UTC)) == datetime(
        2026, 11, 24, 8, 10, tzinfo=UTC
    )


async def test_a_simulated_burst_becomes_one_simulated_incident(world: World) -> None:
    player = Player(world.service)
    world.clock.set(datetime(2026, 11, 24, 0, 1, tzinfo=UTC))
    await player.tick()
    script = player.script
    assert script is not None
    burst = script.network.bursts[0]
    world.clock.set(burst.start + timedelta(minutes=11))
    script.made = next(at for at, call in enumerate(script.calls) if call.at >= burst.start)

    await player.tick()
    await world.settle()

    with world.look() as session:
        rows = session.exec(select(SuspectedBurst)).all()
        readings = session.exec(select(SensorReading)).all()
        (row,) = [one for one in rows if one.sector == burst.sector]
        incident = session.get_one(Incident, row.incident_id)
        reports = session.exec(
            select(Report).where(Report.incident_id == row.incident_id, col(Report.simulated))
        ).all()
    assert all(one.simulated for one in readings)
    assert incident.simulated
    assert len(reports) >= 4
