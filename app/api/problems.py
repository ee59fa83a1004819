"""Errors as RFC 9457 has them: one sentence, and the number of the request in the log."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from app.api.messages import Problem
from app.api.work import Busy
from app.errors import as_known_error

log = logging.getLogger("app.api")

MEDIA_TYPE = "application/problem+json"
_SENTENCES = {
    400: "The request is not as the description has it; see /openapi.json.",
    404: "There is nothing at this address; /openapi.json lists what there is.",
    405: "This address does not know that method; see /openapi.json.",
    413: "The request is larger than a megabyte; send fewer at a time.",
}


def answer(request_id: str, status: int, detail: str, headers: dict[str, str]) -> Response[Problem]:
    """A problem as a response."""
    body = Problem(HTTPStatus(status).phrase, status, detail, request_id)
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def of_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """What the framework refuses, and what we refuse by its exceptions."""
    status = error.status_code if error.status_code >= 400 else 400
    detail = _SENTENCES.get(status, str(error.detail))
    if isinstance(error, ValidationException):
        detail = _what_is_wrong(error) or detail
    elif error.extra == {"own": True}:
        detail = str(error.detail)
    if status >= 500:
        return of_bug(request, error)
    return answer(_id_of(request), status, detail, dict(error.headers or {}))


def of_other(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """What the world did is told; a bug goes to the log."""
    if isinstance(error, Busy):
        sentence = "Too much is asked at once; try again in a moment."
        return answer(_id_of(request), 503, sentence, {"Retry-After": "1"})
    # JSON of thousands of brackets, one in the other, is no bug of ours.
    if isinstance(
        error, msgspec.ValidationError | msgspec.DecodeError | UnicodeError | RecursionError
    ):
        return answer(_id_of(request), 400, _SENTENCES[400], {})
    known = as_known_error(error)
    if known is not None:
        return answer(_id_of(request), 409, known.sentence, {})
    return of_bug(request, error)


def of_bug(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """An error of our own: its kind and place are in the log, never what was sent."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}"
    request_id = _id_of(request)
    log.error("request %s failed: %s at %s", request_id, type(error).__name__, where)
    sentence = f"Callfloor met an error of its own; the log knows it as {request_id}."
    return answer(request_id, 500, sentence, {})


def _id_of(request: Request[Any, Any, Any]) -> str:
    return str(request.scope.get("request_id", ""))


def _what_is_wrong(error: ValidationException) -> str:
    """The first thing that is not as described, by its place; never what was sent."""
    extra = error.extra
    if not isinstance(extra, list) or not extra or not isinstance(extra[0], dict):
        return ""
    place = str(extra[0].get("key", "")) or str(extra[0].get("source", "body"))
    said = str(extra[0].get("message", "is not as described")).partition(" - at ")[0]
    if "Invalid enum value" in said:
        said = "Not one of the values that there are"
    return f"{said} ({place}); see /openapi.json."
