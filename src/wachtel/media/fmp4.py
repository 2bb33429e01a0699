"""Fragmented MP4 (ISO 14496-12): one fragment per picture, so that a file is whole after every one of
them.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media import audio as audio_codecs
from wachtel.media.audio_queue import AudioQueue, AudioRun
from wachtel.media.boxes import box, full_box
from wachtel.media.fmp4_init import AUDIO_TRACK, KEY_FLAGS, VIDEO_TRACK, init_segment
from wachtel.media.identity import SegmentIdentity
from wachtel.media.timestamps import Placed, to_us
from wachtel.media.video import stated_fps
from wachtel.model.stream import VIDEO_TICKS_PER_S, StreamFormat, Track

__all__ = [
    "KeyFrame",
    "Muxer",
    "SegmentIdentity",
    "fragment",
    "init_segment",
    "mfra",
    "reference_time",
    "segment_index",
]

REFERENCE_TIME_BYTES = 32
"""Size of the prft box as we write it."""

_SECONDS_1900_TO_1970 = 2_208_988_800
_CAPTURED = 24
_BASE_IS_MOOF = 0x02_0000
_DATA_OFFSET, _FIRST_FLAGS, _DURATION, _SIZE, _COMPOSITION = 0x1, 0x4, 0x100, 0x200, 0x800
_WORD = struct.Struct(">I")
_FIRST_DURATION = VIDEO_TICKS_PER_S // 25
_MOST_FPS = 240
_LONGEST_DURATION = 0xFFFF_FFFF
_LARGEST_INDEX_PART = 0x7FFF_FFFF
_MOST_INDEX_PARTS = 0xFFFF
_BEGINS_WITH_KEY_FRAME = 0x9000_0000
_WALL_TOLERANCE_US = 50_000
_STEADY_FRAMES = 2
"""From the second picture on it is known how long one lasts."""


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """An entry of the index: presentation time in ticks, and where its moof begins in the file."""

    time: int
    offset: int


@dataclass(frozen=True, slots=True)
class VideoFragmentHead:
    """What the header of a fragment with one picture and nothing else says; times in ticks."""

    decode: int
    duration: int
    size_bytes: int
    composition: int
    key: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the fragment of the next picture begins with if that is a plain one: neither a key frame, nor with sound.

    ``head`` is what stands before its data, with 0 for each number. Of the last picture ``sequence`` is the number of
    its fragment, ``decode`` its time and ``step`` how much later than the one before it was, both in ticks.
    """

    head: bytes
    sequence: int
    decode: int
    step: int


class _Layout:
    """The moof and mdat header of a single video sample, laid out once; only six numbers change."""

    def __init__(self, *, key: bool, composed: bool) -> None:
        flags = _DATA_OFFSET | _DURATION | _SIZE | key * _FIRST_FLAGS | composed * _COMPOSITION
        trun_size = 28 + 4 * key + 4 * composed
        moof_size = 68 + trun_size
        moof = struct.pack(">I4sI4sI", moof_size, b"moof", 16, b"mfhd", 0)
        traf = struct.pack(">I4s", moof_size - 24, b"traf")
        traf += full_box(b"tfhd", 0, _BASE_IS_MOOF, _WORD.pack(VIDEO_TRACK)) + struct.pack(
            ">I4sI", 20, b"tfdt", 1 << 24
        )
        trun = struct.pack(">I4sIII", trun_size, b"trun", 1 << 24 | flags, 1, moof_size + 8)
        trun += _WORD.pack(KEY_FLAGS) if key else b""
        composition = "i" if composed else ""
        self._struct = struct.Struct(f">{len(moof)}sI{len(traf)}sQ{len(trun)}sII{composition}I4s")
        self._fixed = (moof, traf, trun)
        self.moof_bytes = moof_size
        self._key, self._composed = key, composed

    def header(self, sequence: int, decode: int, duration: int, size: int, composition: int) -> bytes:
        """moof and the header of mdat."""
        moof, traf, trun = self._fixed
        if self._composed:
            return self._struct.pack(
                moof, sequence, traf, decode, trun, duration, size, composition, size + 8, b"mdat"
            )
        return self._struct.pack(moof, sequence, traf, decode, trun, duration, size, size + 8, b"mdat")

    def match(self, data: bytes, offset: int) -> VideoFragmentHead | None:
        """Reads the same back if what stands at ``offset`` is of this layout."""
        if len(data) - offset < self._struct.size:
            return None
        found = self._struct.unpack_from(data, offset)
        moof, _, traf, decode, trun, duration, size = found[:7]
        mdat_size, mdat = found[-2:]
        if (moof, traf, trun) != self._fixed or mdat != b"mdat" or mdat_size != size + 8:
            return None
        return VideoFragmentHead(decode, duration, size, found[7] if self._composed else 0, self._key)


