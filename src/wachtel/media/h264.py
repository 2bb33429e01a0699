"""H.264: what the sequence parameter set says, and the decoder configuration record of MP4 files.

Sections are those of ITU-T H.264 and ISO 14496-15.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from wachtel.base.errors import WachtelError
from wachtel.media.nal import BitReader, bad_data, unescape

SPS, PPS, ACCESS_UNIT_DELIMITER, FILLER, IDR = 7, 8, 9, 12, 5
PARAMETER_SETS = frozenset({SPS, PPS})
UNWANTED = frozenset({ACCESS_UNIT_DELIMITER, FILLER})
KEY = frozenset({IDR})

_WITH_CHROMA_INFO = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_CROP_UNITS = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}
_EXTENDED_ASPECT = 255
_LARGEST_SIDE = 16_384
_OUTPUT_ORDER = 2
"""pic_order_cnt_type of streams that are shown in the order they are decoded."""
_DEEPEST_REORDER = 16


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set (section 7.3.2.1). Width and height in pixels, after cropping.

    ``fps`` and ``reorder_depth`` (how many pictures may come before one that is shown earlier) only if
    stated.
    """

    id: int
    profile: int
    constraints: int
    level: int
    chroma_format: int
    luma_depth: int
    chroma_depth: int
    width: int
    height: int
    fps: Fraction | None
    reorder_depth: int | None = None


def nal_type(first_byte: int) -> int:
    """nal_unit_type (section 7.3.1)."""
    return first_byte & 0x1F


def parameter_set_key(nal: bytes) -> tuple[int, int]:
    """Kind and id: a later set with the same key replaces this one. Raises `WachtelError` (bad_data)."""
    kind = nal_type(nal[0])
    bits = BitReader(unescape(nal[1:64]))
    if kind == SPS:
        bits.skip(24)
    return kind, bits.ue()


def parse_sps(nal: bytes) -> Sps:
    """Reads a sequence parameter set. Raises `WachtelError` (bad_data)."""
    bits = BitReader(unescape(nal[1:]))
    profile, constraints, level, sps_id = bits.bits(8), bits.bits(8), bits.bits(8), bits.ue()
    chroma_format, luma_depth, chroma_depth = _chroma(bits) if profile in _WITH_CHROMA_INFO else (1, 8, 8)
    bits.ue()
    in_order = _skip_picture_order(bits) == _OUTPUT_ORDER
    bits.ue()
    bits.skip(1)
    width, height = _size(bits, chroma_format)
    fps, depth = _usability(bits) if bits.flag() else (None, None)
    return Sps(
        sps_id,
        profile,
        constraints,
        level,
        chroma_format,
        luma_depth,
        chroma_depth,
        width,
        height,
        fps,
        0 if in_order else depth,
    )


def skip_to_frame_numbers(bits: BitReader) -> int:
    """Reads a set up to log2_max_frame_num_minus4; gives the colour format, 0 for none or for separate planes.

    Raises `WachtelError` (bad_data).
    """
    profile = bits.bits(8)
    bits.skip(16)
    bits.ue()
    return _chroma(bits)[0] if profile in _WITH_CHROMA_INFO else 1


def _chroma(bits: BitReader) -> tuple[int, int, int]:
    chroma_format = bits.ue()
    if chroma_format not in _CROP_UNITS:
        raise bad_data("The sequence parameter set names an unknown colour format.")
    separate_planes = chroma_format == 3 and bits.flag()
    luma_depth, chroma_depth = 8 + bits.ue(), 8 + bits.ue()
    if max(luma_depth, chroma_depth) > 14:
        raise bad_data("The sequence parameter set names an impossible colour depth.")
    bits.skip(1)
    if bits.flag():
        for number in range(12 if chroma_format == 3 else 8):
            if bits.flag():
                _skip_scaling_list(bits, 16 if number < 6 else 64)
    return 0 if separate_planes else chroma_format, luma_depth, chroma_depth


