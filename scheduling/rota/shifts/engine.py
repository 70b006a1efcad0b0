"""The best roster found within a budget: lawful at once, better all the time, with a bound.

A row each, best responses, a bound by prices, then column generation with dives (or, where whole
rows are too long, a roster begun anew with those prices), then neighbourhoods until the budget
ends. Whatever is published is lawful, because only lawful rows are ever put together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np

from scheduling.rota.shifts.board import Board
from scheduling.rota.shifts.columns import LostLinearProgrammeError, Master, dive
from scheduling.rota.shifts.dual import Dual
from scheduling.rota.shifts.neighbourhoods import Search
from scheduling.rota.shifts.partition import Limit, recombine
from scheduling.rota.shifts.problem import RosterProblem
from scheduling.rota.shifts.rows import Ints, Stretch
from scheduling.rota.shifts.start import construct, stretch_weeks, sweep

_ROOT_CELLS = 6_000_000
"""Largest table of a row search over the whole horizon for which the root is worth solving."""

_PASSES = 800
"""Most steps of prices: the bound of a year gains little after them."""
_TRUST = 0.5
"""In learned prices, of the roster begun anew: 0.3 to 0.6 did alike, on three made instances."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A better roster or a better bound: what it costs, what any must cost, how it was found."""

    objective: int
    bound: int
    step: str

    @property
    def gap(self) -> float:
        """How far the roster may be from the best, as a share of its cost; 0 is proven."""
        return (self.objective - self.bound) / self.objective if self.objective else 0.0


def _never() -> bool:
    return False


def _ignore(_: Progress) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Run:
    """How to search.

    Attributes:
        clock: seconds spent so far, from any start; None searches by rounds alone, which
            gives the same roster on every machine.
        seconds: budget of the clock.
        rounds: budget of neighbourhoods; with a clock the first limit met ends the search.
        stop: asked between steps; True ends the search with the best roster so far.
        on_progress: hears of every better roster and bound.
    """

    seed: int = 1
    clock: Callable[[], float] | None = None
    seconds: float = 60.0
    rounds: int = 1_000_000
    stop: Callable[[], bool] = _never
    on_progress: Callable[[Progress], None] = _ignore


@dataclass(frozen=True, slots=True)
class Roster:
    """A lawful roster: shift ids of each worker, one a day, an empty string for a day off."""

    names: dict[str, list[str]]
    objective: int
    bound: int

    @property
    def is_proven(self) -> bool:
        """True when no roster can be better."""
        return self.objective <= self.bound


def solve_roster(problem: RosterProblem, run: Run | None = None) -> Roster:
    """The best roster found within the budget.

    Raises:
        RosterError: when a worker alone has no lawful row; the message names him.
    """
    return _Engine(problem, run or Run()).solve()


