"""Verbs that change an incident. Each bumps its version and records a fact with the state it leads
to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from dispatcher.database import Tx
from dispatcher.errors import InvalidInput, StaleVersion
from dispatcher.events import DomainEvent
from dispatcher.events.facts import (
    IncidentAcknowledged,
    IncidentEdited,
    IncidentMoved,
    IncidentNoted,
    IncidentOpened,
    IncidentRescored,
    PriorityOverridden,
    ReportReceived,
)
from dispatcher.events.states import IncidentStatus, Priority, Step
from dispatcher.incidents.images import image_of, priority_of
from dispatcher.incidents.refs import next_ref
from dispatcher.incidents.workflow import LIVE, MOVES, STEP_OF, check_move
from dispatcher.models import Category, Incident, Note, WorkOrder
from dispatcher.models.base import touch
from priority.score import Assessment

PROMISED = ("acknowledge_by", "respond_by", "make_safe_by", "restore_by")
"""Columns of an incident and fields of a score alike, in the order in which they fall due."""
CITIZENS_MAY_REOPEN_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a report says it is, already resolved against the communes.

    `precise` is false when only the commune is known: its centre then stands for the place.
    """

    label: str | None = None
    insee: str | None = None
    commune: str | None = None
    lat: float | None = None
    lon: float | None = None
    precise: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """An assessment with the policy that made it and the times it promises."""

    assessment: Assessment
    policy_version: str
    respond_by: datetime | None
    restore_by: datetime | None
    acknowledge_by: datetime | None = None
    make_safe_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a first report knows of the incident it opens; `simulated` when others' reports are."""

    category: Category
    title: str
    spot: Spot
    channel: str
    scored: Scored
    facts: dict[str, Any] = field(default_factory=dict)
    simulated: bool = False


def open_incident(tx: Tx, draft: Draft, report_id: UUID) -> Incident:
    """Open an incident with its work order and return it.

    Args:
        tx: The command's transaction.
        draft: What is known of it.
        report_id: The report that opens it, which the command also stores.
    """
    incident = Incident(
        id=tx.new_id(),
        org=tx.org,
        ref=next_ref(tx),
        state=IncidentStatus.RECEIVED.value,
        category=draft.category.code,
        service=draft.category.service,
        title=draft.title,
        place_label=draft.spot.label,
        insee=draft.spot.insee,
        commune=draft.spot.commune,
        lat=draft.spot.lat,
        lon=draft.spot.lon,
        facts=draft.facts,
        reported_at=tx.now,
        updated_at=tx.now,
        channels=[draft.channel],
        simulated=tx.actor.simulated or draft.simulated,
        stamps={"received": tx.now.isoformat()},
        **_score_columns(draft.scored),
    )
    tx.put(incident)
    _order_work(tx, incident, draft.category)
    opened = IncidentOpened(
        incident_id=incident.id,
        ref=incident.ref,
        category=incident.category,
        priority=priority_of(incident),
        score=incident.score,
    )
    told = ReportReceived(
        report_id=report_id, incident_id=incident.id, channel=draft.channel, joined=False
    )
    image = image_of(incident)
    tx.record(opened, image)
    tx.record(told, image)
    return incident


def join_report(
    tx: Tx, incident: Incident, report_id: UUID, channel: str, rescored: Scored
) -> None:
    """Count a report of an incident that was known; repeats raise a score.

    Args:
        tx: The command's transaction.
        incident: The incident that the report joins.
        report_id: The stored report.
        channel: Where it came from.
        rescored: The assessment with what this report tells.
    """
    _set_score(incident, rescored)
    _renew_work(tx, incident)
    touch(incident, tx.now)
    fact = ReportReceived(
        report_id=report_id, incident_id=incident.id, channel=channel, joined=True
    )
    tx.record(fact, image_of(incident))


def count_report(incident: Incident, channel: str) -> None:
    """Count one more report of an incident, before it is scored again."""
    incident.report_count += 1
    incident.channels = [*incident.channels, channel][-12:]


