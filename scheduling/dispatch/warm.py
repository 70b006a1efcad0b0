"""Compiles and loads everything a solve needs, before the first emergency needs it.

A cold compile of the kernel takes ten to twenty seconds, a warm load from disk under half a
second; neither belongs in front of a dispatcher who waits. Solver processes call this on start.
"""

import numpy as np

from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.problem import Break, Crew, Matrix, Problem, Visit, Window


def warm_up() -> None:
    """Solve a toy problem that goes through every compiled function."""
    hour = 3600
    seconds = np.array([[0, 600, 900], [600, 0, 300], [900, 300, 0]], dtype=np.int32)
    visits = tuple(
        Visit(f"v{n}", 1 + n % 2, 900, windows=(Window(0, 9 * hour),), due_at=n * hour // 4)
        for n in range(8)
    )
    crews = (
        Crew("c0", 0, 0, 0, 3 * hour, 4 * hour, breaks=(Break(hour, 2 * hour, 900),)),
        Crew("c1", 0, 0, 0, 3 * hour, 4 * hour),
    )
    problem = Problem(visits, crews, Matrix(seconds, seconds * 14))
    improve(problem, Effort(iterations=50), clock=lambda: 0.0)
