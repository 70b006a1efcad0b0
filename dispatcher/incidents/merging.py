"""Two incidents that are one: joined with all their reports, and parted again when they were two.

Reports and the citizens' links move to the incident that stays, so that one action on it reaches
everybody who told of it. Versions are lifted above both, so that a link that moved never sees an
older version than the one it held.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import Conflict, InvalidInput
from dispatcher.events.facts import (
    IncidentJoined,
    IncidentMerged,
    IncidentParted,
    IncidentUnmerged,
)
from dispatcher.events.states import IncidentStatus
from dispatcher.incidents import commands, promises, scoring
from dispatcher.incidents.images import image_of
from dispatcher.incidents.workflow import LIVE, check_move
from dispatcher.models import Incident, IncidentMerge, Report, Request
from dispatcher.models.base import touch

CHANNELS_KEPT = 12


def merge(tx: Tx, source: Incident, target: Incident, reason: str | None = None) -> IncidentMerge:
    """Let an incident join another one; its reports and followers go over to it.

    Args:
        tx: The command's transaction.
        source: What turned out to be the same.
        target: What stays; a living incident.
        reason: Why, for the history.

    Raises:
        InvalidInput: Both are one already, or the one to join is no longer followed.
        IllegalMove: A crew is at work on the source: the other one joins it instead.
    """
    if source.id == target.id:
        raise InvalidInput("an incident cannot join itself", field="into")
    if target.state not in LIVE:
        raise InvalidInput("the incident to join is no longer followed", field="into")
    check_move(IncidentStatus(source.state), IncidentStatus.MERGED)
    reports = tx.session.exec(select(Report).where(Report.incident_id == source.id)).all()
    row = IncidentMerge(
        id=tx.new_id(),
        org=tx.org,
        source_id=source.id,
        target_id=target.id,
        at=tx.now,
        by=tx.actor.name or tx.actor.label,
        reason=reason,
        report_ids=[str(report.id) for report in reports],
        brought=_new_to(target, source),
        before={"state": source.state, **promises.as_stored(target)},
    )
    tx.session.add(row)
    _hand_over(tx, reports, target.id)
    source.state, source.merged_into = IncidentStatus.MERGED.value, target.id
    source.window_from = source.window_to = None
    touch(source, tx.now)
    merged = IncidentMerged(
        incident_id=source.id,
        into_id=target.id,
        into_ref=target.ref,
        reports=len(reports),
        reason=reason,
    )
    tx.record(merged, image_of(source))
    _take_in(target, row, source.report_count)
    target.version = max(target.version, source.version)
    scored = promises.earliest(scoring.renewed(tx.session, target, tx.now), (target, source))
    joined = IncidentJoined(
        incident_id=target.id, from_id=source.id, from_ref=source.ref, reports=len(reports)
    )
    commands.reassess(tx, target, scored, joined)
    return row


def unmerge(tx: Tx, source: Incident) -> Incident:
    """Part an incident from the one it had joined, as it was before; return that other one.

    Raises:
        InvalidInput: It had not joined any.
        Conflict: The other one has joined a third meanwhile; part those first.
    """
    row = tx.session.exec(
        select(IncidentMerge).where(
            IncidentMerge.source_id == source.id, col(IncidentMerge.undone_at).is_(None)
        )
    ).first()
    if row is None or source.state != IncidentStatus.MERGED:
        raise InvalidInput("this incident has not joined another one", field="state")
    target = tx.session.get_one(Incident, row.target_id)
    if target.state == IncidentStatus.MERGED:
        raise Conflict("the incident it joined has joined another one since; part those first")
    row.undone_at, row.undone_by = tx.now, tx.actor.name or tx.actor.label
    ids = [UUID(one) for one in row.report_ids]
    reports = tx.session.exec(select(Report).where(col(Report.id).in_(ids))).all()
    _hand_over(tx, reports, source.id)
    _let_go(tx, target, row, source.report_count)
    scored = promises.from_stored(scoring.rescored(tx.session, target, tx.now), row.before, target)
    parted = IncidentParted(
        incident_id=target.id, left_id=source.id, left_ref=source.ref, reports=len(reports)
    )
    commands.reassess(tx, target, scored, parted)
    _restore(source, row)
    source.version = max(source.version, target.version)
    alone = scoring.rescored(tx.session, source, tx.now)
    unmerged = IncidentUnmerged(
        incident_id=source.id, from_id=target.id, from_ref=target.ref, reports=len(reports)
    )
    commands.reassess(tx, source, alone, unmerged)
    return target


def joined_to(session: Session, target_id: UUID) -> Sequence[tuple[IncidentMerge, Incident]]:
    """Return the incidents that joined one and have not left it, in the order they came."""
    return session.exec(
        select(IncidentMerge, Incident)
        .where(
            IncidentMerge.target_id == target_id,
            col(IncidentMerge.undone_at).is_(None),
            Incident.id == IncidentMerge.source_id,
        )
        .order_by(col(IncidentMerge.at))
    ).all()


def first_reference(
    session: Session, report_id: UUID, incident_id: UUID
) -> tuple[str, datetime] | None:
    """Return the reference a report first had, and when it came to the incident it is in now.

    Args:
        session: A session on any snapshot.
        report_id: The report.
        incident_id: The incident it is in now.

    Returns:
        None when it never moved.
    """
    found: tuple[str, datetime] | None = None
    here = incident_id
    while True:
        rows = [pair for pair in joined_to(session, here) if str(report_id) in pair[0].report_ids]
        if not rows:
            return found
        row, source = rows[0]
        found = (source.ref, found[1] if found else row.at)
        here = source.id


def _new_to(target: Incident, source: Incident) -> dict[str, Any]:
    told = {danger["kind"] for danger in target.facts.get("dangers", ())}
    heard = {reading["sensor"] for reading in target.facts.get("readings", ())}
    return {
        "dangers": [d for d in source.facts.get("dangers", ()) if d["kind"] not in told],
        "sources": source.facts.get("sources", 1),
        "homes": max(0, _homes(source) - _homes(target)),
        "readings": [r for r in source.facts.get("readings", ()) if r["sensor"] not in heard],
        "channels": source.channels,
    }


def _take_in(target: Incident, row: IncidentMerge, reports: int) -> None:
    brought, facts = row.brought, target.facts
    target.facts = {
        **facts,
        "dangers": [*facts.get("dangers", ()), *brought["dangers"]],
        "sources": facts.get("sources", 1) + brought["sources"],
        "homes_without_water": _homes(target) + brought["homes"],
        "readings": [*facts.get("readings", ()), *brought["readings"]],
    }
    target.report_count += reports
    target.channels = [*target.channels, *brought["channels"]][-CHANNELS_KEPT:]


def _let_go(tx: Tx, target: Incident, row: IncidentMerge, reports: int) -> None:
    """Take back what came with an incident.

    A danger goes too, unless somebody has reported since: he may have told it again, and caution
    then keeps it.
    """
    brought, facts = row.brought, target.facts
    since = tx.session.exec(
        select(Report.id).where(Report.incident_id == target.id, col(Report.received_at) > row.at)
    ).first()
    gone = {d["kind"] for d in brought["dangers"]} if since is None else set()
    silent = {reading["sensor"] for reading in brought.get("readings", ())}
    target.facts = {
        **facts,
        "dangers": [d for d in facts.get("dangers", ()) if d["kind"] not in gone],
        "sources": max(1, facts.get("sources", 1) - brought["sources"]),
        "homes_without_water": max(0, _homes(target) - brought["homes"]),
        "readings": [r for r in facts.get("readings", ()) if r["sensor"] not in silent],
    }
    target.report_count = max(1, target.report_count - reports)
    channels = list(target.channels)
    for channel in brought["channels"]:
        if channel in channels and len(channels) > 1:
            channels.remove(channel)
    target.channels = channels


def _restore(source: Incident, row: IncidentMerge) -> None:
    """Give an incident its state back; the crew it had was called off, so it waits again."""
    source.state, source.merged_into = row.before["state"], None
    if source.step not in {"received", "examined"}:
        source.step = "examined"


def _hand_over(tx: Tx, reports: Sequence[Report], incident_id: UUID) -> None:
    ids = [report.id for report in reports]
    for report in reports:
        report.incident_id = incident_id
    followers = tx.session.exec(select(Request).where(col(Request.report_id).in_(ids))).all()
    for request in followers:
        request.incident_id = incident_id


def _homes(incident: Incident) -> int:
    return int(incident.facts.get("homes_without_water", 0))
