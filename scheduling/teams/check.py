"""Every rule a teams plan breaks, found without any of the code that makes plans."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from scheduling.teams.problem import DAY_LENGTH, TeamsPlan, TeamsProblem


def check(problem: TeamsProblem, plan: TeamsPlan) -> list[str]:
    """Names of broken rules with the job, day or person; an empty list is a lawful plan."""
    return [
        *_census(problem, plan),
        *_people(problem, plan),
        *_clock(problem, plan),
        *_skills(problem, plan),
        *_contractors(problem, plan),
    ]


def _census(problem: TeamsProblem, plan: TeamsPlan) -> Iterator[str]:
    seen = Counter(p.job for p in plan.placements)
    seen.update(plan.outsourced)
    if seen != Counter(job.number for job in problem.jobs):
        yield "each job once"


def _people(problem: TeamsProblem, plan: TeamsPlan) -> Iterator[str]:
    """Each person in one team a day, in team 0 exactly when off."""
    for day, teams in enumerate(plan.teams, start=1):
        where = Counter(person for team in teams for person in team)
        if where != Counter(person.number for person in problem.technicians):
            yield f"each person once: day {day}"
        off = {person.number for person in problem.technicians if day in person.days_off}
        if set(teams[0]) != off:
            yield f"days off: day {day}"


def _clock(problem: TeamsProblem, plan: TeamsPlan) -> Iterator[str]:
    """Within one day, one job at a time per team, after the jobs before."""
    jobs = {job.number: job for job in problem.jobs}
    ends = {p.job: p.start + jobs[p.job].duration for p in plan.placements}
    by_team: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for p in plan.placements:
        if not (p.day - 1) * DAY_LENGTH <= p.start <= ends[p.job] <= p.day * DAY_LENGTH:
            yield f"within the day: job {p.job}"
        if any(ends.get(other, 0) > p.start for other in jobs[p.job].before):
            yield f"precedence: job {p.job}"
        by_team.setdefault((p.day, p.team), []).append((p.start, ends[p.job]))
    for (day, team), spans in by_team.items():
        if any(one[1] > other[0] for one, other in pairwise(sorted(spans))):
            yield f"one job at a time: day {day}, team {team}"


def _skills(problem: TeamsProblem, plan: TeamsPlan) -> Iterator[str]:
    jobs = {job.number: job for job in problem.jobs}
    people = {person.number: person for person in problem.technicians}
    for p in plan.placements:
        if not 1 <= p.day <= len(plan.teams) or not 1 <= p.team < len(plan.teams[p.day - 1]):
            yield f"unknown team: job {p.job}"
            continue
        team = [people[number] for number in plan.teams[p.day - 1][p.team]]
        for column, needed in enumerate(jobs[p.job].needs):
            domain, level = column // problem.levels, column % problem.levels + 1
            if sum(person.levels[domain] >= level for person in team) < needed:
                yield f"skills: job {p.job}"
                break


def _contractors(problem: TeamsProblem, plan: TeamsPlan) -> Iterator[str]:
    """Within the budget; what follows a job given away is given away too."""
    spent = sum(job.price for job in problem.jobs if job.number in plan.outsourced)
    if spent > problem.budget:
        yield f"budget: {spent} > {problem.budget}"
    for job in problem.jobs:
        if job.number not in plan.outsourced and plan.outsourced & set(job.before):
            yield f"follows a job given away: job {job.number}"
