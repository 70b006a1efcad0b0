"""What an invented water network measures, and where a main bursts on an invented day.

Pure functions of a source of chance, a date and the sensors; everything returned is simulated. Only
sensors that are invented themselves are played: a real one speaks for itself.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from dispatcher.simulation import phrases
from dispatcher.simulation.chance import Entropy, below, near, pick
from dispatcher.simulation.scenario import PARIS, SimulatedCall, SimulatedPlace, at_hour
from dispatcher.simulation.wording import Subject, address_in, sentence

EVERY = timedelta(minutes=5)
"""How often a simulated gateway sends."""
BURSTS_AT = ((7.0, 10.0), (13.0, 17.0))
"""Hours between which a main bursts: one in the morning, one in the afternoon."""
CALLS = (4, 6)
CALLED_WITHIN_MIN = 9.0
SPREAD_KM = 0.18
KINDS = ("water_outage", "water_low_pressure")


class KnownSensor(Protocol):
    """What is read of a sensor's row."""

    @property
    def code(self) -> str:
        """Stable name."""
        ...

    @property
    def metric(self) -> str:
        """What it measures."""
        ...

    @property
    def low(self) -> float | None:
        """Lowest normal value."""
        ...

    @property
    def high(self) -> float | None:
        """Highest normal value."""
        ...

    @property
    def sector(self) -> str:
        """Pressure zone."""
        ...

    @property
    def communes(self) -> Sequence[str]:
        """INSEE codes that it feeds."""
        ...

    @property
    def lat(self) -> float:
        """Degrees."""
        ...

    @property
    def lon(self) -> float:
        """Degrees."""
        ...


@dataclass(frozen=True, slots=True)
class SimulatedBurst:
    """A main that bursts in a sector: from when, until when, and how far the pressure falls."""

    sector: str
    start: datetime
    end: datetime
    drop: float


def bursts(
    chance: Entropy, today: date, sensors: Sequence[KnownSensor]
) -> tuple[SimulatedBurst, ...]:
    """Return the bursts of one civil day, in order.

    Args:
        chance: Source of chance, fresh from its seed.
        today: The civil day.
        sensors: Of the network; one sector of those with pressure is drawn for each burst.
    """
    sectors = sorted({one.sector for one in sensors if one.metric == "pressure"})
    found = []
    for start, end in BURSTS_AT if sectors else ():
        at = at_hour(today, start + (end - start) * chance.random())
        lasts = timedelta(minutes=90 + 120 * chance.random())
        sector = pick(chance, sectors)
        found.append(SimulatedBurst(sector, at, at + lasts, 0.45 + 0.3 * chance.random()))
    return tuple(found)


def calls(
    chance: Entropy,
    burst: SimulatedBurst,
    sensors: Sequence[KnownSensor],
    places: Mapping[str, SimulatedPlace],
    number: int,
) -> list[SimulatedCall]:
    """Return who calls about a burst in its first minutes, from the streets around its sensor.

    Args:
        chance: Source of chance.
        burst: What happened.
        sensors: Of the network.
        places: Communes by INSEE code.
        number: Of the situation within the day.
    """
    source = next(one for one in sensors if one.sector == burst.sector)
    place = places.get(source.communes[0])
    if place is None:
        return []
    told = []
    for _ in range(CALLS[0] + below(chance, CALLS[1] - CALLS[0] + 1)):
        kind = pick(chance, KINDS)
        address = address_in(chance, place.population)
        lat, lon = near(chance, source.lat, source.lon, SPREAD_KM)
        subject = Subject(
            phrases.MORE[kind], address.split(", ")[0], place.name, False, False, False
        )
        late = timedelta(minutes=1 + (CALLED_WITHIN_MIN - 1) * chance.random())
        told.append(
            SimulatedCall(
                at=burst.start + late,
                text=sentence(chance, subject),
                category=kind,
                truth="water_main_burst",
                insee=place.insee,
                lat=lat,
                lon=lon,
                address=f"{address}, {place.name}",
                channel="phone",
                name=f"{pick(chance, phrases.FIRST_NAMES)} {pick(chance, phrases.LAST_NAMES)}",
                phone=phrases.FICTION_PHONE.format(below(chance, 100), below(chance, 100)),
                incident=number,
                repeats=False,
                sensor=False,
                on_site_min=180,
            )
        )
    return told


def measure(
    chance: Entropy, sensor: KnownSensor, at: datetime, under_way: Sequence[SimulatedBurst]
) -> float:
    """Return what a sensor measures: normal, lower when people wash and cook, low in a burst.

    Args:
        chance: Source of chance of this sensor and moment.
        sensor: Which.
        at: When, aware.
        under_way: Bursts of the day.
    """
    low = sensor.low if sensor.low is not None else 0.0
    high = sensor.high if sensor.high is not None else low + 2.0
    noise = 0.02 * chance.gauss(0.0, 1.0)
    for burst in under_way:
        is_hit = burst.sector == sensor.sector and burst.start <= at < burst.end
        if is_hit and sensor.metric == "pressure":
            return round(max(0.1, low * (1 - burst.drop + noise)), 2)
    share = 0.55 - 0.2 * _thirst(at) + noise
    return round(low + (high - low) * max(0.08, min(0.95, share)), 2)


def slot_of(at: datetime) -> datetime:
    """Return the last moment at which gateways sent."""
    into = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at - into


def _thirst(at: datetime) -> float:
    """How much water is drawn at an hour, 0..1: peaks at half past seven and seven."""
    local = at.astimezone(PARIS)
    hour = local.hour + local.minute / 60
    return max(math.exp(-(((hour - peak) / 1.5) ** 2)) for peak in (7.5, 19.0))
