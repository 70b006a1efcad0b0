"""What a correction may change, and what follows from it: place and category matter to the
score.
"""

from typing import Any

from dispatcher.database import Tx
from dispatcher.incidents import commands, promises, queries, scoring
from dispatcher.incidents.schemas import IncidentPatch, OverrideIn
from dispatcher.models import Category, Commune, Incident


def apply_patch(tx: Tx, incident: Incident, patch: IncidentPatch) -> None:
    """Correct an incident as the desk asked; nothing is recorded when nothing changes.

    Raises:
        InvalidInput: The category does not exist.
    """
    changes = _changes(tx, incident, patch)
    if changes:
        for name, value in changes.items():
            setattr(incident, name, value)
        scored = None
        if changes.keys() & {"category", "lat", "lon", "insee"}:
            scored = scoring.renewed(tx.session, incident, tx.now)
        commands.edit(tx, incident, changes, scored)
    if patch.override is not None:
        _override(tx, incident, patch.override)


def _override(tx: Tx, incident: Incident, override: OverrideIn) -> None:
    """Set the class, and promise what it promises."""
    policy = scoring.policy_in_force(tx.session, tx.org)
    due = promises.due_of(tx.session, policy, incident, override.priority or incident.priority)
    promised = {name: getattr(due, name) for name in promises.NAMES}
    commands.override_priority(tx, incident, override.priority, override.reason, promised)


def _changes(tx: Tx, incident: Incident, patch: IncidentPatch) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if patch.title is not None:
        changes["title"] = patch.title
    if patch.category is not None and patch.category != incident.category:
        category: Category = queries.category_of(tx.session, tx.org, patch.category)
        changes |= {"category": category.code, "service": category.service}
    if patch.place is not None:
        place = patch.place
        commune = tx.session.get(Commune, place.insee) if place.insee else None
        changes |= {
            "lat": place.lat,
            "lon": place.lon,
            "insee": place.insee,
            "place_label": place.address,
            "commune": commune.name if commune else incident.commune,
        }
    return changes
