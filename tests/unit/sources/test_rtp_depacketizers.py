"""Access units out of RTP: what our own packetisers cut is put together again, and damage is noticed."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.protocols.rtp_receive.access_unit import LARGEST_UNIT_BYTES, AccessUnit, Depacketizer
from wachtel.protocols.rtp_receive.nal import H264Depacketizer, H265Depacketizer, NalDepacketizer
from wachtel.protocols.rtp_receive.packet import RtpPacket, Unwrapper, parse_rtp
from wachtel.protocols.rtp_receive.sound import AacDepacketizer, AacHeaders, WholeDepacketizer
from wachtel.protocols.rtp_send import aac_payloads, h264_payloads, h265_payloads

SPS, PPS = b"\x67" + b"s" * 20, b"\x68ppp"
IDR, SLICE = b"\x65" + b"i" * 5000, b"\x41" + b"p" * 900
H265_IDR = b"\x26\x01" + b"i" * 5000


def packets(payloads: list[bytes], timestamp: int = 0, marker: bool = True) -> list[RtpPacket]:
    last = len(payloads) - 1
    return [
        RtpPacket(number, timestamp, marker and number == last, 96, 1, payload)
        for number, payload in enumerate(payloads)
    ]


def feed(depacketizer: Depacketizer, line: list[RtpPacket]) -> list[AccessUnit]:
    return [unit for one in line for unit in depacketizer.push(one)]


def test_h264_fragments_and_single_units() -> None:
    line = packets(h264_payloads([SPS, PPS, IDR]), 9000)
    assert feed(H264Depacketizer(), line) == [AccessUnit((SPS, PPS, IDR), 9000, True)]


def test_h265_fragments() -> None:
    units = [b"\x40\x01vps", b"\x42\x01sps", b"\x44\x01pps", H265_IDR]
    assert feed(H265Depacketizer(), packets(h265_payloads(units), 5)) == [AccessUnit(tuple(units), 5, True)]


def test_h264_aggregate() -> None:
    body = b"".join(len(unit).to_bytes(2, "big") + unit for unit in (SPS, PPS, SLICE))
    assert feed(H264Depacketizer(), packets([b"\x78" + body])) == [AccessUnit((SPS, PPS, SLICE), 0, True)]


def test_h265_aggregate() -> None:
    units = (b"\x44\x01pps", H265_IDR[:800])
    body = b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)
    assert feed(H265Depacketizer(), packets([b"\x60\x01" + body])) == [AccessUnit(units, 0, True)]


def test_without_markers_the_timestamp_divides() -> None:
    line = packets([SLICE], 1, marker=False) + packets([SLICE], 2, marker=False) + packets([SLICE], 3)
    assert [unit.timestamp for unit in feed(H264Depacketizer(), line)] == [1, 2, 3]


def test_a_marker_on_every_unit_is_seen_through() -> None:
    """Some cameras mark each slice; the first such picture is cut in two, the following ones are whole."""
    depacketizer = H264Depacketizer()
    line = [one for at in (1, 2, 3, 4) for one in packets([SLICE], at) + packets([SLICE], at)]
    found = feed(depacketizer, line)
    assert [(unit.timestamp, len(unit.units)) for unit in found[2:]] == [(2, 2), (3, 2)]


def test_a_marker_on_parameter_sets_ends_nothing() -> None:
    line = packets([SPS], 7) + packets([PPS], 7) + packets([SLICE], 7)
    assert feed(H264Depacketizer(), line) == [AccessUnit((SPS, PPS, SLICE), 7, True)]


@pytest.mark.parametrize("lost", range(1, 4))
def test_a_lost_fragment_spoils_its_picture_only(lost: int) -> None:
    depacketizer = H264Depacketizer()
    line = packets(h264_payloads([IDR]), 1)[: lost + 1]
    del line[lost]
    found = feed(depacketizer, line)
    found += depacketizer.push(packets([SLICE], 2)[0], missing=1)
    found += feed(depacketizer, packets([SLICE], 3))
    assert all(not unit.whole for unit in found if unit.timestamp in (1, 2))
    assert found[-1] == AccessUnit((SLICE,), 3, True)


@pytest.mark.parametrize("payload", [b"", b"\x78", b"\x78\x00\x09abc", b"\x1d..", b"\x00x", b"\x1c"])
def test_broken_payloads_are_refused_and_spoil_the_picture(payload: bytes) -> None:
    depacketizer = H264Depacketizer()
    broken = RtpPacket(0, 1, False, 96, 1, payload)
    if payload != b"\x78":
        with pytest.raises(WachtelError):
            depacketizer.push(broken)
        assert not feed(depacketizer, packets([SLICE], 1))[0].whole
    assert feed(depacketizer, packets([SLICE], 2))[-1] == AccessUnit((SLICE,), 2, True)


def test_a_picture_without_end_is_cut_off() -> None:
    depacketizer = H264Depacketizer()
    depacketizer.push(RtpPacket(0, 1, False, 96, 1, b"\x7c\x85" + b"x" * 60000))
    with pytest.raises(WachtelError):
        for number in range(LARGEST_UNIT_BYTES // 60000 + 2):
            depacketizer.push(RtpPacket(number, 1, False, 96, 1, b"\x7c\x05" + b"x" * 60000))


PACKETS = st.tuples(st.binary(max_size=40), st.integers(0, 3), st.booleans(), st.integers(0, 2))


@given(st.lists(PACKETS, max_size=30), st.sampled_from([H264Depacketizer, H265Depacketizer]))
def test_any_payloads_at_all(line: list[tuple[bytes, int, bool, int]], kind: type[NalDepacketizer]) -> None:
    depacketizer = kind()
    for number, (payload, timestamp, marker, missing) in enumerate(line):
        try:
            depacketizer.push(RtpPacket(number, timestamp, marker, 96, 1, payload), missing)
        except WachtelError:
            continue


SLICES = st.binary(min_size=3, max_size=4000).map(lambda body: b"\x41" + body)


@given(st.lists(SLICES, min_size=1, max_size=5))
def test_whatever_is_cut_comes_together(units: list[bytes]) -> None:
    found = feed(H264Depacketizer(), packets(h264_payloads(units)))
    assert found == [AccessUnit(tuple(units), 0, True)]


def test_aac_one_frame_a_packet() -> None:
    payloads = aac_payloads(b"a" * 300)
    assert feed(AacDepacketizer(AacHeaders()), packets(payloads, 8)) == [AccessUnit((b"a" * 300,), 8, True)]


def test_aac_several_frames_in_a_packet() -> None:
    headers = b"\x00\x20" + (5 << 3).to_bytes(2, "big") + (7 << 3).to_bytes(2, "big")
    found = feed(AacDepacketizer(AacHeaders()), packets([headers + b"a" * 5 + b"b" * 7]))
    assert found == [AccessUnit((b"aaaaa", b"bbbbbbb"), 0, True)]


def test_aac_one_frame_over_several_packets() -> None:
    frame = bytes(range(256)) * 10
    head = b"\x00\x10" + (len(frame) << 3).to_bytes(2, "big")
    line = packets([head + frame[:1400], head + frame[1400:]], 3)
    assert feed(AacDepacketizer(AacHeaders()), line) == [AccessUnit((frame,), 3, True)]
    assert feed(AacDepacketizer(AacHeaders()), line[1:]) == []


@given(st.lists(st.binary(max_size=30), max_size=20), st.integers(0, 32), st.integers(0, 32))
def test_any_aac_at_all(payloads: list[bytes], size: int, index: int) -> None:
    depacketizer = AacDepacketizer(AacHeaders(size, index, index))
    for one in packets(payloads):
        try:
            depacketizer.push(one)
        except WachtelError:
            continue


def test_sound_in_whole_packets() -> None:
    assert feed(WholeDepacketizer(), packets([b"abc", b""])) == [AccessUnit((b"abc",), 0, True)]


def test_the_header_with_everything() -> None:
    header = bytes.fromhex("b2e0000100000002000000030000000400000005")
    data = header + b"\xbe\xde\x00\x01" + b"EEEE" + b"hi" + b"\0\2"
    assert parse_rtp(data) == RtpPacket(1, 2, True, 96, 3, b"hi")


SECOND = "6000010000000200000003"


@pytest.mark.parametrize(
    "text", ["", "80600001", f"40{SECOND}", f"8f{SECOND}", f"a0{SECOND}ff", f"90{SECOND}"]
)
def test_what_is_no_packet(text: str) -> None:
    with pytest.raises(WachtelError):
        parse_rtp(bytes.fromhex(text))


@given(st.binary(max_size=64))
def test_any_bytes_as_a_packet(data: bytes) -> None:
    with contextlib.suppress(WachtelError):
        assert len(parse_rtp(data).payload) <= len(data) - 12


def test_timestamps_go_on_over_the_wrap_and_back() -> None:
    unwrap = Unwrapper(32)
    assert [unwrap.place(value) for value in (2**32 - 10, 20, 2**32 - 5, 30)] == [
        2**32 - 10,
        2**32 + 20,
        2**32 - 5,
        2**32 + 30,
    ]
    assert unwrap.peek(2**32 - 1) == 2**32 - 1
