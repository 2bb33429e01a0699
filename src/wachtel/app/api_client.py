"""How commands reach an installation: its running server by the control socket, else its data folder by
itself.
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.data_folder import places

PATIENCE_S = 60.0
_BASE = "http://wachtel"


class Api(Protocol):
    """The HTTP API, as its owner."""

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON, None when it has no body. Raises `WachtelError` as the server said it."""
        ...


@contextmanager
def open_api(data: Path, patience_s: float | None = PATIENCE_S) -> Iterator[Api]:
    """The API of the installation in ``data``; an answer may take ``patience_s``, None for ever."""
    if server_runs(data):
        transport = httpx.HTTPTransport(uds=str(places(data).control_socket))
        with httpx.Client(transport=transport, base_url=_BASE, timeout=patience_s) as client:
            yield _Online(client)
        return
    with _opened(data) as app:
        yield _Offline(app)


@contextmanager
def _opened(data: Path) -> Iterator[Any]:
    """The web application over the data folder; imported only here, because asking a server needs none of
    it.
    """
    from wachtel.base.clock import SystemClock
    from wachtel.storage.state import open_state
    from wachtel.web.app import control_app, create_app
    from wachtel.web.offline import offline_ports

    state = open_state(data)
    try:
        yield control_app(create_app(state, offline_ports(SystemClock())))
    finally:
        state.close()


def server_runs(data: Path) -> bool:
    """True when a server of this data folder answers.

    Raises `WachtelError` (denied) when it is somebody else's.
    """
    path = places(data).control_socket
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(path))
        except PermissionError as error:
            raise WachtelError(
                ErrorKind.DENIED,
                f"The server of {data} belongs to another user.",
                hint="Run the command as that user.",
            ) from error
        except OSError:
            return False
    return True


def named(identifier: str) -> str:
    """An id as part of a path."""
    return quote(identifier, safe="")


class _Online:
    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def call(self, method: str, path: str, body: Any = None) -> Any:
        try:
            return _content(self._client.request(method, path, json=body))
        except httpx.TransportError as error:
            raise WachtelError(
                ErrorKind.UNREACHABLE, "The server went away.", hint="See what it said when it ended."
            ) from error


class _Offline:
    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app=app)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        return asyncio.run(self._call(method, path, body))

    async def _call(self, method: str, path: str, body: Any) -> Any:
        async with httpx.AsyncClient(transport=self._transport, base_url=_BASE) as client:
            return _content(await client.request(method, path, json=body))


def _content(response: httpx.Response) -> Any:
    if response.is_success:
        return response.json() if response.content else None
    try:
        error = response.json()["error"]
        raise WachtelError(
            ErrorKind(error["kind"]), error["what"], hint=error["hint"], details=error["details"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise WachtelError(
            ErrorKind.INTERNAL, f"The server answered with status {response.status_code}."
        ) from error
