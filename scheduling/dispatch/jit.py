"""Compiles numeric functions, and nothing else.

Kernels are plain functions on arrays. With ``NUMBA_DISABLE_JIT=1`` they run interpreted and give
the same routes from the same seed (a test compares them).
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """The function, compiled on first call, kept on disk, free of the interpreter lock."""
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:
        # No folder that may hold the cache (read-only installation): compile in every process.
        return cast(F, numba.njit(nogil=True)(function))
