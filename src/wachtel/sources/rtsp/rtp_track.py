"""What video and sound have in common: RTP in order, and reports to the camera that somebody listens."""

import secrets

from wachtel.base.errors import WachtelError
from wachtel.base.units import WallUs
from wachtel.model.stream import Packet, VideoFormat
from wachtel.protocols.rtp_receive.access_unit import AccessUnit, Depacketizer
from wachtel.protocols.rtp_receive.order import Sequencer
from wachtel.protocols.rtp_receive.packet import RtpPacket, Unwrapper, parse_rtp
from wachtel.protocols.rtp_receive.rtcp import SenderReport, read_sender_report, receiver_report, says_goodbye
from wachtel.protocols.sdp import Media
from wachtel.sources.rtsp.pictures import Picture


class RtpTrack:
    """One track of a session. Pure: datagrams in, formats and packets out."""

    def __init__(self, media: Media, depacketizer: Depacketizer, hold_back: int) -> None:
        self.clock_rate = media.clock_rate
        self._payload_type = media.payload_type
        self._depacketizer = depacketizer
        self._sequencer = Sequencer(hold_back)
        self._unwrap = Unwrapper(32)
        self._count = Unwrapper(16)
        self._highest = 0
        self._ssrc: int | None = None
        self._own_ssrc = secrets.randbits(32)
        self.sender_report: SenderReport | None = None
        self.ended = False

    @property
    def lost(self) -> int:
        """RTP packets that never came."""
        return self._sequencer.lost

    def feed(self, data: bytes, arrival: WallUs) -> list[VideoFormat | Packet]:
        """What one RTP packet completes; a broken one counts as lost."""
        try:
            packet = parse_rtp(data)
        except WachtelError:
            return []
        if packet.payload_type != self._payload_type:
            return []
        self._ssrc = packet.ssrc
        self._highest = packet.sequence
        ready = [(packet, 0)] if self._sequencer.follows(packet) else self._sequencer.push(packet)
        out: list[VideoFormat | Packet] = []
        for ordered, missing in ready:
            for unit in self._unpack(ordered, missing):
                out += self._accept(unit, self._unwrap.place(unit.timestamp), arrival)
        return out

    def feed_picture(self, picture: Picture, arrival: WallUs) -> list[VideoFormat | Packet]:
        """As `feed` for each packet of this picture, which is taken at once if it is simply the next one."""
        if not self._is_next(picture):
            return [item for data in picture.packets() for item in self.feed(data, arrival)]
        self._sequencer.skip(picture.length)
        self._highest = picture.sequence + picture.length - 1 & 0xFFFF
        return self._accept_picture(picture, self._unwrap.place(picture.timestamp), arrival)

    def _is_next(self, picture: Picture) -> bool:
        return (
            picture.payload_type == self._payload_type
            and self._sequencer.expects(picture.sequence, picture.ssrc)
            and self._depacketizer.pass_by(picture.timestamp)
        )

    def feed_rtcp(self, data: bytes) -> None:
        """Notes the camera's report, or its goodbye."""
        self.sender_report = read_sender_report(data) or self.sender_report
        self.ended = self.ended or says_goodbye(data)

    def unwrapped(self, timestamp: int) -> int:
        """A timestamp of a report or of RTP-Info on this track's line, without moving it."""
        return self._unwrap.peek(timestamp)

    def report(self) -> bytes | None:
        """A receiver report; None before the first packet."""
        if self._ssrc is None:
            return None
        highest = self._count.place(self._highest)
        return receiver_report(self._own_ssrc, self._ssrc, highest, self.lost, self.sender_report)

    def _unpack(self, packet: RtpPacket, missing: int) -> list[AccessUnit]:
        try:
            return self._depacketizer.push(packet, missing)
        except WachtelError:
            self._broken()
            return []

    def _broken(self) -> None:
        """A payload that cannot be read."""

    def _accept(self, unit: AccessUnit, time: int, arrival: WallUs) -> list[VideoFormat | Packet]:
        raise NotImplementedError

    def _accept_picture(self, picture: Picture, time: int, arrival: WallUs) -> list[VideoFormat | Packet]:
        """What is made of a whole picture; asked only of tracks whose depacketizer lets them pass by."""
        raise NotImplementedError
