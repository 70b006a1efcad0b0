"""What happens on an invented day: who calls, from where, about what, in which words.

A pure function of a source of chance, a date, places and kinds of incident. It calls nobody and
stores nothing; everything it returns is simulated and says so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from dispatcher.simulation import phrases
from dispatcher.simulation.chance import (
    KM_PER_DEGREE,
    Entropy,
    about,
    below,
    near,
    pick,
    weighted,
)
from dispatcher.simulation.wording import Subject, address_in, of_commune, sentence

INCIDENTS_A_DAY = 130.0
WEEKEND_SHARE = 0.55
REPEATED_SHARE = 0.22
REPEATED_IN_STORM = 0.4
SENSOR_ALARMS = 4.0
STORM_INCIDENTS = 110.0
STORM_LASTS = timedelta(hours=5)
STORM_WAVES_AT = (7.0, 12.5, 18.0)
"""Hours at which a storm strikes when nobody says from when: whoever watches soon sees one."""
STORM_HALF_WIDTH_KM = 11.0
WORK_SPREAD = 0.35
GRAVE = 14
"""Base severity from which callers sound alarmed."""
PARIS = ZoneInfo("Europe/Paris")
WINTER_MONTHS = frozenset({11, 12, 1, 2, 3})
WASP_MONTHS = frozenset({5, 6, 7, 8, 9})


class KnownCategory(Protocol):
    """What the scenario reads of a category row; `extra` holds the weights of the catalogue."""

    @property
    def code(self) -> str:
        """Stable name."""
        ...

    @property
    def service(self) -> str:
        """Service it belongs to."""
        ...

    @property
    def duration_min(self) -> int:
        """Usual minutes on site."""
        ...

    @property
    def severity(self) -> int:
        """Base points of harm, 0 to 30."""
        ...

    @property
    def extra(self) -> Mapping[str, Any]:
        """`hourly` (24 weights), `share`, `storm`, `examples`."""
        ...


@dataclass(frozen=True, slots=True)
class SimulatedPlace:
    """A commune where something can happen; degrees WGS 84."""

    insee: str
    name: str
    lat: float
    lon: float
    population: int


@dataclass(frozen=True, slots=True)
class SimulatedCall:
    """One invented message.

    Attributes:
        at: When it arrives, aware UTC.
        text: What is said, in French; sometimes with slips.
        category: What the caller chose, or None when only the text tells.
        truth: The category it really is about.
        incident: Number of the situation within the day; equal for repeated calls.
        repeats: Whether somebody reported the same situation before.
        sensor: Whether a device speaks and not a person.
        on_site_min: Minutes the work will really take.
        simulated: Always true: nothing here happened.
    """

    at: datetime
    text: str
    category: str | None
    truth: str
    insee: str
    lat: float
    lon: float
    address: str
    channel: Literal["web", "phone"]
    name: str | None
    phone: str | None
    incident: int
    repeats: bool
    sensor: bool
    on_site_min: int
    simulated: Literal[True] = True


@dataclass(frozen=True, slots=True)
class _Kind:
    """A category with its weights."""

    code: str
    service: str
    severity: int
    duration_min: int
    hourly: tuple[float, ...]
    share: float
    storm: float
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _World:
    """What a day is drawn from."""

    chance: Entropy
    day: date
    places: Sequence[SimulatedPlace]
    kinds: Sequence[_Kind]


def day(
    chance: Entropy,
    today: date,
    places: Sequence[SimulatedPlace],
    categories: Sequence[KnownCategory],
    *,
    storm: bool = False,
    storm_at: datetime | None = None,
) -> tuple[SimulatedCall, ...]:
    """Return the calls of one civil day, in order of arrival.

    The same chance, date, places and categories give the same day. The calls of a calm day are
    also those of the stormy one, which adds its own.

    Args:
        chance: Source of chance, fresh from its seed.
        today: The civil day.
        places: Communes; people call in proportion to population.
        categories: Kinds of incident with their weights.
        storm: Whether a storm crosses the territory.
        storm_at: When it strikes; several waves over the day when unknown.
    """
    kinds = _in_season(categories, today)
    if not places or not kinds:
        return ()
    world = _World(chance, today, places, kinds)
    calls = [*_ordinary(world), *_sensors(world)]
    if storm:
        calls += _storm(world, storm_at)
    return tuple(sorted(calls, key=lambda call: (call.at, call.incident, call.repeats, call.text)))


# -- what ------------------------------------------------------------------------------------------


def _in_season(categories: Sequence[KnownCategory], today: date) -> list[_Kind]:
    """The kinds that happen at this time of the year, with their weights."""
    found = []
    for category in categories:
        is_winter = category.service == "winter_service"
        if is_winter and today.month not in WINTER_MONTHS:
            continue
        if category.code == "wasp_nest" and today.month not in WASP_MONTHS:
            continue
        extra = category.extra
        found.append(
            _Kind(
                code=category.code,
                service=category.service,
                severity=category.severity,
                duration_min=category.duration_min,
                hourly=tuple(float(weight) for weight in extra.get("hourly") or (1.0,) * 24),
                share=float(extra.get("share", 1.0)),
                storm=float(extra.get("storm", 1.0)),
                examples=tuple(extra.get("examples", ())),
            )
        )
    return [kind for kind in found if kind.share > 0 and sum(kind.hourly) > 0]


def _ordinary(world: _World) -> list[SimulatedCall]:
    is_weekend = world.day.weekday() >= 5
    mean = INCIDENTS_A_DAY * (WEEKEND_SHARE if is_weekend else 1.0)
    calls: list[SimulatedCall] = []
    for number in range(about(world.chance, mean)):
        kind = weighted(world.chance, world.kinds, [k.share for k in world.kinds])
        place = weighted(world.chance, world.places, [p.population for p in world.places])
        hour = weighted(world.chance, range(24), kind.hourly) + world.chance.random()
        first = _call(world, kind, place, _at(world, hour), number)
        calls += [first, *_repeats(world, kind, place, first, REPEATED_SHARE)]
    return calls


def _sensors(world: _World) -> list[SimulatedCall]:
    """A few alarms of devices, which know their category and give no name."""
    able = [kind for kind in world.kinds if kind.code in phrases.READINGS]
    if not able:
        return []
    calls = []
    for number in range(about(world.chance, SENSOR_ALARMS)):
        kind = pick(world.chance, able)
        place = weighted(world.chance, world.places, [p.population**0.5 for p in world.places])
        call = _call(world, kind, place, _at(world, 24 * world.chance.random()), 10_000 + number)
        value = f"{0.2 + 2.5 * world.chance.random():.1f}".replace(".", ",")
        text = pick(world.chance, phrases.READINGS[kind.code])
        text = text.format(place=of_commune(place.name), value=value)
        calls.append(
            replace(
                call,
                text=text,
                category=kind.code,
                address=place.name,
                channel="web",
                name=None,
                phone=None,
                sensor=True,
            )
        )
    return calls


def _storm(world: _World, storm_at: datetime | None) -> list[SimulatedCall]:
    """Trees, floods and outages along a band of communes, all at once, told by many."""
    # Wind and rain: what snow brings would contradict what the callers say of the weather.
    windy = [kind for kind in world.kinds if kind.service != "winter_service"]
    kinds = [kind for kind in windy if kind.storm >= 2.0] or windy
    # Steeper than the catalogue's factor: what a storm is known for outnumbers its by-products.
    weights = [kind.share * kind.storm**1.5 for kind in kinds]
    band = _band(world)
    starts = (
        [storm_at.astimezone(UTC)]
        if storm_at is not None
        else [_at(world, hour) for hour in STORM_WAVES_AT]
    )
    calls: list[SimulatedCall] = []
    for wave, start in enumerate(starts):
        for number in range(about(world.chance, STORM_INCIDENTS / len(starts) ** 0.5)):
            kind = weighted(world.chance, kinds, weights)
            place = weighted(world.chance, band, [p.population**0.6 + 20 for p in band])
            # Early peak, long tail: the product of two draws leans to the start of the storm.
            share = world.chance.random() * world.chance.random()
            mark = 20_000 + 1_000 * wave + number
            first = _call(world, kind, place, start + STORM_LASTS * share, mark, stormy=True)
            calls += [first, *_repeats(world, kind, place, first, REPEATED_IN_STORM)]
    return calls


def _band(world: _World) -> list[SimulatedPlace]:
    """The communes within some kilometres of a line through a populated one."""
    centre = weighted(world.chance, world.places, [p.population for p in world.places])
    bearing = math.pi * world.chance.random()
    narrow = math.cos(math.radians(centre.lat))

    def distance_km(place: SimulatedPlace) -> float:
        east = (place.lon - centre.lon) * KM_PER_DEGREE * narrow
        north = (place.lat - centre.lat) * KM_PER_DEGREE
        return abs(east * math.sin(bearing) - north * math.cos(bearing))

    return [place for place in world.places if distance_km(place) <= STORM_HALF_WIDTH_KM]


def _repeats(
    world: _World, kind: _Kind, place: SimulatedPlace, first: SimulatedCall, share: float
) -> list[SimulatedCall]:
    """Further people telling of the same situation, in other words, a little later, near by."""
    chance = world.chance
    calls: list[SimulatedCall] = []
    while chance.random() < share and len(calls) < 4:
        later = timedelta(minutes=2 + 75 * chance.random() ** 2)
        again = _call(world, kind, place, first.at + later, first.incident)
        lat, lon = near(chance, first.lat, first.lon, 0.06)
        calls.append(
            replace(
                again,
                lat=lat,
                lon=lon,
                address=first.address,
                text=sentence(chance, _subject(kind, place, first.address)),
                repeats=True,
                on_site_min=first.on_site_min,
            )
        )
    return calls


# -- one call --------------------------------------------------------------------------------------


def _call(
    world: _World,
    kind: _Kind,
    place: SimulatedPlace,
    at: datetime,
    number: int,
    *,
    stormy: bool = False,
) -> SimulatedCall:
    chance = world.chance
    lat, lon = near(chance, place.lat, place.lon, 0.7)
    address = address_in(chance, place.population)
    subject = _subject(kind, place, address, stormy=stormy)
    gives_name = chance.random() < 0.65
    name = f"{pick(chance, phrases.FIRST_NAMES)} {pick(chance, phrases.LAST_NAMES)}"
    phone = phrases.FICTION_PHONE.format(below(chance, 100), below(chance, 100))
    return SimulatedCall(
        at=at,
        text=sentence(chance, subject),
        category=kind.code if chance.random() < 0.3 else None,
        truth=kind.code,
        insee=place.insee,
        lat=lat,
        lon=lon,
        address=f"{address}, {place.name}",
        channel="phone" if chance.random() < 0.55 else "web",
        name=name if gives_name else None,
        phone=phone if gives_name else None,
        incident=number,
        repeats=False,
        sensor=False,
        on_site_min=_on_site_min(chance, kind),
    )


def _on_site_min(chance: Entropy, kind: _Kind) -> int:
    """Minutes really needed: most jobs near the usual time, a few twice as long."""
    return max(5, round(kind.duration_min * math.exp(chance.gauss(0.0, WORK_SPREAD))))


def _subject(kind: _Kind, place: SimulatedPlace, address: str, *, stormy: bool = False) -> Subject:
    sentences = (*kind.examples, *phrases.MORE.get(kind.code, ()))
    street = address.split(", ")[0]
    on_the_road = kind.service in {"roads", "winter"}
    return Subject(sentences, street, place.name, kind.severity >= GRAVE, stormy, on_the_road)


def _at(world: _World, hour: float) -> datetime:
    return at_hour(world.day, hour)


def at_hour(day: date, hour: float) -> datetime:
    """Return the instant of a wall-clock hour of a civil day, in UTC."""
    midnight = datetime.combine(day, time(0))
    wall = midnight + timedelta(seconds=round(hour * 3600))
    return wall.replace(tzinfo=PARIS).astimezone(UTC)
