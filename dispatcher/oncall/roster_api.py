"""The roster on paper, calendar feeds by secret link, and handover notes, over HTTP."""

from functools import partial
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from sqlmodel import col, select

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import Service, service_of
from dispatcher.database import Tx
from dispatcher.events.oncall_facts import RosterTaken
from dispatcher.i18n import pick
from dispatcher.models import HandoverNote, OnCallPerson
from dispatcher.oncall import personal
from dispatcher.oncall.calendar_feed import PAST_SHOWN, Entry, calendar
from dispatcher.oncall.handover import note_handover, notes_for
from dispatcher.oncall.handover import read_handover as read_handover_note
from dispatcher.oncall.roster import coming_duties, roster_page
from dispatcher.oncall.schemas import CalendarLinkOut, HandoverIn, HandoverOut
from dispatcher.oncall.snapshot import posts_of, published_rota

router = APIRouter(tags=["on-call"])
public_router = APIRouter(include_in_schema=False)


@router.get("/oncall/roster.html", response_class=HTMLResponse)
def take_roster(
    request: Request, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> Response:
    """Give the roster in force as one page that opens without network; the log remembers."""
    service = service_of(request)
    zone = ZoneInfo(service.settings.timezone)
    now = service.clocks.service.now()
    locale = pick(request.cookies.get("cpo_locale"), service.settings.default_locale)
    with service.store.read() as session:
        words = (locale, service.settings.org_name)
        page = roster_page(session, actor.org, now, zone, words)
    service.store.submit_wait(lambda tx: tx.record(RosterTaken()), actor)
    name = f'attachment; filename="astreintes-{now.astimezone(zone):%Y-%m-%d}.html"'
    return HTMLResponse(page, headers={"Content-Disposition": name})


@router.get("/oncall/calendars")
def read_calendar_links(
    request: Request, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> list[CalendarLinkOut]:
    """List everybody's secret calendar link, to be handed to each."""
    service = service_of(request)
    with service.store.read() as session:
        people = session.exec(
            select(OnCallPerson)
            .where(OnCallPerson.org == actor.org)
            .order_by(col(OnCallPerson.name))
        ).all()
    return [_links_out(service, one) for one in people]


@router.post("/oncall/people/{person_id}/links")
def renew_personal_links(
    request: Request,
    person_id: UUID,
    actor: Annotated[Actor, Depends(access.oncall_managers)],
) -> CalendarLinkOut:
    """Make somebody's links anew: those given out before open nothing more."""
    service = service_of(request)
    person = service.store.submit_wait(partial(personal.renew_links, person_id=person_id), actor)
    return _links_out(service, person)


@router.delete("/oncall/people/{person_id}/links")
def shut_personal_links(
    request: Request,
    person_id: UUID,
    actor: Annotated[Actor, Depends(access.oncall_managers)],
) -> CalendarLinkOut:
    """Shut somebody's links until they are made anew."""
    service = service_of(request)
    person = service.store.submit_wait(partial(personal.shut_links, person_id=person_id), actor)
    return _links_out(service, person)


def _links_out(service: Service, person: OnCallPerson) -> CalendarLinkOut:
    origin = service.settings.origin
    return CalendarLinkOut(
        person_id=person.id,
        person=person.name,
        url=personal.calendar_address(origin, service.secret, person),
        page=personal.page_address(origin, service.secret, person),
        open=person.links_open,
    )


@public_router.get("/agenda/{token}.ics")
def read_calendar(
    request: Request, token: str, actor: Annotated[Actor, Depends(access.public)]
) -> Response:
    """Give a person's turns to a calendar; wrong links are not found."""
    service = service_of(request)
    locale = service.settings.default_locale
    with service.store.read() as session:
        person = personal.person_behind(
            session, actor.org, service.secret, personal.CALENDAR, token
        )
        rota = published_rota(session, actor.org)
        since = service.clocks.service.now() - PAST_SHOWN
        own = coming_duties(session, rota, since) if rota is not None else []
        labels = {
            post.code: post.label_en if locale == "en" else post.label_fr
            for post in posts_of(session, actor.org)
        }
        title = "On call" if locale == "en" else "Astreinte"
        entries = [
            Entry(duty, f"{title} : {labels[duty.post]}", rota.number)
            for duty in own
            if duty.person_id == person.id and rota is not None
        ]
    host = urlsplit(service.settings.origin).hostname or "cpo"
    text = calendar(f"{title} {person.name}", entries, service.clocks.wall.now(), host)
    return Response(text, media_type="text/calendar")


@router.get("/oncall/handover")
def read_handover(
    request: Request, actor: Annotated[Actor, Depends(access.operators)]
) -> list[HandoverOut]:
    """Show the last notes handed over from one turn to the next, newest first."""
    with service_of(request).store.read() as session:
        rows = notes_for(session, actor.org)
    return [HandoverOut.model_validate(row) for row in rows]


@router.post("/oncall/handover", status_code=201)
def write_handover(
    request: Request,
    body: HandoverIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> HandoverOut:
    """Leave a note for whoever comes next."""
    write = partial(_write, body=body)
    made = service_of(request).store.submit_wait(write, actor)
    return HandoverOut.model_validate(made)


@router.post("/oncall/handover/{note_id}/read")
def mark_handover_read(
    request: Request, note_id: UUID, actor: Annotated[Actor, Depends(access.operators)]
) -> HandoverOut:
    """Note that you have read what the turn before left."""
    mark = partial(read_handover_note, note_id=note_id)
    return HandoverOut.model_validate(service_of(request).store.submit_wait(mark, actor))


def _write(tx: Tx, body: HandoverIn) -> HandoverNote:
    return note_handover(tx, body.text, body.post)
