"""Every refusal as RFC 9457 problem+json: a code, a sentence in the reader's language, no
traceback.
"""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from dispatcher.errors import CpoError, NotSignedIn, Unavailable
from dispatcher.i18n import pick, t

log = logging.getLogger("cpo.http")

MEDIA_TYPE = "application/problem+json"


def problem(request: Request, status: int, code: str, **extra: Any) -> JSONResponse:
    """Return a problem document.

    Args:
        request: Gives language and trace id.
        status: HTTP status.
        code: Stable, documented code; `type` is its address.
        **extra: `detail`, `params`, `errors`…
    """
    locale = pick(request.cookies.get("cpo_locale") or request.headers.get("accept-language"))
    title = t(locale, f"error.{code}")
    if title == f"error.{code}":
        title = HTTPStatus(status).phrase
    body = {
        "type": f"/docs/errors#{code}",
        "title": title,
        "status": status,
        "code": code,
        "trace_id": request.scope.get("trace_id", ""),
        **extra,
    }
    return JSONResponse(body, status, media_type=MEDIA_TYPE)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CpoError)  # noqa: S101 - registered for this class only
    answer = problem(
        request,
        error.status,
        error.code,
        detail=error.detail,
        params=dict(error.params),
        retryable=error.retryable,
    )
    if error.retryable:
        answer.headers["Retry-After"] = str(error.params.get("retry_after", 1))
    if isinstance(error, NotSignedIn):
        answer.headers["WWW-Authenticate"] = 'Cookie realm="cpo"'
    return answer


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    errors = [
        {"at": "/".join(str(part) for part in e["loc"]), "code": e["type"], "detail": e["msg"]}
        for e in error.errors()[:50]
    ]
    unreadable = any(e["code"] == "json_invalid" for e in errors)
    status, code = (400, "unreadable") if unreadable else (422, "invalid_input")
    return problem(request, status, code, errors=errors)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    codes = {400: "unreadable", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    answer = problem(request, error.status_code, codes.get(error.status_code, "refused"))
    answer.headers.update(error.headers or {})
    return answer


async def _out_of_reach(request: Request, error: Exception) -> JSONResponse:
    # The database is away or every reading connection is taken: overload is refused, not broken.
    log.error("database_out_of_reach", exc_info=error)
    return await _refused(request, Unavailable("the database cannot be read now"))


async def _broken(request: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", exc_info=error, extra={"trace_id": request.scope.get("trace_id")})
    return problem(request, 500, "internal")


def install(app: FastAPI) -> None:
    """Answer every error of an application as a problem document."""
    app.add_exception_handler(CpoError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for out_of_reach in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(out_of_reach, _out_of_reach)
    app.add_exception_handler(Exception, _broken)
