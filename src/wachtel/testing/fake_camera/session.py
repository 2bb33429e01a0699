"""One RTSP session: which tracks go where, and the sending."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from wachtel.base.units import MonoS
from wachtel.protocols.rtsp import interleaved_head
from wachtel.testing.fake_camera.state import SessionRecord

LARGEST_BACKLOG_BYTES = 16 << 20
"""What a reader over TCP may lag behind before it loses pictures up to the next key frame."""

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class TcpRoute:
    """Inside the RTSP connection; channels for RTP and RTCP."""

    channels: tuple[int, int]


@dataclass(frozen=True, slots=True)
class UdpRoute:
    """From our pair of sockets to the client's pair of ports."""

    rtp: asyncio.DatagramTransport
    rtcp: asyncio.DatagramTransport
    to_rtp: Address
    to_rtcp: Address


Route = TcpRoute | UdpRoute


class Session:
    """Sends the packets of its tracks over their routes. A `player.Listener`."""

    def __init__(
        self, record: SessionRecord, writer: asyncio.StreamWriter, on_end: Callable[[], None], now: MonoS
    ) -> None:
        self.record = record
        self.routes: dict[int, Route] = {}
        self.muted = False
        self.last_heard: MonoS = now
        self._writer = writer
        self._on_end = on_end
        self._waits_for_key = False

    def take(self, track: int, packets: list[bytes], key: bool) -> None:
        route = self.routes.get(track)
        if route is None:
            return
        if self.muted or self._lags(key):
            self.record.packets_left_out += len(packets)
            return
        if isinstance(route, TcpRoute):
            self._write_interleaved(route.channels[0], packets)
        else:
            for packet in packets:
                route.rtp.sendto(packet, route.to_rtp)
        self.record.packets_sent += len(packets)
        self.record.bytes_sent += sum(map(len, packets))

    def take_report(self, track: int, report: bytes) -> None:
        route = self.routes.get(track)
        if self.muted or route is None:
            return
        if isinstance(route, TcpRoute):
            self._write_interleaved(route.channels[1], [report])
        else:
            route.rtcp.sendto(report, route.to_rtcp)

    def end(self) -> None:
        self._on_end()

    def _write_interleaved(self, channel: int, packets: list[bytes]) -> None:
        self._writer.write(
            b"".join([part for one in packets for part in (interleaved_head(channel, len(one)), one)])
        )

    def _lags(self, key: bool) -> bool:
        """True while a slow reader must do without; it goes on with a key frame."""
        if self._writer.transport.get_write_buffer_size() > LARGEST_BACKLOG_BYTES:
            self._waits_for_key = True
        elif key:
            self._waits_for_key = False
        return self._waits_for_key