_LAYOUTS = {
    (key, composed): _Layout(key=key, composed=composed)
    for key in (False, True)
    for composed in (False, True)
}


_PLAIN_HEAD = _LAYOUTS[False, False].header(0, 0, 0, 0, 0)

_LAYOUTS_BY_MOOF_SIZE = {
    size: [layout for layout in _LAYOUTS.values() if layout.moof_bytes == size]
    for size in sorted({layout.moof_bytes for layout in _LAYOUTS.values()})
}


def match_fragment(data: bytes, offset: int) -> VideoFragmentHead | None:
    """The quick way to read back what `fragment` wrote without audio; None for everything else."""
    moof_bytes = int.from_bytes(data[offset : offset + 4], "big")
    for layout in _LAYOUTS_BY_MOOF_SIZE.get(moof_bytes, ()):
        found = layout.match(data, offset)
        if found is not None:
            return found
    return None


def fragment(
    sequence: int,
    data: bytes,
    *,
    decode: int,
    duration: int,
    composition: int = 0,
    key: bool,
    audio: AudioRun | None = None,
) -> bytes:
    """One picture (and the audio that rides with it) as moof and mdat. Times in ticks of the track."""
    if audio is None:
        layout = _LAYOUTS[key, composition != 0]
        return layout.header(sequence, decode, duration, len(data), composition) + data
    return _moof_and_mdat(
        sequence,
        [_video_traf(decode, duration, composition, key, data), _audio_traf(audio)],
        [data, *audio.packets],
    )


def audio_fragment(sequence: int, audio: AudioRun) -> bytes:
    """Audio alone, for the end of a file."""
    return _moof_and_mdat(sequence, [_audio_traf(audio)], audio.packets)


@dataclass(frozen=True, slots=True)
class _Traf:
    """A track fragment before its data offset is known: ``samples`` is what follows that offset in trun
    (8.8.8).
    """

    track: int
    decode: int
    flags: int
    count: int
    samples: bytes
    data_bytes: int

    def size(self) -> int:
        return 64 + len(self.samples)

    def packed(self, data_offset: int) -> bytes:
        counted = struct.pack(">II", self.count, data_offset)
        return box(
            b"traf",
            full_box(b"tfhd", 0, _BASE_IS_MOOF, _WORD.pack(self.track)),
            full_box(b"tfdt", 1, 0, self.decode.to_bytes(8, "big")),
            full_box(b"trun", 1, self.flags, counted, self.samples),
        )


def _video_traf(decode: int, duration: int, composition: int, key: bool, data: bytes) -> _Traf:
    flags = _DATA_OFFSET | _DURATION | _SIZE | _COMPOSITION | key * _FIRST_FLAGS
    first = _WORD.pack(KEY_FLAGS) if key else b""
    sample = first + struct.pack(">IIi", duration, len(data), composition)
    return _Traf(VIDEO_TRACK, decode, flags, 1, sample, len(data))


def _audio_traf(audio: AudioRun) -> _Traf:
    sizes = [len(packet) for packet in audio.packets]
    samples = b"".join(map(struct.Struct(">II").pack, audio.durations, sizes))
    return _Traf(AUDIO_TRACK, audio.decode, _DATA_OFFSET | _DURATION | _SIZE, len(sizes), samples, sum(sizes))


def _moof_and_mdat(sequence: int, trafs: Sequence[_Traf], data: Sequence[bytes]) -> bytes:
    offset = 24 + sum(traf.size() for traf in trafs) + 8
    packed = []
    for traf in trafs:
        packed.append(traf.packed(offset))
        offset += traf.data_bytes
    return box(b"moof", full_box(b"mfhd", 0, 0, _WORD.pack(sequence)), *packed) + box(b"mdat", *data)


