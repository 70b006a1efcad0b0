"""An invented day is reproducible, plausible, and can be mistaken for nobody's real life."""

import csv
import math
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dispatcher.fixtures import fixtures_dir
from dispatcher.simulation.scenario import (
    STORM_HALF_WIDTH_KM,
    SimulatedCall,
    SimulatedPlace,
    day,
)
from dispatcher.simulation.wording import Subject, in_commune, of_commune, sentence

PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2026, 11, 23)
JULY = date(2026, 7, 6)


@dataclass(frozen=True)
class Kind:
    code: str
    service: str
    severity: int
    duration_min: int
    extra: dict[str, Any]


@cache
def kinds() -> tuple[Kind, ...]:
    read = tomllib.loads((fixtures_dir() / "categories.toml").read_text("utf-8"))
    return tuple(
        Kind(
            row["code"],
            row["service"],
            row["severity"],
            row["duration_min"],
            {
                "hourly": read["hourly"][row["hourly"]],
                **{name: row[name] for name in ("share", "storm", "examples") if name in row},
            },
        )
        for row in read["category"]
    )


@cache
def places() -> tuple[SimulatedPlace, ...]:
    with (fixtures_dir() / "correze" / "communes.csv").open(encoding="utf-8") as file:
        return tuple(
            SimulatedPlace(
                row["insee"],
                row["nom"],
                float(row["lat"]),
                float(row["lon"]),
                int(row["population"]),
            )
            for row in csv.DictReader(file)
        )


def calls(seed: int = 1, today: date = MONDAY, **options: Any) -> tuple[SimulatedCall, ...]:
    return day(Random(seed), today, places(), kinds(), **options)


@cache
def many_days() -> tuple[SimulatedCall, ...]:
    return tuple(call for seed in range(20) for call in calls(seed))


def test_the_same_seed_tells_the_same_day_and_another_one_does_not() -> None:
    assert calls(7) == calls(7)
    assert calls(7) != calls(8)


@pytest.mark.parametrize("today", [MONDAY, JULY, date(2027, 3, 28), date(2026, 10, 25)])
def test_calls_come_in_order_within_their_civil_day(today: date) -> None:
    told = calls(3, today)
    assert list(told) == sorted(told, key=lambda call: call.at)
    first = [call for call in told if not call.repeats]
    assert {call.at.astimezone(PARIS).date() for call in first} == {today}
    assert all(call.at.tzinfo is UTC for call in told)


def test_a_working_day_brings_about_a_hundred_and_thirty_situations_and_a_sunday_far_fewer() -> (
    None
):
    def situations(today: date) -> float:
        return median(len({c.incident for c in calls(seed, today)}) for seed in range(9))

    assert 110 <= situations(MONDAY) <= 160
    assert 55 <= situations(MONDAY + timedelta(days=6)) <= 100


def test_everything_is_labelled_simulated_and_no_number_can_ring() -> None:
    for call in many_days():
        assert call.simulated is True
        assert call.phone is None or re.fullmatch(r"06 39 98 \d\d \d\d", call.phone)
        assert (call.phone is None) == (call.name is None)


def test_people_call_in_proportion_to_population() -> None:
    people = sum(place.population for place in places())
    brive = next(place for place in places() if place.name == "Brive-la-Gaillarde")
    told = [call for call in many_days() if not call.repeats and not call.sensor]
    share = sum(call.insee == brive.insee for call in told) / len(told)
    assert abs(share - brive.population / people) < 0.05
    assert len({call.insee for call in told}) > 150


def test_calls_lie_near_their_commune() -> None:
    known = {place.insee: place for place in places()}
    for call in many_days():
        place = known[call.insee]
        north = (call.lat - place.lat) * 111.2
        east = (call.lon - place.lon) * 111.2 * math.cos(math.radians(place.lat))
        assert math.hypot(north, east) < 4.0


def test_lamps_are_reported_in_the_dark_and_meters_in_office_hours() -> None:
    def hours(code: str) -> list[int]:
        found = [c for c in many_days() if c.truth == code and not c.repeats and not c.sensor]
        return [call.at.astimezone(PARIS).hour for call in found]

    assert sum(hour >= 16 or hour <= 7 for hour in hours("lamp_out")) > 0.7 * len(hours("lamp_out"))
    assert all(5 <= hour <= 19 for hour in hours("water_meter"))


