"""How far a window must reach so that what is told holds eight times in ten, plan changes included.

A window computed by walking a route knows drives and times on site; it does not know the plan that
will be changed by the calls to come, nor the minutes until a crew says that it leaves. Both are
learned as they were: where past arrivals fell, in units of a scale that grows with the computed
width and with the time ahead, by kind of window and class of visit, each shrunk towards the group
around it. Refuses to know clocks and rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Final

import numpy as np

from scheduling.dispatch.eta import HIGH, LOW

Cell = tuple[str, ...]

LEFT: Final = "left"
"""Kind of the windows of crews on their way: their plan does not change any more."""

LEADS: Final = (("soon", 1800), ("hour", 3600), ("later", 7200), ("distant", 14_400))
FAR: Final = "far"
"""Kinds of windows of crews that have not left, by seconds to their middle; beyond is ``far``."""

DRIFT: Final = 0.35
"""Part of the time ahead by which plans move, before anything is learned."""

GUESS: Final = (-0.8, 1.25)
"""Scales from the middle to either end before anything is learned: later is likelier than sooner,
because calls to come are put in before what can wait."""

GUESS_LEFT: Final = (-1.0, 1.0)
GUESS_ARRIVALS: Final = 10
AROUND_ARRIVALS: Final = 15
"""Arrivals of its own that a group needs to weigh as much as the guess, or the group around it."""

OWN_ARRIVALS: Final = 9
"""Below so many a tenth of a group cannot be told from its ends."""

FARTHEST: Final = 6.0
NARROWEST: Final = 0.5
"""Scales that an end may be away from the middle, and that the ends are apart at least."""

HALF_AT_LEAST_S: Final = 150.0


def kind_of(lead_s: float) -> str:
    """Return how far ahead a window lies, by the seconds to its middle."""
    return next((kind for kind, at_most in LEADS if lead_s < at_most), FAR)


KINDS: Final = (*(kind for kind, _ in LEADS), FAR, LEFT)


def scale_of(kind: str, half_s: float, lead_s: float) -> float:
    """Return the seconds that a reach is counted in.

    Args:
        kind: of the window.
        half_s: half the width of the window as computed.
        lead_s: seconds from the telling to its middle.
    """
    half_s = max(half_s, HALF_AT_LEAST_S)
    return half_s if kind == LEFT else hypot(half_s, DRIFT * max(lead_s, 0.0))


@dataclass(frozen=True, slots=True)
class Reach:
    """From the middle of a computed window to the ends of what is told, in scales.

    Attributes:
        early: to the earlier end, negative as a rule.
        late: to the later end, more than ``early``.
        arrivals: of the group itself.
    """

    early: float
    late: float
    arrivals: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """One arrival against one window: kind of the window, class of the visit, scales from its
    middle to the arrival.
    """

    kind: str
    level: str
    score: float


@dataclass(frozen=True, slots=True)
class Reaches:
    """What past arrivals teach; a group without enough of them answers as the one around it.

    Attributes:
        groups: (kind, class), then (kind,), then () for all crews that had not left.
    """

    groups: Mapping[Cell, Reach]

    def of(self, kind: str, level: str) -> Reach:
        """Return the reach of the narrowest group known; the stated guess before any."""
        cells: tuple[Cell, ...] = ((kind, level), (kind,))
        if kind != LEFT:
            cells = (*cells, ())
        found = next((self.groups[cell] for cell in cells if cell in self.groups), None)
        return found if found is not None else _guess(kind)


def learn_reaches(held: Iterable[Held]) -> Reaches:
    """Return the reaches of every group with enough arrivals.

    Split conformal prediction: the P10 and P90 of past scores, whatever the model behind the
    windows had left out.

    Source: Angelopoulos and Bates, A Gentle Introduction to Conformal Prediction, 2021, 2.3.
    """
    scores: dict[Cell, list[float]] = {}
    for one in held:
        cells: tuple[Cell, ...] = ((one.kind,), (one.kind, one.level))
        for cell in cells if one.kind == LEFT else ((), *cells):
            scores.setdefault(cell, []).append(one.score)
    groups: dict[Cell, Reach] = {}
    for cell in sorted(scores, key=lambda cell: (len(cell), cell)):
        if len(scores[cell]) < OWN_ARRIVALS:
            continue
        kind = cell[0] if cell else ""
        is_root = not cell or cell == (LEFT,)
        around = _guess(kind) if is_root else Reaches(groups).of(kind, "")
        weight = GUESS_ARRIVALS if is_root else AROUND_ARRIVALS
        groups[cell] = _shrunk(scores[cell], around, weight)
    return Reaches(groups)


def _guess(kind: str) -> Reach:
    return Reach(*(GUESS_LEFT if kind == LEFT else GUESS))


def _shrunk(scores: Sequence[float], around: Reach, weight: int) -> Reach:
    count = len(scores)
    own = np.quantile(np.array(scores), (LOW, HIGH), method="weibull")
    early, late = (
        float((count * mine + weight * theirs) / (count + weight))
        for mine, theirs in zip(own, (around.early, around.late), strict=True)
    )
    early = min(max(early, -FARTHEST), FARTHEST - NARROWEST)
    return Reach(early, max(min(late, FARTHEST), early + NARROWEST), count)
