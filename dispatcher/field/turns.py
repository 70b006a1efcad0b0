"""On-call turns of the people of a crew: beside its day, so that nobody looks in two places."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, select

from dispatcher.field.card_schemas import TurnOut
from dispatcher.models import Crew, OnCallPerson
from dispatcher.oncall.roster import coming_duties
from dispatcher.oncall.snapshot import posts_of, published_rota

AHEAD = timedelta(days=28)


def turns_of(session: Session, crew: Crew, now: datetime) -> Sequence[TurnOut]:
    """Return the turns of a crew's people that are under way or begin within four weeks."""
    rota = published_rota(session, crew.org)
    people = session.exec(
        select(OnCallPerson).where(OnCallPerson.org == crew.org, OnCallPerson.crew == crew.code)
    ).all()
    if rota is None or not people:
        return []
    names = {person.id: person.name for person in people}
    labels = {post.code: post for post in posts_of(session, crew.org)}
    return [
        TurnOut(
            person=names[duty.person_id],
            post_fr=labels[duty.post].label_fr if duty.post in labels else duty.post,
            post_en=labels[duty.post].label_en if duty.post in labels else duty.post,
            start_at=duty.start_at,
            end_at=duty.end_at,
            is_now=duty.start_at <= now,
        )
        for duty in coming_duties(session, rota, now)
        if duty.person_id in names and duty.start_at <= now + AHEAD
    ]
