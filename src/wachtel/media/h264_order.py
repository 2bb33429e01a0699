"""In which order H.264 pictures are shown, as they say themselves (ITU-T H.264 sections 7.3.3 and 8.2.1)."""

from collections.abc import Sequence

from wachtel.base.errors import WachtelError
from wachtel.media import h264
from wachtel.media.nal import BitReader, unescape

Order = tuple[int, int]
"""Number of the sequence, which begins with an IDR picture, and the picture order count within it."""

_SLICES = frozenset({1, 5})
_SLICE_HEADER_BYTES = 40
_LONGEST_SEQUENCE_SET_BYTES = 256


def picture_order(parameter_sets: Sequence[bytes]) -> "PictureOrder | None":
    """For the first sequence parameter set; None when there is none or it cannot be read."""
    for unit in parameter_sets:
        if unit and h264.nal_type(unit[0]) == h264.SPS:
            try:
                return PictureOrder(unit)
            except WachtelError:
                return None
    return None


class PictureOrder:
    """Reads the picture order count of slices that belong to one sequence parameter set.

    Raises `WachtelError` (bad_data) for a set that cannot be read.
    """

    def __init__(self, sps: bytes) -> None:
        bits = BitReader(unescape(sps[1:_LONGEST_SEQUENCE_SET_BYTES]))
        self._chroma = h264.skip_to_frame_numbers(bits)
        self._frame_number_bits = bits.ue() + 4
        kind = bits.ue()
        self._count_bits = bits.ue() + 4 if kind == 0 else 0
        if kind == 0:
            bits.ue()
            bits.skip(1)
            bits.ue()
            bits.ue()
            self._frames_only = bits.flag()
        self._sequence = 0
        self._reference = 0

    def of(self, slice_unit: bytes) -> Order | None:
        """The place of the picture that this slice begins; None where it cannot be told."""
        if (
            not slice_unit
            or h264.nal_type(slice_unit[0]) not in _SLICES
            or not self._count_bits
            or not self._chroma
        ):
            return None
        try:
            low = self._low_bits(slice_unit)
        except WachtelError:
            return None
        if h264.nal_type(slice_unit[0]) == h264.IDR:
            self._sequence, self._reference = self._sequence + 1, 0
        full = 1 << self._count_bits
        count = self._reference + (low - self._reference + full // 2) % full - full // 2
        if slice_unit[0] & 0x60:
            self._reference = count
        return self._sequence, count

    def _low_bits(self, unit: bytes) -> int:
        """pic_order_cnt_lsb"""
        bits = BitReader(unescape(unit[1:_SLICE_HEADER_BYTES]))
        for _ in range(3):
            bits.ue()
        bits.skip(self._frame_number_bits)
        if not self._frames_only and bits.flag():
            bits.skip(1)
        if h264.nal_type(unit[0]) == h264.IDR:
            bits.ue()
        return bits.bits(self._count_bits)