def _skip_scaling_list(bits: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _skip_picture_order(bits: BitReader) -> int:
    """Its pic_order_cnt_type."""
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.skip(1)
        bits.se()
        bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()
    return order


def _size(bits: BitReader, chroma_format: int) -> tuple[int, int]:
    width, map_units = 16 * (bits.ue() + 1), bits.ue() + 1
    frames_only = bits.flag()
    if not frames_only:
        bits.skip(1)
    bits.skip(1)
    fields = 1 if frames_only else 2
    height = 16 * map_units * fields
    if bits.flag():
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        across, down = _CROP_UNITS[chroma_format]
        width -= (left + right) * across
        height -= (top + bottom) * down * fields
    if not (0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE):
        raise bad_data(f"The sequence parameter set names an impossible picture size ({width}x{height}).")
    return width, height


def _usability(bits: BitReader) -> tuple[Fraction | None, int | None]:
    """Frame rate and reorder depth (annex E.1.1). What comes after the frame rate is often cut off or
    wrong."""
    if bits.flag() and bits.bits(8) == _EXTENDED_ASPECT:
        bits.skip(32)
    if bits.flag():
        bits.skip(1)
    if bits.flag():
        bits.skip(4)
        if bits.flag():
            bits.skip(24)
    if bits.flag():
        bits.ue()
        bits.ue()
    timing = bits.flag()
    units, scale = (bits.bits(32), bits.bits(32)) if timing else (0, 0)
    fps = Fraction(scale, 2 * units) if units and scale else None
    try:
        return fps, _reorder_depth(bits, timing)
    except WachtelError:
        return fps, None


def _reorder_depth(bits: BitReader, timing: bool) -> int | None:
    """max_num_reorder_frames."""
    bits.skip(1 if timing else 0)
    if _skip_decoder_model(bits) | _skip_decoder_model(bits):
        bits.skip(1)
    bits.skip(1)
    if not bits.flag():
        return None
    bits.skip(1)
    for _ in range(4):
        bits.ue()
    depth = bits.ue()
    return depth if depth <= _DEEPEST_REORDER else None


def _skip_decoder_model(bits: BitReader) -> bool:
    """hrd_parameters (annex E.1.2), if they are there."""
    if not bits.flag():
        return False
    count = bits.ue() + 1
    bits.skip(8)
    for _ in range(min(count, 32)):
        bits.ue()
        bits.ue()
        bits.skip(1)
    bits.skip(20)
    return True


def codec_string(sps: bytes) -> str:
    """As in RFC 6381 section 3.3: ``avc1.64001f``."""
    if len(sps) < 4:
        raise bad_data("The sequence parameter set is too short.")
    return f"avc1.{sps[1:4].hex()}"


def decoder_configuration(parameter_sets: Sequence[bytes]) -> bytes:
    """AVCDecoderConfigurationRecord (ISO 14496-15 section 5.3.3.1). Raises `WachtelError` (bad_data)."""
    sps = [nal for nal in parameter_sets if nal_type(nal[0]) == SPS]
    pps = [nal for nal in parameter_sets if nal_type(nal[0]) == PPS]
    if not (0 < len(sps) < 32 and 0 < len(pps) < 256) or max(map(len, parameter_sets)) > 0xFFFF:
        raise bad_data("The stream lacks parameter sets, or has more than fit into a file.")
    first = parse_sps(sps[0])
    record = b"\1" + sps[0][1:4] + b"\xff" + bytes([0xE0 | len(sps)])
    record += _with_sizes(sps) + bytes([len(pps)]) + _with_sizes(pps)
    if first.profile in _WITH_CHROMA_INFO:
        depths = (0xF8 | first.luma_depth - 8, 0xF8 | first.chroma_depth - 8)
        record += bytes([0xFC | first.chroma_format, *depths, 0])
    return record


def _with_sizes(nals: Sequence[bytes]) -> bytes:
    return b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)


def read_decoder_configuration(record: bytes) -> tuple[tuple[bytes, ...], int]:
    """Parameter sets and size of the lengths before NAL units. Raises `WachtelError` (bad_data)."""
    if len(record) < 7:
        raise bad_data("The decoder configuration of H.264 is too short.")
    found: list[bytes] = []
    position = 5
    for mask in (0x1F, 0xFF):
        count = record[position] & mask if position < len(record) else 0
        position += 1
        for _ in range(count):
            size = int.from_bytes(record[position : position + 2], "big")
            nal = record[position + 2 : position + 2 + size]
            position += 2 + size
            if not nal or len(nal) < size:
                raise bad_data("The decoder configuration of H.264 ends too early.")
            found.append(nal)
    return tuple(found), (record[4] & 3) + 1
