"""Parts of a roster to solve again: which to free, how much of it, and what each has earned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scheduling.rota.shifts.board import Board
from scheduling.rota.shifts.columns import LostLinearProgrammeError, Master
from scheduling.rota.shifts.days import DayModel
from scheduling.rota.shifts.partition import Limit, recombine
from scheduling.rota.shifts.rows import Stretch
from scheduling.rota.shifts.start import respond, stretches

COLUMNS, ROWS, WINDOW, RUIN, RESPONSES = "columns", "rows", "window", "ruin", "responses"
_STARTS = {COLUMNS: 8.0, ROWS: 4.0, WINDOW: 7.0, RUIN: 3.0}
_FEWEST = {COLUMNS: 3.0, ROWS: 2.0, WINDOW: 3.0, RUIN: 2.0}
_GROWTH = {COLUMNS: 0.5, ROWS: 0.25, WINDOW: 0.25, RUIN: 0.0}
_EXPLORED = 0.3
_PATIENCE = 40
"""Steps without gain after which another start is worth more than another part."""


class Search:
    """Sizes that grow when a part is solved to proof and shrink when it is not."""

    def __init__(self, board: Board, chance: np.random.Generator) -> None:
        """Starts with the sizes that did best on instances of a month."""
        self.board, self.chance = board, chance
        self.size = dict(_STARTS)
        self.steps = list(_STARTS)
        if len(stretches(board)) > 1:
            # Over the whole horizon sweeps have converged; piece by piece, cut elsewhere each
            # time, they go on bringing more than any other part.
            self.steps.append(RESPONSES)
        self.earned = dict.fromkeys(self.steps, 1.0)
        self.spent = dict.fromkeys(self.steps, 0.1)
        self.fruitless = 0
        self._apply: dict[str, Callable[[float, int], float | None]] = {
            COLUMNS: self._columns,
            ROWS: self._rows,
            WINDOW: self._window,
            RUIN: self._ruin,
            RESPONSES: self._responses,
        }

    def choose(self) -> str:
        """The next kind of part: mostly by gain per second, sometimes any."""
        steps = self.steps
        if self.chance.random() < _EXPLORED:
            return steps[int(self.chance.integers(len(steps)))]
        rates = np.array([self.earned[step] / self.spent[step] for step in steps])
        return steps[int(self.chance.choice(len(steps), p=rates / rates.sum()))]

    def learn(self, step: str, gain: float, seconds: float) -> None:
        """Remembers what a step gained, old gains fading."""
        for name in self.steps:
            self.earned[name] = 0.98 * self.earned[name] + 0.001
            self.spent[name] = 0.98 * self.spent[name] + 0.001
        self.fruitless = 0 if gain else self.fruitless + 1
        self.earned[step] += gain
        self.spent[step] += max(seconds, 0.01)

    def apply(self, step: str, seconds: float, seed: int) -> float | None:
        """Solves a part again on the board; a bound on the roster when everything was free."""
        return self._apply[step](seconds, seed)

    def is_stuck(self) -> bool:
        """Whether many parts have brought nothing; asking starts a new count."""
        if self.fruitless < _PATIENCE:
            return False
        self.fruitless = 0
        return True

    def _workers(self, step: str) -> list[int]:
        """Some workers, at random or by what a random one's days off and gaps suggest."""
        everyone = len(self.board.rows)
        count = min(everyone, max(int(self.size[step]), 1))
        weights = np.ones(everyone)
        if self.chance.random() < 0.5:
            weights += [self._unmet(worker) for worker in range(everyone)]
        chosen = self.chance.choice(everyone, count, replace=False, p=weights / weights.sum())
        return sorted(chosen.tolist())

    def _unmet(self, worker: int) -> float:
        """What a worker's unmet requests cost."""
        requests, row = self.board.tables.requests[worker], self.board.rows[worker]
        works = np.flatnonzero(row >= 0)
        return float(requests[works, row[works]].sum() - requests[requests < 0].sum())

    def _stretch(self) -> Stretch:
        """The horizon, or a piece of it when it is too long for one row search."""
        pieces = stretches(self.board, offset=int(self.chance.integers(1000)))
        return pieces[int(self.chance.integers(len(pieces)))]

    def _resize(self, step: str, is_proven: bool) -> None:
        most = self.board.problem.days if step == WINDOW else len(self.board.rows)
        size = self.size[step] + (_GROWTH[step] if is_proven else -0.5)
        self.size[step] = float(np.clip(size, min(_FEWEST[step], most), most))

    def _columns(self, seconds: float, seed: int) -> None:
        """New rows for some workers by column generation, put together by CP-SAT."""
        board, stretch = self.board, self._stretch()
        workers = self._workers(COLUMNS)
        master = Master(board, workers, stretch)
        days = slice(stretch.first, stretch.last)
        current = board.cover_cost(stretch) + _wishes(board, workers, days)
        try:
            value = master.generate(lambda: False, rounds=25, count=3)
            if current - value < 0.999:
                self._resize(COLUMNS, True)
                return
            limit = Limit(1.0, min(seconds, 2.0), seed)
            chosen, is_proven = recombine(master, current, limit)
        except LostLinearProgrammeError:
            return
        for worker, segment in chosen.items():
            board.put(worker, stretch, segment)
        self._resize(COLUMNS, is_proven)

    def _rows(self, seconds: float, seed: int) -> float | None:
        """Whole rows of a few workers, cell by cell."""
        workers, piece = self._workers(ROWS), self._stretch()
        return self._solve_days(ROWS, workers, piece, (seconds, seed))

    def _window(self, seconds: float, seed: int) -> float | None:
        """A few days of everybody, or of half of a large staff."""
        board, days = self.board, self.board.problem.days
        length = min(days, max(1, int(self.size[WINDOW])))
        first = int(self.chance.integers(days - length + 1))
        everyone = len(board.rows)
        count = everyone if everyone <= 60 else 60
        workers = sorted(self.chance.choice(everyone, count, replace=False).tolist())
        piece = Stretch(first, first + length)
        return self._solve_days(WINDOW, workers, piece, (seconds, seed))

    def _solve_days(
        self, step: str, workers: list[int], piece: Stretch, effort: tuple[float, int]
    ) -> float | None:
        board = self.board
        model = DayModel(board, workers, piece.first, piece.last)
        rows, is_proven, bound = model.solve(Limit(1.5, min(effort[0], 2.5), effort[1]))
        if rows is not None:
            board.load(rows)
        self._resize(step, is_proven)
        is_all = len(workers) == len(board.rows) and piece == (0, board.problem.days)
        return bound if is_all and rows is not None else None

    def _ruin(self, _seconds: float, _seed: int) -> None:
        """Takes some workers off and gives each the best row again, in random order, twice."""
        piece, workers = self._stretch(), self._workers(RUIN)
        saved = {w: self.board.rows[w, piece.first : piece.last].copy() for w in workers}
        before = self.board.cost()
        for worker in workers:
            self.board.lift(worker, piece)
        done = all(self._refill(w, piece) for w in self.chance.permutation(workers).tolist())
        for worker in self.chance.permutation(workers).tolist() if done else ():
            respond(self.board, worker, piece, self.chance)
        if not done or self.board.cost() > before:
            for worker, segment in saved.items():
                self.board.put(worker, piece, segment)

    def _responses(self, _seconds: float, _seed: int) -> None:
        """Everybody's best segment beside the others in one stretch, one after the other."""
        piece = self._stretch()
        for worker in self.chance.permutation(len(self.board.rows)).tolist():
            respond(self.board, worker, piece, self.chance)

    def _refill(self, worker: int, piece: Stretch) -> bool:
        prices = self.board.marginal(piece)
        prices = prices + self.chance.random(prices.shape) * 0.01
        found = self.board.tables.best(worker, self.board.rows[worker], piece, prices)
        if found.segments:
            self.board.put(worker, piece, found.segments[0])
        return bool(found.segments)


def _wishes(board: Board, workers: list[int], days: slice) -> float:
    """What the requests of some workers cost on some days, in the master's terms."""
    total = 0.0
    for worker in workers:
        row, prices = board.rows[worker, days], board.tables.requests[worker, days]
        works = np.flatnonzero(row >= 0)
        total += float(prices[works, row[works]].sum())
    return total
