"""The life of a visit, and what it means for its incident, its crew and the plan."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.actors import Role
from dispatcher.auth.access import has_rank
from dispatcher.crews.commands import CrewActivity, set_activity
from dispatcher.database import Tx
from dispatcher.errors import Forbidden, IllegalMove
from dispatcher.events.facts import (
    VisitArchived,
    VisitAssigned,
    VisitBriefed,
    VisitMoved,
    VisitPinned,
    VisitRetimed,
    VisitWithdrawn,
)
from dispatcher.events.planning_facts import PlanChanged
from dispatcher.events.states import IncidentStatus, Step
from dispatcher.events.states import VisitStatus as S
from dispatcher.incidents import commands as incidents
from dispatcher.incidents.images import image_of
from dispatcher.models import Crew, Incident, Plan, Visit, VisitStamp, WorkOrder
from dispatcher.models.base import touch
from dispatcher.planning import windows
from dispatcher.planning.images import brief_of, plan_image, visit_image
from dispatcher.planning.presence import others_there
from dispatcher.planning.workflow import COMMITTED, CREWS_MAY, FINAL, PLANNED, check_move

Chosen = Literal["offer", "proposal", "manual"]
Cause = Literal["offer", "proposal", "manual", "automatic", "undo"]
SaidBy = Literal["crew", "dispatcher", "service", "simulation"]

STEP_OF: dict[S, Step] = {S.EN_ROUTE: "en_route", S.ON_SITE: "on_site", S.COMPLETED: "done"}
ACTIVITY_OF: dict[S, CrewActivity] = {
    S.EN_ROUTE: "en_route",
    S.ON_SITE: "on_site",
    S.PAUSED: "paused",
    S.COMPLETED: "available",
    S.INCOMPLETE: "available",
}


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a visit stands in a crew's route.

    Attributes:
        crew: The crew's row.
        position: Rank among the crew's stops, 0 first.
        depart_at: Leaving for it, aware UTC.
        start_at: Start on site.
        end_at: End on site.
        travel_s: Travel before it, seconds.
        distance_m: Travel before it, metres.
        travel_base_s: The same travel before any learning, seconds.
        travel_source: What the estimate comes from.
        window: When people may expect the crew; None leaves it to the stated rule.
        flags: Rules it breaks: `late`, `overtime`, `skill`.
    """

    crew: Crew
    position: int
    depart_at: datetime
    start_at: datetime
    end_at: datetime
    travel_s: int
    distance_m: int
    travel_base_s: int = 0
    travel_source: str = "great_circle"
    window: windows.Window | None = None
    flags: tuple[str, ...] = ()


def plan_in_force(tx: Tx) -> Plan:
    """Return the plan's row, locked until the command ends; made on first use."""
    plan = tx.session.exec(select(Plan).where(Plan.org == tx.org).with_for_update()).first()
    if plan is None:
        plan = Plan(id=tx.new_id(), org=tx.org, updated_at=tx.now)
        tx.session.add(plan)
        tx.session.flush()
    return plan


def plan_number(session: Session, org: str) -> int:
    """Return the number of the plan in force; 1 before the first."""
    return session.exec(select(Plan.number).where(Plan.org == org)).first() or 1


def turn_plan(tx: Tx, cause: Cause) -> Plan:
    """Give the plan its next number: whatever was computed on the old one is now stale.

    Only decisions turn the plan. Crews that leave, arrive and finish carry it out.
    """
    plan = plan_in_force(tx)
    plan.number += 1
    touch(plan, tx.now)
    tx.record(PlanChanged(version=plan.number, cause=cause), plan_image(plan))
    return plan


def give_visit(
    tx: Tx, incident: Incident, order: WorkOrder, place: Placement, chosen: Chosen
) -> Visit:
    """Give an open work order to a crew as a new visit; the plan must be turned by the caller."""
    visit = Visit(
        id=tx.new_id(),
        org=tx.org,
        incident_id=incident.id,
        work_order_id=order.id,
        crew_id=place.crew.id,
        state=S.ASSIGNED.value,
        duration_s=order.duration_s,
        skills=order.skills,
        due_at=order.due_at,
        flags=[],
        stamps={S.ASSIGNED.value: tx.now.isoformat()},
        brief=brief_of(incident).model_dump(mode="json"),
        simulated=incident.simulated,
        created_at=tx.now,
        updated_at=tx.now,
    )
    _set_place(visit, place)
    order.state = "assigned"
    tx.session.add(visit)
    windows.tell_planned(tx, incident, visit, place.window)
    if incident.acknowledged_by is None:
        incident.acknowledged_by = tx.actor.name or tx.actor.label
    _record_assigned(tx, incident, visit, chosen)
    return visit


