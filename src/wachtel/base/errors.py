"""One tree of errors, each with a kind, a sentence for people and the next step.

An error is given its kind once, at the border where the trouble enters (a socket, a file, a library), and keeps it
up to the page and the command line, where the kind chooses the translation.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class ErrorKind(StrEnum):
    """What went wrong, in words that stay the same in API, metrics, journal and docs."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    WRONG_PASSWORD = "wrong_password"
    NO_SUCH_STREAM = "no_such_stream"
    NOT_A_CAMERA = "not_a_camera"
    UNSUPPORTED_CODEC = "unsupported_codec"
    REDIRECT = "redirect"
    FORBIDDEN_URL = "forbidden_url"
    STREAM_ENDED = "stream_ended"
    STALLED = "stalled"
    BAD_DATA = "bad_data"
    DISK_FULL = "disk_full"
    DISK_ERROR = "disk_error"
    FOREIGN_VOLUME = "foreign_volume"
    BUSY = "busy"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    INVALID = "invalid"
    DENIED = "denied"
    UNTRUSTED = "untrusted"
    INTERNAL = "internal"


RETRY_HELPS = frozenset(
    {
        ErrorKind.UNREACHABLE,
        ErrorKind.TIMEOUT,
        ErrorKind.REFUSED,
        ErrorKind.STREAM_ENDED,
        ErrorKind.STALLED,
        ErrorKind.DISK_FULL,
        ErrorKind.BUSY,
    }
)


class WachtelError(Exception):
    """An error a person can act on.

    ``what`` says what happened, in one English sentence and without secrets; ``hint`` says what to do next. ``details``
    carries the values a translation needs (host, path, seconds ...). ``code`` names the sentence itself, for the same
    sentence in another language; "" where the kind says enough.
    """

    def __init__(
        self,
        kind: ErrorKind,
        what: str,
        *,
        hint: str = "",
        details: Mapping[str, str] | None = None,
        code: str = "",
    ) -> None:
        super().__init__(what)
        self.code = code
        self.kind = kind
        self.what = what
        self.hint = hint
        self.details: Mapping[str, str] = MappingProxyType(dict(details or {}))

    @property
    def retryable(self) -> bool:
        """True when the same attempt may succeed later without anybody changing anything."""
        return self.kind in RETRY_HELPS

    def __str__(self) -> str:
        return f"{self.what} {self.hint}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.kind, self.what, self.hint, dict(self.details), self.code))


def _rebuild(kind: ErrorKind, what: str, hint: str, details: dict[str, str], code: str) -> WachtelError:
    return WachtelError(kind, what, hint=hint, details=details, code=code)
