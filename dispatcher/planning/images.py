"""What the board and the crew may know of a visit and of the plan, as images."""

from datetime import datetime
from typing import Literal, cast

from dispatcher.events.states import (
    BriefState,
    PlanState,
    ProposalLine,
    ProposalState,
    ProposalSummary,
    SolverNote,
    VisitState,
    VisitStatus,
)
from dispatcher.incidents.images import place_of, priority_of
from dispatcher.models import Incident, Plan, Proposal, Visit

ProposalEndState = Literal["open", "accepted", "rejected", "stale", "applied", "undone"]


def brief_of(incident: Incident) -> BriefState:
    """Return what a crew must know of an incident."""
    return BriefState(
        ref=incident.ref,
        title=incident.title,
        category=incident.category,
        service=incident.service,
        priority=priority_of(incident),
        place=place_of(incident),
        notes=incident.facts.get("access"),
    )


def visit_image(visit: Visit) -> VisitState:
    """Return the image of a visit at its present version."""
    return VisitState(
        id=visit.id,
        ver=visit.version,
        incident_id=visit.incident_id,
        work_order_id=visit.work_order_id,
        crew_id=visit.crew_id,
        state=VisitStatus(visit.state),
        position=visit.position,
        depart_at=visit.depart_at,
        start_at=visit.start_at,
        end_at=visit.end_at,
        travel_s=visit.travel_s,
        travel_base_s=visit.travel_base_s,
        travel_source=visit.travel_source,
        distance_m=visit.distance_m,
        duration_s=visit.duration_s,
        pin=cast(Literal["crew", "time"] | None, visit.pin),
        stamps={state: datetime.fromisoformat(at) for state, at in visit.stamps.items()},
        due_at=visit.due_at,
        flags=visit.flags,
        archived=visit.archived,
        simulated=visit.simulated,
        brief=BriefState.model_validate(visit.brief),
    )


def plan_image(plan: Plan) -> PlanState:
    """Return the image of the plan in force."""
    return PlanState(
        id=plan.id,
        ver=plan.version,
        version=plan.number,
        frozen_until=plan.frozen_until,
        degraded=plan.degraded,
        auto_classes=plan.auto_classes or [],
        auto_sectors=plan.auto_sectors or [],
        freeze_minutes=plan.freeze_minutes,
    )


def proposal_image(proposal: Proposal) -> ProposalState:
    """Return the image of a proposal at its present version."""
    applied = proposal.applied
    return ProposalState(
        id=proposal.id,
        ver=proposal.version,
        state=cast(ProposalEndState, proposal.state),
        plan_version=proposal.plan_number,
        created_at=proposal.created_at,
        summary=ProposalSummary.model_validate(proposal.summary),
        lines=[ProposalLine.model_validate(line) for line in proposal.lines],
        solver=SolverNote.model_validate(proposal.solver),
        applied_at=datetime.fromisoformat(applied["at"]) if applied else None,
        applied_by=applied["by"] if applied else None,
    )