def rescore(tx: Tx, incident: Incident, scored: Scored) -> bool:
    """Give an incident a new assessment; return whether it changed enough to be told."""
    fresh = scored.assessment
    if (incident.score, incident.priority) == (fresh.score, fresh.priority):
        return False
    # Promised times stay: ageing raises a score, it does not shorten what was promised.
    promised = {name: getattr(incident, name) for name in PROMISED}
    _set_score(incident, replace(scored, **promised))
    fact = IncidentRescored(
        incident_id=incident.id, priority=priority_of(incident), score=incident.score
    )
    _changed(tx, incident, fact)
    return True


def reassess(tx: Tx, incident: Incident, scored: Scored, fact: DomainEvent) -> None:
    """Give an incident the assessment of facts that changed with it, and record what changed."""
    _set_score(incident, scored)
    _renew_work(tx, incident)
    _changed(tx, incident, fact)


def move(tx: Tx, incident: Incident, target: IncidentStatus, reason: str | None = None) -> None:
    """Change the state of an incident.

    Raises:
        IllegalMove: The state cannot follow the present one.
        InvalidInput: Holding needs a reason.
    """
    source = IncidentStatus(incident.state)
    check_move(source, target)
    if target is IncidentStatus.ON_HOLD and not reason:
        raise InvalidInput("say what the incident waits for", field="reason")
    incident.state = target.value
    if target is IncidentStatus.STABILISED:
        _made_safe(incident, tx.now)
    incident.hold_reason = reason if target is IncidentStatus.ON_HOLD else None
    step = STEP_OF.get(target)
    if step is not None:
        _step(incident, step, tx.now)
    if target is IncidentStatus.REOPENED:
        _reopen_work(tx, incident)
    if target not in LIVE:
        incident.window_from = incident.window_to = None
    fact = IncidentMoved(incident_id=incident.id, source=source, target=target, reason=reason)
    _changed(tx, incident, fact)


def acknowledge(tx: Tx, incident: Incident) -> None:
    """Take an incident in hand; a received one becomes triaged."""
    incident.acknowledged_by = tx.actor.name or tx.actor.label
    if incident.state in {IncidentStatus.RECEIVED, IncidentStatus.REOPENED}:
        incident.state = IncidentStatus.TRIAGED.value
        _step(incident, "examined", tx.now)
    _changed(tx, incident, IncidentAcknowledged(incident_id=incident.id))


def progress(
    tx: Tx,
    incident: Incident,
    step: Step | None,
    window: tuple[datetime, datetime] | None,
    state: IncidentStatus | None = None,
) -> bool:
    """Follow what visits tell: the citizen's step, his window, the incident's state.

    What the desk has closed meanwhile keeps what it told last.

    Args:
        tx: The command's transaction.
        incident: Whose progress it is.
        step: Step reached, or None when only the window moves.
        window: When the crew should come, earliest and latest; None once it is there or unplanned.
        state: State to take if the life cycle allows it from here, else left alone.

    Returns:
        Whether anything changed. The version is bumped; the caller records the fact with the image.
    """
    source = IncidentStatus(incident.state)
    if source not in LIVE:
        return False
    before = (incident.step, incident.window_from, incident.window_to, incident.state)
    if step is not None and step != incident.step:
        # A crew that pauses and goes on has not arrived twice.
        _step(incident, step, tx.now)
    incident.window_from, incident.window_to = window or (None, None)
    if state is not None and state in MOVES[source]:
        incident.state = state.value
        incident.hold_reason = None
        if state is IncidentStatus.STABILISED:
            _made_safe(incident, tx.now)
    changed = before != (incident.step, incident.window_from, incident.window_to, incident.state)
    if changed:
        touch(incident, tx.now)
    return changed


def override_priority(
    tx: Tx,
    incident: Incident,
    priority: Priority | None,
    reason: str,
    due: Mapping[str, datetime | None] | None = None,
) -> None:
    """Set the class by hand, or give it back to the policy with `None`; always with a reason.

    Args:
        tx: The command's transaction.
        incident: Whose class is set.
        priority: The class, or None.
        reason: Why.
        due: What that class promises, by column; None leaves the promises alone.
    """
    incident.override_priority = priority
    incident.override_reason = reason
    for name, at in (due or {}).items():
        setattr(incident, name, at)
    _renew_work(tx, incident)
    fact = PriorityOverridden(incident_id=incident.id, priority=priority, reason=reason)
    _changed(tx, incident, fact)