def test_frequent_kinds_are_frequent() -> None:
    counted = Counter(call.truth for call in many_days() if not call.repeats)
    assert counted["pothole"] > 3 * counted["bridge"]
    assert counted["water_leak_road"] > 2 * counted["water_main_burst"]


def test_ice_belongs_to_winter_and_wasps_to_summer() -> None:
    summer = {call.truth for seed in range(20) for call in calls(seed, JULY)}
    winter = {call.truth for call in many_days()}
    assert "black_ice" in winter
    assert "black_ice" not in summer
    assert "wasp_nest" in summer
    assert "wasp_nest" not in winter


def test_some_situations_are_told_again_soon_near_by_and_in_other_words() -> None:
    told = calls(5)
    first = {call.incident: call for call in told if not call.repeats}
    again = [call for call in told if call.repeats]
    assert 10 <= len(again) <= 70
    for call in again:
        original = first[call.incident]
        assert call.truth == original.truth
        assert timedelta(0) < call.at - original.at <= timedelta(minutes=80)
        assert abs(call.lat - original.lat) < 0.005
    assert sum(call.text != first[call.incident].text for call in again) > 0.9 * len(again)


def test_a_few_sensors_speak_without_a_name() -> None:
    told = [call for call in many_days() if call.sensor]
    assert 20 <= len(told) <= 180
    for call in told:
        assert call.category == call.truth
        assert call.phone is None
        assert "{" not in call.text


def test_texts_are_filled_in_varied_and_sometimes_slip() -> None:
    texts = [call.text for call in many_days()]
    assert not any("{" in text or "}" in text for text in texts)
    assert not any("à Le " in text or "à Les " in text for text in texts)
    assert all(5 <= len(text) <= 400 for text in texts)
    assert len(set(texts)) > 0.97 * len(texts)
    assert any(text == text.lower() and text.isascii() for text in texts)


def test_most_callers_leave_the_category_to_the_desk() -> None:
    people = [call for call in many_days() if not call.sensor]
    share = sum(call.category is None for call in people) / len(people)
    assert 0.6 < share < 0.8


def test_work_takes_about_as_long_as_usual_and_sometimes_much_longer() -> None:
    usual = {kind.code: kind.duration_min for kind in kinds()}
    ratios = [call.on_site_min / usual[call.truth] for call in many_days()]
    assert 0.9 < median(ratios) < 1.1
    assert max(ratios) > 2
    assert min(ratios) > 0.2


def test_a_storm_adds_a_burst_of_its_own_kinds_along_a_band_and_leaves_the_day_as_it_was() -> None:
    strikes = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    calm = calls(4)
    stormy = calls(4, storm=True, storm_at=strikes)
    assert set(calm) <= set(stormy)
    added = [call for call in stormy if call not in set(calm)]
    situations = {call.incident: call for call in added if not call.repeats}
    assert 80 <= len(situations) <= 140
    assert all(strikes <= call.at <= strikes + timedelta(hours=7) for call in added)
    told = Counter(call.truth for call in situations.values())
    assert told["tree_on_road"] > 10
    assert told["cable_down"] > 2
    assert len({call.insee for call in added}) < len(places()) / 2
    assert STORM_HALF_WIDTH_KM < 20


def test_a_storm_without_a_time_strikes_in_waves_so_that_whoever_watches_sees_one() -> None:
    stormy = calls(4, storm=True)
    added = set(stormy) - set(calls(4))
    hours = {call.at.astimezone(PARIS).hour for call in added}
    assert {7, 8, 13, 18, 19} <= hours


def test_a_territory_without_communes_or_kinds_has_a_quiet_day() -> None:
    assert day(Random(1), MONDAY, (), kinds()) == ()
    assert day(Random(1), MONDAY, places(), ()) == ()


def test_articles_melt_into_prepositions() -> None:
    assert in_commune("Le Lonzac") == "au Lonzac"
    assert of_commune("Ussel") == "d'Ussel"
    assert of_commune("Tulle") == "de Tulle"


def test_nobody_says_that_a_tap_blocks_the_road() -> None:
    chance = Random(3)
    at_home = Subject(("L'eau ne coule plus {place}",), "rue Basse", "Tulle", True, False, False)
    told = " ".join(sentence(chance, at_home) for _ in range(300))
    on_the_road = replace(at_home, on_the_road=True)
    driven = " ".join(sentence(chance, on_the_road) for _ in range(300))

    assert "inquiétant" in told
    assert not {"passer.", "voiture"} & set(told.split())
    assert "voiture" in driven