_NTP_ERA = 1 << 64


def reference_time(decode: int, wall: WallUs) -> bytes:
    """The prft box (8.16.5): the picture of the next fragment, at ``decode`` ticks, was taken at ``wall``."""
    since_1900 = wall + _SECONDS_1900_TO_1970 * US_PER_S
    # The time of NTP begins anew in February 2036; its highest bit tells which era it is (RFC 4330 section 3).
    ntp = ((since_1900 << 32) + US_PER_S - 1) // US_PER_S % _NTP_ERA
    return full_box(b"prft", 1, _CAPTURED, struct.pack(">IQQ", VIDEO_TRACK, ntp, decode))


def wall_of_ntp(ntp: int) -> WallUs:
    """Back from the 64-bit time of NTP (RFC 5905 section 6) in a prft box; times from 1968 to 2104."""
    if ntp < _NTP_ERA // 2:
        ntp += _NTP_ERA
    return WallUs((ntp * US_PER_S >> 32) - _SECONDS_1900_TO_1970 * US_PER_S)


def mfra(key_frames: Sequence[KeyFrame]) -> bytes:
    """The index at the end of a closed file (8.8.9 to 8.8.11)."""
    entries = b"".join(struct.pack(">QQ3B", frame.time, frame.offset, 1, 1, 1) for frame in key_frames)
    table = full_box(b"tfra", 1, 0, struct.pack(">III", VIDEO_TRACK, 0, len(key_frames)), entries)
    return box(b"mfra", table, full_box(b"mfro", 0, 0, _WORD.pack(8 + len(table) + 16)))