class _Engine:
    """The board in hand, the best rows so far and the bound."""

    def __init__(self, problem: RosterProblem, run: Run) -> None:
        self.problem, self.run = problem, run
        self.began = run.clock() if run.clock else 0.0
        self.board = Board(problem)
        self.chance = np.random.default_rng(run.seed)
        self.everyone = list(range(len(problem.workers)))
        self.whole = Stretch(0, problem.days)
        self.best: Ints = self.board.rows.copy()
        self.objective = -1
        self.bound = 0
        self.master: Master | None = None

    def spent(self) -> float:
        """Seconds of the budget used; none when the search counts rounds."""
        return self.run.clock() - self.began if self.run.clock else 0.0

    def within(self, share: float) -> Callable[[], bool]:
        """A question: is this share of the budget used up, or the search to stop?"""
        until = share * self.run.seconds
        return lambda: self.spent() >= until or self.run.stop()

    def solve(self) -> Roster:
        construct(self.board, self.chance.permutation(self.everyone).tolist(), self.chance)
        self.keep("start")
        sweep(self.board, self.within(0.1), self.chance)
        self.keep("sweep")
        self._price()
        if stretch_weeks(self.board, _ROOT_CELLS) * 7 >= self.problem.days:
            self._descend()
        elif not self._is_over():
            self._guide()
        if not self._is_over():
            self._search()
        self.board.load(self.best)
        return Roster(self.board.names(), self.objective, self.bound)

    def keep(self, step: str) -> bool:
        """Keeps the board if it is the best so far, else returns to the best; says which."""
        cost = self.board.cost()
        if 0 <= self.objective < cost:
            self.board.load(self.best)
            return False
        gained = cost < self.objective or self.objective < 0
        self.objective, self.best = cost, self.board.rows.copy()
        if gained:
            self.run.on_progress(Progress(cost, min(cost, self.bound), step))
        return gained

    def raise_bound(self, value: float, step: str) -> None:
        """Takes over a better lower bound; costs are whole numbers."""
        bound = min(self.objective, ceil(value - 1e-6))
        if bound > self.bound:
            self.bound = bound
            self.run.on_progress(Progress(self.objective, bound, step))

    def _is_over(self) -> bool:
        done = self.objective <= self.bound
        return done or self.run.stop() or self.spent() >= self.run.seconds

    def _descend(self) -> None:
        """The root of the column generation, then dives from it."""
        self.master = master = Master(self.board, self.everyone, self.whole)
        master.centre = self.board.worth
        fixed = self.board.tables.fixed_cost
        try:
            master.generate(self.within(0.35), rounds=400)
        except LostLinearProgrammeError:
            return
        self.raise_bound(master.bound + fixed, "root")
        for number in range(6):
            if self._is_over() or self.within(0.4)():
                break
            self._dive(0.6, self.chance if number else None)
        self._recombine()

    def _price(self) -> None:
        """A bound at once, and what one more person on each shift is worth to the whole."""
        dual, fixed = Dual(self.board), self.board.tables.fixed_cost
        dual.raise_bound(self.objective - fixed, self.within(0.25), _PASSES)
        self.raise_bound(dual.bound + fixed, "prices")
        self.board.worth = dual.worth

    def _guide(self) -> None:
        """A roster begun anew with what shifts are worth, where whole rows are too long."""
        for worker in self.everyone:
            self.board.lift(worker, self.whole)
        workers = self.chance.permutation(self.everyone).tolist()
        construct(self.board, workers, self.chance, _TRUST)
        sweep(self.board, self.within(0.5), self.chance)
        self.keep("guided")

    def _dive(self, share: float, chance: np.random.Generator | None) -> None:
        """One roster rounded from the root's rows, and the rows found on the way kept."""
        if self.master is None:
            return
        self._finish(dive(self.master, self.within(share), chance), share)
        self.keep("dive")

    def _recombine(self) -> None:
        """The best combination of all rows that the root and its dives have found."""
        if self.master is None or self._is_over():
            return
        limit = Limit(3.0, 0.1 * self.run.seconds, self.run.seed)
        try:
            chosen, _ = recombine(self.master, self.objective - self.board.tables.fixed_cost, limit)
        except LostLinearProgrammeError:
            return
        for worker, segment in chosen.items():
            self.board.put(worker, self.whole, segment)
        self.keep("recombine")

    def _finish(self, segments: dict[int, Ints], share: float) -> None:
        """Puts the rows of a dive together; workers it left get new rows beside them."""
        left = [worker for worker in self.everyone if worker not in segments]
        for worker in left:
            self.board.lift(worker, self.whole)
        for worker, segment in segments.items():
            self.board.put(worker, self.whole, segment)
        if left:
            construct(self.board, left, self.chance)
        sweep(self.board, self.within(min(1.0, share + 0.05)), self.chance)

    def _search(self) -> None:
        """Neighbourhoods until the budget ends; one that frees everything may prove the best."""
        search = Search(self.board, self.chance)
        for _ in range(self.run.rounds):
            if self._is_over():
                return
            before, begun = self.objective, self.spent()
            if self.master is not None and search.is_stuck():
                self._dive(1.0, self.chance)
                self._recombine()
                continue
            left = self.run.seconds - begun if self.run.clock else float("inf")
            step = search.choose()
            bound = search.apply(step, min(left, 1e6), self.run.seed)
            gained = self.keep(step)
            if bound is not None:
                self.raise_bound(bound + self.board.tables.fixed_cost, step)
            search.learn(step, before - self.objective if gained else 0, self.spent() - begun)
