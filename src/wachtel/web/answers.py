"""The shapes all answers share: moments, and errors with kind, sentence and next step."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, ClassVar, Self

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, model_validator
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.redact import redact
from wachtel.base.units import WallUs

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST = datetime(9999, 12, 31, tzinfo=UTC)

STATUS = {
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.DENIED: 403,
    ErrorKind.CONFLICT: 409,
    ErrorKind.INVALID: 422,
    ErrorKind.FORBIDDEN_URL: 422,
    ErrorKind.BUSY: 503,
    ErrorKind.TIMEOUT: 504,
    ErrorKind.INTERNAL: 500,
}
"""The HTTP status of an error; every kind that is not listed is trouble behind us (a camera, a disk): 502."""

_KINDS = {401: ErrorKind.DENIED, 403: ErrorKind.DENIED, 404: ErrorKind.NOT_FOUND, 405: ErrorKind.INVALID}


class Refusal(WachtelError):
    """An error with a status of its own, where the kind alone does not say enough."""

    def __init__(
        self,
        status: HTTPStatus,
        what: str,
        *,
        kind: ErrorKind = ErrorKind.DENIED,
        hint: str = "",
        details: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind, what, hint=hint, details=details)
        self.status = status
        self.headers = dict(headers or {})


class Answer(BaseModel):
    """Base of what we send."""

    model_config = ConfigDict(frozen=True)


class Question(BaseModel):
    """Base of what is sent to us: unknown fields are an error, because a misspelt one would silently do
    nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(Question):
    """Only the fields that are sent are changed; null is an answer for those of ``nullable`` alone."""

    nullable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _no_nulls(self) -> Self:
        empty = sorted(name for name in self.model_fields_set - self.nullable if getattr(self, name) is None)
        if empty:
            raise ValueError(f"{', '.join(empty)} cannot be null")
        return self


class ErrorBody(Answer):
    """``kind`` is a word of `wachtel.base.errors.ErrorKind`; ``code`` and ``details`` are for a translation."""

    kind: str
    what: str
    hint: str
    details: dict[str, str]
    code: str = ""


class ErrorAnswer(Answer):
    """What every error looks like."""

    error: ErrorBody


def moment(at: WallUs) -> str:
    """ISO 8601 in UTC with microseconds, as in ``2026-11-21T14:30:00.250000Z``."""
    stamp = EPOCH + timedelta(microseconds=at)
    return stamp.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment_or_none(at: WallUs | None) -> str | None:
    """The same of what has no time, or none yet."""
    return None if at is None else moment(at)


def wall_us(at: datetime) -> WallUs:
    """The reverse of `moment`, for any zone; what lies before 1970 becomes 1970."""
    return WallUs(max(0, (min(at, _LAST) - EPOCH) // _MICROSECOND))


def _no_control_characters(text: str) -> str:
    if any(ord(char) < 32 or 127 <= ord(char) < 160 for char in text):
        raise ValueError("control characters cannot be part of a name")
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(_no_control_characters),
]
"""A name a person gives: any script, no control characters."""

Moment = AwareDatetime
"""A time with its zone."""


def error_response(error: WachtelError) -> JSONResponse:
    """The answer for an error, with the status of its kind."""
    status = error.status if isinstance(error, Refusal) else STATUS.get(error.kind, 502)
    headers = error.headers if isinstance(error, Refusal) else None
    return _response(
        status, error.kind, redact(error.what), error.hint, dict(error.details), headers, error.code
    )


def close_reason(error: WachtelError) -> str:
    """The sentence of an error as the reason a WebSocket is closed: at most 123 bytes (RFC 6455 section
    5.5).
    """
    return redact(error.what).encode()[:123].decode(errors="ignore")


def add_error_handlers(app: FastAPI) -> None:
    """Gives every error the shape of `ErrorAnswer`."""
    app.add_exception_handler(WachtelError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)


def _response(
    status: int,
    kind: ErrorKind,
    what: str,
    hint: str = "",
    details: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    code: str = "",
) -> JSONResponse:
    body = {"kind": kind.value, "what": what, "hint": hint, "details": dict(details or {}), "code": code}
    return JSONResponse({"error": body}, status_code=status, headers=headers)


async def _on_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, WachtelError)
    return error_response(error)


async def _on_http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = _KINDS.get(error.status_code, ErrorKind.INVALID)
    phrase = HTTPStatus(error.status_code).phrase
    return _response(error.status_code, kind, f"{phrase}.", headers=error.headers)


async def _on_invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    findings = [(_field(found), _printable(_reason(found))) for found in error.errors()]
    field, reason = findings[0] if findings else ("", "it cannot be read")
    what = f"The field {field!r} is not right: {reason}." if field else f"The request is not right: {reason}."
    return _response(422, ErrorKind.INVALID, what, details={"field": field, "reason": reason})


async def _on_bug(_request: Request, _error: Exception) -> Response:
    hint = "The server's log says more."
    return _response(500, ErrorKind.INTERNAL, "Something went wrong inside the server.", hint)


def _field(found: Mapping[str, Any]) -> str:
    place = found.get("loc", ())
    return _printable(".".join(str(part) for part in place[1:]))


def _reason(found: Mapping[str, Any]) -> str:
    """Our own rules speak for themselves, the library's words are put into the sentence."""
    return str(found.get("msg", "")).removeprefix("Value error, ")


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()[:200]
