"""Speeds, ways and access from tags."""

import pytest

from scheduling.dispatch.speeds import KMH, speed_kmh, ways_of


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "motorway"}, 105.0),
        ({"highway": "primary", "maxspeed": "50"}, 44.0),
        ({"highway": "primary", "maxspeed": "130"}, 68.0),
        ({"highway": "primary", "maxspeed": "30 mph"}, 30 * 1.609344 * 0.88),
        ({"highway": "secondary", "maxspeed": "FR:urban"}, 44.0),
        ({"highway": "secondary", "maxspeed": "signals"}, 60.0),
        ({"highway": "unclassified", "surface": "gravel"}, 30.0),
        ({"highway": "living_street", "surface": "asphalt"}, 12.0),
        ({"highway": "track", "tracktype": "grade2"}, 18.0),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes"}, 16.0),
    ],
)
def test_a_road_is_driven_at(tags: dict[str, str], expected: float) -> None:
    assert speed_kmh(tags) == pytest.approx(expected)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"highway": "footway"},
        {"highway": "track"},
        {"highway": "track", "tracktype": "grade4"},
        {"highway": "residential", "access": "private"},
        {"highway": "residential", "motor_vehicle": "no", "access": "yes"},
        {"highway": "service", "service": "parking_aisle"},
        {"highway": "residential", "area": "yes"},
    ],
)
def test_a_van_does_not_drive_there(tags: dict[str, str]) -> None:
    assert speed_kmh(tags) is None


@pytest.mark.parametrize("limit", ["0", "-5", "nan", "walk", ""])
def test_a_limit_that_is_no_number_never_stops_a_road(limit: str) -> None:
    assert speed_kmh({"highway": "tertiary", "maxspeed": limit}) == float(KMH["tertiary"])


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, "both"),
        ({"highway": "residential", "oneway": "yes"}, "forward"),
        ({"highway": "residential", "oneway": "-1"}, "backward"),
        ({"highway": "residential", "oneway": "no", "junction": "roundabout"}, "both"),
        ({"highway": "tertiary", "junction": "roundabout"}, "forward"),
        ({"highway": "motorway"}, "forward"),
    ],
)
def test_a_road_may_be_driven(tags: dict[str, str], expected: str) -> None:
    assert ways_of(tags) == expected
