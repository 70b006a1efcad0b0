"""Builds a whole plan from an order of jobs, compiled: each job takes its cheapest place in turn.

A place is a team of some day that can take the job as it is, with a few free people added, or a
new team. The first day that has a place gets the job; in that day the place that binds fewest
people and wastes fewest skills. Refuses to choose the order.
"""

from typing import Final, NamedTuple

import numpy as np

from scheduling.dispatch.jit import compiled
from scheduling.teams.problem import DAY_LENGTH, Ints, TeamsProblem

NOBODY: Final = -1
FAR: Final = 1 << 50


class Shop(NamedTuple):
    """A problem as arrays.

    ``needs`` is jobs × skills, ``asked`` the columns of each job's needs, padded with -1, ``holds``
    people × skills (0 or 1), ``held`` their sums, ``before`` jobs × the most predecessors, padded
    with -1, ``is_in`` days × people.
    """

    duration: Ints
    priority: Ints
    needs: Ints
    asked: Ints
    holds: Ints
    held: Ints
    before: Ints
    is_in: Ints


class Draft(NamedTuple):
    """A plan being built; ``team_of`` is days × people, ``skills`` days × teams × skills.

    ``total`` sums a team's skills, ``free`` counts the people of a day in no team yet.
    """

    day: Ints
    start: Ints
    team: Ints
    team_of: Ints
    skills: Ints
    free_at: Ints
    total: Ints
    teams: Ints
    free: Ints
    chosen: Ints


def build_shop(problem: TeamsProblem) -> Shop:
    """The problem as arrays; the last day has nobody off, so that every plan can be ended."""
    rows = {job.number: row for row, job in enumerate(problem.jobs)}
    width = max((len(job.before) for job in problem.jobs), default=0)
    before = np.full((len(problem.jobs), max(width, 1)), -1, dtype=np.int64)
    for row, job in enumerate(problem.jobs):
        before[row, : len(job.before)] = [rows[number] for number in job.before]
    steps = np.arange(1, problem.levels + 1)
    holds = [
        [int(level >= step) for level in person.levels for step in steps]
        for person in problem.technicians
    ]
    last = max((max(p.days_off, default=0) for p in problem.technicians), default=0)
    # At one job a day, after the last day off, any plan ends.
    days = last + len(problem.jobs) + 1
    is_in = np.ones((days, len(problem.technicians)), dtype=np.int64)
    for column, person in enumerate(problem.technicians):
        for day in person.days_off:
            is_in[day - 1, column] = 0
    needs = np.array([job.needs for job in problem.jobs], dtype=np.int64)
    asked = np.full((len(needs), max(int((needs > 0).sum(axis=1).max()), 1)), -1, dtype=np.int64)
    for row, job_needs in enumerate(needs):
        columns = np.flatnonzero(job_needs)
        asked[row, : len(columns)] = columns
    held = np.array(holds, dtype=np.int64)
    return Shop(
        np.array([job.duration for job in problem.jobs], dtype=np.int64),
        np.array([job.priority for job in problem.jobs], dtype=np.int64),
        needs,
        asked,
        held,
        held.sum(axis=1),
        before,
        is_in,
    )


def build_draft(shop: Shop) -> Draft:
    """Room for a plan."""
    jobs, (days, people) = len(shop.duration), shop.is_in.shape
    skills = shop.needs.shape[1]
    return Draft(
        np.zeros(jobs, dtype=np.int64),
        np.zeros(jobs, dtype=np.int64),
        np.zeros(jobs, dtype=np.int64),
        np.full((days, people), NOBODY, dtype=np.int64),
        np.zeros((days, people, skills), dtype=np.int64),
        np.zeros((days, people), dtype=np.int64),
        np.zeros((days, people), dtype=np.int64),
        np.zeros(days, dtype=np.int64),
        np.zeros(days, dtype=np.int64),
        np.zeros((3, people), dtype=np.int64),
    )


@compiled
def lacking(shop: Shop, draft: Draft, spot: tuple[int, int, int], missing: Ints) -> int:
    """People-levels the team (or nobody yet) lacks for the job, by skill into ``missing``."""
    day, team, job = spot
    total = 0
    for s in shop.asked[job]:
        if s >= 0:
            have = draft.skills[day, team, s] if team < draft.teams[day] else 0
            missing[s] = max(0, shop.needs[job, s] - have)
            total += missing[s]
    return total


@compiled
def ablest(
    shop: Shop, draft: Draft, spot: tuple[int, int, int], bias: Ints, missing: Ints
) -> tuple[int, int]:
    """The free person who fills most of what is missing and wastes least, and how much of it."""
    day, _, job = spot
    best, best_score, best_gain = NOBODY, -FAR, 0
    for person in range(shop.holds.shape[0]):
        if draft.team_of[day, person] == NOBODY and shop.is_in[day, person] > 0:
            gain = 0
            for s in shop.asked[job]:
                if s >= 0 and missing[s] > 0:
                    gain += shop.holds[person, s]
            score = 1000 * gain - 150 * (shop.held[person] - gain) - bias[person]
            if gain > 0 and score > best_score:
                best, best_score, best_gain = person, score, gain
    return best, best_gain


