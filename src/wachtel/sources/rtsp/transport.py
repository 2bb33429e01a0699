"""How RTP travels: inside the RTSP connection, or beside it by UDP.

A link sets up tracks and names for each the two channels on which its RTP and its RTCP come.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from wachtel.base.units import MonoS
from wachtel.media.draft import Draft
from wachtel.protocols.rtsp import interleaved_head
from wachtel.protocols.rtsp_headers import TransportHeader
from wachtel.protocols.sdp import Media
from wachtel.sources.rtsp.framing import Received
from wachtel.sources.rtsp.native.drafts import NextPicture
from wachtel.sources.rtsp.session import RtspSession
from wachtel.sources.rtsp.udp import UdpPair, UdpReceiver

Channels = tuple[int, int]


class Link(Protocol):
    """The way packets take."""

    hold_back: int

    @property
    def patient(self) -> bool:
        """True when reading may wait, because what comes is kept."""
        ...

    @property
    def ready(self) -> bool:
        """True when `receive` has something to give at once; asked only of a patient link."""
        ...

    def set_up(self, session: RtspSession, media: Media, deadline: MonoS) -> Channels:
        """SETUP of one track. Raises `WachtelError` as `RtspSession.set_up` does."""
        ...

    def receive(self) -> Sequence[Received]:
        """What has come; nothing after half a second. Raises as `RtspConnection.receive` does."""
        ...

    def draft(
        self, draft: Draft, expected: NextPicture, urgent: bytearray, longest_s: float
    ) -> Iterator[tuple[Sequence[Received], int]] | None:
        """As `RtspConnection.draft`."""
        ...

    def report(self, channel: int, data: bytes) -> None:
        """Sends RTCP on a channel."""
        ...

    def close(self) -> None: ...


class TcpLink:
    """Inside the RTSP connection: nothing is lost or reordered on the way."""

    hold_back = 0

    def __init__(self, session: RtspSession) -> None:
        self._connection = session.connection
        self._connection.make_room()
        self._next = 0

    def set_up(self, session: RtspSession, media: Media, deadline: MonoS) -> Channels:
        asked = (self._next, self._next + 1)
        self._next += 2
        granted = session.set_up(media, TransportHeader("RTP/AVP/TCP", interleaved=asked), deadline)
        channels = granted.interleaved or asked
        if media.codec is not None:
            self._connection.expect_pictures(channels[0], media.codec)
        return channels

    @property
    def patient(self) -> bool:
        return self._connection.patient

    @property
    def ready(self) -> bool:
        return self._connection.ready

    def receive(self) -> Sequence[Received]:
        return self._connection.receive()

    def draft(
        self, draft: Draft, expected: NextPicture, urgent: bytearray, longest_s: float
    ) -> Iterator[tuple[Sequence[Received], int]] | None:
        return self._connection.draft(draft, expected, urgent, longest_s)

    def report(self, channel: int, data: bytes) -> None:
        self._connection.send_bytes(interleaved_head(channel, len(data)) + data)

    def close(self) -> None:
        """Nothing of its own to close."""


class UdpLink:
    """A pair of ports per track; late packets are waited for, and only the camera's own address is heard."""

    hold_back = 32
    patient = False
    ready = False

    def __init__(self, session: RtspSession) -> None:
        self._connection = session.connection
        self._host = str(session.connection.socket.getsockname()[0]).partition("%")[0]
        self._pairs: list[UdpPair] = []
        self._server_ports: list[tuple[int, int] | None] = []
        self._receiver: UdpReceiver | None = None

    def set_up(self, session: RtspSession, media: Media, deadline: MonoS) -> Channels:
        pair = UdpPair(self._host)
        self._pairs.append(pair)
        granted = session.set_up(media, TransportHeader("RTP/AVP", client_port=pair.ports), deadline)
        self._server_ports.append(granted.server_port)
        number = 2 * (len(self._pairs) - 1)
        return number, number + 1

    def receive(self) -> Sequence[Received]:
        if self._receiver is None:
            self._receiver = UdpReceiver(self._connection, self._pairs)
        return self._receiver.receive()

    def draft(self, *_: object) -> None:
        return None

    def report(self, channel: int, data: bytes) -> None:
        ports = self._server_ports[channel // 2]
        if ports is not None:
            self._pairs[channel // 2].send_report(data, self._connection.endpoint.ip, ports[1])

    def close(self) -> None:
        for pair in self._pairs:
            pair.close()
