from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priority.duplicates import (
    LikenessRule,
    ReportTraits,
    distance_m,
    likeness,
    most_alike,
    street_key,
    words_of,
)
from tests.priority.cases import NOW

TULLE = (45.2672, 1.7706)
METRES_PER_DEGREE = 111_195.0


def report(**changes: Any) -> ReportTraits:
    """Return a leak reported in Tulle."""
    plain: dict[str, Any] = {
        "at": NOW,
        "category": "water_leak_road",
        "service": "drinking_water",
        "lat": TULLE[0],
        "lon": TULLE[1],
        "insee": "19272",
        "words": words_of("fuite rue Carnot eau partout"),
    }
    return ReportTraits(**{**plain, **changes})


def north(metres: float) -> dict[str, float]:
    return {"lat": TULLE[0] + metres / METRES_PER_DEGREE, "lon": TULLE[1]}


@st.composite
def traits(draw: st.DrawFn) -> ReportTraits:
    """Draw any report around Tulle."""
    point = draw(st.none() | st.tuples(st.floats(45.2, 45.3), st.floats(1.7, 1.8)))
    vocabulary = st.sampled_from(["fuite", "eau", "rue", "carnot", "arbre", "route"])
    return ReportTraits(
        at=NOW + timedelta(minutes=draw(st.integers(-9000, 9000))),
        category=draw(st.none() | st.sampled_from(["water_leak_road", "pothole"])),
        service=draw(st.none() | st.sampled_from(["drinking_water", "roads"])),
        lat=point[0] if point else None,
        lon=point[1] if point else None,
        insee=draw(st.none() | st.sampled_from(["19272", "19031"])),
        words=draw(st.frozensets(vocabulary)),
    )


@given(traits(), traits())
def test_likeness_is_symmetric_and_between_0_and_1(left: ReportTraits, right: ReportTraits) -> None:
    there, back = likeness(left, right), likeness(right, left)

    assert there.value == pytest.approx(back.value)
    assert 0.0 <= there.value <= 1.0
    assert sum(reason.weight for reason in there.reasons) == pytest.approx(1.0)
    assert all(0.0 <= reason.value <= 1.0 for reason in there.reasons)


def test_a_report_is_wholly_like_itself() -> None:
    assert likeness(report(), report()).value == pytest.approx(1.0)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_further_away_is_never_more_alike(near_m: int, more_m: int) -> None:
    near = likeness(report(), report(**north(near_m))).value
    far = likeness(report(), report(**north(near_m + more_m))).value

    assert far <= near + 1e-9


@given(st.integers(0, 6000), st.integers(0, 6000))
def test_later_is_never_more_alike(soon_min: int, more_min: int) -> None:
    soon = likeness(report(), report(at=NOW + timedelta(minutes=soon_min))).value
    late = likeness(report(), report(at=NOW + timedelta(minutes=soon_min + more_min))).value

    assert late <= soon + 1e-9


def test_a_kilometre_or_three_days_exclude_it() -> None:
    assert likeness(report(), report(**north(1001))).value == 0.0
    assert likeness(report(), report(at=NOW + timedelta(hours=72))).value == 0.0


def test_another_service_halves_it() -> None:
    pothole = report(category="pothole", service="roads")

    assert likeness(report(), pothole).value == pytest.approx(0.75 / 2)


def test_the_same_service_counts_for_half_the_category() -> None:
    outage = report(category="water_outage")

    category = next(one for one in likeness(report(), outage).reasons if one.trait == "category")
    assert (category.value, category.params) == (0.5, {"same": "service"})


def test_a_kind_that_the_other_may_mean_counts_like_the_same_service() -> None:
    tree = report(category="tree_on_road", service="roads")
    leaning = report(category="tree_dangerous", service="green_spaces")
    unsure = report(
        category="tree_dangerous", service="green_spaces", maybe=frozenset({"tree_on_road"})
    )

    assert likeness(tree, unsure).value > likeness(tree, leaning).value
    assert likeness(tree, unsure) == likeness(unsure, tree)
    (kind,) = [one for one in likeness(tree, unsure).reasons if one.trait == "category"]
    assert (kind.value, kind.params["same"]) == (0.5, "candidate")


def test_without_a_point_the_commune_stands_in() -> None:
    vague = report(lat=None, lon=None)

    place = likeness(vague, report()).reasons[0]

    assert (place.trait, place.value, place.params) == ("place", 0.35, {"same_commune": True})
    assert likeness(vague, report(insee="19031", lat=None, lon=None)).value == 0.0


def test_reports_without_any_place_are_never_alike() -> None:
    nowhere = report(lat=None, lon=None, insee=None)

    assert likeness(nowhere, nowhere).value == 0.0


def test_a_sensor_without_words_can_meet_a_call() -> None:
    alarm = report(words=frozenset(), **north(150))

    found = likeness(report(), alarm)

    assert found.value > 0.7
    assert [one.trait for one in found.reasons] == ["place", "category", "time"]


def test_the_evidence_is_in_metres_seconds_and_words() -> None:
    other = report(
        at=NOW + timedelta(minutes=6), words=words_of("fuite devant la mairie"), **north(110)
    )

    evidence = {one.trait: one.params for one in likeness(report(), other).reasons}

    assert evidence == {
        "place": {"distance_m": 110},
        "category": {"same": "category"},
        "time": {"apart_s": 360},
        "words": {"shared": "fuit"},
    }


def test_the_most_alike_come_first_and_the_unlike_not_at_all() -> None:
    known = {
        "far": report(**north(2000)),
        "near": report(**north(40)),
        "same": report(),
        "old": report(at=NOW - timedelta(days=2), **north(200)),
    }

    found = most_alike(report(), known.items(), limit=2)

    assert [key for key, _ in found] == ["same", "near"]


def test_limits_and_weights_are_the_caller_s() -> None:
    strict = LikenessRule(far_m=50.0)

    assert likeness(report(), report(**north(60)), strict).value == 0.0


def test_words_that_say_nothing_do_not_count() -> None:
    assert words_of("Il y a des FUITES à la gare", {"des"}) == {"fuit", "gar"}


def test_half_a_point_is_refused() -> None:
    with pytest.raises(ValueError, match="latitude and a longitude"):
        report(lon=None)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        report(at=NOW.replace(tzinfo=None))


def test_distance_is_that_of_the_map() -> None:
    brive = (45.1589, 1.5332)

    assert distance_m(TULLE, brive) == pytest.approx(22_200, rel=0.01)
    assert distance_m(TULLE, TULLE) == 0.0


def in_street(street: str | None, insee: str = "19272", population: int = 14_000) -> ReportTraits:
    return ReportTraits(
        NOW,
        "water_leak_road",
        "drinking_water",
        insee=insee,
        street=street_key(street),
        population=population,
    )


def test_the_same_street_is_nearly_the_same_place_and_another_is_not() -> None:
    here = in_street("12 rue Jean-Jaurès")

    same = likeness(here, in_street("av. jaures")).value
    unknown = likeness(here, in_street(None)).value
    other = likeness(here, in_street("rue Carnot")).value

    assert same > 0.9
    assert same > unknown > other


def test_a_village_is_a_place_and_a_town_is_not() -> None:
    village, town = (
        likeness(in_street(None, population=of), in_street(None, population=of)).value
        for of in (300, 14_000)
    )

    assert village > town


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, set()),
        ("D1089", {"1089"}),
        ("rd 1089", {"1089"}),
        ("3 Bd de la République", {"republique"}),
    ],
)
def test_a_street_is_known_by_the_words_that_tell_it(
    written: str | None, expected: set[str]
) -> None:
    assert street_key(written) == expected
