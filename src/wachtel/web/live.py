"""Live pictures over a WebSocket: fragments of MP4 for Media Source Extensions."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated

from fastapi import Query
from starlette.websockets import WebSocket, WebSocketDisconnect

from wachtel.base.errors import WachtelError
from wachtel.model.access import Permission
from wachtel.model.camera import StreamState
from wachtel.model.live import LiveFragment, LiveInit
from wachtel.model.stream import StreamName
from wachtel.web.access import TheAccess, TheCamera
from wachtel.web.answers import close_reason
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.lasting import Lasting
from wachtel.web.ports.live import LiveView, LiveViews
from wachtel.web.seats import Seats
from wachtel.web.shapes import LiveInitMessage, LiveStateMessage, state_answer

POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
MOST_OF_ONE = 128
"""Views of one account or token at a time: an overview of fifty cameras on two screens."""


class LiveRoutes:
    """``/api/v1/cameras/{camera}/live``."""

    def __init__(self, views: LiveViews, lasting: Lasting) -> None:
        self._views = views
        self._lasting = lasting
        self._seats = Seats(MOST_OF_ONE, "live pictures")

    def add_to(self, door: Door) -> None:
        path = "/api/v1/cameras/{camera}/live"
        door.websocket(path, self.live, needs=Permission.VIEW, on=On.CAMERA)

    async def live(
        self,
        socket: WebSocket,
        camera: TheCamera,
        access: TheAccess,
        stream: Annotated[StreamName, Query()] = StreamName.MAIN,
        convert: Annotated[bool, Query()] = False,
    ) -> None:
        """Sends until the viewer goes, or may no longer look; ``convert`` asks for H.264 whatever the camera sends."""
        await socket.accept()
        try:
            leave = self._seats.take(access.who.id)
        except WachtelError as error:
            await socket.close(TRY_AGAIN_LATER, close_reason(error))
            return
        try:
            await self._watch(socket, self._views.open(camera.id, stream, convert=convert))
        finally:
            leave()

    async def _watch(self, socket: WebSocket, opening: Awaitable[LiveView]) -> None:
        try:
            view = await opening
        except WachtelError as error:
            await socket.close(TRY_AGAIN_LATER, close_reason(error))
            return
        try:
            await self._show(socket, view)
        finally:
            await view.close()

    async def _show(self, socket: WebSocket, view: LiveView) -> None:
        sending = asyncio.create_task(_send_all(socket, view))
        leaving = asyncio.create_task(_wait_for_leaving(socket))
        losing = asyncio.create_task(self._lasting.until_lost(socket))
        tasks = {sending, leaving, losing}
        done: set[asyncio.Task[None]] = set()
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        if losing in done and leaving not in done:
            await socket.close(POLICY_VIOLATION, "logged out")
        for result in results:
            if isinstance(result, Exception) and not isinstance(
                result, WebSocketDisconnect | OSError | WachtelError
            ):
                raise result


async def _send_all(socket: WebSocket, view: LiveView) -> None:
    async for piece in view:
        if isinstance(piece, LiveFragment):
            await socket.send_bytes(piece.data)
        elif isinstance(piece, LiveInit):
            await socket.send_text(_init_message(piece).model_dump_json())
            await socket.send_bytes(piece.init_segment)
        else:
            await socket.send_text(_state_message(piece).model_dump_json())


async def _wait_for_leaving(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def _init_message(init: LiveInit) -> LiveInitMessage:
    return LiveInitMessage(mime=init.mime, width=init.width, height=init.height)


def _state_message(state: StreamState) -> LiveStateMessage:
    return LiveStateMessage(**state_answer(state).model_dump())
