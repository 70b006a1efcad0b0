"""What processes do for themselves once they have started."""

import gc
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from threading import Event, Thread

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


LOOK_S = 1.0


def leave_with(parent: int) -> None:
    """Have this process end within a second or so of its parent, however that ends.

    For the processes of a pool, which a killed service would leave behind for ever: they wait on
    pipes that they hold open themselves.

    Args:
        parent: Number of the process that started this one.
    """

    def watch() -> None:
        pause = Event()
        while os.getppid() == parent:
            pause.wait(LOOK_S)
        os._exit(1)

    Thread(target=watch, name="leave-with-parent", daemon=True).start()


def pool_of(processes: int) -> ProcessPoolExecutor:
    """Return a pool of fresh processes that leave with this one."""
    return ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=leave_with, initargs=(os.getpid(),)
    )
