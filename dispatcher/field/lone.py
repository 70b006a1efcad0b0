"""Whoever works alone is asked whether all is well; the service holds the hour, not the phone.

A watch starts when a crew of one arrives (or by choice), asks after its interval, and alarms when
nobody has answered within the grace: on the board, and by the on-call ladder of the incident. A
phone that is dead, broken or out of network is then found missing too.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.crews.policy import field_policy
from dispatcher.database import Tx
from dispatcher.errors import Conflict, IllegalMove
from dispatcher.events.field_facts import LoneMoved
from dispatcher.events.states import VisitStatus
from dispatcher.field.images import brief_of, lone_image
from dispatcher.models import Crew, Incident, LoneWatch, Visit
from dispatcher.models.base import touch

ENDED = "ended"
AT_WORK = frozenset({VisitStatus.EN_ROUTE, VisitStatus.ON_SITE, VisitStatus.PAUSED})
THERE = frozenset({VisitStatus.ON_SITE, VisitStatus.PAUSED})
AT_ONCE = 100


def living(session: Session, crew_id: UUID) -> LoneWatch | None:
    """Return the watch over a crew that has not ended, if any."""
    return session.exec(
        select(LoneWatch).where(LoneWatch.crew_id == crew_id, LoneWatch.state != ENDED)
    ).first()


def start(tx: Tx, visit: Visit, interval_min: int | None = None) -> LoneWatch:
    """Watch over whoever makes a visit; one that is watched already stays so.

    Args:
        tx: The command's transaction.
        visit: Under way.
        interval_min: Minutes between two questions; what the policy says by default.

    Raises:
        IllegalMove: Nobody is on the way or at work there.
    """
    if VisitStatus(visit.state) not in AT_WORK:
        raise IllegalMove(source=visit.state, target="lone_watch")
    known = living(tx.session, visit.crew_id)
    if known is not None and known.visit_id == visit.id:
        return known
    if known is not None:
        end(tx, known)
    policy = field_policy(tx.session, tx.org)
    incident = tx.session.get_one(Incident, visit.incident_id)
    minutes = interval_min or policy.lone_interval_min
    watch = LoneWatch(
        id=tx.new_id(),
        org=tx.org,
        crew_id=visit.crew_id,
        visit_id=visit.id,
        incident_id=visit.incident_id,
        state="running",
        interval_min=minutes,
        grace_min=policy.lone_grace_min,
        heard_at=tx.now,
        ask_at=tx.now,
        alarm_at=tx.now,
        brief=brief_of(incident, tx.session.get_one(Crew, visit.crew_id)),
        simulated=visit.simulated,
        updated_at=tx.now,
    )
    _heard(watch, tx.now)
    tx.session.add(watch)
    tx.session.flush()
    _record(tx, watch)
    return watch


def hear(tx: Tx, watch: LoneWatch, at: datetime | None = None) -> None:
    """Note a sign of life from the phone; an alarm that rings is over with it.

    A sign that arrives late counts from when it was given: it never buys more time than that.

    Raises:
        Conflict: The watch has ended.
    """
    if watch.state == ENDED:
        raise Conflict("this watch is over", state=ENDED)
    given = min(at or tx.now, tx.now)
    if given <= watch.heard_at:
        return
    _heard(watch, given)
    if watch.ask_at <= tx.now:
        # Old news: what follows from it is for the next turn of the watch.
        watch.state = "running" if watch.state != "alarmed" else "alarmed"
    else:
        watch.state, watch.alarmed_at, watch.answered_by = "running", None, None
    _changed(tx, watch)


def answer(tx: Tx, watch: LoneWatch, *, is_well: bool) -> None:
    """Note that a colleague takes care of an alarm, or has reached the person, who is well.

    Raises:
        Conflict: Nothing rings.
    """
    if watch.state != "alarmed":
        raise Conflict("no alarm rings here", state=watch.state)
    if is_well:
        _heard(watch, tx.now)
        watch.state, watch.alarmed_at, watch.answered_by = "running", None, None
    else:
        watch.answered_by = tx.actor.name or tx.actor.label
    _changed(tx, watch)


def end(tx: Tx, watch: LoneWatch) -> None:
    """Stop watching; ending twice changes nothing."""
    if watch.state != ENDED:
        watch.state = ENDED
        _changed(tx, watch)


def follow(tx: Tx, visit: Visit, target: VisitStatus, *, by_crew: bool) -> None:
    """Bring the watch in line with a visit: it starts on site for a crew of one, ends with it.

    An alarm outlives a visit that the desk ended; what the crew says itself is a sign of life.
    """
    crew = tx.session.get_one(Crew, visit.crew_id)
    watch = living(tx.session, crew.id)
    if watch is not None and watch.visit_id == visit.id and target not in AT_WORK:
        if watch.state != "alarmed" or by_crew:
            end(tx, watch)
    elif target is VisitStatus.ON_SITE and _wants_watch(tx, crew, visit):
        start(tx, visit)


def _wants_watch(tx: Tx, crew: Crew, visit: Visit) -> bool:
    is_alone = crew.members == 1 and not visit.simulated and visit.state in THERE
    return is_alone and field_policy(tx.session, tx.org).lone_by_itself


def watch(tx: Tx) -> int:
    """Ask whoever is due to be asked, alarm for whoever did not answer; return how many."""
    due = tx.session.exec(
        select(LoneWatch)
        .where(
            LoneWatch.org == tx.org,
            ((col(LoneWatch.state) == "running") & (col(LoneWatch.ask_at) <= tx.now))
            | ((col(LoneWatch.state) == "asking") & (col(LoneWatch.alarm_at) <= tx.now)),
        )
        .order_by(col(LoneWatch.ask_at))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for one in due:
        if one.alarm_at <= tx.now:
            one.state, one.alarmed_at = "alarmed", tx.now
        else:
            one.state = "asking"
        _changed(tx, one)
    return len(due)


def _heard(watch: LoneWatch, at: datetime) -> None:
    watch.heard_at = at
    watch.ask_at = at + timedelta(minutes=watch.interval_min)
    watch.alarm_at = watch.ask_at + timedelta(minutes=watch.grace_min)


def _changed(tx: Tx, watch: LoneWatch) -> None:
    touch(watch, tx.now)
    _record(tx, watch)


def _record(tx: Tx, watch: LoneWatch) -> None:
    image = lone_image(watch)
    fact = LoneMoved(
        watch_id=watch.id,
        visit_id=watch.visit_id,
        incident_id=watch.incident_id,
        crew_id=watch.crew_id,
        target=image.state,
    )
    tx.record(fact, image)
