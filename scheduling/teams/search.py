"""A good teams plan: many orders of jobs decoded, the best kept and shaken again.

Starts from every order of the four priorities, with several choices of jobs given away, then
anneals on the order, on the prices of the decoder and on which people to spare. The clock is an
argument; the same seed and number of rounds give the same plan.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Final

import numpy as np

from scheduling.teams.decode import FAR, NOBODY, Draft, Shop, build_draft, build_shop, decode
from scheduling.teams.outsource import outsourced, work_of
from scheduling.teams.problem import (
    Ints,
    Job,
    Placement,
    TeamsPlan,
    TeamsProblem,
    Technician,
    cost_of,
)

PRICES: Final = ((120, 1, 0), (120, 1, 4), (40, 1, 2), (400, 1, 8), (20, 2, 0), (120, 4, 1))
"""Prices of the decoder tried at first: person bound, unit of end, skill idle."""

RANKINGS: Final = ((1, 1, 1, 1), (28, 14, 4, 1), (8, 4, 2, 1), (1, 1, 1, 0))
"""Worth of a unit of work given away, by priority."""

TOP_STARTS: Final = 4
START_SHARE: Final = 0.25
HOT, COLD = 0.01, 0.0002


@dataclass(frozen=True, slots=True)
class Key:
    """What a plan is decoded from; ``gone`` are the jobs given away."""

    order: Ints
    weights: Ints
    bias: Ints
    gone: frozenset[int]


@dataclass(frozen=True, slots=True)
class Solved:
    """A plan, its cost, and the plans tried."""

    plan: TeamsPlan
    cost: int
    rounds: int


def warm_up() -> None:
    """Compile or load the decoder before anybody waits for it."""
    jobs = (Job(1, 60, (), 1, 0, (1,)), Job(2, 60, (1,), 2, 0, (1,)))
    toy = TeamsProblem(jobs, (Technician(1, (1,), frozenset()),), 1, 0)
    desk = _Desk(toy)
    bias = np.zeros(1, dtype=np.int64)
    desk.cost(Key(np.arange(2), np.array(PRICES[0], dtype=np.int64), bias, frozenset()))


class _Desk:
    """Decodes keys and remembers the best."""

    def __init__(self, problem: TeamsProblem) -> None:
        self.problem, self.shop = problem, build_shop(problem)
        self.draft = build_draft(self.shop)
        self.rows = {job.number: row for row, job in enumerate(problem.jobs)}
        self.after = _followers(self.shop)
        self.rounds = 0

    def cost(self, key: Key) -> tuple[int, int]:
        self.rounds += 1
        gone = [self.rows[number] for number in key.gone]
        order = key.order[~np.isin(key.order, gone)] if gone else key.order
        return decode(self.shop, self.draft, order, key.weights, key.bias)


def solve(problem: TeamsProblem, seconds: float, seed: int, clock: Callable[[], float]) -> Solved:
    """The best plan found within the seconds of the caller's clock."""
    began = clock()
    desk = _Desk(problem)
    draw = np.random.default_rng(seed)
    starts: list[tuple[tuple[int, int], int, Key]] = []
    for number, key in enumerate(_starts(desk, seconds, seed)):
        starts.append((desk.cost(key), number, key))
        if clock() - began > seconds * START_SHARE:
            break
    starts.sort(key=lambda start: start[:2])
    best = starts[0]
    share = (seconds - (clock() - began)) / TOP_STARTS
    for cost, number, key in starts[:TOP_STARTS]:
        until = clock() + share
        found = _anneal(desk, (cost, key), (clock, until, share), draw)
        if found[0] < best[0]:
            best = (found[0], number, found[1])
    desk.cost(best[2])
    plan = _plan(problem, desk.shop, desk.draft, best[2].gone)
    return Solved(plan, cost_of(problem, plan.placements), desk.rounds)


def _followers(shop: Shop) -> list[list[int]]:
    after: list[list[int]] = [[] for _ in shop.duration]
    for job, others in enumerate(shop.before.tolist()):
        for other in others:
            if other >= 0:
                after[other].append(job)
    return after


def _starts(desk: _Desk, seconds: float, seed: int) -> Iterator[Key]:
    """Every order of priorities × prices × choices of contractors."""
    problem = desk.problem
    work = work_of(problem)
    limit = min(2.0, seconds / 40)
    chosen = list(
        dict.fromkeys(
            outsourced(
                problem,
                [w * rank[j.priority - 1] for w, j in zip(work, problem.jobs, strict=True)],
                limit,
                seed,
            )
            for rank in RANKINGS
        )
    )
    bias = np.zeros(len(problem.technicians), dtype=np.int64)
    hardness = np.array(work, dtype=np.int64)
    for prices in PRICES:
        for ranks in sorted(permutations(range(4)), key=lambda r: r != (0, 1, 2, 3)):
            for gone in chosen:
                order = _order(desk, ranks, hardness)
                yield Key(order, np.array(prices, dtype=np.int64), bias, gone)


