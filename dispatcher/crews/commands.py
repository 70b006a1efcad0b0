"""Verbs that change a crew: what it does now, where it is, when it works."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from dispatcher.crews.images import crew_image
from dispatcher.crews.shifts import lay_out
from dispatcher.database import Tx
from dispatcher.errors import InvalidInput
from dispatcher.events.facts import CrewChanged
from dispatcher.models import Crew, Depot, Shift
from dispatcher.models.base import touch

CrewActivity = Literal["off", "available", "en_route", "on_site", "paused"]

LAID_DAYS = 9
"""Shifts stand from yesterday (a night shift may still run) to a week ahead."""


def set_activity(
    tx: Tx, crew: Crew, activity: CrewActivity, at: tuple[float, float] | None = None
) -> None:
    """Say what a crew does now and, when known, where.

    Args:
        tx: The command's transaction.
        crew: The crew.
        activity: Its state on the board.
        at: (latitude, longitude) in degrees, when the change tells where it is.
    """
    if crew.state == activity and at is None:
        return
    crew.state = activity
    if at is not None:
        crew.lat, crew.lon = at
        crew.located_at = tx.now
        crew.located_by = "simulated" if tx.actor.simulated else "crew"
    _changed(tx, crew)


def set_rest(tx: Tx, crew: Crew, until: datetime | None) -> None:
    """Say until when the people of a crew rest, whatever their shift says; None: no longer."""
    if crew.rest_until != until:
        crew.rest_until = until
        _changed(tx, crew)


def set_out(tx: Tx, crew: Crew, until: datetime | None, reason: str | None) -> None:
    """Take a crew out of service until an instant (a breakdown, an absence), or back: None.

    Raises:
        InvalidInput: The instant is past.
    """
    if until is not None and until <= tx.now:
        raise InvalidInput("the end must be ahead", field="until")
    if (crew.out_until, crew.out_reason) != (until, reason):
        crew.out_until, crew.out_reason = until, reason
        _changed(tx, crew)


def turn_shifts(tx: Tx, zone: ZoneInfo) -> int:
    """Lay out coming shifts, start and end those whose hour has come; return the crews changed.

    A crew still at work when its shift ends stays so until it is done: the desk sees the overtime.
    """
    crews = tx.session.exec(select(Crew).where(Crew.org == tx.org)).all()
    ahead = _shifts_ahead(tx)
    changed = 0
    for crew in crews:
        shifts = ahead.get(crew.id, [])
        is_short = not shifts or shifts[-1].end_at < tx.now + timedelta(days=LAID_DAYS - 4)
        if crew.shift_start_at is None or is_short:
            shifts = _lay_out(tx, crew, shifts, zone)
        start, end = (shifts[0].start_at, shifts[0].end_at) if shifts else (None, None)
        is_rested = crew.rest_until is None or crew.rest_until <= tx.now
        is_on = start is not None and start <= tx.now and is_rested
        activity = crew.state
        if is_on and crew.state == "off":
            activity = "available"
            _put_at_depot(tx, crew)
        elif not is_on and crew.state == "available":
            activity = "off"
        if (crew.shift_start_at, crew.shift_end_at, crew.state) != (start, end, activity):
            crew.shift_start_at, crew.shift_end_at, crew.state = start, end, activity
            _changed(tx, crew)
            changed += 1
    return changed


def _shifts_ahead(tx: Tx) -> dict[UUID, list[Shift]]:
    ahead: dict[UUID, list[Shift]] = defaultdict(list)
    rows = tx.session.exec(
        select(Shift).where(col(Shift.end_at) > tx.now).order_by(col(Shift.start_at))
    ).all()
    for shift in rows:
        ahead[shift.crew_id].append(shift)
    return ahead


def _lay_out(tx: Tx, crew: Crew, known: list[Shift], zone: ZoneInfo) -> list[Shift]:
    """Bring a crew's coming shifts in line with its pattern; a shift under way stays."""
    first = tx.now.astimezone(zone).date() - timedelta(days=1)
    wanted = {
        s.start_at: s for s in lay_out(crew.pattern, first, LAID_DAYS, zone) if s.end_at > tx.now
    }
    kept = []
    for shift in known:
        laid = wanted.pop(shift.start_at, None)
        if shift.start_at > tx.now and (laid is None or laid.end_at != shift.end_at):
            tx.session.delete(shift)
        else:
            kept.append(shift)
    for laid in wanted.values():
        made = Shift(
            id=tx.new_id(),
            crew_id=crew.id,
            start_at=laid.start_at,
            end_at=laid.end_at,
            breaks=list(laid.breaks),
        )
        tx.session.add(made)
        kept.append(made)
    return sorted(kept, key=lambda shift: shift.start_at)


def _put_at_depot(tx: Tx, crew: Crew) -> None:
    depot = tx.session.get_one(Depot, crew.depot_id)
    crew.lat, crew.lon = depot.lat, depot.lon
    crew.located_at, crew.located_by = tx.now, "depot"


def _changed(tx: Tx, crew: Crew) -> None:
    touch(crew, tx.now)
    depot = tx.session.get_one(Depot, crew.depot_id)
    tx.record(CrewChanged(crew_id=crew.id, state=crew.state), crew_image(crew, depot))
