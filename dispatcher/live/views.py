"""What a topic holds right now, from the tables: the snapshot that publications continue."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col, select

from dispatcher.crews.images import crew_image
from dispatcher.events.states import State
from dispatcher.expertise.images import question_image
from dispatcher.field.images import help_image, lone_image
from dispatcher.incidents.images import image_of
from dispatcher.live.feed import (
    OFF_ROUTE,
    ON_BOARD,
    Audience,
    Labels,
    board_item,
    citizen_item,
    crew_item,
    key_of,
)
from dispatcher.models import (
    Category,
    Crew,
    Depot,
    EventRow,
    ExpertQuestion,
    HelpCall,
    Incident,
    KeptState,
    LoneWatch,
    Page,
    Plan,
    Proposal,
    Request,
    Visit,
)
from dispatcher.oncall.images import page_image
from dispatcher.planning.images import plan_image, proposal_image, visit_image
from realtime.protocol import Item

Json = dict[str, Any]
M = TypeVar("M", bound=SQLModel)


def items_of(session: Session, topic: str) -> list[Item]:
    """Return every key of a topic with its present view; unknown topics are empty."""
    kind, _, name = topic.partition(":")
    match kind:
        case "board":
            return [board_item(image) for image in board_images(session, name)]
        case "rota":
            return [board_item(image) for image in _rota(session, name)]
        case "experts":
            images = [*_questions(session, name), *_kept(session, name, ("clock",))]
            return [board_item(image) for image in images]
        case "crew":
            with suppress(ValueError):  # a name that is no id names nobody
                crew_id = UUID(name)
                return [crew_item(image, crew_id) for image in _crew(session, crew_id)]
        case "request":
            return _request(session, topic)
    return []


def written_items_of(session: Session, topic: str) -> list[Item]:
    """Return the same, a board's as JSON already: it holds thousands of keys."""
    kind, _, name = topic.partition(":")
    if kind == "board":
        return [_encoded(image) for image in _board(session, name)]
    return items_of(session, topic)


def audience_of(session: Session, org: str, events: Sequence[EventRow]) -> Audience:
    """Return whom a batch of events concerns beyond what they say themselves."""
    incidents = {
        UUID(image["id"]) for e in events for image in e.after if image["kind"] == "incident"
    }
    requests: dict[UUID, list[str]] = {}
    if incidents:
        rows = session.exec(select(Request).where(col(Request.incident_id).in_(incidents))).all()
        for row in rows:
            requests.setdefault(row.incident_id, []).append(row.topic)
    ticks = any(image["kind"] == "clock" for e in events for image in e.after)
    crews = session.exec(select(Crew.id).where(Crew.org == org)).all() if ticks else ()
    labels = labels_of(session, org) if requests else {}
    return Audience({k: tuple(v) for k, v in requests.items()}, tuple(crews), labels)


def labels_of(session: Session, org: str) -> dict[str, Labels]:
    """Return the categories' names."""
    rows = session.exec(
        select(Category.code, Category.label_fr, Category.label_en).where(Category.org == org)
    ).all()
    return {code: Labels(fr, en) for code, fr, en in rows}


def board_images(session: Session, org: str) -> Iterable[Json]:
    """Return what the operators' board shows of an authority now."""
    return (_dump(one) if isinstance(one, State) else one for one in _board(session, org))


def _encoded(image: State | Json) -> Item:
    """Return an image as an item of a snapshot, without a dictionary in between."""
    if not isinstance(image, State):
        return board_item(image)
    named: Any = image
    key = key_of({"kind": named.kind, "id": getattr(named, "id", None)})
    return Item(key, named.ver, image.model_dump_json().encode())


