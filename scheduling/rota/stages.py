"""The lexicographic stages of one part in CP-SAT: each is solved, then fixed as a ceiling.

Every variable is hinted with the rota already in hand, and that rota is kept outside
the solver, so a stage can improve it but never lose it. Effort is counted in the
solver's deterministic seconds, which do not depend on the machine's load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from scheduling.rota.board import Board
from scheduling.rota.parts import Part
from scheduling.rota.solution import (
    RELAXED,
    SPREAD,
    UNCOVERED,
    UNEVENNESS,
    WISHES,
    Proof,
    StageReport,
)


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard a stage may try, and from which seed."""

    deterministic_s: float
    seed: int


class StagedModel:
    """One part as a CP-SAT model with one objective expression for each stage."""

    def __init__(self, part: Part) -> None:
        """Builds variables and rules; no objective yet."""
        self.part = part
        self.model = cp_model.CpModel()
        self.taken = [self.model.new_bool_var(f"x{cell}") for cell in range(len(part.cells))]
        self.missing = [self.model.new_int_var(0, duty.need, "") for duty in part.duties]
        self.excess: dict[int, cp_model.IntVar] = {}
        self.broken = [self.model.new_bool_var("") for _ in part.wants]
        self._add_cover()
        self._add_limits()
        self._add_company()
        self._add_wants()
        self._add_fairness()
        self.objectives: dict[str, cp_model.LinearExprT] = {
            UNCOVERED: cp_model.LinearExpr.weighted_sum(self.missing, part.weight),
            RELAXED: sum(part.limits[i].price * var for i, var in self.excess.items()),
            SPREAD: self.high - self.low,
            UNEVENNESS: cp_model.LinearExpr.sum(self.over) + cp_model.LinearExpr.sum(self.under),
            WISHES: sum(
                want.weight * var for want, var in zip(part.wants, self.broken, strict=True)
            ),
        }
        self.prices: dict[str, tuple[Sequence[int], int]] = {}
        self.touching: set[str] = set()
        self._published: frozenset[int] = frozenset()

    def add_stage(self, name: str, price: Sequence[int], constant: int) -> None:
        """Adds a stage that sums a price over the cells taken, and a constant (≥ 0 in all)."""
        self.objectives[name] = constant + cp_model.LinearExpr.weighted_sum(self.taken, price)
        self.prices[name] = (price, constant)

    def add_people_stage(self, name: str, published: frozenset[int]) -> None:
        """Adds a stage that counts the people whose cells differ from the published ones."""
        self.touching.add(name)
        self._published = published
        touched = []
        for cells in self.part.person_cells:
            moved = self.model.new_bool_var("")
            for cell in cells:
                before = cell in published
                self.model.add_implication(
                    self.taken[cell].negated() if before else self.taken[cell], moved
                )
            touched.append(moved)
        self.objectives[name] = cp_model.LinearExpr.sum(touched)

    def _touched(self, board: Board) -> int:
        return sum(
            any(board.taken[cell] != (cell in self._published) for cell in cells)
            for cells in self.part.person_cells
        )

    def forbid(self, cells: Sequence[int]) -> None:
        """Rules out every rota that takes all these cells."""
        self.model.add(sum(self.taken[cell] for cell in cells) <= len(cells) - 1)

    def measure(self, board: Board, name: str) -> int:
        """The value of a stage on a board."""
        if name in self.touching:
            return self._touched(board)
        if name not in self.prices:
            return board.measure(name)
        price, constant = self.prices[name]
        return constant + sum(price[cell] for cell in board.copy_taken())

    def _add_cover(self) -> None:
        for duty, cells in enumerate(self.part.duty_cells):
            holders = [self.taken[cell] for cell in cells]
            need = self.part.duties[duty].need
            if need == 1:
                # Clauses propagate better than an equality with a slack.
                self.model.add_exactly_one([*holders, self._as_literal(duty)])
            else:
                self.model.add(sum(holders) + self.missing[duty] == need)

    def _as_literal(self, duty: int) -> cp_model.IntVar:
        literal = self.model.new_bool_var("")
        self.model.add(self.missing[duty] == literal)
        self.missing[duty] = literal
        return literal

    def _add_limits(self) -> None:
        for cell in self.part.pinned:
            self.model.add(self.taken[cell] == 1)
        for number, limit in enumerate(self.part.limits):
            cells = [self.taken[cell] for cell, _ in limit.terms]
            weights = [weight for _, weight in limit.terms]
            if limit.price:
                self.excess[number] = self.model.new_int_var(0, sum(weights), "")
                total = cp_model.LinearExpr.weighted_sum(cells, weights)
                self.model.add(total <= limit.limit + self.excess[number])
            elif limit.limit == 1 and max(weights) == 1:
                self.model.add_at_most_one(cells)
            else:
                total = cp_model.LinearExpr.weighted_sum(cells, weights)
                self.model.add(total <= limit.limit)

    def _add_company(self) -> None:
        for cell, others in self.part.company:
            self.model.add_bool_or([self.taken[other] for other in others]).only_enforce_if(
                self.taken[cell]
            )

    def _add_wants(self) -> None:
        for want, broken in zip(self.part.wants, self.broken, strict=True):
            cells = [self.taken[cell] for cell in want.cells]
            if want.wants_duty:
                self.model.add_bool_or([*cells, broken])
            else:
                for cell in cells:
                    self.model.add_implication(cell, broken)

    def _add_fairness(self) -> None:
        part, model = self.part, self.model
        reach = sum(part.cost) + sum(part.target) + 1
        self.high = model.new_int_var(-reach, reach, "high")
        self.low = model.new_int_var(-reach, reach, "low")
        self.over: list[cp_model.IntVar] = []
        self.under: list[cp_model.IntVar] = []
        for person, cells in enumerate(part.person_cells):
            costs = [part.cost[cell] for cell in cells]
            load = cp_model.LinearExpr.weighted_sum([self.taken[cell] for cell in cells], costs)
            over, under = (model.new_int_var(0, reach, "") for _ in range(2))
            model.add(load - part.target[person] == over - under)
            model.add(self.high >= over - under)
            model.add(self.low <= over - under)
            self.over.append(over)
            self.under.append(under)

    def hint(self, board: Board) -> None:
        """Hints every variable with the values the board gives it."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        values: list[int] = [int(taken) for taken in board.taken]
        variables: list[cp_model.IntVar] = list(self.taken)
        for duty, missing in enumerate(self.missing):
            variables.append(missing)
            values.append(max(0, self.part.duties[duty].need - board.cover[duty]))
        for number, excess in self.excess.items():
            variables.append(excess)
            values.append(max(0, board.sums[number] - self.part.limits[number].limit))
        for number, want in enumerate(self.part.wants):
            variables.append(self.broken[number])
            values.append(int((board.want_counts[number] > 0) != want.wants_duty))
        variables += [*self.over, *self.under, self.high, self.low]
        values += [max(0, deviation) for deviation in board.deviation]
        values += [max(0, -deviation) for deviation in board.deviation]
        values += [max(board.deviation, default=0), min(board.deviation, default=0)]
        # One by one they cost a tenth of a repair.
        hint = self.model.proto.solution_hint
        hint.vars.extend([variable.index for variable in variables])
        hint.values.extend(values)


def improve(
    staged: StagedModel, board: Board, name: str, effort: Effort
) -> tuple[StageReport, float]:
    """Solves one stage from the board in hand and fixes its value for the next ones.

    Returns:
        The report of the stage and the deterministic seconds spent; the board is left
        with the best rota known.
    """
    value = staged.measure(board, name)
    if value == 0:
        staged.model.add(staged.objectives[name] <= 0)
        return StageReport(name, 0, 0, Proof.PROVEN), 0.0
    staged.hint(board)
    staged.model.minimize(staged.objectives[name])
    solver = _solver(effort)
    status = solver.solve(staged.model)
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE} and solver.objective_value <= value:
        board.load([cell for cell, var in enumerate(staged.taken) if solver.boolean_value(var)])
        value = staged.measure(board, name)
    proven = status == cp_model.OPTIMAL
    bound = value if proven else max(0, round(solver.best_objective_bound))
    staged.model.clear_objective()  # type: ignore[no-untyped-call]
    staged.model.add(staged.objectives[name] <= value)
    spent = solver.response_proto.deterministic_time
    return StageReport(name, value, bound, Proof.PROVEN if proven else Proof.LIMIT), spent


def solve_anew(
    staged: StagedModel, board: Board, names: Sequence[str], effort: Effort
) -> list[StageReport] | None:
    """Solves stages without a rota in hand, as after `forbid`; None when nothing is possible.

    The board is left with the rota found.
    """
    reports: list[StageReport] = []
    for name in names:
        staged.model.minimize(staged.objectives[name])
        solver = _solver(effort)
        status = solver.solve(staged.model)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            if not reports:
                return None
            break
        board.load([cell for cell, var in enumerate(staged.taken) if solver.boolean_value(var)])
        value = staged.measure(board, name)
        proven = status == cp_model.OPTIMAL
        bound = value if proven else max(0, round(solver.best_objective_bound))
        reports.append(StageReport(name, value, bound, Proof.PROVEN if proven else Proof.LIMIT))
        staged.model.clear_objective()  # type: ignore[no-untyped-call]
        staged.model.add(staged.objectives[name] <= value)
    return reports


def _solver(effort: Effort) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    # One worker: same seed, same rota. Level 2 proved full cover of a year for 100
    # people in 1.7 s where the default left 42 duties open.
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = effort.seed
    solver.parameters.max_deterministic_time = effort.deterministic_s
    return solver
