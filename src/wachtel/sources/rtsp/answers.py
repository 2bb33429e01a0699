"""What a camera's RTSP answers mean, in words: translated once, here."""

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.rtsp import Response
from wachtel.sources.address import Endpoint
from wachtel.sources.answers import LOCKED, locked, redirected

UNAUTHORIZED = 401
UNSUPPORTED_TRANSPORT = 461
_WRONG_PATH = frozenset({400, 404, 410, 415, 451, 454, 459, 551})
_NOT_ALLOWED = frozenset({402, 403, 405})


def check(response: Response, method: str, endpoint: Endpoint) -> None:
    """Raises `WachtelError` for everything but success; 401 is the caller's business."""
    if response.protocol != "RTSP":
        raise not_rtsp(endpoint, "a web server answers there")
    if 200 <= response.status < 300:
        return
    if 300 <= response.status < 400:
        raise redirected(endpoint, response.headers.get("Location") or "")
    raise _refused(response, method, endpoint)


def _refused(response: Response, method: str, endpoint: Endpoint) -> WachtelError:
    name, status = endpoint.name, response.status
    details = {"host": name, "status": str(status)}
    if status in LOCKED:
        return locked(endpoint)
    if status in _WRONG_PATH:
        return WachtelError(
            ErrorKind.NO_SUCH_STREAM,
            f"{name} has no stream at this path ({method} was answered with {status}).",
            code="no_stream_at_path",
            hint="Check the part of the URL after the address; the camera's manual names the right path.",
            details=details,
        )
    if status in _NOT_ALLOWED:
        return WachtelError(
            ErrorKind.WRONG_PASSWORD,
            f"{name} does not let this account watch the stream ({method} was answered with {status}).",
            code="account_may_not_watch",
            hint="Give the account the right to view live video in the camera's own settings.",
            details=details,
        )
    if status == UNSUPPORTED_TRANSPORT:
        return WachtelError(
            ErrorKind.INVALID,
            f"{name} does not send this stream by the transport asked for.",
            code="transport_refused",
            hint="Switch the camera from TCP to UDP, or the other way round.",
            details=details,
        )
    return WachtelError(
        ErrorKind.BUSY,
        f"{name} answered {method} with error {status}.",
        code="error_answer",
        hint="It may be starting, overloaded, or have too many viewers; a wrong path can look the same.",
        details=details,
    )


def not_rtsp(endpoint: Endpoint, why: str) -> WachtelError:
    """Something is there, but no camera."""
    return WachtelError(
        ErrorKind.NOT_A_CAMERA,
        f"{endpoint.name} port {endpoint.port} does not speak RTSP: {why}.",
        code="no_rtsp",
        hint="Check the port: RTSP is usually 554. For a picture from a web page use its http:// address.",
        details={"host": endpoint.name, "port": str(endpoint.port)},
    )
