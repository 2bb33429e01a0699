"""The head of our files: ftyp, moov and the box with the segment's identity (ISO 14496-12, section numbers of
it).
"""

from wachtel.media import audio as audio_codecs
from wachtel.media import video as video_codecs
from wachtel.media.boxes import box, full_box
from wachtel.media.identity import SegmentIdentity, identity_box
from wachtel.model.stream import VIDEO_TICKS_PER_S, AudioFormat, Codec, StreamFormat, VideoFormat

VIDEO_TRACK, AUDIO_TRACK = 1, 2
KEY_FLAGS, DELTA_FLAGS, AUDIO_FLAGS = 0x0200_0000, 0x0101_0000, 0x0200_0000
"""Sample flags (8.8.3.1): depends on no other; depends on others and is no sync sample."""

_UNITY_MATRIX = b"".join(n.to_bytes(4, "big") for n in (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30))
_UNDETERMINED_LANGUAGE = b"\x55\xc4\0\0"
_MOVIE_TICKS_PER_S = 1000
_BRANDS = {Codec.H264: b"avc1", Codec.H265: b"hvc1", Codec.MJPEG: b""}
_EMPTY_TABLES = b"".join(
    (
        full_box(b"stts", 0, 0, bytes(4)),
        full_box(b"stsc", 0, 0, bytes(4)),
        full_box(b"stsz", 0, 0, bytes(8)),
        full_box(b"stco", 0, 0, bytes(4)),
    )
)
_DATA_IN_THIS_FILE = box(b"dinf", full_box(b"dref", 0, 0, b"\0\0\0\1", full_box(b"url ", 0, 1)))


def init_segment(format: StreamFormat, identity: SegmentIdentity | None = None) -> bytes:
    """Everything before the first fragment; with ``identity`` for the archive, without for live view and
    clips.

    Audio in a codec we cannot store is left out. Raises `WachtelError` (bad_data, unsupported_codec) for
    video.
    """
    audio = format.audio if audio_codecs.storable(format.audio) else None
    tracks = [_video_track(format.video)]
    extends = [_track_extends(VIDEO_TRACK, DELTA_FLAGS)]
    if audio is not None:
        tracks.append(_audio_track(audio))
        extends.append(_track_extends(AUDIO_TRACK, AUDIO_FLAGS))
    moov = box(b"moov", _movie_header(), *tracks, box(b"mvex", *extends))
    brands = b"iso6" + bytes(4) + b"iso6mp41" + _BRANDS[format.video.codec]
    return box(b"ftyp", brands) + moov + (identity_box(identity) if identity else b"")


def _movie_header() -> bytes:
    """8.2.2"""
    times = bytes(8) + _MOVIE_TICKS_PER_S.to_bytes(4, "big") + bytes(4)
    return full_box(
        b"mvhd",
        0,
        0,
        times,
        b"\0\1\0\0\1\0",
        bytes(10),
        _UNITY_MATRIX,
        bytes(24),
        (AUDIO_TRACK + 1).to_bytes(4, "big"),
    )


def _track_extends(track: int, flags: int) -> bytes:
    """8.8.3"""
    return full_box(b"trex", 0, 0, track.to_bytes(4, "big"), b"\0\0\0\1", bytes(8), flags.to_bytes(4, "big"))


def _track_header(track: int, volume: bytes, width: int, height: int) -> bytes:
    """8.3.2"""
    size = (width << 16).to_bytes(4, "big") + (height << 16).to_bytes(4, "big")
    head = bytes(8) + track.to_bytes(4, "big") + bytes(8)
    return full_box(b"tkhd", 0, 3, head, bytes(12), volume, bytes(2), _UNITY_MATRIX, size)


def _media(timescale: int, handler: bytes, name: bytes, header: bytes, entry: bytes) -> bytes:
    """8.4"""
    times = bytes(8) + timescale.to_bytes(4, "big") + bytes(4)
    description = full_box(b"stsd", 0, 0, b"\0\0\0\1", entry)
    return box(
        b"mdia",
        full_box(b"mdhd", 0, 0, times, _UNDETERMINED_LANGUAGE),
        full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(12), name + b"\0"),
        box(b"minf", header, _DATA_IN_THIS_FILE, box(b"stbl", description, _EMPTY_TABLES)),
    )


def _video_track(video: VideoFormat) -> bytes:
    kind, configuration = video_codecs.sample_description(video)
    entry = box(
        kind,
        bytes(6) + b"\0\1" + bytes(16),
        video.width.to_bytes(2, "big") + video.height.to_bytes(2, "big"),
        b"\0\x48\0\0\0\x48\0\0" + bytes(4) + b"\0\1" + bytes(32) + b"\0\x18\xff\xff",
        configuration,
    )
    header = full_box(b"vmhd", 0, 1, bytes(8))
    media = _media(VIDEO_TICKS_PER_S, b"vide", b"Video", header, entry)
    return box(b"trak", _track_header(VIDEO_TRACK, bytes(2), video.width, video.height), media)


def _audio_track(audio: AudioFormat) -> bytes:
    entry = audio_codecs.sample_entry(audio)
    header = full_box(b"smhd", 0, 0, bytes(4))
    media = _media(audio_codecs.timescale(audio), b"soun", b"Sound", header, entry)
    return box(b"trak", _track_header(AUDIO_TRACK, b"\1\0", 0, 0), media)
