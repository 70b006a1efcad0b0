"""Somebody falls ill at six in the evening: three ways out, each changing as little as it can.

What has begun stands. Only the parts of the rota that are hit are solved again, and every
way out says which duties change hands, how fair the rest is and what short notice costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduling.rota.board import Board
from scheduling.rota.check import check
from scheduling.rota.districts import districts, share_of
from scheduling.rota.indemnities import Stretch, UnknownTariffError, indemnity, is_short_notice
from scheduling.rota.model import Fact, Model
from scheduling.rota.parts import Part, split
from scheduling.rota.problem import Absence, Assignment, Duty, Problem
from scheduling.rota.rotation import fill
from scheduling.rota.rules import Rule, rules_for, state
from scheduling.rota.solution import ORDER, UNCOVERED, Proof, Rota, StageReport
from scheduling.rota.stages import Effort, StagedModel, improve, solve_anew

BEGUN = "begun"
CHANGES = "changes"
SHORT_NOTICE_CENTS = "short_notice_cents"
PEOPLE = "people"
FEWEST, FEWEST_PEOPLE, FAIREST, CHEAPEST = "fewest", "fewest_people", "fairest", "cheapest"
OTHER = "other"
ENOUGH = 3
"""Different answers to choose from; when the named ways agree, others are looked for."""
_FAIR = tuple(name for name in ORDER if name != UNCOVERED)
WAYS: dict[str, tuple[str, ...]] = {
    FEWEST: (UNCOVERED, CHANGES, PEOPLE, *_FAIR),
    FEWEST_PEOPLE: (UNCOVERED, PEOPLE, CHANGES, *_FAIR),
    FAIREST: (UNCOVERED, *_FAIR, CHANGES),
    CHEAPEST: (UNCOVERED, SHORT_NOTICE_CENTS, CHANGES, *_FAIR),
}
"""The stages of each way out; the fairest one may change a little more than the fewest."""
FAIREST_EXTRA = 6
"""What the fairest way may pay in changes above the minimum: about two duties exchanged."""
_REMOVED, _NEW, _NEW_AT_SHORT_NOTICE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Change:
    """A duty that changes hands; None means nobody held it, or nobody can now."""

    duty_id: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class WayOut:
    """One lawful answer to an absence.

    Attributes:
        name: `fewest`, `fewest_people`, `fairest`, `cheapest`, or `other`: one that differs from
            all of them and changes as little as it then can. Equal answers are given once.
        stages: reports of the parts solved again, in the order of the way's stages.
        short_notice_cents: what the changes cost for lack of notice.
    """

    name: str
    rota: Rota
    changes: tuple[Change, ...]
    stages: tuple[StageReport, ...]
    short_notice_cents: int

    @property
    def people(self) -> frozenset[str]:
        """Everybody whose rota changes."""
        return frozenset(
            who for change in self.changes for who in (change.before, change.after) if who
        )


@dataclass(frozen=True, slots=True)
class Situation:
    """The rota in force at an instant; the problem already contains the new absence."""

    problem: Problem
    published: Rota
    now: datetime


def repair(
    situation: Situation, effort: Effort | None = None, rules: tuple[Rule, ...] | None = None
) -> tuple[WayOut, ...]:
    """The ways out of an absence, the one that changes least first.

    Args:
        situation: problem, rota in force and instant; duties begun keep their holders,
            except those whom a rule now forbids them.
        effort: deterministic seconds for one stage of one part.
        rules: the catalogue; by default the one of the problem's policy.

    Returns:
        At most four different answers, and three wherever so many exist that leave nobody more
        missing. The first minimises the weighted number of
        changes: 1 for a duty taken from somebody, 2 for a new one, 3 for a new one with
        fewer than 15 clear days of notice.
    """
    effort = effort or Effort(0.15, 1)
    hit = _hit_districts(situation, rules)
    workshops = [_Workshop(one, rules or rules_for(one.problem.policy), effort) for one in hit]
    solved = {duty.id for one in hit for duty in one.problem.duties}
    kept = {cell for cell in situation.published.assignments if cell.duty_id not in solved}
    ways: list[WayOut] = []
    for name in WAYS:
        answers = [workshop.solve(name) for workshop in workshops]
        rota = Rota(frozenset(kept.union(*(cells for cells, _ in answers))))
        reports = tuple(report for _, mine in answers for report in mine)
        if all(rota != known.rota for known in ways):
            ways.append(_way_out(name, situation, rota, reports))
    while len(ways) < ENOUGH and (other := _another(workshops, kept, situation, ways)) is not None:
        ways.append(other)
    return tuple(ways)


def _another(
    workshops: Sequence[_Workshop],
    kept: set[Assignment],
    situation: Situation,
    ways: Sequence[WayOut],
) -> WayOut | None:
    """One more answer, in which somebody else takes something; None when there is none as good."""
    missing = sum(ways[0].rota.uncovered(situation.problem).values())
    for place, workshop in enumerate(workshops):
        answer = workshop.differ([way.rota for way in ways])
        if answer is None:
            continue
        others = [w.solve(FEWEST)[0] for n, w in enumerate(workshops) if n != place]
        rota = Rota(frozenset(kept.union(answer[0], *others)))
        if sum(rota.uncovered(situation.problem).values()) <= missing:
            return _way_out(OTHER, situation, rota, tuple(answer[1]))
    return None


def _hit_districts(situation: Situation, rules: tuple[Rule, ...] | None) -> list[Situation]:
    """The pieces of the situation in which the published rota is no longer whole and lawful.

    A catalogue of one's own may tie any two people together: then all is one piece.
    """
    if rules is not None:
        return [situation]
    pieces = [
        replace(situation, problem=piece, published=share_of(situation.published, piece))
        for piece in districts(situation.problem)
    ]
    return [piece for piece in pieces if check(piece.problem, piece.published)]


def _way_out(
    name: str, situation: Situation, rota: Rota, reports: tuple[StageReport, ...]
) -> WayOut:
    duties = situation.problem.duty_by_id()
    fresh = [duties[cell.duty_id] for cell in rota.assignments - situation.published.assignments]
    cents = sum(_rise(situation, duty) for duty in fresh)
    changes = _changes(situation.problem, situation.published, rota)
    return WayOut(name, rota, changes, reports, cents)


def hand_over(problem: Problem, published: Rota, absence: Absence) -> tuple[Problem, Rota]:
    """Adds an absence and cuts the person's running duty where it begins.

    The first half stays with whoever held it, the second one is to be given away; load
    is shared in proportion to time.
    """
    running = [
        duty
        for duty in problem.duties
        if Assignment(duty.id, absence.person_id) in published.assignments
        and duty.start_at < absence.start_at < duty.end_at
    ]
    duties = {duty.id: duty for duty in problem.duties}
    cells = set(published.assignments)
    for duty in running:
        first, second = _cut(duty, absence.start_at)
        duties[first.id], duties[second.id] = first, second
        cells |= {
            Assignment(second.id, cell.person_id)
            for cell in published.assignments
            if cell.duty_id == duty.id and cell.person_id != absence.person_id
        }
    ordered = tuple(sorted(duties.values(), key=lambda duty: (duty.start_at, duty.id)))
    changed = replace(problem, duties=ordered, absences=(*problem.absences, absence))
    return changed, Rota(frozenset(cells))


def _cut(duty: Duty, at: datetime) -> tuple[Duty, Duty]:
    share = (at - duty.start_at) / (duty.end_at - duty.start_at)
    points, work_min = round(duty.points * share), round(duty.work_min * share)
    first = replace(duty, end_at=at, points=points, work_min=work_min)
    rest = replace(
        duty,
        id=f"{duty.id}+",
        start_at=at,
        points=duty.points - points,
        work_min=duty.work_min - work_min,
    )
    return first, rest


def _require_what_has_begun(model: Model, situation: Situation) -> None:
    """States that every lawful assignment already begun stands."""
    starts = {duty.id: duty.start_at for duty in situation.problem.duties}
    for cell in situation.published.assignments:
        begun = cell.duty_id in starts and starts[cell.duty_id] <= situation.now
        if begun and cell not in model.forbidden:
            model.require(cell, Fact(BEGUN, cell.person_id, (cell.duty_id,)))


class _Workshop:
    """The parts of one situation; the way of fewest changes is the start of the others."""

    def __init__(self, situation: Situation, rules: tuple[Rule, ...], effort: Effort) -> None:
        self.situation = situation
        self.effort = effort
        model = state(situation.problem, rules)
        _require_what_has_begun(model, situation)
        self.parts = split(model)
        self._fewest: dict[int, list[int]] = {}
        self._prices = [
            (_change_prices(part, situation), _rise_prices(part, situation)) for part in self.parts
        ]

    def solve(self, name: str) -> tuple[list[Assignment], list[StageReport]]:
        """The assignments of one way out, and how its stages ended."""
        cells: list[Assignment] = []
        reports: list[StageReport] = []
        for number, part in enumerate(self.parts):
            board = _board_in_force(part, self.situation.published)
            if board is None:
                board, mine = self._solve(number, name)
                reports += mine
            cells += [part.cells[cell] for cell in board.copy_taken()]
        return cells, reports

    def _solve(self, number: int, name: str) -> tuple[Board, list[StageReport]]:
        part = self.parts[number]
        board = _closest(part, self.situation.published)
        staged = self._staged(number)
        if number in self._fewest:
            board.load(self._fewest[number])
            if name == FAIREST:
                ceiling = staged.measure(board, CHANGES) + FAIREST_EXTRA
                staged.model.add(staged.objectives[CHANGES] <= ceiling)
        reports = [improve(staged, board, stage, self.effort)[0] for stage in WAYS[name]]
        if name == FEWEST:
            self._fewest[number] = board.copy_taken()
        return board, reports

    def _staged(self, number: int) -> StagedModel:
        published = self.situation.published.assignments
        part, (changes, rises) = self.parts[number], self._prices[number]
        staged = StagedModel(part)
        staged.add_stage(CHANGES, *changes)
        staged.add_stage(SHORT_NOTICE_CENTS, rises, 0)
        held = frozenset(n for n, cell in enumerate(part.cells) if cell in published)
        staged.add_people_stage(PEOPLE, held)
        return staged

    def differ(self, known: Sequence[Rota]) -> tuple[list[Assignment], list[StageReport]] | None:
        """An answer in which one part that must change differs from every known answer."""
        published = self.situation.published
        for number, part in enumerate(self.parts):
            if _board_in_force(part, published) is not None:
                continue
            staged, board = self._staged(number), Board(part)
            given = [_given(part, rota, published) for rota in known]
            if not all(given):
                continue
            for cells in given:
                staged.forbid(cells)
            reports = solve_anew(staged, board, WAYS[FEWEST], self.effort)
            if reports is None:
                continue
            fewest, _ = self.solve(FEWEST)
            mine = set(part.cells)
            rest = [cell for cell in fewest if cell not in mine]
            return rest + [part.cells[cell] for cell in board.copy_taken()], reports
        return None


def _given(part: Part, rota: Rota, published: Rota) -> list[int]:
    """The cells of a part that an answer gives to somebody new."""
    new = rota.assignments - published.assignments
    return [number for number, cell in enumerate(part.cells) if cell in new]


def _board_in_force(part: Part, published: Rota) -> Board | None:
    """The part as published, if it is still whole and lawful; None when it must change."""
    mine = {duty.id for duty in part.duties}
    kept = [n for n, cell in enumerate(part.cells) if cell in published.assignments]
    if len(kept) < sum(cell.duty_id in mine for cell in published.assignments):
        return None
    board = Board(part)
    for cell in kept:
        if not board.fits(cell):
            return None
        board.put(cell)
    return board if board.has_company(kept) and not board.uncovered() else None


def _closest(part: Part, published: Rota) -> Board:
    """What still stands of the published rota, pins first, completed as it comes."""
    board = Board(part)
    kept = [n for n, cell in enumerate(part.cells) if cell in published.assignments]
    for cell in (*sorted(part.pinned), *kept):
        if not board.taken[cell] and board.fits(cell):
            board.put(cell)
    for cell in kept:
        if board.taken[cell] and not board.has_company((cell,)):
            board.drop(cell)
    fill(board)
    return board


def _change_prices(part: Part, situation: Situation) -> tuple[list[int], int]:
    """Price of taking each cell and a constant, so that keeping everything costs nothing."""
    price: list[int] = []
    constant = 0
    for number, cell in enumerate(part.cells):
        if cell in situation.published.assignments:
            price.append(-_REMOVED)
            constant += _REMOVED
        else:
            stretch = _told_now(situation, part.duties[part.duty[number]])
            is_short = is_short_notice(stretch, situation.problem.policy.zone)
            price.append(_NEW_AT_SHORT_NOTICE if is_short else _NEW)
    return price, constant


def _rise_prices(part: Part, situation: Situation) -> list[int]:
    """Cents that each cell adds for lack of notice; nothing for what is already published."""
    rises = [_rise(situation, duty) for duty in part.duties]
    return [
        0 if cell in situation.published.assignments else rises[part.duty[number]]
        for number, cell in enumerate(part.cells)
    ]


def _told_now(situation: Situation, duty: Duty) -> Stretch:
    problem = situation.problem
    kind = problem.post_by_code()[duty.post].kind
    return Stretch(kind, duty.start_at, duty.end_at, problem.local(situation.now).date())


def _rise(situation: Situation, duty: Duty) -> int:
    """Cents that giving out a duty now adds for lack of notice."""
    problem = situation.problem
    holidays = [holiday.day for holiday in problem.holidays]
    try:
        stretch = _told_now(situation, duty)
        return indemnity(stretch, problem.policy.zone, holidays).rise_cents
    except UnknownTariffError:
        return 0


def _changes(problem: Problem, before: Rota, after: Rota) -> tuple[Change, ...]:
    held, holds = before.holders(), after.holders()
    found: list[Change] = []
    for duty in sorted(problem.duties, key=lambda duty: (duty.start_at, duty.id)):
        old, new = set(held.get(duty.id, ())), set(holds.get(duty.id, ()))
        lost, won = sorted(old - new), sorted(new - old)
        for place in range(max(len(lost), len(won))):
            found.append(
                Change(
                    duty.id,
                    lost[place] if place < len(lost) else None,
                    won[place] if place < len(won) else None,
                )
            )
    return tuple(found)


def is_minimal(way: WayOut) -> bool:
    """Says whether the number of changes of a way out was proven to be the least."""
    return all(report.proof is Proof.PROVEN for report in way.stages if report.name == CHANGES)
