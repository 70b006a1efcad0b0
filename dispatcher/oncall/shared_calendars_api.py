"""Calendar feeds that several people share: the turns of a post, or of a sector, by secret link."""

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.auth.links import id_of, read_link, sign_link
from dispatcher.errors import NotFound
from dispatcher.models import OnCallPost
from dispatcher.oncall.calendar_feed import PAST_SHOWN, Entry, calendar
from dispatcher.oncall.roster import coming_duties
from dispatcher.oncall.snapshot import people_of, posts_of, published_rota
from dispatcher.wire import Out

router = APIRouter(tags=["on-call"])
public_router = APIRouter(include_in_schema=False)

PURPOSE = "shared_calendar"
NAMES = UUID("8d0c7a52-6f0e-4c38-9a1d-2f4b5e7c9d10")
"""Of posts and sectors as ids, which links are made for."""

Kind = Literal["post", "sector"]


class SharedCalendarOut(Out):
    """The secret link of a feed that a whole team may have: names and turns, no telephone."""

    kind: Kind
    code: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Feed:
    """What a link opens.

    Attributes:
        id: What the link is made for; the same as long as post or sector keeps its code.
        posts: Codes of the posts whose turns it shows.
    """

    id: UUID
    kind: Kind
    code: str
    label: str
    posts: frozenset[str]


@router.get("/oncall/calendars/shared")
def list_shared_calendars(
    request: Request, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> list[SharedCalendarOut]:
    """List the secret calendar links of posts and sectors, to be handed to those they concern."""
    service = service_of(request)
    with service.store.read() as session:
        feeds = _feeds(session, actor.org, service.settings.default_locale)
    return [
        SharedCalendarOut(
            kind=feed.kind,
            code=feed.code,
            label=feed.label,
            url=f"{service.settings.origin}/agenda/commun/"
            f"{sign_link(service.secret, PURPOSE, feed.id)}.ics",
        )
        for feed in feeds
    ]


@public_router.get("/agenda/commun/{token}.ics")
def read_shared_calendar(
    request: Request, token: str, actor: Annotated[Actor, Depends(access.public)]
) -> Response:
    """Give the turns of a post or sector to a calendar; wrong links are not found."""
    service = service_of(request)
    read_link(service.secret, PURPOSE, token)
    locale = service.settings.default_locale
    with service.store.read() as session:
        feed = next(
            (one for one in _feeds(session, actor.org, locale) if one.id == id_of(token)), None
        )
        if feed is None:
            raise NotFound()
        rota = published_rota(session, actor.org)
        since = service.clocks.service.now() - PAST_SHOWN
        duties = coming_duties(session, rota, since) if rota is not None else []
        names = {person.id: person.name for person in people_of(session, actor.org)}
        labels = {post.code: _label(post, locale) for post in posts_of(session, actor.org)}
    title = "On call" if locale == "en" else "Astreinte"
    entries = [
        Entry(duty, f"{labels[duty.post]} : {names[duty.person_id]}", rota.number)
        for duty in duties
        if duty.post in feed.posts and rota is not None
    ]
    host = urlsplit(service.settings.origin).hostname or "cpo"
    text = calendar(f"{title} {feed.label}", entries, service.clocks.wall.now(), host)
    return Response(text, media_type="text/calendar")


def _feeds(session: Session, org: str, locale: str) -> list[Feed]:
    """Return a feed for each post, then one for each sector; a post without sectors is of all."""
    posts = posts_of(session, org)
    feeds = [_feed(org, "post", post.code, _label(post, locale), {post.code}) for post in posts]
    for sector in sorted({sector for post in posts for sector in post.sectors}):
        within = {post.code for post in posts if not post.sectors or sector in post.sectors}
        feeds.append(_feed(org, "sector", sector, sector, within))
    return feeds


def _feed(org: str, kind: Kind, code: str, label: str, posts: set[str]) -> Feed:
    return Feed(uuid5(NAMES, f"{org}/{kind}/{code}"), kind, code, label, frozenset(posts))


def _label(post: OnCallPost, locale: str) -> str:
    return post.label_en if locale == "en" else post.label_fr
