"""Compiles numeric functions and keeps them on disk, and nothing else.

Kernels are plain functions on arrays. With ``NUMBA_DISABLE_JIT=1`` they run interpreted and give
the same routes from the same seed (a test compares them).
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import IndexDataCacheFile

F = TypeVar("F", bound=Callable[..., object])


class _Index(IndexDataCacheFile):
    """What is on disk of a function, fresh while all it is made of is the same.

    numba's own stamp looks only at the file a function stands in. A caller compiled against an
    older callee of another module would be served stale: wrong routes, no error. Ours is taken
    when the cache is first asked, not when the function is made: by then what it calls from
    further down its module is known too.
    """

    made_of: Callable[..., object]

    @property
    def _source_stamp(self) -> str:
        return fingerprint(self.made_of)


def compiled(function: F) -> F:
    """The function, compiled on first call, kept on disk, free of the interpreter lock."""
    made: Any
    try:
        made = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        # No folder that may hold the cache (read-only installation): compile in every process.
        made = numba.njit(nogil=True)(function)
    index = getattr(getattr(made, "_cache", None), "_cache_file", None)
    if index is not None:
        index.__class__ = _Index
        index.made_of = function
    return cast(F, made)


def fingerprint(function: Callable[..., object]) -> str:
    """A digest of the code, and of the constants and compiled functions it reaches."""
    return sha256("\n".join(_parts(function, set())).encode()).hexdigest()


def _parts(function: Callable[..., object], told: set[int]) -> Iterator[str]:
    """What a function is made of, then each function it calls, each once."""
    told.add(id(function))
    code, names = function.__code__, function.__globals__
    yield from (code.co_code.hex(), repr(code.co_consts), repr(code.co_names))
    for name in code.co_names:
        value = names.get(name)
        callee = getattr(value, "py_func", None)
        if isinstance(value, int | float | str):
            yield f"{name}={value!r}"
        elif callee is not None and id(callee) not in told:
            yield f"{name}:"
            yield from _parts(callee, told)
