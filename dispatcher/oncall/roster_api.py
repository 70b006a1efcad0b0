"""The roster on paper, calendar feeds by secret link, and handover notes, over HTTP."""

from datetime import timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from sqlmodel import col, select

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.auth.links import read_link, sign_link
from dispatcher.database import Tx
from dispatcher.errors import NotFound
from dispatcher.events.oncall_facts import RosterTaken
from dispatcher.i18n import pick
from dispatcher.models import HandoverNote, OnCallPerson
from dispatcher.notifications.sending import MINE_LINK
from dispatcher.oncall.calendar_feed import Entry, calendar
from dispatcher.oncall.handover import note_handover
from dispatcher.oncall.roster import coming_duties, roster_page
from dispatcher.oncall.schemas import CalendarLinkOut, HandoverIn, HandoverOut
from dispatcher.oncall.snapshot import posts_of, published_rota

router = APIRouter(tags=["on-call"])
public_router = APIRouter(include_in_schema=False)

CALENDAR = "calendar"
"""Purpose of calendar links."""
PAST_SHOWN = timedelta(weeks=8)


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
    return [
        CalendarLinkOut(
            person_id=one.id,
            person=one.name,
            url=f"{service.settings.origin}/agenda/"
            f"{sign_link(service.secret, CALENDAR, one.id)}.ics",
            page=f"{service.settings.origin}/mes-astreintes/"
            f"{sign_link(service.secret, MINE_LINK, one.id)}",
        )
        for one in people
    ]


@public_router.get("/agenda/{token}.ics")
def read_calendar(
    request: Request, token: str, actor: Annotated[Actor, Depends(access.public)]
) -> Response:
    """Give a person's turns to a calendar; wrong links are not found."""
    service = service_of(request)
    person_id = read_link(service.secret, CALENDAR, token)
    locale = service.settings.default_locale
    with service.store.read() as session:
        person = session.get(OnCallPerson, person_id)
        if person is None or person.org != actor.org:
            raise NotFound()
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
            if duty.person_id == person_id and rota is not None
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
        rows = session.exec(
            select(HandoverNote)
            .where(HandoverNote.org == actor.org)
            .order_by(col(HandoverNote.at).desc())
            .limit(50)
        ).all()
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


def _write(tx: Tx, body: HandoverIn) -> HandoverNote:
    return note_handover(tx, body.text, body.post)
