"""Whom to ask: the experts of a domain who say they may be asked, and the on-call rota.

Three levels. First the experts of the domain (a service of the catalogue) and whoever holds an
on-call post named for it; then every expert on duty and the last rung of the incident's ladder,
which decides; then the desk. A level without anybody is passed over at once.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from dispatcher.actors import Role
from dispatcher.auth.access import RANK
from dispatcher.models import ExpertDuty, Incident, User
from dispatcher.oncall.board import service_calendar
from dispatcher.oncall.holders import holders, is_away
from dispatcher.oncall.ladder import ladder_for, paging_policy, steps_of

DOMAIN, EVERYBODY, DESK = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who may be asked.

    Attributes:
        name: As colleagues know him.
        phone: Where to call him, if he said so.
        user_id: His account; None for people who are only on the rota.
        post: The on-call post he holds; None for an expert who said that he may be asked.
    """

    name: str
    phone: str | None
    user_id: UUID | None
    post: str | None


def on_duty(session: Session, org: str, at: datetime, domain: str | None) -> list[Contact]:
    """Return the experts who may be asked at an instant, of one domain or of all, by name."""
    rows = session.exec(
        select(User, ExpertDuty)
        .join(ExpertDuty, col(ExpertDuty.user_id) == User.id)
        .where(User.org == org)
    ).all()
    found = [
        Contact(user.name, duty.phone, user.id, None)
        for user, duty in rows
        if user.active
        and RANK[Role(user.role)] >= RANK[Role.EXPERT]
        and duty.until is not None
        and duty.until > at
        and (domain is None or not duty.domains or domain in duty.domains)
    ]
    return sorted(found, key=lambda contact: contact.name)


def asked_at(session: Session, incident: Incident, level: int, at: datetime) -> list[Contact]:
    """Return whom a level asks about an incident; nobody by name on the desk's."""
    if level >= DESK:
        return []
    domain = incident.service if level == DOMAIN else None
    experts = on_duty(session, incident.org, at, domain)
    return [*experts, *_on_call(session, incident, level, at)]


def first_level(session: Session, incident: Incident, level: int, at: datetime) -> int:
    """Return the level at or after one that has somebody to ask."""
    while level < DESK and not asked_at(session, incident, level, at):
        level += 1
    return min(level, DESK)


def _on_call(session: Session, incident: Incident, level: int, at: datetime) -> list[Contact]:
    if level == DOMAIN:
        policy = paging_policy(session, incident.org)
        steps = steps_of(session, incident.org, policy)
        posts = [post.code for post in steps if incident.service in post.services]
    else:
        ladder = ladder_for(session, incident)
        posts = ladder[-1] if ladder else []
    zone: ZoneInfo = service_calendar(session, incident.org).zone
    return [
        Contact(person.name, person.phone, None, post)
        for post, person in holders(session, incident.org, posts, at)
        if not is_away(person, at, zone)
    ]
