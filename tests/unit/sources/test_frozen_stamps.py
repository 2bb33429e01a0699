"""A camera whose clock stands still: every picture remains a picture of its own."""

from wachtel.protocols.rtp_receive.nal import H264Depacketizer, H265Depacketizer
from wachtel.protocols.rtp_receive.packet import parse_rtp
from wachtel.protocols.rtp_send import RtpPacket

FIRST_SLICE, NEXT_SLICE = b"\x41\x9a" + b"a" * 20, b"\x41\x52" + b"b" * 20
FIRST_SLICE_265, NEXT_SLICE_265 = b"\x02\x01\x80" + b"a" * 20, b"\x02\x01\x12" + b"b" * 20


def units(depacketizer: H264Depacketizer | H265Depacketizer, slices: list[bytes]) -> list[tuple[bytes, ...]]:
    """What comes of single-slice packets that all carry the marker and the same stamp."""
    found = []
    for number, one in enumerate(slices):
        packet = parse_rtp(RtpPacket(96, number, 5000, 7, True, one).encode())
        found += [unit.units for unit in depacketizer.push(packet)]
    return found


def test_pictures_of_one_moment_stay_apart() -> None:
    assert units(H264Depacketizer(), [FIRST_SLICE] * 4) == [(FIRST_SLICE,)] * 4
    assert units(H265Depacketizer(), [FIRST_SLICE_265] * 4) == [(FIRST_SLICE_265,)] * 4


def test_a_marker_in_mid_picture_is_still_found_out() -> None:
    for depacketizer, first, following in (
        (H264Depacketizer(), FIRST_SLICE, NEXT_SLICE),
        (H265Depacketizer(), FIRST_SLICE_265, NEXT_SLICE_265),
    ):
        assert units(depacketizer, [first, following, following]) == [(first,)]
