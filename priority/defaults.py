"""The points of the house that are tables: dangers, vulnerable sites, weather, promises.

Plain data in the words of the policy file, kept apart so that the shape of a policy and its
figures can each be read on one page. ``fixtures/policy.toml`` says the same with reasons; a test
keeps the two equal.
"""

from collections.abc import Mapping

HOURS = ((8 * 60, 12 * 60), (13 * 60, 17 * 60))
"""Open hours of an ordinary weekday: 08:00–12:00 and 13:00–17:00, minutes after midnight."""

DANGERS: Mapping[str, Mapping[str, int]] = {
    "life": {"severity": 35, "urgency": 35},
    "electric_shock": {"severity": 18, "urgency": 18},
    "gas": {"severity": 32, "urgency": 34},
    "fire": {"severity": 31, "urgency": 33},
    "collapse": {"severity": 16, "urgency": 12},
    "flooding": {"severity": 8, "urgency": 8},
    "home_flooded": {"severity": 16, "urgency": 16},
    "contamination": {"severity": 18, "urgency": 14},
    "obstruction": {"severity": 8, "urgency": 10},
    "fall": {"severity": 10, "urgency": 10},
    "ice": {"severity": 8, "urgency": 10},
    "fragile_person": {"severity": 10, "urgency": 6},
    "people_exposed": {"severity": 18, "urgency": 18},
}

SITES: Mapping[str, Mapping[str, int | str]] = {
    "hospital": {"points": 18, "within_m": 200},
    "dialysis": {"points": 18, "within_m": 300},
    "care_home": {"points": 14, "within_m": 200},
    "school": {"points": 12, "within_m": 150, "hours": "07:30-18:00"},
    "nursery": {"points": 12, "within_m": 150, "hours": "07:30-18:30"},
    "fire_station": {"points": 10, "within_m": 200},
}

WEATHER: Mapping[str, Mapping[str, int | tuple[str, ...]]] = {
    "snow_ice": {
        "services": ("roads", "winter_service", "drinking_water", "sewerage"),
        "yellow": 8,
        "orange": 20,
        "red": 26,
    },
    "extreme_cold": {
        "services": ("drinking_water", "public_buildings", "winter_service"),
        "yellow": 4,
        "orange": 10,
        "red": 14,
    },
    "wind": {
        "services": ("roads", "green_spaces", "public_lighting", "public_buildings"),
        "yellow": 4,
        "orange": 12,
        "red": 18,
    },
    "thunderstorm": {
        "services": ("roads", "green_spaces", "public_lighting", "sewerage"),
        "yellow": 3,
        "orange": 10,
        "red": 16,
    },
    "rain_flood": {
        "services": ("sewerage", "roads", "public_buildings"),
        "yellow": 4,
        "orange": 14,
        "red": 20,
    },
    "flood": {
        "services": ("sewerage", "roads", "drinking_water", "public_buildings"),
        "yellow": 4,
        "orange": 14,
        "red": 20,
    },
    "heat": {
        "services": ("drinking_water", "public_buildings", "waste"),
        "yellow": 3,
        "orange": 8,
        "red": 12,
    },
}

PROMISES: Mapping[str, Mapping[str, Mapping[str, int | str]]] = {
    "p1": {
        "acknowledge_within": {"minutes": 5, "clock": "calendar"},
        "respond_within": {"hours": 1, "clock": "calendar"},
        "make_safe_within": {"hours": 2, "clock": "calendar"},
        "restore_within": {"hours": 8, "clock": "calendar"},
    },
    "p2": {
        "acknowledge_within": {"minutes": 15, "clock": "calendar"},
        "respond_within": {"hours": 4, "clock": "calendar"},
        "make_safe_within": {"hours": 6, "clock": "calendar"},
        "restore_within": {"hours": 24, "clock": "calendar"},
    },
    "p3": {
        "acknowledge_within": {"hours": 4, "clock": "working"},
        "respond_within": {"hours": 16, "clock": "working"},
        "restore_within": {"hours": 40, "clock": "working"},
    },
    "p4": {
        "acknowledge_within": {"hours": 16, "clock": "working"},
        "respond_within": {"hours": 80, "clock": "working"},
        "restore_within": {"hours": 160, "clock": "working"},
    },
}

ROAD_TRAFFIC: Mapping[str, int] = {
    "motorway": 15000,
    "national": 6000,
    "departmental": 1200,
    "communal": 200,
    "private": 0,
}
"""Vehicles a day taken where nobody has counted: our estimate for a rural département."""

TABLES: Mapping[str, Mapping[str, object]] = {
    "dangers": DANGERS,
    "road_traffic": ROAD_TRAFFIC,
    "sites": SITES,
    "weather": WEATHER,
    "promises": PROMISES,
}
"""The tables by their name in a policy."""
