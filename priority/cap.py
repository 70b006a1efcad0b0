"""The three axes of the Common Alerting Protocol, in and out of our scale.

CAP says how much time there is (urgency), how bad it is (severity) and how sure one is
(certainty); ours are points. Source: OASIS, Common Alerting Protocol 1.2, section 3.2.2. The module
knows no document format and decides no class.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from priority.facts import CategoryFacts, Colour, Facts
from priority.score import Assessment

CapUrgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
CapSeverity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
CapCertainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]

_URGENCY: Mapping[CapUrgency, int] = {
    "Immediate": 30,
    "Expected": 20,
    "Future": 10,
    "Past": 0,
    "Unknown": 12,
}
"""Points: now, within the hour, near future, over; unknown lies between the last two live ones."""
_SEVERITY: Mapping[CapSeverity, int] = {
    "Extreme": 30,
    "Severe": 24,
    "Moderate": 15,
    "Minor": 6,
    "Unknown": 12,
}
_CERTAINTY: Mapping[CapCertainty, float] = {
    "Observed": 1.0,
    "Likely": 0.85,
    "Possible": 0.5,
    "Unlikely": 0.15,
    "Unknown": 0.5,
}
"""Share of the points that stays: CAP's Likely is above one half, Possible is not."""
_COLOURS: Mapping[CapSeverity, Colour | None] = {
    "Extreme": "red",
    "Severe": "orange",
    "Moderate": "yellow",
    "Minor": None,
    "Unknown": None,
}
"""European practice (MeteoAlarm): yellow is Moderate, orange Severe, red Extreme."""
_IMMEDIATE_FROM, _EXPECTED_FROM, _FUTURE_FROM = 25, 15, 6
_EXTREME_FROM, _SEVERE_FROM, _MODERATE_FROM = 35, 25, 12


@dataclass(frozen=True, slots=True)
class CapAxes:
    """How an alert is judged by its sender."""

    urgency: CapUrgency = "Unknown"
    severity: CapSeverity = "Unknown"
    certainty: CapCertainty = "Unknown"


def category_of(axes: CapAxes, code: str, service: str) -> CategoryFacts:
    """Return the base points of an alert that becomes an incident, instead of the catalogue's.

    Args:
        axes: As the sender judges.
        code: Category code.
        service: Service code.

    Returns:
        Both axes within 0–30; a less certain alert weighs less on both.
    """
    share = _CERTAINTY[axes.certainty]
    return CategoryFacts(
        code,
        service,
        round(share * _SEVERITY[axes.severity]),
        round(share * _URGENCY[axes.urgency]),
    )


def colour_of(axes: CapAxes) -> Colour | None:
    """Return the vigilance colour of a weather alert, None for green, over or unlikely."""
    if axes.urgency == "Past" or axes.certainty == "Unlikely":
        return None
    return _COLOURS[axes.severity]


def axes_of(assessment: Assessment, facts: Facts) -> CapAxes:
    """Return how an incident of ours is told to others in CAP's words.

    Certainty is ``Observed`` once a sensor leaves its range or two sources agree, ``Likely`` on
    one person's word.

    Args:
        assessment: Of these facts.
        facts: What is known.
    """
    is_measured = any(reading.deviation > 0 for reading in facts.readings)
    return CapAxes(
        urgency=_urgency(assessment.urgency),
        severity=_severity(assessment.severity),
        certainty="Observed" if is_measured or facts.sources > 1 else "Likely",
    )


def _urgency(points: int) -> CapUrgency:
    if points >= _IMMEDIATE_FROM:
        return "Immediate"
    if points >= _EXPECTED_FROM:
        return "Expected"
    return "Future" if points >= _FUTURE_FROM else "Unknown"


def _severity(points: int) -> CapSeverity:
    if points >= _EXTREME_FROM:
        return "Extreme"
    if points >= _SEVERE_FROM:
        return "Severe"
    return "Moderate" if points >= _MODERATE_FROM else "Minor"
