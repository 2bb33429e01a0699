"""The two ways packets go to a client. A slow one loses whole GOPs, or is sent away; nobody waits for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping

from wachtel.base.clock import Clock
from wachtel.base.units import MonoS
from wachtel.pipeline.gateway.feed import Piece

LARGEST_BACKLOG_BYTES = 2 << 20
"""What may wait for one client, beside the GOP it begins with."""

PATIENCE_S = 20.0
PACE_S = 0.004
LEAST_BATCH = 4
DRAIN_STEPS = 100

Address = tuple[str, int]


class TcpListener:
    """Inside the RTSP connection. ``channels`` are those of RTP and RTCP by number of the track."""

    def __init__(
        self,
        transport: asyncio.WriteTransport,
        channels: Mapping[int, tuple[int, int]],
        clock: Clock,
        on_end: Callable[[], None],
        begins_with_bytes: int = 0,
    ) -> None:
        self.lost = 0
        self._most_bytes = LARGEST_BACKLOG_BYTES + begins_with_bytes
        self._transport = transport
        self._channels = channels
        self._clock = clock
        self._on_end = on_end
        self._behind_since: MonoS | None = None

    def take(self, piece: Piece) -> None:
        pair = self._channels.get(piece.track)
        if pair is None or self._transport.is_closing():
            return
        if self._lags(piece):
            self.lost += len(piece.packets)
            return
        self._transport.write(piece.interleaved(pair[1 if piece.is_report else 0]))

    def _lags(self, piece: Piece) -> bool:
        """True while a client must do without; it goes on with a key frame, or not at all."""
        full = self._transport.get_write_buffer_size() > self._most_bytes
        now = self._clock.monotonic_s()
        if self._behind_since is None:
            self._behind_since = now if full else None
            return full
        if not full and piece.key:
            self._behind_since = None
            return False
        if full and now - self._behind_since > PATIENCE_S:
            self._on_end()
        return True

    def end(self) -> None:
        self._on_end()

    def close(self) -> None:
        """Nothing of its own to give back."""


class UdpListener:
    """From our pair of ports to the client's, a few packets at a time so that its buffer does not overflow."""

    def __init__(
        self,
        sockets: tuple[asyncio.DatagramTransport, asyncio.DatagramTransport],
        targets: Mapping[int, tuple[Address, Address]],
        clock: Clock,
        on_end: Callable[[], None],
        begins_with_bytes: int = 0,
    ) -> None:
        self.lost = 0
        self._most_bytes = LARGEST_BACKLOG_BYTES + begins_with_bytes
        self._sockets = sockets
        self._targets = targets
        self._clock = clock
        self._on_end = on_end
        self._queue: deque[tuple[bytes, Address, int]] = deque()
        self._queued_bytes = 0
        self._waits_for_key = False
        self._filled = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._send(), name="rtp sender")

    def take(self, piece: Piece) -> None:
        targets = self._targets.get(piece.track)
        if targets is None:
            return
        full = self._queued_bytes > self._most_bytes
        self._waits_for_key = full or (self._waits_for_key and not piece.key)
        if self._waits_for_key:
            self.lost += len(piece.packets)
            return
        which = 1 if piece.is_report else 0
        self._queue.extend((packet, targets[which], which) for packet in piece.packets)
        self._queued_bytes += piece.size
        self._filled.set()

    async def _send(self) -> None:
        while True:
            await self._filled.wait()
            for _ in range(max(LEAST_BATCH, len(self._queue) // DRAIN_STEPS)):
                if not self._queue:
                    self._filled.clear()
                    break
                packet, address, which = self._queue.popleft()
                self._queued_bytes -= len(packet)
                self._sockets[which].sendto(packet, address)
            await self._clock.sleep(PACE_S)

    def end(self) -> None:
        self._on_end()

    def close(self) -> None:
        """Stops sending."""
        self._task.cancel()
        self._queue.clear()
