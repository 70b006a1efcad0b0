"""What can go wrong, as types: which code, which HTTP status, may the caller try again.

The tree (the message of a class is its docstring's first line; sentences for readers come from the
locales by `code`)::

    CpoError
    ├── InvalidInput          422   a value is well-formed but cannot be
    │   └── IllegalMove       409   a state cannot follow another
    ├── NotSignedIn           401
    │   └── BadCredentials    401
    ├── Forbidden             403
    │   └── ForeignOrigin     403
    ├── NotFound              404
    ├── Conflict              409
    │   ├── PlanChanged       409   the plan moved on since it was read
    │   └── IdempotencyKeyRunning 409   the first request with this key still runs; retryable
    ├── StaleVersion          412   If-Match names a version that is no longer the current one
    ├── PreconditionRequired  428   If-Match is missing
    ├── IdempotencyKeyMissing 400
    ├── IdempotencyKeyReused  422   same key, other body
    ├── TooLarge              413
    ├── UnsupportedMedia      415
    ├── TooMany               429   retryable
    └── Unavailable           503   retryable
"""

from collections.abc import Mapping
from typing import ClassVar

Param = str | int | float | bool | None


class CpoError(Exception):
    """Something the service refuses or cannot do now."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str | None = None, /, **params: Param) -> None:
        """Keep the parameters that a translated sentence needs.

        Args:
            detail: English detail for logs; by default the class docstring's first line.
            **params: Scalars quoted by the sentence of this code in the locales.
        """
        self.detail = detail or (type(self).__doc__ or self.code).strip().splitlines()[0]
        self.params: Mapping[str, Param] = params
        super().__init__(self.detail)


class InvalidInput(CpoError):
    """A value is well-formed but cannot be."""

    code, status = "invalid_input", 422


class IllegalMove(InvalidInput):
    """This state cannot follow the present one."""

    code, status = "illegal_move", 409


class NotSignedIn(CpoError):
    """Sign in first."""

    code, status = "not_signed_in", 401


class BadCredentials(NotSignedIn):
    """The name or the password is wrong."""

    code = "bad_credentials"


class Forbidden(CpoError):
    """Your role does not open this door."""

    code, status = "forbidden", 403


class ForeignOrigin(Forbidden):
    """The request comes from another site."""

    code = "foreign_origin"


class NotFound(CpoError):
    """Nothing here under that name."""

    code, status = "not_found", 404


class Conflict(CpoError):
    """Somebody else changed this first."""

    code, status = "conflict", 409


class PlanChanged(Conflict):
    """The plan has moved on since it was read."""

    code = "plan_changed"


class IdempotencyKeyRunning(Conflict):
    """The first request with this Idempotency-Key is still running; ask again for its answer."""

    code, retryable = "idempotency_key_running", True


class StaleVersion(CpoError):
    """The version named in If-Match is no longer the current one."""

    code, status = "stale_version", 412


class PreconditionRequired(CpoError):
    """Name the version you are editing in If-Match."""

    code, status = "precondition_required", 428


class IdempotencyKeyMissing(CpoError):
    """The Idempotency-Key header is missing or malformed (16 to 128 printable characters)."""

    code, status = "idempotency_key_missing", 400


class IdempotencyKeyReused(CpoError):
    """This Idempotency-Key was used with another body."""

    code, status = "idempotency_key_reused", 422


class TooLarge(CpoError):
    """The body is larger than this door accepts."""

    code, status = "too_large", 413


class UnsupportedMedia(CpoError):
    """This kind of file is not taken here."""

    code, status = "unsupported_media", 415


class TooMany(CpoError):
    """Too many requests from here; try again later."""

    code, status, retryable = "too_many", 429, True


class Unavailable(CpoError):
    """The service cannot store this now; try again with the same Idempotency-Key."""

    code, status, retryable = "unavailable", 503, True


def all_errors() -> list[type[CpoError]]:
    """Return every error class of the tree, parents first (for docs and laws)."""
    found: list[type[CpoError]] = []
    pending: list[type[CpoError]] = [CpoError]
    while pending:
        kind = pending.pop(0)
        found.append(kind)
        pending.extend(kind.__subclasses__())
    return found
