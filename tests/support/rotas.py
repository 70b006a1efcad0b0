"""Rota problems for tests: small builders with sensible defaults, and random worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from scheduling.rota.problem import (
    Absence,
    AbsenceKind,
    Assignment,
    Carry,
    Duty,
    DutyKind,
    Frequency,
    Held,
    Mentoring,
    Person,
    Policy,
    Post,
    Problem,
    Qualification,
    Wish,
)
from scheduling.rota.rules.calendar import public_holidays, weeks
from scheduling.rota.solution import Rota

OPERATIONS = Post("operations", "Exploitation", "E", DutyKind.OPERATIONS)
DECISION = Post("decision", "Décision", "D", DutyKind.DECISION)
START = date(2026, 11, 23)


def person(name: str, *posts: str, fte_pct: int = 100) -> Person:
    """Somebody qualified for the posts, without limit of date."""
    return Person(name, name.title(), tuple(Qualification(post) for post in posts), fte_pct)


def weekly_duties(
    posts: Sequence[Post], count: int, start: date = START, policy: Policy | None = None
) -> tuple[Duty, ...]:
    """One duty for each post and week; a holiday inside adds 30 points."""
    zone = (policy or Policy()).zone
    horizon = weeks(start, count, zone)
    years = {start.year, start.year + 1, (start + timedelta(weeks=count)).year}
    feasts = {holiday.day for year in years for holiday in public_holidays(year)}
    return tuple(
        Duty(
            f"{post.code}-{week.iso}",
            post.code,
            week.start_at,
            week.end_at,
            post.need,
            points=100
            + 30
            * sum(
                (week.start_at.astimezone(zone).date() + timedelta(days=day)) in feasts
                for day in range(7)
            ),
        )
        for week in horizon
        for post in posts
    )


def away(
    who: str, duties: Sequence[Duty], first: int, last: int, kind: AbsenceKind = AbsenceKind.LEAVE
) -> Absence:
    """An absence from the start of week `first` to the end of week `last`, both from 0."""
    starts = sorted({duty.start_at for duty in duties})
    ends = sorted({duty.end_at for duty in duties})
    return Absence(who, starts[first], ends[last], kind)


def centre(
    seed: int = 1, people: int = 16, count: int = 12, policy: Policy | None = None
) -> Problem:
    """The usual control centre: operations and decision, leaves, part-time, a past."""
    chance = Random(seed)
    policy = policy or Policy()
    managers = max(4, people // 3)
    staff = [
        person(
            f"p{number:02d}",
            "decision" if number < managers else "operations",
            fte_pct=chance.choice([100, 100, 100, 80, 50]),
        )
        for number in range(people)
    ]
    duties = weekly_duties((OPERATIONS, DECISION), count, policy=policy)
    absences = []
    for member in staff:
        for _ in range(chance.randrange(3)):
            first = chance.randrange(count)
            absences.append(
                away(member.id, duties, first, min(count - 1, first + chance.randrange(3)))
            )
    carries = tuple(Carry(member.id, chance.randrange(-100, 101)) for member in staff)
    wishes = tuple(
        Wish(member.id, duty.start_at, duty.end_at, wants_duty=chance.random() < 0.3)
        for member in staff
        for duty in [chance.choice(duties)]
        if chance.random() < 0.4
    )
    return Problem(
        (OPERATIONS, DECISION),
        tuple(staff),
        duties,
        tuple(absences),
        wishes,
        carries,
        policy=policy,
    )


def department(seed: int, sectors: int, count: int = 52, *, per_sector: int = 9) -> Problem:
    """A whole département: sectors of two posts each and one decision pool of eight."""
    chance = Random(seed)
    policy = Policy(preferred_free_weeks=2, frequencies=(Frequency(17, 52),))
    posts = [DECISION]
    staff = [person(f"cadre{number}", "decision") for number in range(8)]
    for sector in range(sectors):
        agent = Post(f"agent{sector}", f"Agent {sector}", "A", DutyKind.OPERATIONS)
        chief = Post(f"chief{sector}", f"Chef {sector}", "C", DutyKind.OPERATIONS)
        posts += [agent, chief]
        chiefs = per_sector // 2 + 1
        for number in range(per_sector):
            held = [chief.code] if number < chiefs + 1 else []
            held += [agent.code] if number >= chiefs - 2 else []
            staff.append(
                person(f"s{sector}p{number}", *held, fte_pct=100 if chance.random() < 0.8 else 80)
            )
    duties = weekly_duties(posts, count, policy=policy)
    absences = [
        away(member.id, duties, first, first)
        for member in staff
        for first in chance.sample(range(count), 7 * count // 52)
    ]
    carries = tuple(Carry(member.id, chance.randrange(-100, 101)) for member in staff)
    wishes = tuple(
        Wish(member.id, duty.start_at, duty.end_at)
        for member in staff
        for duty in chance.sample(duties, 2)
    )
    return Problem(
        tuple(posts), tuple(staff), duties, tuple(absences), wishes, carries, policy=policy
    )


def random_problem(seed: int) -> Problem:
    """A small problem that uses every rule, with duties of all lengths that overlap."""
    chance = Random(seed)
    posts = (OPERATIONS, replace(DECISION, need=chance.choice([1, 1, 2])))
    start = weekly_duties((OPERATIONS,), 1, date(2026, chance.choice([3, 10]), 9))[0].start_at
    duties = []
    for number in range(chance.randrange(4, 9)):
        begin = start + timedelta(hours=12 * chance.randrange(0, 70))
        long = timedelta(hours=chance.choice([8, 12, 24, 63, 168]))
        post = chance.choice(posts)
        work = min(1800, int(long.total_seconds() // 60)) if long <= timedelta(hours=63) else 0
        work = work if chance.random() < 0.7 else 0
        duties.append(Duty(f"d{number}", post.code, begin, begin + long, post.need, work_min=work))
    rights = [
        Qualification("operations"),
        Qualification("decision"),
        Qualification("decision", None, (start + timedelta(days=20)).date()),
        Qualification("operations", (start + timedelta(days=10)).date(), None),
    ]
    staff = tuple(
        Person(f"p{number}", f"P{number}", tuple(chance.sample(rights, chance.choice([1, 2]))))
        for number in range(4)
    )
    absences = tuple(
        Absence(f"p{chance.randrange(4)}", begin, begin + timedelta(days=chance.randrange(1, 6)))
        for begin in [start + timedelta(days=chance.randrange(30)) for _ in range(2)]
    )
    history = tuple(
        Held(
            f"p{number}",
            "operations",
            start - timedelta(days=back),
            start - timedelta(days=back - 2),
            600,
        )
        for number in range(4)
        if (back := chance.randrange(2, 12))
    )
    cells = [Assignment(duty.id, member.id) for duty in duties for member in staff]
    decided = chance.sample(cells, 2)
    policy = Policy(
        min_free_weeks=chance.choice([0, 1, 1]),
        preferred_free_weeks=chance.choice([0, 2]),
        frequencies=(Frequency(chance.choice([1, 2]), chance.choice([2, 3])),),
        apart=(("p0", "p1"),) if chance.random() < 0.5 else (),
        mentoring=(Mentoring("p2", ("p0", "p3")),) if chance.random() < 0.5 else (),
    )
    return Problem(
        posts,
        staff,
        tuple(duties),
        absences,
        pins=tuple(decided[:1]) if chance.random() < 0.3 else (),
        bans=tuple(decided[1:]),
        history=history,
        policy=policy,
    )


def random_rota(problem: Problem, seed: int) -> Rota:
    """Any rota at all, sparse enough to be lawful now and then."""
    chance = Random(seed)
    pairs = [
        (duty.id, member.id)
        for duty in problem.duties
        for member in problem.people
        if chance.random() < chance.choice([0.05, 0.2, 0.35])
    ]
    return Rota.of(pairs)
