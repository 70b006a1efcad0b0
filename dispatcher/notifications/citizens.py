"""A message to somebody who reported: his address and language from his report, his link, the words
in force now.

A delivery names the request, never the person; whoever was erased, or stopped his messages
meanwhile, gets nothing.
"""

from typing import cast
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.auth.context import Service
from dispatcher.auth.tracking import tracking_token
from dispatcher.i18n import Locale, pick
from dispatcher.models import Person, Report, Request
from dispatcher.notifications import notices
from dispatcher.notifications.channels import Outgoing
from dispatcher.notifications.deliveries import Held
from dispatcher.notifications.notices import NoticeChannel, NoticeCode
from dispatcher.notifications.web_push import Gone

TARGET = "request:"
KIND = "citizen."
ALWAYS = frozenset({"link"})
"""Codes that somebody asked for in person: they come although he stopped the others."""


def target_of(request_id: UUID) -> str:
    """Return how a delivery names a citizen."""
    return f"{TARGET}{request_id}"


def contact_of(session: Session, request: Request) -> Person | None:
    """Return the person behind a request, None when he left no contact or was erased."""
    return session.exec(
        select(Person)
        .join(Report, col(Report.person_id) == Person.id)
        .where(Report.id == request.report_id)
    ).first()


def written(service: Service, session: Session, held: Held) -> Outgoing:
    """Return a notice with its address, ready to leave.

    Raises:
        Gone: The person was erased or stopped his messages.
    """
    request = session.get(Request, UUID(held.target.removeprefix(TARGET)))
    person = contact_of(session, request) if request is not None else None
    code = cast(NoticeCode, held.kind.removeprefix(KIND))
    channel = cast(NoticeChannel, held.channel)
    to = {"sms": person.phone, "email": person.email}.get(channel) if person else None
    if request is None or person is None or not to:
        raise Gone("this person left no address there", is_final=True)
    if request.muted_at is not None and code not in ALWAYS:
        raise Gone("this person stopped his messages", is_final=True)
    locale: Locale = pick(person.locale, service.settings.default_locale)
    notice = notices.notice_of(session, request.org, code, channel)
    link = f"{service.settings.origin}/suivi/{tracking_token(service.secret, request.id)}"
    values = {
        **{name: str(value) for name, value in held.payload.items()},
        "org": service.settings.org_name,
        "link": link,
        "stop": f"{link}#avis",
    }
    text = notices.fill(notice.text(locale), values)
    return Outgoing(
        id=held.id,
        to=to,
        subject=notices.fill(notice.subject(locale), values),
        text=notices.plain(text) if channel == "sms" else text,
        kind=held.kind,
        link=link,
        unsubscribe=f"{link}/stop",
    )
