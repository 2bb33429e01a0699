"""Talks to an ASGI application without a network: requests, endless answers and WebSockets."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

import httpx
from starlette.types import ASGIApp, Message


class Conversation:
    """One request whose messages a test sends and receives one by one."""

    def __init__(
        self, app: ASGIApp, scope: dict[str, Any], run: Callable[[Coroutine[Any, Any, Any]], Any]
    ) -> None:
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._run = run
        self._task = run(self._start(app, scope))

    async def _start(self, app: ASGIApp, scope: dict[str, Any]) -> "asyncio.Task[None]":
        return asyncio.ensure_future(app(scope, self._to_app.get, self._from_app.put))

    def send(self, message: Message) -> None:
        self._to_app.put_nowait(message)

    def receive(self, timeout_s: float = 5.0) -> Message:
        """The next message of the application."""
        message = self._run(asyncio.wait_for(self._from_app.get(), timeout_s))
        assert isinstance(message, dict)
        return message

    def silent(self) -> bool:
        """True when the application has nothing to say now."""
        self._run(asyncio.sleep(0.05))
        return self._from_app.empty()

    def leave(self, kind: str) -> None:
        """Says that the other end is gone and waits until the application has noticed."""
        self.send({"type": kind, "code": 1001})
        self._run(asyncio.wait_for(asyncio.shield(self._task), 5.0))

    def end(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            self._run(asyncio.wait_for(self._task, 5.0))


class AppClient(httpx.Client):
    """A browser or program in front of the application."""

    def __init__(
        self,
        app: ASGIApp,
        run: Callable[[Coroutine[Any, Any, Any]], Any],
        base_url: str,
        headers: dict[str, str] | None = None,
        address: str = "192.168.1.50",
    ) -> None:
        self._app = app
        self._run = run
        self._address = address
        super().__init__(transport=_Bridge(app, run, address), base_url=base_url, headers=headers)

    def socket(self, path: str, headers: dict[str, str] | None = None) -> Conversation:
        """Opens a WebSocket; the first message to come is the acceptance or the refusal."""
        conversation = self._conversation("websocket", path, headers or {})
        conversation.send({"type": "websocket.connect"})
        return conversation

    def listen(self, path: str, headers: dict[str, str] | None = None) -> Conversation:
        """A GET whose answer comes piece by piece."""
        conversation = self._conversation("http", path, headers or {})
        conversation.send({"type": "http.request", "body": b"", "more_body": False})
        return conversation

    def _conversation(self, kind: str, path: str, headers: dict[str, str]) -> Conversation:
        request = self.build_request("GET", path, headers=headers)
        return Conversation(self._app, _scope(kind, request, self._address), self._run)


class _Bridge(httpx.BaseTransport):
    def __init__(self, app: ASGIApp, run: Callable[[Coroutine[Any, Any, Any]], Any], address: str) -> None:
        client = (address, 50000)
        self._inner = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=client)
        self._run = run

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        response = self._run(self._handle(request))
        assert isinstance(response, httpx.Response)
        return response

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        body = httpx.ByteStream(b"".join([piece async for piece in response.aiter_raw()]))
        return httpx.Response(response.status_code, headers=response.headers, stream=body)


def _scope(kind: str, request: httpx.Request, address: str) -> dict[str, Any]:
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "ws" if kind == "websocket" else "http",
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": _lower(request.headers.raw),
        "client": (address, 50000),
        "server": (request.url.host, request.url.port or 80),
        "state": {},
    }
    if kind == "http":
        return scope | {"method": request.method}
    return scope | {"subprotocols": [], "extensions": {"websocket.http.response": {}}}


def _lower(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in headers]
