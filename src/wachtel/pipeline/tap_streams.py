"""Taps as main uses them: in the loop, one connection per media worker, open while something is wanted."""

import asyncio
import logging
from collections.abc import Callable

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.wire import Unpacker, pack
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import FromTap, Tap

log = logging.getLogger(__name__)

RECONNECT_S = 0.2

Key = tuple[str, StreamName]
Take = Callable[[FromTap], None]


class TapStreams:
    """Wants streams and gets their packets; ``tap_of`` says at which Unix socket a camera's media worker listens."""

    def __init__(self, clock: Clock, tap_of: Callable[[str], str | None]) -> None:
        self._clock = clock
        self._tap_of = tap_of
        self._takers: dict[Key, Take] = {}
        self._connections: dict[str, _Connection] = {}

    def want(self, camera: str, stream: StreamName, take: Take) -> None:
        """All packets of a stream from the cached GOP on, over restarts of the media worker."""
        path = self._tap_of(camera)
        if path is None:
            return
        self._takers[(camera, stream)] = take
        connection = self._connections.get(path)
        if connection is None:
            connection = self._connections[path] = _Connection(path, self._clock, self._take)
        connection.want((camera, stream))

    def unwant(self, camera: str, stream: StreamName) -> None:
        """No more packets of this stream."""
        self._takers.pop((camera, stream), None)
        for path, connection in list(self._connections.items()):
            connection.unwant((camera, stream))
            if not connection.wants:
                del self._connections[path]
                connection.close()

    def _take(self, message: FromTap) -> None:
        take = self._takers.get((message.camera, message.stream))
        if take is not None:
            take(message)

    def close(self) -> None:
        """Closes all connections."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()


class _Connection:
    def __init__(self, path: str, clock: Clock, take: Take) -> None:
        self.wants: set[Key] = set()
        self._path = path
        self._clock = clock
        self._take = take
        self._writer: asyncio.StreamWriter | None = None
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"tap {path}")

    def want(self, key: Key) -> None:
        self.wants.add(key)
        self._send(key, "all")

    def unwant(self, key: Key) -> None:
        if key in self.wants:
            self.wants.discard(key)
            self._send(key, "none")

    def close(self) -> None:
        self._task.cancel()

    def _send(self, key: Key, want: str) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(pack(Tap(*key, want)))

    async def _run(self) -> None:
        while True:
            try:
                await self._connected()
            except (OSError, WachtelError) as error:
                log.debug("tap %s: %r", self._path, error)
            await self._clock.sleep(RECONNECT_S)

    async def _connected(self) -> None:
        reader, writer = await asyncio.open_unix_connection(self._path)
        self._writer = writer
        unpacker: Unpacker[FromTap] = Unpacker(FromTap)
        try:
            for key in self.wants:
                self._send(key, "all")
            while data := await reader.read(1 << 18):
                for message in unpacker.feed(data):
                    self._take(message)
        finally:
            self._writer = None
            writer.close()
