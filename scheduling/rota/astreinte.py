"""The on-call rota: lawful at once, then as fair as the budget allows, with its proof.

Parts that never share anybody are planned apart. Each starts from a rotation; CP-SAT
then goes through the stages uncovered, relaxed, spread, unevenness, wishes, each fixed
before the next. Long horizons are annealed instead: on a year the solver's fairness
stages barely move in the time in which half a million exchanges have been tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scheduling.rota.board import Board
from scheduling.rota.floors import floors
from scheduling.rota.parts import Part, split
from scheduling.rota.problem import Problem, ProblemError
from scheduling.rota.rotation import rotate
from scheduling.rota.rules import Breach, Rule, rules_for, state
from scheduling.rota.solution import (
    ORDER,
    RELAXED,
    SPREAD,
    UNCOVERED,
    Outcome,
    Proof,
    Rota,
    StageReport,
)
from scheduling.rota.stages import Effort, StagedModel, improve


class ImpossiblePinsError(ProblemError):
    """What was decided by hand breaks a rule that may not be broken."""

    def __init__(self, breaches: Sequence[Breach]) -> None:
        """Keeps the breaches so that the caller can name them."""
        super().__init__(f"pinned duties break {breaches[0].rule}")
        self.breaches = tuple(breaches)


@dataclass(frozen=True, slots=True)
class Budget:
    """Effort for each independent part; nothing here depends on the machine's load.

    Attributes:
        stage_s: deterministic seconds of CP-SAT for one stage.
        moves: annealing moves on a part too large for CP-SAT's fairness stages.
        exact_cells: largest part, in person × duty cells, given to those stages.
        rounds: annealings of a large part, each from the fairest rota so far; more of them
            improve a long horizon as long as somebody waits.
    """

    stage_s: float = 0.2
    moves: int = 150_000
    exact_cells: int = 400
    rounds: int = 1

    def times(self, effort: int) -> Budget:
        """The budget of somebody who gives the search this many times as long."""
        return Budget(self.stage_s * effort, self.moves, self.exact_cells, self.rounds * effort)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a part has reached so far: stage names come from `solution.ORDER`.

    A part tells of each stage whenever it has gained, and once more when it is done.
    """

    part: int
    parts: int
    report: StageReport


def _never() -> bool:
    return False


def _ignore(_: Progress) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Run:
    """How to search: the budget, the seed, who may stop it and who wants to hear of it."""

    budget: Budget = Budget()
    seed: int = 1
    stop: Callable[[], bool] = _never
    on_progress: Callable[[Progress], None] = _ignore


def plan(
    problem: Problem, run: Run | None = None, rules: tuple[Rule, ...] | None = None
) -> Outcome:
    """The best rota found within the budget, the same one for the same seed.

    Args:
        problem: who, which duties, and what is already decided.
        run: effort, seed, stop and progress; the defaults suit a rota of a quarter.
        rules: the catalogue to obey; by default the one of the problem's policy.

    Raises:
        ImpossiblePinsError: when the pins themselves break an unbreakable rule.
    """
    run = run or Run()
    catalogue = rules_for(problem.policy) if rules is None else rules
    _refuse_impossible_pins(problem, catalogue)
    parts = split(state(problem, catalogue))
    reports: list[list[StageReport]] = []
    cells: list[tuple[str, str]] = []
    work = 0.0
    for number, part in enumerate(parts):
        told = _Told(run, number, len(parts))
        board, stages, spent = _plan_part(part, run, told)
        work += spent
        reports.append(stages)
        cells += [part.cells[cell] for cell in board.copy_taken()]
        told.all(stages)
    return Outcome(Rota.of(cells), _gather(reports), len(parts), work)


class _Told:
    """Tells of a part's stages on the way, each time from the board as it stands."""

    def __init__(self, run: Run, number: int, parts: int) -> None:
        self.run, self.number, self.parts = run, number, parts

    def all(self, reports: Sequence[StageReport]) -> None:
        """Tells of every stage."""
        for report in reports:
            self.run.on_progress(Progress(self.number, self.parts, report))


def _plan_part(part: Part, run: Run, told: _Told) -> tuple[Board, list[StageReport], float]:
    board = rotate(part)
    solved: dict[str, StageReport] = {}
    least = floors(part)

    def reports() -> list[StageReport]:
        return [_final(board, name, solved.get(name), run, least.get(name, 0)) for name in ORDER]

    def tell() -> None:
        told.all(reports())

    tell()
    if len(part.cells) <= run.budget.exact_cells:
        spent = _solve_stages(board, ORDER, run, solved, tell)
    else:
        spent = _plan_large(board, run, told.number, solved, tell)
    return board, reports(), spent