@compiled
def recruit(shop: Shop, draft: Draft, spot: tuple[int, int, int], bias: Ints, missing: Ints) -> int:
    """Free people who let the team do the job, into ``chosen[0]``; their number, or -1.

    Args:
        shop: the problem.
        draft: the plan so far.
        spot: day, team (or the next number for a new one), job.
        bias: per person, how much to spare it.
        missing: scratch, one per skill.
    """
    day, _, job = spot
    left = lacking(shop, draft, spot, missing)
    if left > 0 and draft.free[day] == 0:
        return -1
    taken = 0
    while left > 0:
        best, gain = ablest(shop, draft, spot, bias, missing)
        if best == NOBODY:
            break
        # Marked as in some team, so that nobody is chosen twice.
        draft.team_of[day, best] = shop.holds.shape[0]
        draft.chosen[0, taken] = best
        taken += 1
        left -= gain
        for s in shop.asked[job]:
            if s >= 0 and missing[s] > 0:
                missing[s] -= shop.holds[best, s]
    for index in range(taken):
        draft.team_of[day, draft.chosen[0, index]] = NOBODY
    return taken if left == 0 else -1


@compiled
def place(
    shop: Shop, draft: Draft, spot: tuple[int, int, int], weights: Ints, bias: Ints, missing: Ints
) -> bool:
    """Put a job into its cheapest place of a day; False if the day has none.

    Args:
        shop: the problem.
        draft: the plan so far.
        spot: day, earliest start in that day, job.
        weights: price of one person bound, of one unit of end, of one skill idle.
        bias: per person, how much to spare it.
        missing: scratch, one per skill.
    """
    day, earliest, job = spot
    duration, needed = shop.duration[job], shop.needs[job].sum()
    best, best_team, best_count, best_start = FAR, -1, 0, 0
    teams = draft.teams[day]
    for team in range(min(teams + 1, shop.holds.shape[0])):
        start = earliest if team == teams else max(earliest, draft.free_at[day, team])
        if start + duration > DAY_LENGTH or weights[1] * (start + duration) >= best:
            continue
        taken = recruit(shop, draft, (day, team, job), bias, missing)
        if taken < 0:
            continue
        cost = weights[0] * taken + weights[1] * (start + duration)
        if team < teams:
            cost += weights[2] * max(0, draft.total[day, team] - needed)
        if cost < best:
            best, best_team, best_count, best_start = cost, team, taken, start
            draft.chosen[1, :taken] = draft.chosen[0, :taken]
    if best_team < 0:
        return False
    if best_team == teams:
        draft.skills[day, teams, :] = 0
        draft.total[day, teams] = draft.free_at[day, teams] = 0
        draft.teams[day] += 1
    for index in range(best_count):
        person = draft.chosen[1, index]
        draft.team_of[day, person] = best_team
        draft.skills[day, best_team] += shop.holds[person]
        draft.total[day, best_team] += shop.held[person]
    draft.free[day] -= best_count
    draft.free_at[day, best_team] = best_start + duration
    draft.day[job], draft.team[job] = day, best_team
    draft.start[job] = day * DAY_LENGTH + best_start
    return True


@compiled
def decode(shop: Shop, draft: Draft, order: Ints, weights: Ints, bias: Ints) -> tuple[int, int]:
    """Build the plan of an order; its cost, and a finer measure that breaks ties.

    Args:
        shop: the problem.
        draft: overwritten.
        order: jobs to do, predecessors first.
        weights: as for :func:`place`.
        bias: per person, how much to spare it.
    """
    draft.team_of[:] = NOBODY
    draft.teams[:] = 0
    draft.free[:] = shop.is_in.sum(axis=1)
    draft.start[:] = -1
    missing = np.zeros(shop.needs.shape[1], dtype=np.int64)
    worth = np.array([28, 14, 4, 1], dtype=np.int64)
    ends = np.zeros(5, dtype=np.int64)
    fine = 0
    for job in order:
        ready = 0
        for other in shop.before[job]:
            if other >= 0 and draft.start[other] >= 0:
                ready = max(ready, draft.start[other] + shop.duration[other])
        day = ready // DAY_LENGTH
        while not place(
            shop, draft, (day, max(0, ready - day * DAY_LENGTH), job), weights, bias, missing
        ):
            day += 1
            if day >= len(shop.is_in):
                return FAR, FAR
        end = draft.start[job] + shop.duration[job]
        ends[shop.priority[job]] = max(ends[shop.priority[job]], end)
        ends[0] = max(ends[0], end)
        fine += worth[shop.priority[job] - 1] * end * end // DAY_LENGTH
    return 28 * ends[1] + 14 * ends[2] + 4 * ends[3] + ends[0], fine