def segment_index(first_time: int, parts: Sequence[tuple[int, int]]) -> bytes:
    """The sidx box (8.16.3), with which a player finds its way without reading everything.

    ``parts`` are bytes and ticks of what begins with each key frame; neighbours are put together if they are
    too many for one box. ``first_time`` is when the first picture is shown.
    """
    stride = -(-len(parts) // _MOST_INDEX_PARTS) or 1
    groups = [parts[at : at + stride] for at in range(0, len(parts), stride)]
    entries = [
        (
            min(sum(size for size, _ in group), _LARGEST_INDEX_PART),
            min(sum(ticks for _, ticks in group), _LONGEST_DURATION),
            _BEGINS_WITH_KEY_FRAME,
        )
        for group in groups
    ]
    fixed = struct.pack(">IIQQHH", VIDEO_TRACK, VIDEO_TICKS_PER_S, first_time, 0, 0, len(entries))
    return full_box(b"sidx", 1, 0, fixed, *(struct.pack(">III", *entry) for entry in entries))


class Muxer:
    """Turns the placed packets of one run into the bytes of one file, or of a live view that goes on for
    days.

    Decode time starts at 0, or at ``first_decode`` ticks where a live view goes on in another format, and
    never steps back. Begins with the first key frame; what comes before it is left out. ``usual_duration`` is what
    the first picture is said to last, in ticks; by default what the stream says, or 40 ms.
    """

    def __init__(
        self,
        format: StreamFormat,
        identity: SegmentIdentity | None = None,
        *,
        first_decode: int = 0,
        usual_duration: int | None = None,
    ) -> None:
        self._format = format
        self._identity = identity
        self._waiting_audio = AudioQueue(format.audio) if audio_codecs.storable(format.audio) else None
        self._sequence = 0
        self._base = 0
        self._first_decode = self._decode = first_decode
        self._seam = self._composed = False
        self._duration = self._step = usual_duration or _stated_duration(format)
        self._wall = identity.start if identity else WallUs(0)
        self._anchor_wall = self._wall
        self._anchor_decode = first_decode
        self._key_frames: list[KeyFrame] = []
        self.start = self._wall
        self.frames = 0
        self.key_frames = 0
        self.size_bytes = 0

    @property
    def usual_duration(self) -> int:
        """How long a picture lasted lately, in ticks of 1/90000 s."""
        return self._duration

    @property
    def has_sound(self) -> bool:
        """Whether there is a track for sound that we can store."""
        return self._waiting_audio is not None

    @property
    def duration(self) -> int:
        """Media time so far, in ticks of 1/90000 s."""
        return self.next_decode - self._first_decode

    @property
    def next_decode(self) -> int:
        """Where the picture after the last one belongs, in ticks of 1/90000 s."""
        return self._decode + self._duration if self.frames else self._decode

    @property
    def end(self) -> WallUs:
        """Wall clock at the end of the last picture, exactly as a reader of the file will find it."""
        return WallUs(self._wall_of(self._decode) + to_us(self._duration)) if self.frames else self.start

    def outlook(self) -> Outlook | None:
        """What is known of the next picture; None when it is not known to be a plain one."""
        if self.has_sound or self._composed or self._seam or self.frames < _STEADY_FRAMES:
            return None
        return Outlook(_PLAIN_HEAD, self._sequence, self._decode, self._step)

    def head(self) -> bytes:
        """What the file begins with."""
        return self._counted(init_segment(self._format, self._identity))

    def add(self, placed: Placed) -> bytes:
        """What to append for this packet, in one write; ``b""`` for audio, which rides with the next
        picture.
        """
        packet = placed.packet
        if packet.track is Track.AUDIO:
            if self._waiting_audio is not None and self.frames and not self._seam:
                self._waiting_audio.put(packet.data, placed.decode - self._base)
            return b""
        if not packet.key and (self._seam or not self.frames):
            return b""
        self._advance(placed)
        reference = self._reference(packet.key)
        if packet.key and self._identity is not None:
            offset = self.size_bytes + len(reference)
            self._key_frames.append(KeyFrame(self._decode + placed.composition, offset))
        self._sequence += 1
        written = fragment(
            self._sequence,
            packet.data,
            decode=self._decode,
            duration=self._duration,
            composition=placed.composition,
            key=packet.key,
            audio=self._waiting_audio.take() if self._waiting_audio is not None else None,
        )
        self._composed = placed.composition != 0
        self.frames += 1
        self.key_frames += packet.key
        return self._counted(reference + written if reference else written)

    def begin_session(self) -> None:
        """What follows was placed by another `Timeline`: its first key frame comes right after the last picture."""
        self._seam = self.frames > 0
        if self._waiting_audio is not None:
            self._waiting_audio.begin_session()

    def tail(self) -> bytes:
        """What a closed file ends with: audio still waiting, and the index."""
        audio = self._waiting_audio.take() if self._waiting_audio is not None else None
        rest = audio_fragment(self._sequence + 1, audio) if audio is not None else b""
        return self._counted(rest + mfra(self._key_frames))

    def _counted(self, written: bytes) -> bytes:
        self.size_bytes += len(written)
        return written

    def _advance(self, placed: Placed) -> None:
        """Moves decode time and wall clock on to this picture. A pause does not lengthen the picture after
        it.
        """
        if not self.frames:
            self._base = placed.decode - self._decode
            self._wall = self.start = max(placed.wall, self.start)
            return
        if self._seam:
            self._base, self._seam = placed.decode - self.next_decode, False
        step = placed.decode - self._base - self._decode
        if step <= 0:
            step = self._duration
            self._base = placed.decode - self._decode - step
        self._duration, self._step = (
            min(step, self._step, _LONGEST_DURATION) if self.frames > 1 else step,
            step,
        )
        self._decode += step
        self._wall = max(self._wall, placed.wall)

    def _reference(self, key: bool) -> bytes:
        """A prft box before every key frame, and where wall clock and media time have come apart."""
        if not key and abs(self._wall - self._wall_of(self._decode)) < _WALL_TOLERANCE_US:
            return b""
        self._anchor_wall, self._anchor_decode = self._wall, self._decode
        return reference_time(self._decode, self._wall)

    def _wall_of(self, decode: int) -> int:
        return self._anchor_wall + to_us(decode - self._anchor_decode)


def _stated_duration(format: StreamFormat) -> int:
    """Players that are strict about gaps leave out what follows a first picture that claims to be too short."""
    fps = stated_fps(format.video)
    return round(VIDEO_TICKS_PER_S / fps) if fps is not None and 1 <= fps <= _MOST_FPS else _FIRST_DURATION
