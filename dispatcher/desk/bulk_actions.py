"""The verbs that one action on many incidents may use, each with the way back.

Each verb is the command that the same action on one incident uses; it returns what undoing it
needs, as JSON.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_never
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.actors import Role
from dispatcher.auth.access import RANK, has_rank
from dispatcher.database import Tx
from dispatcher.desk import bulk_schemas as wire
from dispatcher.desk import commands as desk
from dispatcher.desk.schemas import ReplyIn
from dispatcher.errors import Conflict, Forbidden, IllegalMove, InvalidInput, NotFound
from dispatcher.events.facts import IncidentHandedOver
from dispatcher.events.states import IncidentStatus as S
from dispatcher.events.states import Priority
from dispatcher.incidents import commands as incidents
from dispatcher.incidents import edits, merging
from dispatcher.incidents.images import image_of
from dispatcher.incidents.schemas import IncidentPatch, OverrideIn
from dispatcher.models import Crew, Incident, User, Visit
from dispatcher.models.base import touch
from dispatcher.planning import commands as planning
from dispatcher.planning.visits import plan_in_force, withdraw_visit

Json = dict[str, Any]
NO_WAY_BACK: frozenset[str] = frozenset({"reply"})
"""Words that were sent have been read."""
UNDONE = "annulé"


@dataclass(frozen=True, slots=True)
class Done:
    """One incident served: what undoing needs, and the crew it went to if any."""

    back: Json
    crew: str | None = None


def act(tx: Tx, incident: Incident, action: wire.Action, freeze: timedelta) -> Done:
    """Do an action to one incident.

    Raises:
        CpoError: Whatever the same action on this incident alone would be refused with.
    """
    match action:
        case wire.AssignBest():
            return _assign(tx, incident, freeze)
        case wire.Hold():
            before = incident.state
            incidents.move(tx, incident, S.ON_HOLD, action.reason)
            return Done({"state": before})
        case wire.MergeAll():
            return _merge(tx, incident, action)
        case wire.OverrideAll():
            before_class, before_reason = incident.override_priority, incident.override_reason
            _override(tx, incident, action.priority, action.reason)
            return Done({"priority": before_class, "reason": before_reason})
        case wire.ReplyAll():
            desk.reply(tx, incident, ReplyIn(template=action.template, closes=action.closes))
            return Done({})
        case wire.HandOver():
            before_name = incident.acknowledged_by
            hand_over(tx, incident, _colleague(tx, action.to))
            return Done({"name": before_name})
    assert_never(action)


def colleagues(session: Session, org: str) -> list[User]:
    """Return who may have an incident in hand, by name."""
    roles = [role.value for role, rank in RANK.items() if rank >= RANK[Role.OPERATOR]]
    return list(
        session.exec(
            select(User)
            .where(User.org == org, col(User.active).is_(True), col(User.role).in_(roles))
            .order_by(User.name)
        ).all()
    )


def hand_over(tx: Tx, incident: Incident, to: User | None, name: str | None = None) -> None:
    """Give an incident to a colleague, or back to whoever had it by name."""
    if incident.state in {S.RECEIVED, S.REOPENED}:
        incidents.acknowledge(tx, incident)
    incident.acknowledged_by = to.name if to else name
    touch(incident, tx.now)
    fact = IncidentHandedOver(incident_id=incident.id, to_id=to.id if to else None)
    tx.record(fact, image_of(incident))


def _colleague(tx: Tx, user_id: UUID) -> User:
    found = next((one for one in colleagues(tx.session, tx.org) if one.id == user_id), None)
    if found is None:
        raise InvalidInput("no such colleague", field="to")
    return found


def _assign(tx: Tx, incident: Incident, freeze: timedelta) -> Done:
    if not has_rank(tx.actor, Role.DISPATCHER):
        raise Forbidden(role=str(tx.actor.role), needs=str(Role.DISPATCHER))
    if planning.crews_due(tx.session, incident):
        raise Conflict("a crew has it already", reason="assigned_already")
    choice = planning.best_choice(tx.session, incident, tx.now, freeze)
    if choice is None:
        raise Conflict("no crew can take it", reason="no_offer")
    visit = planning.accept_offer(tx, incident, choice, freeze)
    return Done({"visit": str(visit.id)}, tx.session.get_one(Crew, visit.crew_id).name)


def _merge(tx: Tx, incident: Incident, action: wire.MergeAll) -> Done:
    target = tx.session.get(Incident, action.into)
    if target is None or target.org != tx.org:
        raise NotFound(what="incident")
    merging.merge(tx, incident, target, action.reason)
    return Done({})


def _override(tx: Tx, incident: Incident, priority: Priority | None, reason: str) -> None:
    patch = IncidentPatch(override=OverrideIn(priority=priority, reason=reason))
    edits.apply_patch(tx, incident, patch)


# -- ways back -----------------------------------------------------------------------------------


def undo(tx: Tx, incident: Incident, kind: str, back: Mapping[str, Any]) -> None:
    """Give back what an action did to one incident.

    Raises:
        CpoError: Something happened to it since.
    """
    ways: dict[str, Callable[[], object]] = {
        "assign": lambda: _withdraw(tx, UUID(back["visit"])),
        "hold": lambda: _resume(tx, incident, back["state"]),
        "merge": lambda: merging.unmerge(tx, incident),
        "override": lambda: _override(
            tx,
            incident,
            back["priority"],
            (back["reason"] or UNDONE) if back["priority"] else UNDONE,
        ),
        "hand_over": lambda: hand_over(tx, incident, None, back["name"]),
    }
    ways[kind]()


def _withdraw(tx: Tx, visit_id: UUID) -> None:
    visit = tx.session.get_one(Visit, visit_id)
    plan_in_force(tx)
    withdraw_visit(tx, visit)


def _resume(tx: Tx, incident: Incident, before: str) -> None:
    if incident.state != S.ON_HOLD:
        raise IllegalMove(source=incident.state, target=before)
    at_work = before in {S.IN_PROGRESS, S.STABILISED}
    incidents.move(tx, incident, S.IN_PROGRESS if at_work else S.TRIAGED)
