"""H.265: what the sequence parameter set says, and the decoder configuration record of MP4 files.

Sections are those of ITU-T H.265 and ISO 14496-15.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from wachtel.media.nal import BitReader, bad_data, unescape

VPS, SPS, PPS, ACCESS_UNIT_DELIMITER, FILLER = 32, 33, 34, 35, 38
PARAMETER_SETS = frozenset({VPS, SPS, PPS})
UNWANTED = frozenset({ACCESS_UNIT_DELIMITER, FILLER})
KEY = frozenset(range(16, 22))
"""Pictures a decoder can start with (section 7.4.2.2): BLA, IDR, CRA."""

_CROP_UNITS = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}
_LARGEST_SIDE = 16_384
_DEEPEST_REORDER = 16


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set (section 7.3.2.2). Width and height in pixels, after the conformance window.

    ``profile_tier_level`` holds the twelve bytes general_profile_space to general_level_idc (section 7.3.3);
    ``reorder_depth`` is how many pictures may come before one that is shown earlier.
    """

    id: int
    temporal_layers: int
    temporal_nesting: bool
    profile_tier_level: bytes
    chroma_format: int
    luma_depth: int
    chroma_depth: int
    width: int
    height: int
    reorder_depth: int


def nal_type(first_byte: int) -> int:
    """nal_unit_type (section 7.3.1.2)."""
    return first_byte >> 1 & 0x3F


def parameter_set_key(nal: bytes) -> tuple[int, int]:
    """Kind and id: a later set with the same key replaces this one. Raises `WachtelError` (bad_data)."""
    kind = nal_type(nal[0])
    if kind == SPS:
        return kind, parse_sps(nal).id
    bits = BitReader(unescape(nal[2:64]))
    return kind, bits.bits(4) if kind == VPS else bits.ue()


def parse_sps(nal: bytes) -> Sps:
    """Reads a sequence parameter set. Raises `WachtelError` (bad_data)."""
    bits = BitReader(unescape(nal[2:]))
    bits.skip(4)
    layers, nesting = bits.bits(3) + 1, bits.flag()
    profile_tier_level = bits.bits(96).to_bytes(12, "big")
    _skip_sub_layers(bits, layers - 1)
    sps_id, chroma_format = bits.ue(), bits.ue()
    if chroma_format not in _CROP_UNITS:
        raise bad_data("The sequence parameter set names an unknown colour format.")
    separate_planes = chroma_format == 3 and bits.flag()
    width, height = _size(bits, chroma_format)
    luma_depth, chroma_depth = 8 + bits.ue(), 8 + bits.ue()
    if max(luma_depth, chroma_depth) > 15:
        raise bad_data("The sequence parameter set names an impossible colour depth.")
    chroma = 0 if separate_planes else chroma_format
    depth = _reorder_depth(bits, layers)
    return Sps(
        sps_id, layers, nesting, profile_tier_level, chroma, luma_depth, chroma_depth, width, height, depth
    )


def _skip_sub_layers(bits: BitReader, count: int) -> None:
    if not count:
        return
    present = [(bits.flag(), bits.flag()) for _ in range(count)]
    bits.skip(2 * (8 - count))
    for has_profile, has_level in present:
        bits.skip(88 * has_profile + 8 * has_level)


def _reorder_depth(bits: BitReader, layers: int) -> int:
    """sps_max_num_reorder_pics of the highest layer."""
    bits.ue()
    depth = 0
    for _ in range(layers if bits.flag() else 1):
        bits.ue()
        depth = bits.ue()
        bits.ue()
    return min(depth, _DEEPEST_REORDER)


def _size(bits: BitReader, chroma_format: int) -> tuple[int, int]:
    width, height = bits.ue(), bits.ue()
    if bits.flag():
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        across, down = _CROP_UNITS[chroma_format]
        width -= (left + right) * across
        height -= (top + bottom) * down
    if not (0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE):
        raise bad_data(f"The sequence parameter set names an impossible picture size ({width}x{height}).")
    return width, height


def codec_string(sps: bytes) -> str:
    """As in ISO 14496-15 annex E.3: ``hvc1.1.6.L93.B0``. Raises `WachtelError` (bad_data)."""
    general = parse_sps(sps).profile_tier_level
    space = ("", "A", "B", "C")[general[0] >> 6]
    compatibility = int(f"{int.from_bytes(general[1:5], 'big'):032b}"[::-1], 2)
    tier = "H" if general[0] & 0x20 else "L"
    constraints = "".join(f".{byte:X}" for byte in general[5:11].rstrip(b"\0"))
    return f"hvc1.{space}{general[0] & 0x1F}.{compatibility:X}.{tier}{general[11]}{constraints}"


def decoder_configuration(parameter_sets: Sequence[bytes]) -> bytes:
    """HEVCDecoderConfigurationRecord (ISO 14496-15 section 8.3.3.1). Raises `WachtelError` (bad_data)."""
    arrays = {kind: [nal for nal in parameter_sets if nal_type(nal[0]) == kind] for kind in (VPS, SPS, PPS)}
    if not all(arrays.values()) or max(map(len, parameter_sets)) > 0xFFFF:
        raise bad_data("The stream lacks parameter sets, or has more than fit into a file.")
    sps = parse_sps(arrays[SPS][0])
    record = b"\1" + sps.profile_tier_level + b"\xf0\0\xfc"
    record += bytes([0xFC | sps.chroma_format, 0xF8 | sps.luma_depth - 8, 0xF8 | sps.chroma_depth - 8, 0, 0])
    record += bytes([sps.temporal_layers << 3 | sps.temporal_nesting << 2 | 3, len(arrays)])
    for kind, nals in arrays.items():
        record += bytes([0x80 | kind]) + len(nals).to_bytes(2, "big")
        record += b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)
    return record


def read_decoder_configuration(record: bytes) -> tuple[tuple[bytes, ...], int]:
    """Parameter sets and size of the lengths before NAL units. Raises `WachtelError` (bad_data)."""
    if len(record) < 23:
        raise bad_data("The decoder configuration of H.265 is too short.")
    found: list[bytes] = []
    position = 23
    for _ in range(record[22]):
        kind = record[position] & 0x3F if position < len(record) else 0
        count = int.from_bytes(record[position + 1 : position + 3], "big")
        position += 3
        for _ in range(count):
            size = int.from_bytes(record[position : position + 2], "big")
            nal = record[position + 2 : position + 2 + size]
            position += 2 + size
            if not nal or len(nal) < size:
                raise bad_data("The decoder configuration of H.265 ends too early.")
            if kind in PARAMETER_SETS:
                found.append(nal)
    return tuple(found), (record[21] & 3) + 1
