"""Calendar feeds that several people share: the turns of a post, or of a sector, by secret link."""

from functools import partial
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import Service, service_of
from dispatcher.oncall.calendar_feed import PAST_SHOWN, Entry, calendar
from dispatcher.oncall.roster import coming_duties
from dispatcher.oncall.shared_feeds import (
    Feed,
    Kind,
    change_link,
    feed_behind,
    feeds_of,
    label_of,
)
from dispatcher.oncall.snapshot import people_of, posts_of, published_rota
from dispatcher.wire import Out

router = APIRouter(tags=["on-call"])
public_router = APIRouter(include_in_schema=False)

Manager = Annotated[Actor, Depends(access.oncall_managers)]


class SharedCalendarOut(Out):
    """The secret link of a feed that a whole team may have: names and turns, no telephone."""

    kind: Kind
    code: str
    label: str
    url: str
    open: bool = True


@router.get("/oncall/calendars/shared")
def list_shared_calendars(request: Request, actor: Manager) -> list[SharedCalendarOut]:
    """List the secret calendar links of posts and sectors, to be handed to those they concern."""
    service = service_of(request)
    with service.store.read() as session:
        feeds = feeds_of(session, actor.org, service.settings.default_locale)
    return [_out(service, feed) for feed in feeds]


@router.post("/oncall/calendars/shared/{kind}/{code}")
def renew_shared_calendar(
    request: Request, kind: Kind, code: str, actor: Manager
) -> SharedCalendarOut:
    """Make the link of a post or sector anew: those given out before open nothing more."""
    return _changed(request, actor, (kind, code), is_open=True)


@router.delete("/oncall/calendars/shared/{kind}/{code}")
def shut_shared_calendar(
    request: Request, kind: Kind, code: str, actor: Manager
) -> SharedCalendarOut:
    """Shut the link of a post or sector until it is made anew."""
    return _changed(request, actor, (kind, code), is_open=False)


def _changed(
    request: Request, actor: Actor, which: tuple[Kind, str], *, is_open: bool
) -> SharedCalendarOut:
    service = service_of(request)
    kind, code = which
    locale = service.settings.default_locale
    change = partial(change_link, kind=kind, code=code, is_open=is_open, locale=locale)
    return _out(service, service.store.submit_wait(change, actor))


def _out(service: Service, feed: Feed) -> SharedCalendarOut:
    return SharedCalendarOut(
        kind=feed.kind,
        code=feed.code,
        label=feed.label,
        url=f"{service.settings.origin}/agenda/commun/{feed.token(service.secret)}.ics",
        open=feed.is_open,
    )


@public_router.get("/agenda/commun/{token}.ics")
def read_shared_calendar(
    request: Request, token: str, actor: Annotated[Actor, Depends(access.public)]
) -> Response:
    """Give the turns of a post or sector to a calendar; wrong links are not found."""
    service = service_of(request)
    locale = service.settings.default_locale
    with service.store.read() as session:
        feed = feed_behind(session, actor.org, service.secret, token, locale)
        rota = published_rota(session, actor.org)
        since = service.clocks.service.now() - PAST_SHOWN
        duties = coming_duties(session, rota, since) if rota is not None else []
        names = {person.id: person.name for person in people_of(session, actor.org)}
        labels = {post.code: label_of(post, locale) for post in posts_of(session, actor.org)}
    title = "On call" if locale == "en" else "Astreinte"
    entries = [
        Entry(duty, f"{labels[duty.post]} : {names[duty.person_id]}", rota.number)
        for duty in duties
        if duty.post in feed.posts and rota is not None
    ]
    host = urlsplit(service.settings.origin).hostname or "cpo"
    text = calendar(f"{title} {feed.label}", entries, service.clocks.wall.now(), host)
    return Response(text, media_type="text/calendar")
