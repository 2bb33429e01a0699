"""Reads the head of our files: identity and formats. Hostile input gives `WachtelError` (bad_data), nothing
else.
"""

from dataclasses import dataclass
from typing import Protocol

from wachtel.media import audio as audio_codecs
from wachtel.media import h264, h265
from wachtel.media import video as video_codecs
from wachtel.media.boxes import Box, Fields, box_header, boxes, child
from wachtel.media.elementary_stream import JPEG_OBJECT, decoder_specific, object_type
from wachtel.media.identity import SegmentIdentity, read_identity
from wachtel.media.nal import bad_data
from wachtel.model.stream import VIDEO_TICKS_PER_S, AudioFormat, Codec, StreamFormat, VideoFormat

_LARGEST_HEAD_BOX = 1 << 20
_MOST_HEAD_BOXES = 16
_VISUAL_ENTRY_BYTES = 78
_SIZE_POSITION = 24
_SOUND_ENTRY_BYTES = 28


class RandomAccess(Protocol):
    """A file, or part of one in memory. Reading past the end gives fewer bytes, never an error."""

    @property
    def size(self) -> int:
        """Bytes there are."""
        ...

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes from ``offset``."""
        ...


class Bytes:
    """Random access to bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        return len(self._data)

    def read_at(self, offset: int, size: int) -> bytes:
        return self._data[offset : offset + size]


@dataclass(frozen=True, slots=True)
class SegmentHead:
    """What stands before the first fragment.

    ``init`` is ftyp and moov alone, what a player needs; ``size_bytes`` is the whole head with the identity
    box; ``tracks`` are the ids of the video track and the audio track (0: none) and ``audio_rate`` the
    timescale of the latter.
    """

    size_bytes: int
    identity: SegmentIdentity | None
    format: StreamFormat
    init: bytes
    video_track: int
    audio_track: int
    audio_rate: int


def read_head(source: RandomAccess) -> SegmentHead:
    """Reads ftyp, moov and the identity box behind it. Raises `WachtelError` (bad_data)."""
    position, init, moov = 0, b"", b""
    for _ in range(_MOST_HEAD_BOXES):
        kind, data = _head_box(source, position)
        if kind in (b"ftyp", b"moov"):
            init += data
        position += len(data)
        if kind == b"moov":
            moov = data
            break
    else:
        raise bad_data("The file has no moov box near its beginning.")
    identity, size = _identity_at(source, position)
    return _understood(moov, init, identity, position + size)


def _head_box(source: RandomAccess, position: int) -> tuple[bytes, bytes]:
    _, size, kind = box_header(source.read_at(position, 16))
    if kind in (b"moof", b"mdat") or not 0 < size <= _LARGEST_HEAD_BOX:
        raise bad_data("The file does not begin like a segment.")
    data = source.read_at(position, size)
    if len(data) < size:
        raise bad_data("The file ends inside its head.")
    return kind, data


def _identity_at(source: RandomAccess, position: int) -> tuple[SegmentIdentity | None, int]:
    header = source.read_at(position, 16)
    if header[4:8] != b"uuid":
        return None, 0
    _, data = _head_box(source, position)
    identity = read_identity(next(boxes(data)).content)
    return identity, len(data) if identity else 0


@dataclass(frozen=True, slots=True)
class _TrackHead:
    id: int
    timescale: int
    handler: bytes
    entry: Box


def _understood(moov: bytes, init: bytes, identity: SegmentIdentity | None, size: int) -> SegmentHead:
    top = next(boxes(moov))
    tracks = [_track_head(found) for found in boxes(moov, top.start, top.end) if found.kind == b"trak"]
    video = next((track for track in tracks if track.handler == b"vide"), None)
    audio = next((track for track in tracks if track.handler == b"soun"), None)
    if video is None or video.timescale != VIDEO_TICKS_PER_S:
        raise bad_data("The file has no video track of the kind we write.")
    format = StreamFormat(_video_format(video.entry), _audio_format(audio) if audio else None)
    audio_id, audio_rate = (audio.id, audio.timescale) if audio else (0, 0)
    return SegmentHead(size, identity, format, init, video.id, audio_id, audio_rate)


def _track_head(trak: Box) -> _TrackHead:
    header = Fields(child(trak, b"tkhd"))
    version, _ = header.version_and_flags()
    header.raw(16 if version else 8)
    media = Fields(child(trak, b"mdia", b"mdhd"))
    version, _ = media.version_and_flags()
    media.raw(16 if version else 8)
    handler = Fields(child(trak, b"mdia", b"hdlr"))
    handler.raw(8)
    description = Fields(child(trak, b"mdia", b"minf", b"stbl", b"stsd"))
    description.raw(8)
    entry = next(iter(description.boxes()), None)
    if entry is None:
        raise bad_data("A track of the file has no description.")
    return _TrackHead(header.number(4), media.number(4), handler.raw(4), entry)


def _video_format(entry: Box) -> VideoFormat:
    fields = Fields(entry)
    fields.raw(_SIZE_POSITION)
    width, height = fields.number(2), fields.number(2)
    fields.raw(_VISUAL_ENTRY_BYTES - _SIZE_POSITION - 4)
    if entry.kind == b"mp4v" and object_type(child(fields.rest(), b"esds").content[4:]) == JPEG_OBJECT:
        return VideoFormat(Codec.MJPEG, width, height)
    if entry.kind == b"avc1":
        sets, length_size = h264.read_decoder_configuration(child(fields.rest(), b"avcC").content)
        codec = Codec.H264
    elif entry.kind == b"hvc1":
        sets, length_size = h265.read_decoder_configuration(child(fields.rest(), b"hvcC").content)
        codec = Codec.H265
    else:
        raise bad_data(f"The file holds video of an unknown kind {entry.kind!r}.")
    if length_size != 4:
        raise bad_data("The file holds NAL units with lengths that we never write.")
    return video_codecs.video_format(codec, sets)


def _audio_format(track: _TrackHead) -> AudioFormat:
    fields = Fields(track.entry)
    fields.raw(16)
    channels = fields.number(2)
    fields.raw(_SOUND_ENTRY_BYTES - 18)
    if not track.timescale:
        raise bad_data("The audio track of the file has no timescale.")
    if track.entry.kind == b"Opus":
        config = audio_codecs.opus_head(child(fields.rest(), b"dOps").content)
        return AudioFormat(Codec.OPUS, track.timescale, channels, config)
    if track.entry.kind == b"mp4a":
        config = decoder_specific(child(fields.rest(), b"esds").content[4:])
        return AudioFormat(Codec.AAC, track.timescale, channels, config)
    raise bad_data(f"The file holds audio of an unknown kind {track.entry.kind!r}.")