def replace_visit(tx: Tx, visit: Visit, place: Placement, chosen: Chosen) -> bool:
    """Move a planned visit within or between routes; return whether anything changed.

    A visit that changes crew starts its life again with the new one: it must be told and answer.
    """
    left = visit.crew_id
    before = (visit.crew_id, visit.position, visit.start_at, visit.end_at, tuple(visit.flags))
    other_crew = visit.crew_id != place.crew.id
    _set_place(visit, place)
    after = (visit.crew_id, visit.position, visit.start_at, visit.end_at, tuple(visit.flags))
    if before == after:
        return False
    if other_crew:
        visit.state = S.ASSIGNED.value
        visit.stamps = {S.ASSIGNED.value: tx.now.isoformat()}
    touch(visit, tx.now)
    incident = tx.session.get_one(Incident, visit.incident_id)
    windows.tell_planned(tx, incident, visit, place.window)
    if other_crew:
        _record_assigned(tx, incident, visit, chosen, left)
    else:
        fact = VisitRetimed(
            visit_id=visit.id,
            incident_id=incident.id,
            crew_id=visit.crew_id,
            start_at=visit.start_at,
        )
        tx.record(fact, visit_image(visit), image_of(incident))
    return True


def move_visit(
    tx: Tx, visit: Visit, target: S, asserted_at: datetime | None = None, reason: str | None = None
) -> None:
    """Change the state of a visit; incident, crew and plan follow in the same transaction.

    Args:
        tx: The command's transaction.
        visit: The visit.
        target: The state to reach; the present one again changes nothing (a phone may repeat
        itself).
        asserted_at: When the person says it happened; now by default. Never taken for the future,
            nor for earlier than what happened before.
        reason: Why, for refusals and incomplete work.

    Raises:
        IllegalMove: The state cannot follow.
        Forbidden: A crew may not say this.
    """
    source = S(visit.state)
    if source is target:
        return
    if not has_rank(tx.actor, Role.DISPATCHER) and target not in CREWS_MAY:
        raise Forbidden(state=target.value)
    check_move(source, target)
    at = _credible(visit, asserted_at, tx.now)
    visit.state = target.value
    visit.stamps = {**visit.stamps, target.value: at.isoformat()}
    if target is S.ON_SITE and source is S.EN_ROUTE:
        visit.start_at, visit.end_at = at, at + timedelta(seconds=visit.duration_s)
    if target in {S.COMPLETED, S.INCOMPLETE}:
        visit.end_at = at
    touch(visit, tx.now)
    _stamp(tx, visit, target, at)
    incident = tx.session.get_one(Incident, visit.incident_id)
    _follow(tx, visit, incident, target)
    fact = VisitMoved(
        visit_id=visit.id,
        incident_id=visit.incident_id,
        crew_id=visit.crew_id,
        source=source,
        target=target,
        asserted_at=at,
        said_by=_said_by(tx),
        reason=reason,
    )
    tx.record(fact, visit_image(visit), image_of(incident))
    _move_crew(tx, visit, target, source)


def withdraw_visit(tx: Tx, visit: Visit) -> None:
    """Take a planned visit back from its crew; its work order waits again.

    Raises:
        IllegalMove: The crew has left for it already.
    """
    if S(visit.state) not in PLANNED:
        raise IllegalMove(source=visit.state, target=S.CANCELLED.value)
    visit.state = S.CANCELLED.value
    visit.pin = None
    touch(visit, tx.now)
    incident = tx.session.get_one(Incident, visit.incident_id)
    _reopen_order(tx, visit)
    if not others_there(tx, visit):
        incidents.progress(tx, incident, "examined", None, _back_to(incident))
    plan = turn_plan(tx, "manual")
    fact = VisitWithdrawn(
        visit_id=visit.id,
        incident_id=visit.incident_id,
        crew_id=visit.crew_id,
        plan_version=plan.number,
    )
    tx.record(fact, visit_image(visit), image_of(incident))


def release_visits(tx: Tx, incident_id: UUID) -> None:
    """Call off whoever was to come; a crew on site finishes, and says so itself."""
    waiting = [state.value for state in PLANNED | {S.EN_ROUTE}]
    rows = tx.session.exec(
        select(Visit).where(Visit.incident_id == incident_id, col(Visit.state).in_(waiting))
    ).all()
    for visit in rows:
        if S(visit.state) in PLANNED:
            withdraw_visit(tx, visit)
        else:
            move_visit(tx, visit, S.CANCELLED)


def pin_visit(tx: Tx, visit: Visit, pin: Literal["crew", "time"] | None) -> None:
    """Fix a visit against re-planning, or free it."""
    visit.pin = pin
    touch(visit, tx.now)
    turn_plan(tx, "manual")
    fact = VisitPinned(visit_id=visit.id, incident_id=visit.incident_id, pin=pin)
    tx.record(fact, visit_image(visit))


