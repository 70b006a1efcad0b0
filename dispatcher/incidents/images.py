"""What the board, the log and citizens may know of an incident: its row as an image, nothing
personal.
"""

from datetime import datetime
from typing import cast

from dispatcher.events.states import (
    IncidentState,
    IncidentStatus,
    PlaceState,
    Priority,
    ProgressState,
    ReasonState,
    Step,
)
from dispatcher.models import Incident


def place_of(incident: Incident) -> PlaceState:
    """Return where an incident is."""
    return PlaceState(
        label=incident.place_label,
        commune=incident.commune,
        insee=incident.insee,
        lat=incident.lat,
        lon=incident.lon,
    )


def priority_of(incident: Incident) -> Priority:
    """Return the class in force: the policy's, or the one a person set with a reason."""
    return cast(Priority, incident.override_priority or incident.priority)


def image_of(incident: Incident) -> IncidentState:
    """Return the image of an incident at its present version."""
    return IncidentState(
        id=incident.id,
        ver=incident.version,
        ref=incident.ref,
        state=IncidentStatus(incident.state),
        category=incident.category,
        service=incident.service,
        title=incident.title,
        place=place_of(incident),
        priority=priority_of(incident),
        score=incident.score,
        severity=incident.severity,
        urgency=incident.urgency,
        overridden=incident.override_priority is not None,
        computed=cast(Priority, incident.priority),
        reasons=[ReasonState.model_validate(reason) for reason in incident.reasons],
        reported_at=incident.reported_at,
        updated_at=incident.updated_at,
        respond_by=incident.respond_by,
        restore_by=incident.restore_by,
        acknowledge_by=incident.acknowledge_by,
        make_safe_by=incident.make_safe_by,
        reports=incident.report_count,
        channels=incident.channels,
        acknowledged_by=incident.acknowledged_by,
        hold_reason=incident.hold_reason,
        merged_into=incident.merged_into,
        needs_expert=incident.needs_expert,
        wished_from=incident.wished_from,
        wished_to=incident.wished_to,
        asks=incident.asks,
        simulated=incident.simulated,
        progress=ProgressState(
            step=cast(Step, incident.step),
            window_from=incident.window_from,
            window_to=incident.window_to,
            stamps={step: datetime.fromisoformat(at) for step, at in incident.stamps.items()},
        ),
    )
