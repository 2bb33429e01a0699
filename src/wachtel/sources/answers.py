"""What cameras say that means the same in every protocol."""

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.sources.address import Endpoint

LOCKED = frozenset({423, 429})
"""Locked (RFC 4918 section 11.3) and too many requests (RFC 6585 section 4): what cameras answer to too many tries."""
_LONGEST_TARGET = 200


def redirected(endpoint: Endpoint, target: str) -> WachtelError:
    """The camera points elsewhere; nobody follows. The target is shown without credentials."""
    shown = _harmless(target)
    where = f" ({shown})" if shown else ""
    return WachtelError(
        ErrorKind.REDIRECT,
        f"{endpoint.name} points to another address{where}; it is not followed.",
        code="redirected",
        hint="If you trust that address, enter it as the camera's URL.",
        details={"host": endpoint.name, "target": shown},
    )


def _harmless(target: str) -> str:
    """The printable beginning of a URL, without user and password."""
    printable = "".join(char for char in target if char.isprintable() and char != " ")[:_LONGEST_TARGET]
    scheme, separator, rest = printable.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path.rpartition('@')[2]}"


def password_needed(endpoint: Endpoint) -> WachtelError:
    """The camera asks for a log-in and the URL has none."""
    return WachtelError(
        ErrorKind.WRONG_PASSWORD,
        f"{endpoint.name} asks for a user name and password.",
        code="password_needed",
        hint="Put them into the URL in front of the address, as user:password@.",
        details={"host": endpoint.name},
    )


def password_wrong(endpoint: Endpoint) -> WachtelError:
    """The camera refuses the log-in."""
    return WachtelError(
        ErrorKind.WRONG_PASSWORD,
        f"{endpoint.name} does not accept the user name or the password.",
        code="password_wrong",
        hint="Check both; many cameras have a separate account for RTSP or ONVIF.",
        details={"host": endpoint.name},
    )


def stalled(endpoint: Endpoint, seconds: float) -> WachtelError:
    """The connection stands, but no picture comes."""
    return WachtelError(
        ErrorKind.STALLED,
        f"{endpoint.name} has sent no picture for {seconds:g} seconds.",
        code="stalled",
        hint="It is tried again by itself; if it happens often, look at the network or the camera's load.",
        details={"host": endpoint.name, "seconds": f"{seconds:g}"},
    )


def ended(endpoint: Endpoint) -> WachtelError:
    """The camera said goodbye or closed the connection."""
    return WachtelError(
        ErrorKind.STREAM_ENDED,
        f"{endpoint.name} ended the stream.",
        code="stream_ended",
        hint="It is tried again by itself.",
        details={"host": endpoint.name},
    )


def nonsense(endpoint: Endpoint) -> WachtelError:
    """Bytes that are not what the protocol allows."""
    return WachtelError(
        ErrorKind.BAD_DATA,
        f"{endpoint.name} sends something that cannot be understood.",
        code="nonsense",
        hint="It is tried again by itself; if it stays so, restart the camera or look for new firmware.",
        details={"host": endpoint.name},
    )


def locked(endpoint: Endpoint) -> WachtelError:
    """The device has had enough of wrong passwords."""
    return WachtelError(
        ErrorKind.WRONG_PASSWORD,
        f"{endpoint.name} has locked the account after too many wrong passwords.",
        code="account_locked",
        hint="Wait half an hour, or switch the camera off and on; then enter the right password.",
        details={"host": endpoint.name},
    )
