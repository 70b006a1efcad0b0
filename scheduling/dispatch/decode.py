"""Frozen records from plain JSON values, by the types their fields declare.

Knows integers, texts, booleans, what may be absent, tuples, enumerations and other records.
Refuses to convert: a number where a text belongs is an error, and so is a key too few or too many.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import TypeVar, cast, get_args, get_origin, get_type_hints

from scheduling.dispatch.visit import ProblemError

R = TypeVar("R")
Decoder = Callable[[object], object]


def record(kind: type[R], value: object) -> R:
    """The record of this class that the JSON object describes.

    Raises:
        ProblemError: a key is missing, unknown, or holds another type than declared.
    """
    return cast(R, _decoder(cast(Hashable, kind))(value))


def mapping(value: object) -> Mapping[str, object]:
    """The value, which must be a JSON object."""
    if not isinstance(value, dict):
        raise ProblemError("expected an object")
    return cast(Mapping[str, object], value)


def rows(value: object) -> Sequence[object]:
    """The value, which must be a JSON list."""
    if not isinstance(value, list):
        raise ProblemError("expected a list")
    return value


def integer(value: object) -> int:
    """The value, which must be a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ProblemError(f"expected an integer, got {value!r}")
    return value


def _exactly(kind: type) -> Decoder:
    def decode(value: object) -> object:
        if not isinstance(value, kind):
            raise ProblemError(f"expected {kind.__name__}, got {value!r}")
        return value

    return decode


@cache
def _decoder(kind: Hashable) -> Decoder:
    if kind is int:
        return integer
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind))
    if isinstance(kind, UnionType):
        (inner,) = (one for one in get_args(kind) if one is not NoneType)
        decode = _decoder(cast(Hashable, inner))
        return lambda value: None if value is None else decode(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return lambda value: _member(kind, value)
    if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__"):
        return _record(kind)
    return _exactly(cast(type, kind))


def _tuple(inner: tuple[Hashable, ...]) -> Decoder:
    if inner[-1] is Ellipsis:
        decode = _decoder(inner[0])
        return lambda value: tuple(decode(one) for one in rows(value))
    each = [_decoder(one) for one in inner]

    def decode_all(value: object) -> object:
        if len(rows(value)) != len(each):
            raise ProblemError(f"expected {len(each)} values, got {value!r}")
        return tuple(one(v) for one, v in zip(each, rows(value), strict=True))

    return decode_all


def _member(kind: type[StrEnum], value: object) -> StrEnum:
    if value not in {one.value for one in kind}:
        raise ProblemError(f"{value!r} is no {kind.__name__}")
    return kind(value)


def _record(kind: type) -> Decoder:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind) if field.init]
    decoders = {name: _decoder(hints[name]) for name in names}

    def decode(value: object) -> object:
        given = mapping(value)
        if given.keys() != decoders.keys():
            odd = sorted(given.keys() ^ decoders.keys())
            raise ProblemError(f"{kind.__name__}: missing or unknown {', '.join(odd)}")
        return kind(**{name: one(given[name]) for name, one in decoders.items()})

    return decode
