"""HTTP Live Streaming: live pictures and recorded ranges for players that know nothing better."""

import asyncio
import re
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response, StreamingResponse

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, MonoS, WallUs
from wachtel.media.hls import Film, LiveWindow, film_of, recorded_playlist
from wachtel.model.access import Permission
from wachtel.model.live import LiveFragment, LiveInit
from wachtel.model.stream import StreamName
from wachtel.web.access import TheCamera
from wachtel.web.answers import Moment, moment, wall_us
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.footage import Footage, Part
from wachtel.web.ports.live import LiveView, LiveViews

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
PATIENCE_S = 20.0
"""How long the first playlist waits for a first piece; a group of pictures may last long."""

IDLE_S = 30.0
_BEGINNING_BYTES = 1 << 20
_SETTLED_US = 2 * US_PER_S
"""Of a range that reaches into the present so much is left out: what lies before will not change any more."""

_LIVE = re.compile(r"(head)?([0-9]{1,12})\.(mp4|m4s)")
_RECORDED = re.compile(r"([1-9][0-9]{0,3})-([0-9]{1,15})-([0-9]{1,15})\.m4s")


class _Window:
    """Watches one stream while somebody asks for its pieces."""

    def __init__(self, view: LiveView, clock: Clock) -> None:
        self.pieces = LiveWindow()
        self.asked_at = clock.monotonic_s()
        self.trouble: WachtelError | None = None
        self.ready = asyncio.Event()
        self._view = view
        self.task = asyncio.get_running_loop().create_task(self._run(), name="hls")

    async def _run(self) -> None:
        async for item in self._view:
            if isinstance(item, LiveInit):
                if not item.init_segment:
                    self.trouble = WachtelError(
                        ErrorKind.UNSUPPORTED_CODEC,
                        "Motion JPEG cannot be sent by HLS.",
                        hint="Take stream.mjpeg.",
                    )
                    self.ready.set()
                self.pieces.begin(item.init_segment)
            elif isinstance(item, LiveFragment) and self.pieces.add(item.data, item.at, key=item.key):
                self.ready.set()

    def is_idle(self, now: MonoS) -> bool:
        return now - self.asked_at > IDLE_S

    async def close(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task
        await self._view.close()


class HlsRoutes:
    """``/api/v1/cameras/{camera}/hls/``."""

    def __init__(self, views: LiveViews, footage: Footage, clock: Clock) -> None:
        self._views = views
        self._footage = footage
        self._clock = clock
        self._windows: dict[tuple[str, StreamName], _Window] = {}
        self._sweeping: asyncio.Task[None] | None = None

    def add_to(self, door: Door) -> None:
        path = "/api/v1/cameras/{camera}/hls"
        door.media(
            f"{path}/index.m3u8", self.playlist, needs=Permission.VIEW, on=On.CAMERA, gives=PLAYLIST_TYPE
        )
        door.media(f"{path}/{{name}}", self.piece, needs=Permission.VIEW, on=On.CAMERA, gives="video/mp4")

    async def playlist(
        self,
        camera: TheCamera,
        stream: Annotated[StreamName, Query()] = StreamName.MAIN,
        start: Annotated[Moment | None, Query()] = None,
        end: Annotated[Moment | None, Query()] = None,
    ) -> Response:
        """The playlist of the live picture, or with ``start`` and ``end`` of what was recorded."""
        if start is None and end is None:
            text = await self._live(camera.id, stream)
        elif start is None or end is None:
            raise WachtelError(ErrorKind.INVALID, "A range has a start and an end.", details={"field": "end"})
        else:
            text = await self._recorded(camera.id, wall_us(start), wall_us(end))
        return Response(text, media_type=PLAYLIST_TYPE, headers={"cache-control": "no-store"})

    async def piece(
        self,
        camera: TheCamera,
        name: str,
        stream: Annotated[StreamName, Query()] = StreamName.MAIN,
        start: Annotated[Moment | None, Query()] = None,
        end: Annotated[Moment | None, Query()] = None,
    ) -> Response:
        """A piece that a playlist names."""
        if start is not None and end is not None:
            return await self._recorded_piece(camera.id, name, wall_us(start), wall_us(end))
        window = self._windows.get((camera.id, stream))
        match = _LIVE.fullmatch(name)
        data = None
        if window is not None and match is not None:
            window.asked_at = self._clock.monotonic_s()
            number = int(match[2])
            data = window.pieces.head(number) if match[1] else window.pieces.segment(number)
        if data is None:
            raise _gone()
        return Response(data, media_type="video/mp4", headers={"cache-control": "private, max-age=60"})

    async def _live(self, camera: str, stream: StreamName) -> str:
        window = self._windows.get((camera, stream))
        if window is None:
            view = await self._views.open(camera, stream)
            window = self._windows[camera, stream] = _Window(view, self._clock)
            self._sweep()
        window.asked_at = self._clock.monotonic_s()
        try:
            await asyncio.wait_for(window.ready.wait(), PATIENCE_S)
        except TimeoutError:
            raise WachtelError(
                ErrorKind.TIMEOUT, "The camera has sent no whole group of pictures yet.", hint="Try again."
            ) from None
        if window.trouble is not None:
            raise window.trouble
        return window.pieces.playlist("" if stream is StreamName.MAIN else f"?stream={stream}")

    def _sweep(self) -> None:
        if self._sweeping is None or self._sweeping.done():
            self._sweeping = asyncio.create_task(self._close_idle(), name="hls sweep")

    async def _close_idle(self) -> None:
        """Ends with the last window."""
        while self._windows:
            await self._clock.sleep(IDLE_S / 6)
            now = self._clock.monotonic_s()
            for key in [
                key for key, window in self._windows.items() if window.is_idle(now) or window.task.done()
            ]:
                await self._windows.pop(key).close()

    async def _recorded(self, camera: str, start: WallUs, end: WallUs) -> str:
        end = WallUs(min(end, self._clock.wall_us() - _SETTLED_US))
        if start >= end:
            raise WachtelError(ErrorKind.INVALID, "The end is not after the start.", details={"field": "end"})
        parts = await self._footage.parts(camera, start, end)
        return recorded_playlist(
            [await _film(part, _url(start, end, number)) for number, part in enumerate(parts, 1)]
        )

    async def _recorded_piece(self, camera: str, name: str, start: WallUs, end: WallUs) -> Response:
        match = _RECORDED.fullmatch(name)
        parts = await self._footage.parts(camera, start, end) if match else ()
        if match is None or int(match[1]) > len(parts):
            raise _gone()
        data = parts[int(match[1]) - 1].read(int(match[2]), int(match[3]))
        return StreamingResponse(data, media_type="video/mp4")


def _gone() -> WachtelError:
    return WachtelError(
        ErrorKind.NOT_FOUND, "This piece is not there (any more).", hint="Ask for the playlist again."
    )


async def _film(part: Part, url: str) -> Film:
    beginning = b"".join([piece async for piece in part.read(0, _BEGINNING_BYTES - 1)])
    return film_of(url, part.start, beginning)


def _url(start: WallUs, end: WallUs, part: int) -> str:
    asked = urlencode({"start": moment(start), "end": moment(end)})
    return f"{part}-{{first}}-{{last}}.m4s?{asked}"
