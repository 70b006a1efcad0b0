"""What somebody's own page tells: his turns and account, swaps, wishes, notes, who answers now."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from dispatcher.errors import NotFound
from dispatcher.models import OnCallDuty, OnCallPerson, Rota, Swap
from dispatcher.oncall import swapping
from dispatcher.oncall.board import on_call_state
from dispatcher.oncall.handover import notes_for
from dispatcher.oncall.ladder import paging_policy
from dispatcher.oncall.law import standing
from dispatcher.oncall.roster import coming_duties
from dispatcher.oncall.snapshot import people_of, posts_of, published_rota
from dispatcher.oncall.wishes import wishes_of
from scheduling.rota.swaps import Chain

DECIDED_SHOWN = timedelta(days=7)
NOTES = 8
BEFORE = timedelta(hours=24)
"""How long before his turn somebody sees what the turn before left."""
Step = tuple[str, str, str, str]


def everything(
    session: Session, person: OnCallPerson, now: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    """Return all that the page shows of somebody at an instant."""
    rota = published_rota(session, person.org)
    duties = coming_duties(session, rota, now) if rota is not None else []
    own = [duty for duty in duties if duty.person_id == person.id]
    names = {str(one.id): one.name for one in people_of(session, person.org)}
    posts = {post.code: post for post in posts_of(session, person.org)}
    today = now.astimezone(zone).date()
    return {
        "person": person,
        "now": now,
        "turns": [(duty, posts[duty.post]) for duty in own],
        "asked": _asked(session, person),
        "count": _account(rota, person),
        "law": standing(session, person, now, zone, paging_policy(session, person.org)),
        "swaps": _swaps(session, person, names, now),
        "wishes": [w for w in wishes_of(session, person.org, today) if w.person_id == person.id],
        "day": timedelta(days=1),
        "posts": [posts[code] for code in person.posts if code in posts],
        "labels": posts,
        "is_on": any(duty.start_at <= now for duty in own),
        "notes": _notes(session, person, own, now),
        "oncall": on_call_state(session, person.org),
    }


def offers(
    session: Session, person: OnCallPerson, duty_id: UUID, now: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    """Return the exchanges that free somebody of one of his turns, told with names.

    Raises:
        NotFound: No such turn of his in the rota in force.
        InvalidInput: The turn has begun.
    """
    found = chains_of(session, person, duty_id, now, zone)
    names = {str(one.id): one.name for one in people_of(session, person.org)}
    posts = {post.code: post for post in posts_of(session, person.org)}
    duty = session.get_one(OnCallDuty, duty_id)
    return {
        "person": person,
        "duty": duty,
        "post": posts[duty.post],
        "labels": posts,
        "chains": [
            (key_of(chain), told(_steps(chain), names), chain.wishes_broken) for chain in found
        ],
    }


def chains_of(
    session: Session, person: OnCallPerson, duty_id: UUID, now: datetime, zone: ZoneInfo
) -> tuple[Chain, ...]:
    """Return the exchanges that free somebody of a turn of his own; raises what `offers` does."""
    duty = session.get(OnCallDuty, duty_id)
    if duty is None or duty.person_id != person.id:
        raise NotFound(what="duty")
    return swapping.propose(session, person.org, duty_id, now, zone)


def key_of(chain: Chain) -> str:
    """Return a short name of an exchange that stays the same while it is possible."""
    text = ";".join(f"{one.duty_id}|{one.from_id}|{one.to_id}" for one in chain.handovers)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def told(steps: Sequence[dict[str, Any]], names: dict[str, str]) -> list[Step]:
    """Return each handover as (giver, taker, code of the post, week)."""
    found = []
    for one in steps:
        code, _, week = one["duty_id"].rpartition(":")
        found.append((names[one["from_id"]], names[one["to_id"]], code, week))
    return found


def _steps(chain: Chain) -> list[dict[str, Any]]:
    return [
        {"duty_id": one.duty_id, "from_id": one.from_id, "to_id": one.to_id}
        for one in chain.handovers
    ]


def _asked(session: Session, person: OnCallPerson) -> set[UUID]:
    """Return the turns that somebody asks to be free of already."""
    rows = session.exec(
        select(Swap.duty_id).where(Swap.asked_by == person.id, col(Swap.state).in_(swapping.LIVE))
    ).all()
    return set(rows)


def _account(rota: Rota | None, person: OnCallPerson) -> dict[str, Any] | None:
    counters = rota.counters if rota is not None else []
    return next((one for one in counters if one["person_id"] == str(person.id)), None)


def _swaps(
    session: Session,
    person: OnCallPerson,
    names: dict[str, str],
    now: datetime,
) -> list[dict[str, Any]]:
    rows = session.exec(
        select(Swap)
        .where(
            Swap.org == person.org,
            or_(col(Swap.state).in_(swapping.LIVE), col(Swap.decided_at) > now - DECIDED_SHOWN),
        )
        .order_by(col(Swap.created_at).desc())
    ).all()
    return [
        {
            "id": swap.id,
            "state": swap.state,
            "asker": names[str(swap.asked_by)],
            "is_mine": swap.asked_by == person.id,
            "said": swap.answers.get(str(person.id)),
            "steps": told(swap.handovers, names),
            "waits_for": [
                names[str(one)] for one in swapping.people_in(swap) if str(one) not in swap.answers
            ],
        }
        for swap in rows
        if person.id in swapping.people_in(swap)
    ]


def _notes(
    session: Session, person: OnCallPerson, own: Sequence[OnCallDuty], now: datetime
) -> list[dict[str, Any]]:
    """Return what the turn before left, for whoever is on call or soon will be."""
    near = [duty for duty in own if duty.start_at - BEFORE <= now]
    if not near:
        return []
    rows = notes_for(session, person.org, [duty.post for duty in near], NOTES)
    return [
        {
            "id": note.id,
            "post": note.post,
            "author": note.author,
            "text": note.text,
            "at": note.at,
            "is_read": note.author == person.name
            or any(one["name"] == person.name for one in note.seen),
        }
        for note in rows
    ]
