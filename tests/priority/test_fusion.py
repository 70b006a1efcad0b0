from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from priority.facts import Reading
from priority.fusion import SectorReading, Sign, suspected_bursts
from tests.priority.cases import NOW


def call(minute: float, source: str, sector: str = "haut", category: str = "water_outage") -> Sign:
    return Sign(f"I-{source}", NOW + timedelta(minutes=minute), sector, category, source)


def drop(minute: float, value: float = 0.9, sector: str = "haut") -> SectorReading:
    at = NOW + timedelta(minutes=minute)
    return SectorReading(sector, "PT-07", Reading("pressure", value, "bar", 2.0, 8.0, at))


CALLS = [call(2, "anne"), call(6, "bruno"), call(14, "chloe")]


def test_a_pressure_drop_and_three_calls_in_a_quarter_of_an_hour_are_one_suspected_burst() -> None:
    (found,) = suspected_bursts(CALLS, [drop(0)])

    assert found.keys == ("I-anne", "I-bruno", "I-chloe")
    assert found.sensors == ("PT-07",)
    assert found.drop == 0.55
    assert (found.first_at, found.last_at) == (NOW, NOW + timedelta(minutes=14))


def test_one_person_who_calls_three_times_is_no_crowd() -> None:
    assert not suspected_bursts([call(minute, "anne") for minute in (1, 2, 3)], [drop(0)])


def test_calls_without_a_drop_a_small_drop_and_other_matters_are_no_burst() -> None:
    assert not suspected_bursts(CALLS, [])
    assert not suspected_bursts(CALLS, [drop(0, value=1.9)])
    assert not suspected_bursts(CALLS, [drop(0, sector="bas")])
    potholes = [call(one, str(one), category="pothole") for one in (1, 2, 3)]
    assert not suspected_bursts(potholes, [drop(0)])


def test_a_call_after_a_quarter_of_an_hour_does_not_count() -> None:
    late = [*CALLS[:2], call(15.1, "chloe")]

    assert not suspected_bursts(late, [drop(0)])


@given(st.permutations([*CALLS, call(3, "denis", sector="bas")]))
def test_the_order_of_calls_does_not_matter(calls: list[Sign]) -> None:
    assert suspected_bursts(calls, [drop(0)]) == suspected_bursts(CALLS, [drop(0)])
