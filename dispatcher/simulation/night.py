"""Simulated people on call: they hear a call or sleep through it, leave, come back, and it is done.

Only pages for simulated incidents are answered: what people report waits for people. Everything is
a command that people have too.
"""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.events.states import IncidentStatus
from dispatcher.incidents import commands as incidents
from dispatcher.incidents.workflow import MOVES
from dispatcher.models import CallOut, Incident, Page, PageCall
from dispatcher.oncall import callouts, paging
from dispatcher.simulation.behaviour import answers_after, leaves_after, stays_out

AT_ONCE = 20
SOURCE = "simulation"
DONE = (IncidentStatus.TRIAGED, IncidentStatus.IN_PROGRESS, IncidentStatus.RESOLVED)
"""The way of an incident that one person makes safe at night."""


def due_steps(session: Session, org: str, now: datetime) -> list["partial[None]"]:
    """Return the commands of people on call that are due: answer, leave, come back."""
    pages = session.exec(
        select(Page)
        .where(
            Page.org == org,
            col(Page.simulated).is_(True),
            Page.state != paging.ENDED,
        )
        .order_by(col(Page.opened_at))
        .limit(AT_ONCE)
    ).all()
    steps = [step for page in pages if (step := _step(session, page, now)) is not None]
    out = session.exec(
        select(CallOut).where(
            CallOut.org == org, CallOut.source == SOURCE, col(CallOut.end_at).is_(None)
        )
    ).all()
    return steps + [
        partial(_back, call_out_id=one.id)
        for one in out
        if one.page_id is None or now - one.start_at >= stays_out(one.page_id)
    ]


def _step(session: Session, page: Page, now: datetime) -> "partial[None] | None":
    if page.state == paging.OPEN:
        calls = session.exec(
            select(PageCall).where(PageCall.page_id == page.id).order_by(col(PageCall.called_at))
        ).all()
        for call in calls:
            delay = answers_after(call.id)
            if delay is not None and now - call.called_at >= delay:
                return partial(_answer, page_id=page.id, person_id=call.person_id)
        return None
    taken = page.brief.get("acknowledged_at")
    went = session.exec(select(CallOut.id).where(CallOut.page_id == page.id)).first()
    if taken is None or went is not None or page.person_id is None:
        return None
    if now - datetime.fromisoformat(taken) < leaves_after(page.id):
        return None
    return partial(_leave, page_id=page.id, person_id=page.person_id)


def _answer(tx: Tx, page_id: UUID, person_id: UUID) -> None:
    paging.acknowledge(tx, page_id, person_id, "simulation")


def _leave(tx: Tx, page_id: UUID, person_id: UUID) -> None:
    callouts.leave(tx, tx.session.get_one(Page, page_id), person_id, SOURCE)


def _back(tx: Tx, call_out_id: UUID) -> None:
    """Note the return, and that the incident is made safe, unless somebody decided otherwise."""
    call_out = tx.session.get_one(CallOut, call_out_id)
    callouts.back(tx, call_out.person_id)
    incident = tx.session.get(Incident, call_out.incident_id)
    if incident is None:
        return
    for state in DONE:
        if state in MOVES[IncidentStatus(incident.state)]:
            incidents.move(tx, incident, state)
