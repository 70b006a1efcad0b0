"""An independent judge of rotas: every broken rule, found without any of the search's code.

It reads the problem and the rota and nothing else, in the plainest loops that can be
read beside the text of the rules. Rules, models and searches are all judged by it, so
it shares no code with them, not even their calendars.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduling.rota.problem import Duty, Held, Person, Problem
from scheduling.rota.solution import Rota

WEEK_LIMIT_MIN = 48 * 60
QUARTER_LIMIT_MIN = 44 * 60 * 12


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a rota; `code` is the name of the rule it breaks."""

    code: str
    person_id: str | None = None
    duty_ids: tuple[str, ...] = ()


def check(problem: Problem, rota: Rota) -> tuple[Fault, ...]:
    """Every fault of a rota: cover first, then each person, then people together.

    Preferences (preferred spacing, wishes, fairness) are not faults.
    """
    faults = list(_cover(problem, rota))
    zone = ZoneInfo(problem.policy.timezone)
    by_id = {duty.id: duty for duty in problem.duties}
    held: dict[str, list[str]] = {}
    for cell in rota.assignments:
        held.setdefault(cell.person_id, []).append(cell.duty_id)
    for person in problem.people:
        duties = [by_id[duty_id] for duty_id in held.get(person.id, ()) if duty_id in by_id]
        duties.sort(key=lambda duty: duty.start_at)
        past = [held for held in problem.history if held.person_id == person.id]
        faults += _rights(problem, person, duties, zone)
        faults += _spacing(problem, person, duties, past, zone)
        faults += _work(problem, person, duties, past, zone)
        faults += _frequency(problem, person, duties, past, zone)
    faults += _together(problem, rota)
    return tuple(faults)


def _cover(problem: Problem, rota: Rota) -> Iterator[Fault]:
    known = {duty.id for duty in problem.duties}
    people = {person.id for person in problem.people}
    for cell in sorted(rota.assignments):
        if cell.duty_id not in known or cell.person_id not in people:
            yield Fault("unknown", cell.person_id, (cell.duty_id,))
    holders = Counter(cell.duty_id for cell in rota.assignments)
    for duty in problem.duties:
        if holders[duty.id] != duty.need:
            yield Fault("cover", None, (duty.id,))
    for pin in problem.pins:
        if pin not in rota.assignments:
            yield Fault("decision", pin.person_id, (pin.duty_id,))
    for ban in problem.bans:
        if ban in rota.assignments:
            yield Fault("decision", ban.person_id, (ban.duty_id,))


def _rights(
    problem: Problem, person: Person, duties: list[Duty], zone: ZoneInfo
) -> Iterator[Fault]:
    for duty in duties:
        # Entitled at noon of every civil day whose noon lies in the duty; a short duty
        # without a noon counts on the day it begins.
        moment = duty.start_at.astimezone(zone).replace(tzinfo=None)
        end = duty.end_at.astimezone(zone).replace(tzinfo=None)
        days = []
        probe = moment.replace(hour=12, minute=0, second=0, microsecond=0)
        while probe < end:
            if probe >= moment:
                days.append(probe.date())
            probe += timedelta(days=1)
        days = days or [moment.date()]
        entitled = any(
            right.post == duty.post
            and all(right.valid_from is None or day >= right.valid_from for day in days)
            and all(right.valid_until is None or day < right.valid_until for day in days)
            for right in person.qualifications
        )
        if not entitled:
            yield Fault("qualification", person.id, (duty.id,))
        for absence in problem.absences:
            if absence.person_id == person.id and max(absence.start_at, duty.start_at) < min(
                absence.end_at, duty.end_at
            ):
                yield Fault("absence", person.id, (duty.id,))


def _pairs(duties: list[Duty], past: list[Held]) -> Iterator[tuple[Duty | Held, Duty]]:
    """Each duty with every one that began before it, those of the past included."""
    for number, duty in enumerate(duties):
        for earlier in duties[:number]:
            yield earlier, duty
        for held in past:
            yield held, duty


def _spacing(
    problem: Problem, person: Person, duties: list[Duty], past: list[Held], zone: ZoneInfo
) -> Iterator[Fault]:
    def wall(instant: datetime) -> datetime:
        return instant.astimezone(zone).replace(tzinfo=None)

    gap = timedelta(days=7 * problem.policy.min_free_weeks)
    rest = timedelta(hours=problem.policy.daily_rest_h)
    for earlier, duty in _pairs(duties, past):
        if duty.start_at < earlier.end_at:
            yield Fault("one_at_a_time", person.id, (duty.id,))
        if gap and wall(duty.start_at) - wall(earlier.end_at) < gap:
            yield Fault("spacing", person.id, (duty.id,))
        if earlier.work_min and duty.work_min and duty.start_at - earlier.end_at < rest:
            yield Fault("daily_rest", person.id, (duty.id,))


def _work(
    problem: Problem, person: Person, duties: list[Duty], past: list[Held], zone: ZoneInfo
) -> Iterator[Fault]:
    minutes: dict[int, int] = {}
    fresh: set[int] = set()
    everything: list[Duty | Held] = [*past, *duties]
    for duty in everything:
        week = (duty.start_at.astimezone(zone).date().toordinal() - 1) // 7
        minutes[week] = minutes.get(week, 0) + duty.work_min
        if isinstance(duty, Duty) and duty.work_min:
            fresh.add(week)
    for week in sorted(fresh):
        if minutes[week] > WEEK_LIMIT_MIN:
            yield Fault("worked_hours", person.id)
        for first in range(week - 11, week + 1):
            if sum(minutes.get(first + step, 0) for step in range(12)) > QUARTER_LIMIT_MIN:
                yield Fault("worked_hours", person.id)


def _frequency(
    problem: Problem, person: Person, duties: list[Duty], past: list[Held], zone: ZoneInfo
) -> Iterator[Fault]:
    new = [duty.start_at.astimezone(zone).replace(tzinfo=None) for duty in duties]
    old = [held.start_at.astimezone(zone).replace(tzinfo=None) for held in past]
    for cap in problem.policy.frequencies:
        for first in sorted({*new, *old}):
            last = first + timedelta(days=7 * cap.window_weeks)
            mine = [start for start in new if first <= start < last]
            before = [start for start in old if first <= start < last]
            if mine and len(mine) + len(before) > cap.max_duties:
                yield Fault("frequency", person.id)


def _together(problem: Problem, rota: Rota) -> Iterator[Fault]:
    duties = {duty.id: duty for duty in problem.duties}

    def held(person_id: str) -> list[Duty]:
        return [duties[c.duty_id] for c in rota.assignments if c.person_id == person_id]

    def meet(one: Duty, other: Duty) -> bool:
        return max(one.start_at, other.start_at) < min(one.end_at, other.end_at)

    for one, other in problem.policy.apart:
        for mine in held(one):
            for theirs in held(other):
                if meet(mine, theirs):
                    yield Fault("apart", one, (mine.id, theirs.id))
    for mentoring in problem.policy.mentoring:
        beside = [duty for senior in mentoring.senior_ids for duty in held(senior)]
        for duty in held(mentoring.novice_id):
            if not any(meet(duty, other) for other in beside):
                yield Fault("mentoring", mentoring.novice_id, (duty.id,))
