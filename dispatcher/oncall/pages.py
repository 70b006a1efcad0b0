"""The page behind the link of a call: who, what, where, and one button; complete without
JavaScript.

Opening it changes nothing, since telephones fetch links to preview them; only the button does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader
from sqlmodel import Session, col, select

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import Service, service_of
from dispatcher.auth.links import read_link
from dispatcher.database import Tx
from dispatcher.errors import Conflict, NotFound
from dispatcher.i18n import Locale, pick, t
from dispatcher.models import CallOut, Incident, OnCallPerson, Page, PageCall
from dispatcher.notifications.sending import PAGE_LINK
from dispatcher.oncall import callouts, paging
from ui import TEMPLATES, asset

router = APIRouter(include_in_schema=False)

_templates = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True, slots=True)
class Called:
    """What the page shows: the call, its page, and the work done for it."""

    person: OnCallPerson
    page: Page
    incident: Incident
    out: CallOut | None

    @property
    def is_mine(self) -> bool:
        """Whether the person who was called took the page."""
        return self.page.person_id == self.person.id


@router.get("/astreinte/{token}")
def show_call(
    request: Request, token: str, _anyone: Annotated[Actor, Depends(access.public)]
) -> HTMLResponse:
    """Show the call behind a link; wrong and old links look alike."""
    service = service_of(request)
    try:
        call_id = read_link(service.secret, PAGE_LINK, token)
        with service.store.read() as session:
            called = _called(session, call_id)
    except NotFound:
        return render(request, "error.html", 404, kind="404", trace_id=None)
    return render(request, "oncall.html", called=called)


@router.post("/astreinte/{token}/{action}")
async def act_on_call(
    request: Request, token: str, action: str, actor: Annotated[Actor, Depends(access.public)]
) -> Response:
    """Take the page, leave for it, or come back from it; then show the page again."""
    service = service_of(request)
    try:
        call_id = read_link(service.secret, PAGE_LINK, token)
        await service.store.submit(lambda tx: _act(tx, call_id, action), actor)
    except NotFound:
        return render(request, "error.html", 404, kind="404", trace_id=None)
    except Conflict:
        # It ended meanwhile: the page says why.
        pass
    return RedirectResponse(f"/astreinte/{token}", 303)


def _act(tx: Tx, call_id: UUID, action: str) -> None:
    called = _called(tx.session, call_id)
    match action:
        case "prendre":
            paging.acknowledge(tx, called.page.id, called.person.id, "link")
        case "partir" if called.is_mine:
            callouts.leave(tx, called.page, called.person.id)
        case "retour" if called.is_mine:
            callouts.back(tx, called.person.id)
        case _:
            raise NotFound()


def _called(session: Session, call_id: UUID) -> Called:
    call = session.get(PageCall, call_id)
    if call is None:
        raise NotFound()
    page = session.get_one(Page, call.page_id)
    out = session.exec(
        select(CallOut)
        .where(CallOut.page_id == page.id, CallOut.person_id == call.person_id)
        .order_by(col(CallOut.start_at).desc())
    ).first()
    person = session.get_one(OnCallPerson, call.person_id)
    return Called(person, page, session.get_one(Incident, page.incident_id), out)


def render(http: Request, name: str, status: int = 200, **context: object) -> HTMLResponse:
    """Return a page of people on call in the reader's language."""
    service: Service = service_of(http)
    chosen = http.query_params.get("lang") or http.cookies.get("cpo_locale")
    locale: Locale = pick(chosen, service.settings.default_locale)
    zone = ZoneInfo(service.settings.timezone)

    def hour(at: datetime) -> str:
        return at.astimezone(zone).strftime("%d/%m %H:%M")

    html = _templates.get_template(name).render(
        t=lambda key, **params: t(locale, f"citizen.{key}", **params),
        say=lambda key, **params: t(locale, f"page.{key}", **params),
        hour=hour,
        asset=asset,
        locale=locale,
        org_name=service.settings.org_name,
        path=http.url.path,
        compliance="none",
        **context,
    )
    return HTMLResponse(html, status)
