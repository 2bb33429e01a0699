"""The video track of a session: RTP packets become our packets."""

from fractions import Fraction

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.nal import join_lengths, split_annexb
from wachtel.media.video import is_key, merge_parameter_sets, normalise, video_format
from wachtel.model.stream import Codec, Packet, Track, VideoFormat
from wachtel.protocols.rtp_receive.access_unit import AccessUnit
from wachtel.protocols.rtp_receive.nal import H264Depacketizer, H265Depacketizer
from wachtel.protocols.rtp_receive.order import Sequencer
from wachtel.protocols.rtp_receive.packet import RtpPacket, Unwrapper, parse_rtp
from wachtel.protocols.sdp import Media
from wachtel.sources.rtsp.decode_order import DecodeTimes

_DEPACKETIZERS = {Codec.H264: H264Depacketizer, Codec.H265: H265Depacketizer}


class VideoTrack:
    """Pure: RTP in, formats and packets out.

    Nothing comes out before the first key frame, nor between a loss and the next key frame: pictures that
    refer to missing ones would decode into garbage. What was left out is counted in ``dropped``.
    """

    def __init__(self, media: Media, reorder_depth: int) -> None:
        codec = media.codec
        if codec not in _DEPACKETIZERS:
            raise unsupported(media)
        self._codec = codec
        self._payload_type = media.payload_type
        self._time_base = Fraction(1, media.clock_rate)
        self._depacketizer = _DEPACKETIZERS[codec]()
        self._sequencer = Sequencer(reorder_depth)
        self._clock = Unwrapper(32)
        self._start: int | None = None
        self._decode_times = DecodeTimes()
        self._sets = merge_parameter_sets(codec, (), media.parameter_sets())
        self._format: VideoFormat | None = None
        self._need_key = True
        self.pictures = 0
        self.dropped = 0

    @property
    def lost(self) -> int:
        """RTP packets that never came."""
        return self._sequencer.lost

    def feed(self, data: bytes, arrival: WallUs) -> list[VideoFormat | Packet]:
        """What one RTP packet completes; a broken one counts as lost."""
        out: list[VideoFormat | Packet] = []
        try:
            packet = parse_rtp(data)
        except WachtelError:
            return out
        if packet.payload_type == self._payload_type:
            for ordered, missing in self._sequencer.push(packet):
                for unit in self._unpack(ordered, missing):
                    out += self._accept(unit, arrival)
        return out

    def _unpack(self, packet: RtpPacket, missing: int) -> list[AccessUnit]:
        try:
            return self._depacketizer.push(packet, missing)
        except WachtelError:
            self._leave_out()
            return []

    def _accept(self, unit: AccessUnit, arrival: WallUs) -> list[VideoFormat | Packet]:
        pts = self._place(unit.timestamp)
        data, found = normalise(self._codec, join_lengths(_nal_units(unit.units)), 4)
        changed = self._take_sets(found)
        if not unit.whole or not data:
            self._need_key |= not unit.whole
            self.dropped += bool(data)
            return []
        key = is_key(self._codec, data)
        if not key and (self._need_key or changed):
            return self._leave_out()
        return self._emit(data, pts, key, arrival)

    def _emit(self, data: bytes, pts: int, key: bool, arrival: WallUs) -> list[VideoFormat | Packet]:
        out: list[VideoFormat | Packet] = []
        if self._format is None:
            try:
                self._format = video_format(self._codec, self._sets)
            except WachtelError:
                return self._leave_out()
            out.append(self._format)
        self._need_key = False
        self.pictures += 1
        dts = self._decode_times.place(pts)
        out.append(Packet(data, pts, dts, self._time_base, key, Track.VIDEO, arrival))
        return out

    def _leave_out(self) -> list[VideoFormat | Packet]:
        self._need_key = True
        self.dropped += 1
        return []

    def _take_sets(self, found: tuple[bytes, ...]) -> bool:
        """Parameter sets that came with the picture; True when they change the format."""
        merged = merge_parameter_sets(self._codec, self._sets, found)
        if merged == self._sets:
            return False
        self._sets, self._format = merged, None
        return True

    def _place(self, timestamp: int) -> int:
        placed = self._clock.place(timestamp)
        if self._start is None:
            self._start = placed
        return placed - self._start


def _nal_units(units: tuple[bytes, ...]) -> list[bytes]:
    """Some cameras put start codes into RTP; no NAL unit may contain one, so that is where to cut."""
    out: list[bytes] = []
    for unit in units:
        if b"\0\0\1" in unit:
            first, _, rest = unit.partition(b"\0\0\1")
            out += [part for part in (first.rstrip(b"\0"), *split_annexb(b"\0\0\1" + rest)) if part]
        else:
            out.append(unit)
    return out


def unsupported(media: Media) -> WachtelError:
    """A codec nobody here can store."""
    name = media.encoding or f"payload type {media.payload_type}"
    return WachtelError(
        ErrorKind.UNSUPPORTED_CODEC,
        f"The camera sends its video as {name}, which cannot be recorded.",
        hint="Set the camera to H.264 or H.265.",
        details={"codec": name},
    )
