"""Raw sound on a TCP port beside a stream of JPEGs: s16le, 16 kHz, one channel, as free NetCam images send it.

It is handed on as µ-law at the same rate, which the media worker knows how to encode; no byte of it meets native code.
"""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.units import MonoS
from wachtel.media.g711 import mu_law_of
from wachtel.model.stream import AudioFormat, Codec, Packet, Track
from wachtel.protocols.camera_url import CameraUrl
from wachtel.sources.address import Endpoint
from wachtel.sources.connect import connect

RATE = 16_000
FORMAT = AudioFormat(Codec.PCMU, RATE, 1)
_CONNECT_S = 2.0
_SAMPLE_BYTES = 2
_MOST_BYTES = 64 << 10
_WORTH_A_STEP_S = 0.5
"""Sound that is further from its arrival than this was interrupted."""
_TIME_BASE = Fraction(1, RATE)
_PORT = re.compile(r"([?&])wachtel_sound=(\d{1,5})(?:&|$)")


def split_sound_port(url: CameraUrl) -> tuple[CameraUrl, int | None]:
    """The address without our own ``wachtel_sound=PORT`` in its query, and that port."""
    match = _PORT.search(url.path)
    if match is None or not 0 < int(match[2]) < 1 << 16:
        return url, None
    rest = (
        url.path[: match.start()]
        + (match[1] if match.end() < len(url.path) else "")
        + url.path[match.end() :]
    )
    return replace(url, path=rest), int(match[2])


def open_sound(beside: Endpoint, port: int, clock: Clock) -> "PcmSound | None":
    """Sound from the address of the pictures; None when nobody answers there, which costs the sound only."""
    at = Endpoint(beside.ip, port, beside.name)
    try:
        return PcmSound(connect(at, MonoS(clock.monotonic_s() + _CONNECT_S), clock), clock)
    except WachtelError:
        return None


class PcmSound:
    """Takes what has come, without waiting; the thread of the pictures asks after each of its reads."""

    def __init__(self, connection: socket.socket, clock: Clock) -> None:
        connection.setblocking(False)
        self._socket: socket.socket | None = connection
        self._clock = clock
        self._rest = b""
        self._next: int | None = None

    def packets(self, zero_s: float | None) -> Iterator[Packet]:
        """The sound since the last call; ``zero_s`` is when the first picture came, None before that."""
        data = self._rest + self._received()
        count = len(data) // _SAMPLE_BYTES
        whole, self._rest = data[: count * _SAMPLE_BYTES], data[count * _SAMPLE_BYTES :]
        if zero_s is None or not count:
            return
        by_arrival = round((self._clock.monotonic_s() - zero_s) * RATE) - count
        if self._next is None or by_arrival - self._next > _WORTH_A_STEP_S * RATE:
            self._next = max(by_arrival, self._next or 0)
        yield Packet(
            mu_law_of(whole), self._next, self._next, _TIME_BASE, True, Track.AUDIO, self._clock.wall_us()
        )
        self._next += count

    def _received(self) -> bytes:
        if self._socket is None:
            return b""
        try:
            data = self._socket.recv(_MOST_BYTES)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self.close()
        return data

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
