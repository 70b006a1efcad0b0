"""What a serving process does for itself once it has started."""

import gc

YOUNG = 20_000
"""Objects made before the first generation is searched (Python's own: 700)."""


def settle() -> None:
    """Tell the garbage collector that what start-up made stays, and to search less often.

    Reference data, solvers and mapped classes are a million objects that never become garbage;
    searching them again and again took a quarter of the processor time of a report.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