def _order(desk: _Desk, ranks: tuple[int, ...], hardness: Ints) -> Ints:
    """Jobs by rank of their priority, most work first; predecessors are drawn forward."""
    keys = [(ranks[p - 1], -int(h)) for p, h in zip(desk.shop.priority, hardness, strict=True)]
    for _ in range(len(keys)):
        changed = False
        for job, followers in enumerate(desk.after):
            first = min((keys[f] for f in followers), default=keys[job])
            if first < keys[job]:
                keys[job], changed = first, True
        if not changed:
            break
    return _lawful(desk, np.array(sorted(range(len(keys)), key=lambda j: keys[j]), dtype=np.int64))


def _lawful(desk: _Desk, order: Ints) -> Ints:
    """The order with every job after those that must come before it, otherwise unchanged."""
    placed: set[int] = set()
    result: list[int] = []

    def put(job: int) -> None:
        if job not in placed:
            placed.add(job)
            for other in desk.shop.before[job].tolist():
                if other >= 0:
                    put(other)
            result.append(job)

    for job in order.tolist():
        put(job)
    return np.array(result, dtype=np.int64)


def _anneal(
    desk: _Desk,
    start: tuple[tuple[int, int], Key],
    budget: tuple[Callable[[], float], float, float],
    draw: np.random.Generator,
) -> tuple[tuple[int, int], Key]:
    """The best key found from a start until the clock says so."""
    clock, until, share = budget
    cost, key = start
    best = start
    while (left := until - clock()) > 0:
        heat = HOT * (COLD / HOT) ** (1 - left / max(share, 1e-9)) * max(best[0][0], 1)
        other = _neighbour(desk, key, draw)
        found = desk.cost(other)
        # The finer measure moves the search over plains where the cost stands still.
        change = found[0] - cost[0] + (found[1] - cost[1]) / max(cost[1], 1) * cost[0] * 0.1
        if found[0] < FAR and change < -heat * np.log(1.0 - draw.random()):
            cost, key = found, other
        if found < best[0]:
            best = (found, other)
    return best


def _neighbour(desk: _Desk, key: Key, draw: np.random.Generator) -> Key:
    kind = draw.random()
    if kind < 0.08:
        bias = key.bias.copy()
        bias[draw.integers(len(bias))] = draw.integers(-400, 400)
        return replace(key, bias=bias)
    if kind < 0.12:
        weights = np.array(PRICES[draw.integers(len(PRICES))], dtype=np.int64)
        return replace(key, weights=weights)
    if kind < 0.16 and key.gone:
        return replace(key, gone=_other_choice(desk, key.gone, draw))
    order = key.order.tolist()
    for _ in range(int(draw.integers(1, 4))):
        job = order.pop(int(draw.integers(len(order))))
        order.insert(int(draw.integers(len(order) + 1)), job)
    return replace(key, order=_lawful(desk, np.array(order, dtype=np.int64)))


def _other_choice(desk: _Desk, gone: frozenset[int], draw: np.random.Generator) -> frozenset[int]:
    """Take one job back, and give others away in random order while the budget lasts."""
    jobs = desk.problem.jobs
    kept = set(gone)
    kept.discard(list(gone)[draw.integers(len(gone))])
    # What a job taken back follows must come back with it.
    for _ in jobs:
        kept = {n for n in kept if all(_number(desk, f) in kept for f in desk.after[desk.rows[n]])}
    spent = sum(jobs[desk.rows[number]].price for number in kept)
    for row in draw.permutation(len(jobs)).tolist():
        job = jobs[row]
        follows = all(_number(desk, follower) in kept for follower in desk.after[row])
        if job.number not in kept and follows and spent + job.price <= desk.problem.budget:
            kept.add(job.number)
            spent += job.price
    return frozenset(kept)


def _number(desk: _Desk, row: int) -> int:
    return desk.problem.jobs[row].number


def _plan(problem: TeamsProblem, shop: Shop, draft: Draft, gone: frozenset[int]) -> TeamsPlan:
    placements = tuple(
        Placement(
            job.number, int(draft.day[row]) + 1, int(draft.start[row]), int(draft.team[row]) + 1
        )
        for row, job in enumerate(problem.jobs)
        if job.number not in gone
    )
    teams = []
    for day in range(max((p.day for p in placements), default=0)):
        groups: list[list[int]] = [[] for _ in range(int(draft.teams[day]) + 1)]
        idle: list[int] = []
        for column, person in enumerate(problem.technicians):
            team = int(draft.team_of[day, column])
            if not shop.is_in[day, column]:
                groups[0].append(person.number)
            elif team == NOBODY:
                idle.append(person.number)
            else:
                groups[team + 1].append(person.number)
        teams.append(tuple(tuple(group) for group in [*groups, *([idle] if idle else [])]))
    return TeamsPlan(placements, tuple(teams), gone)
