"""A problem that contradicts itself is refused with the reason."""

from collections.abc import Callable

import numpy as np
import pytest

from scheduling.dispatch.problem import (
    Break,
    Matrix,
    Pin,
    PlannedRoute,
    PlannedStop,
    ProblemError,
    Window,
)
from tests.scheduling.dispatch.cases import HOUR, crew, visit, world

TWO_ROUTES = (PlannedRoute("k", (PlannedStop("a", 0),)), PlannedRoute("l", (PlannedStop("a", 0),)))


@pytest.mark.parametrize(
    ("reason", "make"),
    [
        ("window closes", lambda: Window(5, 5)),
        ("without room", lambda: Break(10, 5, 60)),
        ("hard end before", lambda: crew("k", shift_end=9, hard_end=8)),
        ("negative rate", lambda: crew("k", travel_rate=-1)),
        ("negative amount", lambda: visit("a", 1, duration_s=-1)),
        ("not 1 to 4", lambda: visit("a", 1, priority=5)),
        ("overlap", lambda: visit("a", 1, windows=(Window(0, 9), Window(5, 12)))),
        ("share one id", lambda: world([visit("a", 1), visit("a", 2)], [])),
        ("outside the travel matrix", lambda: world([visit("a", 99)], [])),
        ("unknown visit", lambda: world([], [crew("k")], pins=(Pin("ghost", "k"),))),
        ("unknown crew", lambda: world([visit("a", 1)], [], pins=(Pin("a", "ghost"),))),
        (
            "pinned twice",
            lambda: world([visit("a", 1)], [crew("k")], pins=(Pin("a", "k"), Pin("a", "k"))),
        ),
        (
            "twice in the plan",
            lambda: world([visit("a", 1)], [crew("k"), crew("l")], plan=TWO_ROUTES),
        ),
        (
            "negative travel",
            lambda: Matrix(np.full((1, 1), -1, np.int32), np.ones((1, 1), np.int32)),
        ),
        ("square", lambda: Matrix(np.ones((1, 2), np.int32), np.ones((1, 2), np.int32))),
    ],
)
def test_a_contradiction_is_named(reason: str, make: Callable[[], object]) -> None:
    with pytest.raises(ProblemError, match=reason):
        make()


def test_urgent_lateness_that_would_overflow_is_refused() -> None:
    ancient = visit("a", 1, is_urgent=True, due_at=-(10**9))
    with pytest.raises(ProblemError, match="clamp due_at"):
        world([ancient], [crew("k")])


def test_a_storm_of_urgent_visits_still_fits() -> None:
    storm = [visit(f"v{k}", k % 20, is_urgent=True, due_at=-12 * HOUR) for k in range(200)]
    assert len(world(storm, [crew("k")]).visits) == 200
