"""``/api/v1/cameras/{camera}/stream.mjpeg``: a few pictures a second, for programs that know nothing better."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.model.access import Permission
from wachtel.web.access import TheAccess, TheCamera
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.lasting import LOOK_AGAIN_S, Lasting
from wachtel.web.ports.live import Snapshots
from wachtel.web.seats import Seats

EVERY_S = 0.25
WITHOUT_PICTURE_S = 1.0
REPEAT_AFTER_S = 5.0
MOST_OF_ONE = 32
"""Views of one account or token at a time."""

BOUNDARY = "picture"
MEDIA_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"


class _Producer:
    """Asks for the pictures of one camera while somebody watches, and keeps the newest."""

    def __init__(self, snapshots: Snapshots, camera: str, clock: Clock) -> None:
        self.viewers = 0
        self.jpeg = b""
        self.number = 0
        self._snapshots = snapshots
        self._camera = camera
        self._clock = clock
        self._changed = asyncio.Event()
        self._told_at = clock.monotonic_s()
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"pictures {camera}")

    async def next(self, seen: int) -> tuple[int, bytes]:
        """The newest picture, as soon as there is one behind ``seen``; those between are left out."""
        while self.number <= seen:
            await self._changed.wait()
        return self.number, self.jpeg

    async def _run(self) -> None:
        while True:
            pause_s = EVERY_S
            try:
                self._tell(await self._snapshots.latest(self._camera))
            except WachtelError:
                pause_s = WITHOUT_PICTURE_S
            await self._clock.sleep(pause_s)

    def _tell(self, jpeg: bytes) -> None:
        now = self._clock.monotonic_s()
        if jpeg == self.jpeg and now - self._told_at < REPEAT_AFTER_S:
            return
        self.jpeg, self._told_at = jpeg, now
        self.number += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def close(self) -> None:
        """Nobody watches any more."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


class _Streaming(StreamingResponse):
    """Makes the seat free however it ends, even if it is never read from."""

    def __init__(
        self, parts: AsyncIterator[bytes], headers: dict[str, str], leave: Callable[[], None]
    ) -> None:
        super().__init__(parts, headers=headers)
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()


class PictureRoutes:
    """One producer for all viewers of a camera."""

    def __init__(self, snapshots: Snapshots, lasting: Lasting, clock: Clock) -> None:
        self._snapshots = snapshots
        self._lasting = lasting
        self._clock = clock
        self._producers: dict[str, _Producer] = {}
        self._seats = Seats(MOST_OF_ONE, "streams of Motion JPEG")

    def add_to(self, door: Door) -> None:
        path = "/api/v1/cameras/{camera}/stream.mjpeg"
        door.media(
            path, self.pictures, needs=Permission.VIEW, on=On.CAMERA, gives="multipart/x-mixed-replace"
        )

    async def pictures(self, camera: TheCamera, access: TheAccess, request: Request) -> Response:
        """Pictures without end, as multipart JPEG."""
        headers = {"content-type": MEDIA_TYPE, "cache-control": "no-store", "x-accel-buffering": "no"}
        if request.method == "HEAD":
            return Response(headers=headers)
        await self._snapshots.latest(camera.id)
        leave = self._seats.take(access.who.id)
        return _Streaming(self._parts(camera.id, request), headers, leave)

    async def _parts(self, camera: str, request: Request) -> AsyncIterator[bytes]:
        producer = self._producers.get(camera)
        if producer is None:
            producer = self._producers[camera] = _Producer(self._snapshots, camera, self._clock)
        producer.viewers += 1
        try:
            async for part in self._shown(producer, request):
                yield part
        finally:
            producer.viewers -= 1
            if not producer.viewers:
                del self._producers[camera]
                await producer.close()

    async def _shown(self, producer: _Producer, request: Request) -> AsyncIterator[bytes]:
        seen, looked_at = 0, self._clock.monotonic_s()
        while True:
            seen, jpeg = await producer.next(seen)
            if self._clock.monotonic_s() - looked_at >= LOOK_AGAIN_S:
                if not await self._lasting.still_allowed(request):
                    return
                looked_at = self._clock.monotonic_s()
            yield _part(jpeg)


def _part(jpeg: bytes) -> bytes:
    """One picture between boundaries (RFC 2046 section 5.1.1)."""
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + b"\r\n"
