"""Video of any codec we store: from what a demuxer gives to our packets, and from there to decoders and
players.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media import h264, h265
from wachtel.media.boxes import box, full_box
from wachtel.media.elementary_stream import JPEG_OBJECT, VISUAL_STREAM, elementary_stream
from wachtel.media.nal import bad_data, join_annexb, join_lengths, kind_bits, split_annexb, split_lengths
from wachtel.model.stream import Codec, VideoFormat

_SYNTAX: dict[Codec, ModuleType] = {Codec.H264: h264, Codec.H265: h265}
_SAMPLE_ENTRIES = {Codec.H264: (b"avc1", b"avcC"), Codec.H265: (b"hvc1", b"hvcC")}
_KEEP, _KEY, _PARAMETER_SET, _DROP = range(4)
_JPEG_START = b"\xff\xd8"
_JPEG_END_BYTES = 64
_LARGEST_PARAMETER_SET_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Extradata:
    """What a demuxer knows before the first packet. ``length_size`` 0 means that packets come as Annex B."""

    parameter_sets: tuple[bytes, ...]
    length_size: int


def _fates(syntax: ModuleType) -> bytes:
    """What becomes of a NAL unit, by its first byte."""
    fates = bytearray(256)
    for first_byte in range(256):
        kind = syntax.nal_type(first_byte)
        if kind in syntax.KEY:
            fates[first_byte] = _KEY
        elif kind in syntax.PARAMETER_SETS:
            fates[first_byte] = _PARAMETER_SET
        elif kind in syntax.UNWANTED:
            fates[first_byte] = _DROP
    return bytes(fates)


_FATES = {codec: _fates(syntax) for codec, syntax in _SYNTAX.items()}

KEY_KINDS = {codec: kind_bits(syntax.KEY) for codec, syntax in _SYNTAX.items()}
"""A bit for each type of NAL unit that a decoder can start with."""
TAKEN_OUT_KINDS = {
    codec: kind_bits(syntax.PARAMETER_SETS | syntax.UNWANTED) for codec, syntax in _SYNTAX.items()
}
"""A bit for each type of NAL unit that `normalise` takes out."""


def storable(codec: Codec) -> bool:
    """Whether we can write this video codec into files."""
    return codec in _SYNTAX or codec is Codec.MJPEG


def normalise(codec: Codec, data: bytes, length_size: int = 0) -> tuple[bytes, tuple[bytes, ...]]:
    """The data in the form of `Packet`, and the parameter sets found in it.

    ``length_size`` 0 means Annex B, otherwise the bytes of the length before each NAL unit. Motion JPEG
    passes unchanged. Data without any picture becomes ``b""``. Raises `WachtelError` (bad_data) for lengths
    that do not fit.
    """
    fates = _FATES.get(codec)
    if fates is None:
        return data, ()
    nals = split_lengths(data, length_size) if length_size else split_annexb(data)
    kinds = [fates[nal[0]] for nal in nals]
    found: tuple[bytes, ...] = ()
    if _PARAMETER_SET in kinds or _DROP in kinds:
        found = tuple(nal for nal, kind in zip(nals, kinds, strict=True) if kind == _PARAMETER_SET)
        nals = [nal for nal, kind in zip(nals, kinds, strict=True) if kind <= _KEY]
    elif length_size == 4:
        return data, ()
    return join_lengths(nals), found


def is_key(codec: Codec, data: bytes) -> bool:
    """Whether packet data holds a picture a decoder can start with (IDR; BLA or CRA too for H.265)."""
    fates = _FATES.get(codec)
    return fates is None or any(fates[nal[0]] == _KEY for nal in split_lengths(data))


def read_extradata(codec: Codec, extradata: bytes) -> Extradata:
    """Reads avcC, hvcC or Annex B, told apart by their first bytes. Raises `WachtelError` (bad_data)."""
    syntax = _SYNTAX.get(codec)
    if syntax is None or not extradata:
        return Extradata((), 0)
    if extradata.startswith((b"\0\0\1", b"\0\0\0\1")):
        sets = [nal for nal in split_annexb(extradata) if syntax.nal_type(nal[0]) in syntax.PARAMETER_SETS]
        return Extradata(tuple(sets), 0)
    return Extradata(*syntax.read_decoder_configuration(extradata))


def merge_parameter_sets(codec: Codec, known: Sequence[bytes], found: Sequence[bytes]) -> tuple[bytes, ...]:
    """The sets in force after ``found`` came along: a set replaces the known one of the same kind and id.

    The result equals ``known`` when nothing changed. Damaged sets are ignored: a good one follows with the
    next GOP.
    """
    if not found or all(nal in known for nal in found):
        return tuple(known)
    syntax = _syntax(codec)
    merged: dict[tuple[int, int], bytes] = {}
    for nal in (*known, *found):
        key = _key(syntax, nal)
        if key is not None:
            merged[key] = nal
    return tuple(merged[key] for key in sorted(merged))


def _key(syntax: ModuleType, nal: bytes) -> tuple[int, int] | None:
    if not nal or len(nal) > _LARGEST_PARAMETER_SET_BYTES:
        return None
    try:
        key: tuple[int, int] = syntax.parameter_set_key(nal)
        if key[0] == syntax.SPS:
            syntax.parse_sps(nal)
    except WachtelError:
        return None
    return key


def video_format(codec: Codec, parameter_sets: Sequence[bytes]) -> VideoFormat:
    """The format the sets describe. Raises `WachtelError` (bad_data) when a set is missing or damaged."""
    syntax = _syntax(codec)
    sets = tuple(dict.fromkeys(parameter_sets))
    if not all(sets):
        raise bad_data("A parameter set is empty.")
    sps = [nal for nal in sets if syntax.nal_type(nal[0]) == syntax.SPS]
    syntax.decoder_configuration(sets)
    parsed = syntax.parse_sps(sps[0])
    return VideoFormat(codec, parsed.width, parsed.height, sets)


def reorder_depth(codec: Codec, parameter_sets: Sequence[bytes]) -> int | None:
    """How many pictures may be sent before one that is shown earlier: 0 without B pictures, None when not
    said."""
    syntax = _SYNTAX.get(codec)
    if syntax is None:
        return 0
    for nal in parameter_sets:
        if nal and syntax.nal_type(nal[0]) == syntax.SPS:
            depth: int | None = syntax.parse_sps(nal).reorder_depth
            return depth
    return None


def decoder_configuration(video: VideoFormat) -> bytes:
    """Content of the avcC or hvcC box. Raises `WachtelError` (bad_data, unsupported_codec)."""
    record: bytes = _syntax(video.codec).decoder_configuration(video.parameter_sets)
    return record


def sample_description(video: VideoFormat) -> tuple[bytes, bytes]:
    """Kind of the sample entry, and the box inside it that describes the codec. Raises as
    `decoder_configuration`.
    """
    if video.codec is Codec.MJPEG:
        return b"mp4v", full_box(b"esds", 0, 0, elementary_stream(JPEG_OBJECT, VISUAL_STREAM))
    entry, configuration = _SAMPLE_ENTRIES.get(video.codec, (b"", b""))
    return entry, box(configuration, decoder_configuration(video))


def is_whole(video: VideoFormat, data: bytes) -> bool:
    """Whether the data of a picture fill the place they have; zeros, as a power cut leaves them, do not."""
    if video.codec is Codec.MJPEG:
        return data.startswith(_JPEG_START) and any(data[-_JPEG_END_BYTES:])
    position = 0
    while position < len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        position += 4 + size
        if not size:
            return False
    return position == len(data)


def codec_string(video: VideoFormat) -> str:
    """What players call the codec (RFC 6381): ``avc1.64001f``, ``hvc1.1.6.L93.B0``, ``mp4v.6C``."""
    if video.codec is Codec.MJPEG:
        return f"mp4v.{JPEG_OBJECT:X}"
    syntax = _syntax(video.codec)
    for nal in video.parameter_sets:
        if syntax.nal_type(nal[0]) == syntax.SPS:
            name: str = syntax.codec_string(nal)
            return name
    raise bad_data("The stream has no sequence parameter set.")


def stated_fps(video: VideoFormat) -> float | None:
    """Pictures per second as H.264 parameter sets state them; None if they do not, or for another codec."""
    sps = [nal for nal in video.parameter_sets if nal and h264.nal_type(nal[0]) == h264.SPS]
    if video.codec is not Codec.H264 or not sps:
        return None
    fps = h264.parse_sps(sps[0]).fps
    return float(fps) if fps is not None else None


def to_annexb(video: VideoFormat, data: bytes, with_parameter_sets: bool) -> bytes:
    """Packet data for a decoder, with the parameter sets in front if wanted (before key frames)."""
    if video.codec not in _SYNTAX:
        return data
    return join_annexb([*(video.parameter_sets if with_parameter_sets else ()), *split_lengths(data)])


def _syntax(codec: Codec) -> ModuleType:
    syntax = _SYNTAX.get(codec)
    if syntax is None:
        raise WachtelError(
            ErrorKind.UNSUPPORTED_CODEC,
            f"Video in {codec.value} cannot be stored yet.",
            code="codec_unsupported",
            details={"codec": codec.value},
            hint="Set the camera to H.264 or H.265.",
        )
    return syntax
