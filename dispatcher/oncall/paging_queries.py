"""Reading pages with their calls, and call-outs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.actors import Actor
from dispatcher.errors import NotFound
from dispatcher.models import (
    CallOut,
    Delivery,
    EventRow,
    Incident,
    OnCallPerson,
    Page,
    PageCall,
    User,
)
from dispatcher.oncall.holders import holders
from dispatcher.oncall.paging_schemas import (
    CallOutView,
    CallPlaced,
    Candidate,
    PageDetail,
    PolicyChangeOut,
    PolicyVersionOut,
)

LATEST = 100


def live_pages(session: Session, org: str) -> Sequence[Page]:
    """Return the pages that are open or acknowledged, oldest first."""
    return session.exec(
        select(Page)
        .where(Page.org == org, Page.state != "ended")
        .order_by(col(Page.opened_at), col(Page.id))
    ).all()


def page_list(session: Session, actor: Actor) -> list[PageDetail]:
    """Return the live pages and the latest of the others, newest first, at most a hundred."""
    rows = session.exec(
        select(Page)
        .where(Page.org == actor.org)
        .order_by((col(Page.state) == "ended").asc(), col(Page.opened_at).desc())
        .limit(LATEST)
    ).all()
    return [_detail(session, page) for page in rows]


def page_detail(session: Session, actor: Actor, page_id: UUID) -> PageDetail:
    """Return one page of the actor's authority.

    Raises:
        NotFound: Absent, or of another authority.
    """
    page = session.get(Page, page_id)
    if page is None or page.org != actor.org:
        raise NotFound(what="page")
    return _detail(session, page)


def _detail(session: Session, page: Page) -> PageDetail:
    rows = session.exec(
        select(PageCall, OnCallPerson.name)
        .join(OnCallPerson, col(OnCallPerson.id) == PageCall.person_id)
        .where(PageCall.page_id == page.id)
        .order_by(col(PageCall.called_at), col(PageCall.id))
    ).all()
    left = session.exec(select(Delivery).where(Delivery.page_id == page.id)).all()
    return PageDetail(
        id=page.id,
        incident_id=page.incident_id,
        ref=page.brief["ref"],
        title=page.brief["title"],
        place=page.brief["place"],
        priority=page.priority,
        state=page.state,
        cause=page.cause,
        code=page.code,
        opened_at=page.opened_at,
        next_at=page.due_at,
        unanswered_at=page.unanswered_at,
        acknowledged_by=page.brief.get("acknowledged_by"),
        acknowledged_at=page.brief.get("acknowledged_at"),
        acknowledged_via=page.brief.get("acknowledged_via"),
        simulated=page.simulated,
        ended_at=page.ended_at,
        ended_why=page.ended_why,
        people=_candidates(session, page),
        calls=[_placed(call, name, left) for call, name in rows],
    )


def _candidates(session: Session, page: Page) -> list[Candidate]:
    """Whoever the ladder reaches at the page's last change, first called first."""
    if page.state != "open":
        return []
    posts = [post for rung in page.ladder for post in rung]
    found = holders(session, page.org, posts, page.updated_at)
    return [
        Candidate(person_id=person.id, person=person.name, post=post)
        for post, person in sorted(found, key=lambda one: posts.index(one[0]))
    ]


def _placed(call: PageCall, name: str, left: Sequence[Delivery]) -> CallPlaced:
    own = {one.channel: one.state for one in left if one.event == f"call:{call.id}"}
    return CallPlaced(
        person=name,
        post=call.post,
        rung=call.rung,
        round=call.round,
        number=call.number,
        called_at=call.called_at,
        deliveries=own,
    )


def call_outs(
    session: Session, actor: Actor, resting: Mapping[UUID, datetime] | None = None
) -> list[CallOutView]:
    """Return the latest call-outs, newest first, at most a hundred.

    Args:
        session: Reads.
        actor: Who asks.
        resting: Until when each person who owes rest must have it; shown with the last call-out.
    """
    rows = session.exec(
        select(CallOut, OnCallPerson.name, Incident.ref)
        .join(OnCallPerson, col(OnCallPerson.id) == CallOut.person_id)
        .join(Incident, col(Incident.id) == CallOut.incident_id, isouter=True)
        .where(CallOut.org == actor.org)
        .order_by(col(CallOut.start_at).desc())
        .limit(LATEST)
    ).all()
    left = dict(resting or {})
    views = [call_out_view(one, name, ref) for one, name, ref in rows]
    return [one.model_copy(update={"rest_until": left.pop(one.person_id, None)}) for one in views]


def policy_history(session: Session, org: str) -> list[PolicyVersionOut]:
    """Return every change of the paging policy, newest first, with who made it."""
    rows = session.exec(
        select(EventRow)
        .where(EventRow.org == org, EventRow.type == "paging.policy_changed")
        .order_by(col(EventRow.seq).desc())
        .limit(LATEST)
    ).all()
    users = {f"user:{one.id}": one.name for one in session.exec(select(User)).all()}
    return [
        PolicyVersionOut(
            version=row.data["version"],
            at=row.at,
            by=users.get(row.actor, row.actor.partition(":")[0]),
            changes=[PolicyChangeOut.model_validate(one) for one in row.data.get("changes", [])],
        )
        for row in rows
    ]


def call_out_view(one: CallOut, name: str, ref: str | None) -> CallOutView:
    """Return a call-out as the wire shows it."""
    return CallOutView(
        id=one.id,
        person_id=one.person_id,
        person=name,
        incident_id=one.incident_id,
        ref=ref,
        start_at=one.start_at,
        end_at=one.end_at,
        source=one.source,
    )
