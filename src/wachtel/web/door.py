"""The only way to add a route: with a word on what it needs and what it acts on."""

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from wachtel.model.access import Permission
from wachtel.web.answers import ErrorAnswer
from wachtel.web.guard import IN_PATH, Declared, Guard, Guarded, On

_ERRORS: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorAnswer, "description": "The request is not right"}
}
_LOCKED: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorAnswer, "description": "Nobody is logged in"},
    403: {"model": ErrorAnswer, "description": "That is not allowed"},
}
_MISSING: dict[int | str, dict[str, Any]] = {404: {"model": ErrorAnswer, "description": "It is not there"}}


class Door:
    """Adds routes to an application, each behind the guard."""

    def __init__(self, app: FastAPI, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    def route(
        self,
        method: str,
        path: str,
        endpoint: Callable[..., Any],
        *,
        needs: Permission,
        on: On = On.NOTHING,
        status: int = 200,
        basic: bool = False,
        listed: bool = True,
        gives: str | None = None,
    ) -> None:
        """Adds an HTTP route.

        ``listed`` shows it in the OpenAPI description; ``gives`` is the media type of an answer that is no
        JSON.
        """
        responses = _ERRORS if needs is Permission.PUBLIC else _ERRORS | _LOCKED
        if on in IN_PATH:
            responses = responses | _MISSING
        if gives is not None:
            responses = responses | {
                200: {"content": {gives: {"schema": {"type": "string", "format": "binary"}}}}
            }
        self._app.add_api_route(
            path,
            endpoint,
            methods=[method],
            status_code=status,
            include_in_schema=listed,
            operation_id=_operation(endpoint) if listed else None,
            responses=responses,
            response_class=JSONResponse if gives is None else Response,
        )
        self._close(path, Declared(needs, on, basic))

    def media(
        self, path: str, endpoint: Callable[..., Any], *, needs: Permission, on: On, gives: str
    ) -> None:
        """Adds GET and HEAD for pictures and films, open to HTTP Basic for programs that know nothing
        else.
        """
        for method in ("GET", "HEAD"):
            self.route(
                method, path, endpoint, needs=needs, on=on, basic=True, listed=method == "GET", gives=gives
            )

    def websocket(
        self, path: str, endpoint: Callable[..., Any], *, needs: Permission, on: On = On.NOTHING
    ) -> None:
        """Adds a WebSocket route."""
        self._app.add_api_websocket_route(path, endpoint)
        self._close(path, Declared(needs, on))

    def _close(self, path: str, declared: Declared) -> None:
        route = self._app.router.routes[-1]
        assert isinstance(route, Route | WebSocketRoute)
        named = {on for on in IN_PATH if f"{{{on.value}}}" in path}
        if named != ({declared.on} & IN_PATH):
            raise ValueError(f"{path} names {sorted(named)} but declares {declared.on}")
        route.app = Guarded(route.app, self._guard, declared)


def declarations(routes: Iterable[BaseRoute]) -> dict[tuple[str, str], Declared]:
    """What every route declares, by method and path. Raises `LookupError` when one declares nothing."""
    found: dict[tuple[str, str], Declared] = {}
    for route in routes:
        inner = getattr(route, "app", None)
        path = getattr(route, "path", repr(route))
        if not isinstance(inner, Guarded) or not isinstance(route, Route | WebSocketRoute):
            raise LookupError(f"The route {path} does not declare what it needs.")
        methods = route.methods or set() if isinstance(route, Route) else {"WEBSOCKET"}
        found |= {(method, path): inner.declared for method in methods}
    return found


def _operation(endpoint: Callable[..., Any]) -> str:
    owner = getattr(endpoint, "__self__", None)
    prefix = "" if owner is None else type(owner).__name__.removesuffix("Routes").lower() + "_"
    return prefix + endpoint.__name__
