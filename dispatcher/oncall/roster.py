"""The roster on paper: one self-contained page that opens without any network.

It holds names and telephone numbers, since it must serve when nothing else does: only whoever
builds rotas may take it out, and the log remembers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader
from sqlmodel import Session, col, select

from dispatcher.errors import NotFound
from dispatcher.i18n import Locale, t
from dispatcher.models import OnCallDuty, OnCallPerson, OnCallPost, Rota
from dispatcher.oncall.ladder import paging_policy, steps_of
from dispatcher.oncall.snapshot import people_of, posts_of, published_rota
from ui import TEMPLATES

_templates = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True, slots=True)
class Row:
    """One week: who holds each post, in the order of the posts."""

    week: str
    start_at: datetime
    end_at: datetime
    held: tuple[str, ...]


def coming_duties(session: Session, rota: Rota, at: datetime) -> Sequence[OnCallDuty]:
    """Return the turns of a rota that are not over at an instant, in order."""
    return session.exec(
        select(OnCallDuty)
        .where(OnCallDuty.rota_id == rota.id, col(OnCallDuty.end_at) > at)
        .order_by(col(OnCallDuty.start_at), col(OnCallDuty.post))
    ).all()


def roster_page(
    session: Session, org: str, at: datetime, zone: ZoneInfo, words: tuple[Locale, str]
) -> str:
    """Return the roster in force as one HTML page without any outside address.

    Args:
        session: Reads.
        org: The authority.
        at: When it is printed; turns that are over are left out.
        zone: Civil time of the service.
        words: The reader's language, and the authority's name.

    Raises:
        NotFound: No rota is in force.
    """
    locale, name = words
    rota = published_rota(session, org)
    if rota is None:
        raise NotFound(what="rota")
    posts, people = posts_of(session, org), people_of(session, org)
    policy = paging_policy(session, org)
    rungs = {step.code: step.rung for step in steps_of(session, org, policy)}
    rows = _rows(coming_duties(session, rota, at), posts, {p.id: p.name for p in people})

    def hour(instant: datetime) -> str:
        return instant.astimezone(zone).strftime("%d/%m/%Y %H:%M")

    return _templates.get_template("roster.html").render(
        say=lambda key, **params: t(locale, f"roster.{key}", **params),
        locale=locale,
        org_name=name,
        rota=rota,
        posts=[p.label_en if locale == "en" else p.label_fr for p in posts],
        rungs=[rungs[post.code] for post in posts],
        rows=rows,
        people=_reached(people, rows),
        waits=policy.wait_min,
        hour=hour,
        at=at,
    )


def _rows(
    duties: Sequence[OnCallDuty], posts: Sequence[OnCallPost], names: dict[object, str]
) -> list[Row]:
    weeks: dict[str, list[OnCallDuty]] = {}
    for duty in duties:
        weeks.setdefault(duty.week, []).append(duty)
    return [
        Row(
            week,
            min(duty.start_at for duty in own),
            max(duty.end_at for duty in own),
            tuple(
                ", ".join(names[duty.person_id] for duty in own if duty.post == post.code)
                for post in posts
            ),
        )
        for week, own in weeks.items()
    ]


def _reached(people: Sequence[OnCallPerson], rows: Sequence[Row]) -> list[OnCallPerson]:
    """Return the people of the roster by name: nobody else's number leaves."""
    named = {name for row in rows for held in row.held for name in held.split(", ")}
    return sorted((p for p in people if p.name in named), key=lambda p: p.name)
