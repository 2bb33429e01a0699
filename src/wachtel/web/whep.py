"""Live pictures by WebRTC: the offer of a browser or program is answered in one request (WHEP, the way back of WHIP,
RFC 9725).
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import Errands
from wachtel.model.access import Permission
from wachtel.model.live import IceServers
from wachtel.model.stream import StreamName
from wachtel.web.access import TheAccess, TheCamera
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.lasting import Lasting
from wachtel.web.ports.live import WhepView, WhepViews

MEDIA_TYPE = "application/sdp"
LARGEST_OFFER_BYTES = 64 * 1024
MOST_OF_ONE = 16
"""Views of one account or token at a time."""


@dataclass(frozen=True, slots=True)
class _Watching:
    camera: str
    principal: str
    view: WhepView


class WhepRoutes:
    """``/api/v1/cameras/{camera}/whep``."""

    def __init__(self, views: WhepViews, lasting: Lasting) -> None:
        self._views = views
        self._lasting = lasting
        self._open: dict[str, _Watching] = {}
        self._minding = Errands()

    def add_to(self, door: Door) -> None:
        path = "/api/v1/cameras/{camera}/whep"
        for method, endpoint, inner, status in (
            ("OPTIONS", self.servers, path, 204),
            ("POST", self.watch, path, 201),
            ("DELETE", self.leave, path + "/{view}", 200),
        ):
            door.route(
                method, inner, endpoint, needs=Permission.VIEW, on=On.CAMERA, status=status, gives=MEDIA_TYPE
            )

    async def servers(self) -> Response:
        """The owner's STUN and TURN servers in ``Link`` (RFC 9725 section 4.6), for an offer that uses them."""
        return Response(status_code=204, headers=_links(self._views.servers))

    async def watch(
        self,
        request: Request,
        camera: TheCamera,
        access: TheAccess,
        stream: Annotated[StreamName, Query()] = StreamName.MAIN,
    ) -> Response:
        """Answers an SDP offer for receiving video, and sound if it asks for that; the address to leave by is in
        ``Location``.
        """
        offer = await _offer(request)
        principal = access.who.id
        if Counter(one.principal for one in self._open.values())[principal] >= MOST_OF_ONE:
            raise WachtelError(
                ErrorKind.BUSY,
                f"You watch {MOST_OF_ONE} pictures by WebRTC already.",
                hint="Close one of them.",
            )
        client = request.client.host if request.client else ""
        view, answer = await self._views.open(camera.id, stream, offer, client)
        self._open[view.id] = _Watching(camera.id, principal, view)
        self._minding.run("whep view", self._mind(request, view))
        headers = {"location": f"/api/v1/cameras/{camera.id}/whep/{view.id}"}
        return Response(answer, 201, headers | _links(self._views.servers), MEDIA_TYPE)

    async def leave(self, camera: TheCamera, access: TheAccess, view: str) -> Response:
        """Ends a view of one's own."""
        watching = self._open.get(view)
        if watching is None or (watching.camera, watching.principal) != (camera.id, access.who.id):
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no such view.")
        watching.view.close()
        return Response(status_code=200)

    async def _mind(self, request: Request, view: WhepView) -> None:
        """Ends the view when the right to look is lost."""
        losing = asyncio.create_task(self._lasting.until_lost(request))
        ended = asyncio.create_task(view.ended.wait())
        try:
            await asyncio.wait({losing, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            losing.cancel()
            ended.cancel()
            view.close()
            self._open.pop(view.id, None)


def _links(servers: IceServers) -> dict[str, str]:
    """The ``Link`` header that names the servers; none without servers."""
    links = [f'<{url}>; rel="ice-server"{_log_in(url, servers)}' for url in servers.urls]
    return {"link": ", ".join(links)} if links else {}


def _log_in(url: str, servers: IceServers) -> str:
    if not servers.user or url.startswith("stun:"):
        return ""
    user, password = (
        one.replace("\\", "\\\\").replace('"', '\\"') for one in (servers.user, servers.password)
    )
    return f'; username="{user}"; credential="{password}"; credential-type="password"'


async def _offer(request: Request) -> str:
    """Raises `WachtelError` (invalid)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind != MEDIA_TYPE or not body or len(body) > LARGEST_OFFER_BYTES:
        raise WachtelError(
            ErrorKind.INVALID,
            "The body must be an SDP offer of at most 64 KiB.",
            hint=f"Send it as {MEDIA_TYPE}.",
        )
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise WachtelError(ErrorKind.INVALID, "The SDP offer is not UTF-8.") from None
