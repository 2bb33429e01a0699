"""Writes down who wants to leave this machine, and refuses it. Copied as ``sitecustomize.py`` into a folder of its own,
so that every Python process of a rehearsal has it from its first moment; therefore the standard library only.

Next to it lies ``attempts.log``: a line for each attempt, with the place in the program that made it.
"""

import errno
import ipaddress
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

LOG = "attempts.log"
_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_NAMING = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


def is_local(host: object) -> bool:
    """True for this machine itself: loopback, no host at all, and sockets that are files."""
    text = host.decode(errors="replace") if isinstance(host, bytes) else host
    if not isinstance(text, str) or text in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def wanted_host(event: str, arguments: tuple[Any, ...]) -> object:
    """The host that an audited event goes to, None for any other event."""
    if event in _NAMING:
        host = arguments[0]
        return None if _is_number(host) else host
    if event in _CONNECTING and isinstance(arguments[1], tuple):
        return arguments[1][0]
    return None


def _is_number(host: object) -> bool:
    """An address in digits asks nobody for a name; connecting to it is another event."""
    with suppress(ValueError):
        ipaddress.ip_address(str(host).partition("%")[0])
        return True
    return False


def watch(log: str) -> None:
    """From now on every attempt of this process is written to ``log`` and fails as without a route."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not event.startswith("socket."):
            return
        host = wanted_host(event, arguments)
        if host is None or is_local(host):
            return
        line = f"{event.partition('.')[2]} {host!s:.100} by {_caller()}\n"
        os.write(descriptor, line.encode(errors="replace"))
        raise OSError(errno.ENETUNREACH, "the drill lets nothing leave this machine")

    sys.addaudithook(hook)


def _caller() -> str:
    """Where in the program it began: the nearest frame that is not the standard library's."""
    frame, library = sys._getframe(2), str(Path(os.__file__).parent)
    while frame.f_back is not None and frame.f_code.co_filename.startswith((library, "<frozen")):
        if "site-packages" in frame.f_code.co_filename:
            break
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


if __name__ == "sitecustomize":
    watch(str(Path(__file__).resolve().with_name(LOG)))