def _solve_stages(
    board: Board,
    names: Sequence[str],
    run: Run,
    solved: dict[str, StageReport],
    tell: Callable[[], None],
) -> float:
    """Goes through stages in CP-SAT, each fixed before the next; the effort spent."""
    staged = StagedModel(board.part)
    effort = Effort(run.budget.stage_s, run.seed)
    spent = 0.0
    for name in names:
        if run.stop():
            break
        solved[name], cost = improve(staged, board, name, effort)
        spent += cost
        tell()
    return spent


def _plan_large(
    board: Board,
    run: Run,
    number: int,
    solved: dict[str, StageReport],
    tell: Callable[[], None],
) -> float:
    """Cover by CP-SAT if the rotation left a gap, fairness by annealing.

    The annealing nearly always clears the priced rules by the way; CP-SAT is asked only
    about what it leaves, because building its model costs as much as the annealing.
    """
    from scheduling.rota.anneal import anneal  # numba takes seconds to load: only here

    spent = 0.0
    if board.uncovered():
        spent += _solve_stages(board, (UNCOVERED,), run, solved, tell)
    anneal(board, run.budget.moves, (run.seed, number), run.stop)
    tell()
    if board.relaxed():
        before = board.relaxed()
        spent += _solve_stages(board, (UNCOVERED, RELAXED), run, solved, tell)
        if board.relaxed() < before:
            anneal(board, run.budget.moves, (run.seed, number, 1), run.stop)
    _anneal_on(board, run, number, tell)
    return spent


def _anneal_on(board: Board, run: Run, number: int, tell: Callable[[], None]) -> None:
    """Anneals again and again while the budget lasts; a stage is never lost to a later one."""
    from scheduling.rota.anneal import anneal

    best, taken = [board.measure(name) for name in ORDER], board.copy_taken()
    for again in range(1, run.budget.rounds):
        if run.stop():
            break
        anneal(board, run.budget.moves, (run.seed, number, 1 + again), run.stop)
        found = [board.measure(name) for name in ORDER]
        if found < best:
            best, taken = found, board.copy_taken()
            tell()
    board.load(taken)


def _final(
    board: Board, name: str, solved: StageReport | None, run: Run, least: int
) -> StageReport:
    """The report of a stage on the board as it stands; its floor needs no solver's proof."""
    value = board.measure(name)
    if value <= least:
        return StageReport(name, value, value, Proof.PROVEN)
    if solved is not None and (solved.value == value or solved.bound <= value):
        bound = max(least, solved.bound)
        proof = Proof.PROVEN if bound == value else Proof.LIMIT
        return StageReport(name, value, bound, proof)
    return StageReport(name, value, least, Proof.STOPPED if run.stop() else Proof.LIMIT)


def _gather(reports: list[list[StageReport]]) -> tuple[StageReport, ...]:
    """One report for each stage: sums over the parts, the worst part's spread."""
    gathered: list[StageReport] = []
    for number, name in enumerate(ORDER):
        mine = [stages[number] for stages in reports]
        merge = max if name == SPREAD else sum
        proofs = {report.proof for report in mine}
        proof = next((p for p in (Proof.STOPPED, Proof.LIMIT) if p in proofs), Proof.PROVEN)
        value = merge([report.value for report in mine] or [0])
        bound = merge([report.bound for report in mine] or [0])
        gathered.append(StageReport(name, value, bound, proof))
    return tuple(gathered)


def _refuse_impossible_pins(problem: Problem, rules: tuple[Rule, ...]) -> None:
    """Raises if the pins alone break a rule no further assignment could mend."""
    pinned = Rota(frozenset(problem.pins))
    needs = {duty.id: duty.need for duty in problem.duties}
    crowded = [
        Breach("cover", None, (duty_id,), f"{len(people)}/{needs[duty_id]}")
        for duty_id, people in pinned.holders().items()
        if len(people) > needs[duty_id]
    ]
    broken = [
        breach
        for rule in rules
        if rule.is_hard and rule.name not in {"cover", "mentoring"}
        for breach in rule.verify(problem, pinned)
    ]
    if crowded or broken:
        raise ImpossiblePinsError([*crowded, *broken])
