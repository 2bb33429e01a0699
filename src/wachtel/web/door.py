"""The only way to add a route: with a word on what it needs and what it acts on."""

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from wachtel.model.access import Permission
from wachtel.web.answers import ErrorAnswer
from wachtel.web.guard import IN_PATH, Declared, Guard, Guarded, On

_REFUSALS = {
    422: "The request is not right",
    401: "Nobody is logged in",
    403: "That is not allowed",
    404: "It is not there",
}
_REFERENCE = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ErrorAnswer.__name__}"}}}


class LateRoute(Route):
    """Known by its method and path from the start; its questions and answers are worked out when it is first used.

    Nobody uses all 200 of them, and doing that for all was a good part of a start.
    """

    def __init__(
        self, method: str, path: str, endpoint: Callable[..., Any], make: Callable[[], APIRoute]
    ) -> None:
        super().__init__(path, endpoint)
        self.methods = {method}  # Without the HEAD that comes by itself with a GET.
        self.app = self._serve
        self._make = make

    @cached_property
    def made(self) -> APIRoute:
        """The route in full."""
        return self._make()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self.made
        await self.made.app(scope, receive, send)


class Door:
    """Adds routes to an application, each behind the guard."""

    def __init__(self, app: FastAPI, guard: Guard) -> None:
        self._app = app
        self._guard = guard
        self._described = False

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
        responses = self._refusals(
            [422, *([] if needs is Permission.PUBLIC else [401, 403]), *([404] if on in IN_PATH else [])]
        )
        if gives is not None:
            responses[200] = {"content": {gives: {"schema": {"type": "string", "format": "binary"}}}}
        make = partial(
            APIRoute,
            path,
            endpoint,
            methods=[method],
            status_code=status,
            include_in_schema=listed,
            operation_id=_operation(endpoint) if listed else None,
            responses=responses,
            response_class=JSONResponse if gives is None else Response,
        )
        self._app.router.routes.append(LateRoute(method, path, endpoint, make))
        self._close(path, Declared(needs, on, basic))

    def described(self) -> list[APIRoute]:
        """All HTTP routes in full, for the description of the API."""
        return [route.made for route in self._app.router.routes if isinstance(route, LateRoute)]

    def _refusals(self, statuses: Iterable[int]) -> dict[int | str, dict[str, Any]]:
        """The errors of a route for the description. Their shape is told once and referred to from then on: a model
        for each of them would be most of the time and memory that the routes cost."""
        shape = {"content": _REFERENCE} if self._described else {"model": ErrorAnswer}
        self._described = True
        return {status: {**shape, "description": _REFUSALS[status]} for status in statuses}

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