def archive_finished(tx: Tx, before: datetime, limit: int = 200) -> int:
    """Take visits that ended before an instant off the board; return how many."""
    finished = [state.value for state in FINAL]
    rows = tx.session.exec(
        select(Visit)
        .where(
            Visit.org == tx.org,
            col(Visit.archived).is_(False),
            col(Visit.state).in_(finished),
            col(Visit.updated_at) < before,
        )
        .limit(limit)
    ).all()
    for visit in rows:
        visit.archived = True
        touch(visit, tx.now)
        fact = VisitArchived(visit_id=visit.id, incident_id=visit.incident_id)
        tx.record(fact, visit_image(visit))
    return len(rows)


def refresh_briefs(tx: Tx, incident: Incident) -> None:
    """Tell crews of open visits what changed in their incident."""
    fresh = brief_of(incident).model_dump(mode="json")
    open_states = [state.value for state in PLANNED | COMMITTED]
    rows = tx.session.exec(
        select(Visit).where(Visit.incident_id == incident.id, col(Visit.state).in_(open_states))
    ).all()
    for visit in rows:
        if visit.brief != fresh:
            visit.brief = fresh
            touch(visit, tx.now)
            fact = VisitBriefed(visit_id=visit.id, incident_id=incident.id)
            tx.record(fact, visit_image(visit))


def _set_place(visit: Visit, place: Placement) -> None:
    visit.crew_id = place.crew.id
    visit.position = place.position
    visit.depart_at, visit.start_at, visit.end_at = place.depart_at, place.start_at, place.end_at
    visit.travel_s, visit.distance_m = place.travel_s, place.distance_m
    visit.travel_base_s, visit.travel_source = place.travel_base_s, place.travel_source
    visit.flags = list(place.flags)


def _record_assigned(
    tx: Tx, incident: Incident, visit: Visit, chosen: Chosen, left: UUID | None = None
) -> None:
    fact = VisitAssigned(
        visit_id=visit.id,
        incident_id=incident.id,
        crew_id=visit.crew_id,
        plan_version=plan_in_force(tx).number,
        start_at=visit.start_at,
        chosen=chosen,
        left_crew_id=left,
    )
    tx.record(fact, visit_image(visit), image_of(incident))


def _follow(tx: Tx, visit: Visit, incident: Incident, target: S) -> None:
    order = tx.session.get_one(WorkOrder, visit.work_order_id)
    step = STEP_OF.get(target)
    if target is S.EN_ROUTE:
        windows.tell_leaving(tx, incident, visit)
    elif target is S.ON_SITE:
        incidents.progress(tx, incident, step, None, IncidentStatus.IN_PROGRESS)
    elif target is S.COMPLETED:
        order.state = "done"
        if not others_there(tx, visit):
            incidents.progress(tx, incident, step, None, IncidentStatus.RESOLVED)
    elif target in {S.INCOMPLETE, S.REFUSED, S.CANCELLED, S.REASSIGNED}:
        _reopen_order(tx, visit)
        if not others_there(tx, visit):
            incidents.progress(tx, incident, "examined", None, _back_to(incident))


def _back_to(incident: Incident) -> IncidentStatus | None:
    return IncidentStatus.TRIAGED if incident.state == IncidentStatus.IN_PROGRESS else None


def _reopen_order(tx: Tx, visit: Visit) -> None:
    tx.session.get_one(WorkOrder, visit.work_order_id).state = "open"


def _move_crew(tx: Tx, visit: Visit, target: S, source: S) -> None:
    activity = ACTIVITY_OF.get(target)
    if activity is None and source in COMMITTED:
        activity = "available"
    if activity is None:
        return
    crew = tx.session.get_one(Crew, visit.crew_id)
    place = visit.brief.get("place", {})
    known = place.get("lat") is not None and place.get("lon") is not None
    there = target in {S.ON_SITE, S.COMPLETED, S.INCOMPLETE} and known
    set_activity(tx, crew, activity, (place["lat"], place["lon"]) if there else None)


def _credible(visit: Visit, asserted_at: datetime | None, now: datetime) -> datetime:
    # Phones' clocks go wrong, by minutes or by years.
    last = max(map(datetime.fromisoformat, visit.stamps.values()), default=visit.created_at)
    return max(last, min(asserted_at or now, now)).astimezone(UTC)


def _stamp(tx: Tx, visit: Visit, state: S, at: datetime) -> None:
    tx.session.add(
        VisitStamp(
            id=tx.new_id(),
            visit_id=visit.id,
            state=state.value,
            at=at,
            recorded_at=tx.wall,
            source=_said_by(tx),
        )
    )


def _said_by(tx: Tx) -> SaidBy:
    if tx.actor.kind == "simulation":
        return "simulation"
    if tx.actor.kind == "system":
        return "service"
    return "crew" if tx.actor.role is Role.CREW else "dispatcher"