def edit(tx: Tx, incident: Incident, changes: dict[str, Any], scored: Scored | None) -> None:
    """Correct facts of an incident.

    Args:
        tx: The command's transaction.
        incident: What to correct.
        changes: Columns and their new values, already validated.
        scored: The assessment of the corrected facts, when they matter to the score.
    """
    for name, value in changes.items():
        setattr(incident, name, value)
    if scored is not None:
        _set_score(incident, scored)
        _renew_work(tx, incident)
    _changed(tx, incident, IncidentEdited(incident_id=incident.id, fields=sorted(changes)))


def add_note(tx: Tx, incident: Incident, text: str) -> Note:
    """Write a note; the log keeps that it was written, the note's row keeps the words."""
    note = Note(
        id=tx.new_id(),
        incident_id=incident.id,
        author=tx.actor.name or tx.actor.label,
        text=text,
        at=tx.now,
    )
    tx.session.add(note)
    tx.record(IncidentNoted(incident_id=incident.id, note_id=note.id), image_of(incident))
    return note


def expect_version(incident: Incident, seen: int) -> None:
    """Refuse an edit of a version that is no longer the current one.

    Raises:
        StaleVersion: With the current version as parameter.
    """
    if incident.version != seen:
        raise StaleVersion(current=incident.version)


def open_work_order(tx: Tx, incident: Incident) -> WorkOrder | None:
    """Return the work order of an incident that still waits for a visit, if any."""
    return tx.session.exec(
        select(WorkOrder)
        .where(WorkOrder.incident_id == incident.id, WorkOrder.state == "open")
        .order_by(col(WorkOrder.created_at))
    ).first()


def _order_work(tx: Tx, incident: Incident, category: Category) -> None:
    tx.write(
        WorkOrder,
        id=tx.new_id(),
        org=tx.org,
        incident_id=incident.id,
        skills=category.skills,
        duration_s=category.duration_min * 60,
        due_at=incident.respond_by,
        created_at=tx.now,
    )


def _reopen_work(tx: Tx, incident: Incident) -> None:
    unfinished = tx.session.exec(
        select(WorkOrder.id).where(
            WorkOrder.incident_id == incident.id, col(WorkOrder.state) != "done"
        )
    ).first()
    if unfinished is None:
        _order_work(tx, incident, tx.session.get_one(Category, incident.category))


def _renew_work(tx: Tx, incident: Incident) -> None:
    """Let the work that still waits ask for what the incident now needs, and by when."""
    order = open_work_order(tx, incident)
    if order is not None and order.not_before is None:
        category = tx.session.get_one(Category, incident.category)
        order.skills = category.skills
        order.duration_s = category.duration_min * 60
        order.due_at = incident.respond_by


def _changed(tx: Tx, incident: Incident, fact: DomainEvent) -> None:
    touch(incident, tx.now)
    tx.record(fact, image_of(incident))


def _step(incident: Incident, step: Step, at: datetime) -> None:
    incident.step = step
    incident.stamps = {**incident.stamps, step: at.isoformat()}


def _made_safe(incident: Incident, at: datetime) -> None:
    incident.stamps = {**incident.stamps, "made_safe": at.isoformat()}


def _set_score(incident: Incident, scored: Scored) -> None:
    for name, value in _score_columns(scored).items():
        setattr(incident, name, value)


def _score_columns(scored: Scored) -> dict[str, Any]:
    assessment = scored.assessment
    return {
        "priority": assessment.priority,
        "score": assessment.score,
        "severity": assessment.severity,
        "urgency": assessment.urgency,
        "reasons": [
            {"rule": r.rule, "axis": r.axis, "points": r.points, "params": dict(r.params)}
            for r in assessment.reasons
        ],
        "policy_version": scored.policy_version,
        "respond_by": scored.respond_by,
        "restore_by": scored.restore_by,
        "acknowledge_by": scored.acknowledge_by,
        "make_safe_by": scored.make_safe_by,
    }
