"""What the board, the log and citizens may know of an incident: its row as an image, nothing
personal.
"""

from collections.abc import Mapping
from typing import cast

from dispatcher.events.states import IncidentState, PlaceState, Priority, ProgressState
from dispatcher.models import Incident

_SAME = {
    name: name
    for name in IncidentState.model_fields
    if name in Incident.model_fields and name != "priority"
}
_PLACE = {"label": "place_label"} | {name: name for name in ("commune", "insee", "lat", "lon")}
_PROGRESS = {name: name for name in ProgressState.model_fields}


def place_of(incident: Incident) -> PlaceState:
    """Return where an incident is."""
    return PlaceState.model_validate(_place_values(incident))


def place_words(label: str | None, commune: str | None) -> str | None:
    """Return where an incident is, for a line of text; the commune stands in it once.

    >>> place_words("12 rue Carnot, Tulle", "Tulle")
    '12 rue Carnot, Tulle'
    >>> place_words("Tulle", "Tulle")
    'Tulle'
    >>> place_words("12 rue Carnot", "Tulle")
    '12 rue Carnot, Tulle'
    """
    if label and commune and (label == commune or label.endswith(f", {commune}")):
        return label
    return ", ".join(part for part in (label, commune) if part) or None


def _place_values(incident: Incident) -> dict[str, object]:
    return _values(incident, _PLACE)


def _values(incident: Incident, columns: Mapping[str, str]) -> dict[str, object]:
    # What is loaded stands in the row's dictionary; by attribute, SQLAlchemy is asked each time.
    # The board's snapshot brings bare columns, which have none.
    loaded: Mapping[str, object] = getattr(incident, "__dict__", {})
    return {
        name: loaded[column] if column in loaded else getattr(incident, column)
        for name, column in columns.items()
    }


def priority_of(incident: Incident) -> Priority:
    """Return the class in force: the policy's, or the one a person set with a reason."""
    return cast(Priority, incident.override_priority or incident.priority)


def image_of(incident: Incident) -> IncidentState:
    """Return the image of an incident at its present version: of a row, or of its bare columns."""
    # Plain values, and one validation of them all: an image is made for every change.
    values = _values(incident, _SAME)
    values |= {
        "ver": incident.version,
        "place": _place_values(incident),
        "priority": incident.override_priority or incident.priority,
        "overridden": incident.override_priority is not None,
        "computed": incident.priority,
        "reports": incident.report_count,
        "progress": _values(incident, _PROGRESS),
    }
    return IncidentState.model_validate(values)
