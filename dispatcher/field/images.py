"""What the board and a crew may know of a call for help and of a lone worker: rows as images."""

from typing import Any, Literal, cast

from dispatcher.events.field_states import HelpKind, HelpState, LoneState, LoneStatus
from dispatcher.incidents.images import place_words, priority_of
from dispatcher.models import Crew, HelpCall, Incident, LoneWatch


def brief_of(incident: Incident, crew: Crew) -> dict[str, Any]:
    """Return what a row keeps of its incident and crew, so that its image needs nothing else."""
    return {
        "ref": incident.ref,
        "title": incident.title,
        "priority": priority_of(incident),
        "place": place_words(incident.place_label, incident.commune),
        "crew": crew.name,
    }


def help_image(call: HelpCall) -> HelpState:
    """Return the image of a call for help at its present version."""
    brief = call.brief
    return HelpState(
        id=call.id,
        ver=call.version,
        visit_id=call.visit_id,
        incident_id=call.incident_id,
        crew_id=call.crew_id,
        crew=brief["crew"],
        ref=brief["ref"],
        title=brief["title"],
        priority=brief["priority"],
        need=cast(HelpKind, call.need),
        minutes=call.minutes,
        note=call.note,
        asked_at=call.asked_at,
        state=cast(Literal["open", "seen"], call.state),
        seen_by=call.seen_by,
        simulated=call.simulated,
    )


def lone_image(watch: LoneWatch) -> LoneState:
    """Return the image of a watch over a lone worker at its present version."""
    brief = watch.brief
    return LoneState(
        id=watch.id,
        ver=watch.version,
        crew_id=watch.crew_id,
        crew=brief["crew"],
        visit_id=watch.visit_id,
        incident_id=watch.incident_id,
        ref=brief["ref"],
        place=brief["place"],
        state=cast(LoneStatus, watch.state),
        interval_min=watch.interval_min,
        ask_at=watch.ask_at,
        alarm_at=watch.alarm_at,
        heard_at=watch.heard_at,
        alarmed_at=watch.alarmed_at,
        answered_by=watch.answered_by,
        simulated=watch.simulated,
    )