def _board(session: Session, org: str) -> Iterable[State | Json]:
    shown = (Incident.org == org, col(Incident.state).in_(ON_BOARD))
    yield from (image_of(i) for i in _rows_of(session, Incident, *shown))
    on_route = (
        Visit.org == org,
        col(Visit.archived).is_(False),
        col(Visit.state).not_in(OFF_ROUTE),
    )
    yield from (visit_image(v) for v in _rows_of(session, Visit, *on_route))
    crews = session.exec(
        select(Crew, Depot)
        .where(Crew.depot_id == Depot.id, Crew.org == org)
        .order_by(col(Crew.position))
    ).all()
    yield from (crew_image(c, d) for c, d in crews)
    proposals = session.exec(
        select(Proposal).where(Proposal.org == org, col(Proposal.state).in_(["open", "applied"]))
    ).all()
    yield from (proposal_image(p) for p in proposals)
    plan = session.exec(select(Plan).where(Plan.org == org)).first()
    if plan is not None:
        yield plan_image(plan)
    yield from _rota(session, org)
    yield from _field(session, org)
    yield from _kept(session, org, ("clock", "weather"))


def _field(session: Session, org: str, crew_id: UUID | None = None) -> Iterable[Json]:
    """Yield what crews ask for and who works alone: of one crew, or of all."""
    calls = select(HelpCall).where(HelpCall.org == org, HelpCall.state == "open")
    watches = select(LoneWatch).where(LoneWatch.org == org, LoneWatch.state != "ended")
    if crew_id is not None:
        calls = calls.where(HelpCall.crew_id == crew_id)
        watches = watches.where(LoneWatch.crew_id == crew_id)
    yield from (_dump(help_image(call)) for call in session.exec(calls).all())
    yield from (_dump(lone_image(watch)) for watch in session.exec(watches).all())
    yield from _questions(session, org, crew_id)


def _questions(session: Session, org: str, crew_id: UUID | None = None) -> Iterable[Json]:
    query = select(ExpertQuestion).where(
        ExpertQuestion.org == org, col(ExpertQuestion.state).in_(["open", "taken"])
    )
    if crew_id is not None:
        query = query.where(ExpertQuestion.crew_id == crew_id)
    yield from (_dump(question_image(question)) for question in session.exec(query).all())


def _rows_of(session: Session, model: type[M], *where: Any) -> Iterable[M]:
    """Yield rows that read like the model's: thousands of tracked objects cost twice as much."""
    columns = model.__table__.columns  # type: ignore[attr-defined]
    for row in session.execute(sa_select(*columns).where(*where)):
        yield cast(M, row)


def _rota(session: Session, org: str) -> Iterable[Json]:
    yield from _kept(session, org, ("oncall", "oncall_alerts"))
    pages = session.exec(select(Page).where(Page.org == org, Page.state != "ended")).all()
    yield from (_dump(page_image(page)) for page in pages)


def _crew(session: Session, crew_id: UUID) -> Iterable[Json]:
    row = session.exec(
        select(Crew, Depot).where(Crew.depot_id == Depot.id, Crew.id == crew_id)
    ).first()
    if row is None:
        return
    yield _dump(crew_image(*row))
    visits = session.exec(
        select(Visit).where(
            Visit.crew_id == crew_id,
            col(Visit.archived).is_(False),
            col(Visit.state).not_in(OFF_ROUTE),
        )
    ).all()
    yield from (_dump(visit_image(v)) for v in visits)
    yield from _field(session, row[0].org, crew_id)
    yield from _kept(session, row[0].org, ("clock",))


def _request(session: Session, topic: str) -> list[Item]:
    row = session.exec(
        select(Incident)
        .join(Request, col(Request.incident_id) == Incident.id)
        .where(Request.topic == topic)
    ).first()
    if row is None:
        return []
    return [citizen_item(_dump(image_of(row)), labels_of(session, row.org))]


def _kept(session: Session, org: str, kinds: tuple[str, ...]) -> Iterable[Json]:
    for kind in kinds:
        kept = session.get(KeptState, f"{kind}:{org}")
        if kept is not None:
            yield kept.state


def _dump(image: State) -> Json:
    return image.model_dump(mode="json")
