"""The video track of a session: RTP packets become our packets."""

from fractions import Fraction
from typing import NamedTuple

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.h264_order import PictureOrder, picture_order
from wachtel.media.nal import join_lengths, split_annexb, split_lengths
from wachtel.media.video import (
    KEY_KINDS,
    TAKEN_OUT_KINDS,
    is_key,
    merge_parameter_sets,
    normalise,
    reorder_depth,
    stated_fps,
    video_format,
)
from wachtel.model.stream import Codec, Packet, Track, VideoFormat
from wachtel.protocols.rtp_receive.access_unit import AccessUnit
from wachtel.protocols.rtp_receive.nal import H264Depacketizer, H265Depacketizer
from wachtel.protocols.sdp import Media
from wachtel.sources.rtsp.decode_order import DecodeTimes
from wachtel.sources.rtsp.native.drafts import NextPicture
from wachtel.sources.rtsp.pictures import Picture
from wachtel.sources.rtsp.rtp_track import RtpTrack
from wachtel.sources.rtsp.shown_order import ShownOrder

_DEPACKETIZERS = {Codec.H264: H264Depacketizer, Codec.H265: H265Depacketizer}
_START_CODE = b"\0\0\1"
_FEWEST_FPS, _USUAL_FPS, _MOST_FPS = 1, 25, 240


class _Came(NamedTuple):
    """What came for one moment: slices in the form of `Packet`, the parameter sets that stood among them, whether a
    decoder can start here, and whether nothing is missing."""

    data: bytes
    sets: tuple[bytes, ...]
    key: bool
    whole: bool


class VideoTrack(RtpTrack):
    """H.264 or H.265.

    Nothing comes out before the first key frame, nor between a loss and the next key frame: pictures that
    refer to missing ones would decode into garbage. What was left out is counted in ``dropped``.
    """

    def __init__(self, media: Media, hold_back: int = 0) -> None:
        codec = media.codec
        if codec not in _DEPACKETIZERS:
            raise unsupported(media)
        super().__init__(media, _DEPACKETIZERS[codec](), hold_back)
        self._codec = codec
        self._time_base = Fraction(1, media.clock_rate)
        self._described_fps = media.frame_rate
        self.start: tuple[int, WallUs] | None = None
        """RTP time (unwrapped) and arrival of the first picture: the zero of the session's line of time."""
        self._decode_times = DecodeTimes()
        self._order: PictureOrder | None = None
        self._shown = ShownOrder(0)
        self._sets = merge_parameter_sets(codec, (), media.parameter_sets())
        self._format: VideoFormat | None = None
        self._need_key = True
        self._timestamp: int | None = None
        self.pictures = 0
        self.dropped = 0

    def _accept(self, unit: AccessUnit, time: int, arrival: WallUs) -> list[VideoFormat | Packet]:
        data, sets = normalise(self._codec, join_lengths(_nal_units(unit.units)), 4)
        return self._take(_Came(data, sets, is_key(self._codec, data), unit.whole), time, arrival)

    def _accept_picture(self, picture: Picture, time: int, arrival: WallUs) -> list[VideoFormat | Packet]:
        data: bytes = picture.units
        sets: tuple[bytes, ...] = ()
        if picture.kinds & TAKEN_OUT_KINDS[self._codec]:
            data, sets = normalise(self._codec, data, 4)
        key = picture.kinds & KEY_KINDS[self._codec] != 0
        return self._take(_Came(data, sets, key, whole=True), time, arrival)

    def _take(self, came: _Came, time: int, arrival: WallUs) -> list[VideoFormat | Packet]:
        self._timestamp = time & 0xFFFF_FFFF
        if self.start is None:
            self.start = time, arrival
        changed = self._take_sets(came.sets)
        if not came.data:
            self._need_key |= not came.whole
            return []
        if not came.whole or (not came.key and (self._need_key or changed)):
            return self._leave_out()
        return self._emit(came.data, time - self.start[0], came.key, arrival)

    def _emit(self, data: bytes, pts: int, key: bool, arrival: WallUs) -> list[VideoFormat | Packet]:
        out: list[VideoFormat | Packet] = []
        if self._format is None:
            try:
                self._format = video_format(self._codec, self._sets)
            except WachtelError:
                return self._leave_out()
            out.append(self._format)
            self._expect(self._format)
        self._need_key = False
        self.pictures += 1
        pts = self._in_order(data, pts)
        dts = self._decode_times.place(pts)
        out.append(Packet(data, pts, dts, self._time_base, key, Track.VIDEO, arrival))
        return out

    def next_picture(self, channel: int) -> NextPicture | None:
        """What comes next on this channel if it is a plain picture that is kept as it is; None when none would be."""
        follows = self._sequencer.next
        if follows is None or self._timestamp is None or self._need_key or self._order is not None:
            return None
        sequence, ssrc = follows
        unlike = KEY_KINDS[self._codec] | TAKEN_OUT_KINDS[self._codec]
        return NextPicture(channel, self._payload_type, sequence, self._timestamp, ssrc, self._codec, unlike)

    @property
    def shift(self) -> int:
        """What was added to the camera's times because its clock stepped back, in ticks."""
        return self._shown.shift

    def _expect(self, format: VideoFormat) -> None:
        depth, interval = reorder_depth(self._codec, self._sets), self._stated_interval(format)
        self._decode_times.expect(depth, interval)
        self._shown = ShownOrder(interval or self.clock_rate // _USUAL_FPS, self._shown.shift)
        self._order = picture_order(self._sets) if self._codec is Codec.H264 and depth != 0 else None

    def _in_order(self, data: bytes, pts: int) -> int:
        """The presentation time, put right where the clock stepped among pictures that are not shown as they come."""
        if self._order is not None:
            for unit in split_lengths(data):
                order = self._order.of(unit)
                if order is not None:
                    return self._shown.place(pts, order)
        return pts + self._shown.shift

    def _stated_interval(self, format: VideoFormat) -> int | None:
        """How far pictures are apart in ticks, as the stream itself says, or its description."""
        fps = stated_fps(format) or self._described_fps
        return round(self.clock_rate / fps) if fps and _FEWEST_FPS <= fps <= _MOST_FPS else None

    def _leave_out(self) -> list[VideoFormat | Packet]:
        self._need_key = True
        self.dropped += 1
        return []

    def _broken(self) -> None:
        self._need_key = True

    def _take_sets(self, found: tuple[bytes, ...]) -> bool:
        """Parameter sets that came with the picture; True when they change the format."""
        merged = merge_parameter_sets(self._codec, self._sets, found)
        if merged == self._sets:
            return False
        self._sets, self._format = merged, None
        return True


def _nal_units(units: tuple[bytes, ...]) -> list[bytes]:
    """Some cameras put start codes into RTP; no NAL unit may contain one, so that is where to cut."""
    out: list[bytes] = []
    for unit in units:
        # Hardly any has one, and from the end it is known in half the time.
        if unit.rfind(_START_CODE) < 0:
            out.append(unit)
        else:
            cut = unit.find(_START_CODE)
            first = unit[:cut].rstrip(b"\0")
            out += [part for part in (first, *split_annexb(unit[cut:])) if part]
    return out


def unsupported(media: Media) -> WachtelError:
    """A codec nobody here can store."""
    name = media.encoding or f"payload type {media.payload_type}"
    return WachtelError(
        ErrorKind.UNSUPPORTED_CODEC,
        f"The camera sends its video as {name}, which cannot be recorded.",
        code="codec_unsupported",
        hint="Set the camera to H.264 or H.265.",
        details={"codec": name},
    )
