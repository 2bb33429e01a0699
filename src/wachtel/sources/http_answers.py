"""What a camera's web server answers, in words: translated once, here."""

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.sources.address import Endpoint
from wachtel.sources.answers import LOCKED, locked, password_needed, password_wrong, redirected
from wachtel.sources.connect import silent

__all__ = ["UNAUTHORIZED", "check", "not_http", "password_needed", "password_wrong", "silent"]

UNAUTHORIZED = 401


def check(status: int, location: str, endpoint: Endpoint) -> None:
    """Raises `WachtelError` for everything but success."""
    if 200 <= status < 300:
        return
    details = {"host": endpoint.name, "status": str(status)}
    if 300 <= status < 400:
        raise redirected(endpoint, location)
    if status in LOCKED:
        raise locked(endpoint)
    if status in (UNAUTHORIZED, 403):
        raise password_wrong(endpoint)
    if status in (400, 404, 405, 410):
        raise WachtelError(
            ErrorKind.NO_SUCH_STREAM,
            f"{endpoint.name} has nothing at this path (the answer was {status}).",
            code="nothing_at_path",
            hint="Check the part of the URL after the address; the camera's manual names the right path.",
            details=details,
        )
    raise WachtelError(
        ErrorKind.BUSY,
        f"{endpoint.name} answered with error {status}.",
        code="error_answer",
        hint="The camera may be starting, overloaded, or have too many viewers.",
        details=details,
    )


def not_http(endpoint: Endpoint) -> WachtelError:
    """Something is there, but no web server."""
    return WachtelError(
        ErrorKind.NOT_A_CAMERA,
        f"{endpoint.name} port {endpoint.port} does not speak HTTP.",
        code="no_http",
        hint="If this is the camera's RTSP port, begin the URL with rtsp://.",
        details={"host": endpoint.name, "port": str(endpoint.port)},
    )
