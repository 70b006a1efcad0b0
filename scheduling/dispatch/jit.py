"""Compiles numeric functions and keeps them on disk, and nothing else.

Kernels are plain functions on arrays. With ``NUMBA_DISABLE_JIT=1`` they run interpreted and give
the same routes from the same seed (a test compares them).
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """The function, compiled on first call, kept on disk, free of the interpreter lock."""
    made: Any
    try:
        made = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        # No folder that may hold the cache (read-only installation): compile in every process.
        made = numba.njit(nogil=True)(function)
    made.fingerprint = fingerprint(function)
    index = getattr(getattr(made, "_cache", None), "_cache_file", None)
    if index is not None:
        # numba's cache looks only at the file a function stands in. A caller compiled against an
        # older callee of another module would be served stale: wrong routes, no error. So the
        # stamp it compares is ours, and covers everything the function calls.
        index._source_stamp = made.fingerprint
    return cast(F, made)


def fingerprint(function: Callable[..., object]) -> str:
    """A digest of the code, of the constants it reads and of the compiled functions it calls."""
    code, names = function.__code__, function.__globals__
    parts = [code.co_code.hex(), repr(code.co_consts), repr(code.co_names)]
    for name in code.co_names:
        value = names.get(name)
        if isinstance(value, int | float | str):
            parts.append(f"{name}={value!r}")
        elif isinstance(mark := getattr(value, "fingerprint", None), str):
            parts.append(f"{name}:{mark}")
    return sha256("\n".join(parts).encode()).hexdigest()
