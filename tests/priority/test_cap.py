from itertools import pairwise
from typing import get_args

import pytest

from priority.cap import (
    CapAxes,
    CapCertainty,
    CapSeverity,
    CapUrgency,
    axes_of,
    category_of,
    colour_of,
)
from priority.score import assess
from tests.priority.cases import POLICY, danger, facts, pressure


def points(axes: CapAxes) -> int:
    kind = category_of(axes, "alert", "roads")
    return kind.severity + kind.urgency


@pytest.mark.parametrize("certainty", get_args(CapCertainty))
def test_a_graver_or_nearer_alert_never_weighs_less(certainty: CapCertainty) -> None:
    for graver, milder in pairwise(get_args(CapSeverity)[:4]):
        assert points(CapAxes("Expected", graver, certainty)) >= points(
            CapAxes("Expected", milder, certainty)
        )
    for nearer, farther in pairwise(get_args(CapUrgency)[:4]):
        assert points(CapAxes(nearer, "Severe", certainty)) >= points(
            CapAxes(farther, "Severe", certainty)
        )


def test_a_less_certain_alert_weighs_less() -> None:
    told = [points(CapAxes("Immediate", "Extreme", one)) for one in get_args(CapCertainty)[:4]]

    assert told == sorted(told, reverse=True)
    assert told[0] == 60


@pytest.mark.parametrize(
    ("axes", "colour"),
    [
        (CapAxes("Expected", "Extreme", "Likely"), "red"),
        (CapAxes("Future", "Severe", "Possible"), "orange"),
        (CapAxes("Immediate", "Moderate", "Observed"), "yellow"),
        (CapAxes("Past", "Extreme", "Observed"), None),
        (CapAxes("Expected", "Severe", "Unlikely"), None),
        (CapAxes("Expected", "Minor", "Likely"), None),
    ],
)
def test_a_weather_alert_has_the_colour_of_its_severity(axes: CapAxes, colour: str | None) -> None:
    assert colour_of(axes) == colour


def test_our_incident_is_told_in_the_words_of_cap() -> None:
    calm, grave = facts(), facts(dangers=(danger("life"),), sources=2)
    measured = facts(readings=(pressure(0.4),))

    assert axes_of(assess(calm, POLICY), calm).certainty == "Likely"
    assert axes_of(assess(measured, POLICY), measured).certainty == "Observed"
    assert axes_of(assess(grave, POLICY), grave) == CapAxes("Immediate", "Extreme", "Observed")
