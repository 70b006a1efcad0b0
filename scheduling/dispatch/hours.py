"""What a crew's own rules come to: from when, until when, with which pauses, holding what.

Rest, absences, route length and work without pause are brought back to a first second, a last one
and pauses, so that those who time routes need know nothing else. ``check`` does not use this.
"""

from collections.abc import Sequence

from scheduling.dispatch.crew import Break, Crew, WorkLimit


def free_from(crew: Crew) -> int:
    """First second at which the crew may leave: rest over, and present."""
    at = rested_at(crew)
    for absence in crew.absences:
        if absence.opens_at <= at < absence.closes_at:
            at = absence.closes_at
    return at


def rested_at(crew: Crew) -> int:
    """First second at which the crew is free and its rest is over; its route is counted from it."""
    return crew.ready_at if crew.rest_until is None else max(crew.ready_at, crew.rest_until)


def home_by(crew: Crew) -> int:
    """Last lawful arrival at the end place."""
    if crew.max_route_s is None:
        return crew.hard_end
    return min(crew.hard_end, rested_at(crew) + crew.max_route_s)


def pauses(crew: Crew) -> tuple[Break, ...]:
    """Breaks, absences still to come, and what the work limit adds, in time order.

    A break that an absence can hold is taken then.
    """
    if not crew.absences and crew.work_limit is None:
        return crew.breaks
    start = free_from(crew)
    away = [
        Break(absence.opens_at, absence.opens_at, absence.closes_at - absence.opens_at)
        for absence in crew.absences
        if absence.opens_at >= start
    ]
    own = [rule for rule in crew.breaks if not any(_holds(gap, rule) for gap in away)]
    fixed = sorted([*own, *away], key=lambda rule: (rule.earliest_at, rule.latest_at))
    if crew.work_limit is None:
        return tuple(fixed)
    return tuple(_rested(fixed, crew.work_limit, (start, home_by(crew))))


def _holds(gap: Break, rule: Break) -> bool:
    """True if the whole break can be taken inside the absence."""
    start = max(gap.earliest_at, rule.earliest_at)
    return start <= rule.latest_at and start + rule.duration_s <= gap.earliest_at + gap.duration_s


def _rested(fixed: Sequence[Break], limit: WorkLimit, day: tuple[int, int]) -> list[Break]:
    """The fixed pauses, and between them as many more as the limit asks.

    Each starts in the second half of what the limit allows, counted from the earliest end of the
    pause before, so that no real stretch is longer, whatever is taken when.
    """
    since, until = day
    rested: list[Break] = []
    for rule in [*fixed, None]:
        while (until if rule is None else rule.latest_at) - since > limit.work_s:
            latest_at = since + limit.work_s
            earliest_at = latest_at - limit.work_s // 2
            rested.append(Break(earliest_at, latest_at, limit.pause_s))
            since = earliest_at + limit.pause_s
        if rule is not None:
            rested.append(rule)
            if rule.duration_s >= limit.pause_s:
                since = rule.earliest_at + rule.duration_s
    return rested


def skills_held(crew: Crew) -> dict[str, int]:
    """Skill code → level, of the skills that hold until the crew's last lawful second."""
    last = home_by(crew)
    return {
        skill.code: skill.level
        for skill in crew.skills
        if skill.valid_until is None or skill.valid_until > last
    }


def work_room_s(crew: Crew) -> int | None:
    """Seconds of service that visits without urgency may fill; ``None`` = no reserve is kept."""
    if not crew.reserve_s:
        return None
    return max(0, crew.shift_end - rested_at(crew) - crew.reserve_s)
