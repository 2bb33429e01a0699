import pytest

from wachtel.base.units import WallUs
from wachtel.protocols import rtp_send
from wachtel.protocols.rtp_receive.access_unit import AccessUnit, Depacketizer
from wachtel.protocols.rtp_receive.nal import H264Depacketizer, H265Depacketizer
from wachtel.protocols.rtp_receive.packet import parse_rtp
from wachtel.protocols.rtp_receive.rtcp import read_sender_report, says_goodbye
from wachtel.protocols.rtp_receive.sound import AacDepacketizer, AacHeaders

LIMIT = 100
H264_UNITS = (b"\x67sps", b"\x68pps", b"\x65" + bytes(range(256)) * 3, b"\x65" + b"x" * (LIMIT - 1))
H265_UNITS = (b"\x40\x01v", b"\x42\x01s", b"\x26\x01" + bytes(range(256)) * 3, b"\x26\x01" + b"y" * LIMIT)


def there_and_back(payloads: list[bytes], unpacker: Depacketizer) -> list[AccessUnit]:
    track = rtp_send.RtpTrack(payload_type=96, ssrc=7, sequence=65534)
    packets = [parse_rtp(data) for data in track.packets_of(payloads, 5_000_000_000)]
    assert [packet.marker for packet in packets] == [False] * (len(packets) - 1) + [True]
    assert [packet.sequence for packet in packets] == [(65534 + n) & 0xFFFF for n in range(len(packets))]
    assert {packet.timestamp for packet in packets} == {5_000_000_000 & 0xFFFFFFFF}
    assert track.packets == len(payloads) and track.octets == sum(map(len, payloads))
    return [access for packet in packets for access in unpacker.push(packet)]


@pytest.mark.parametrize("limit", [LIMIT, LIMIT + 1, 12, 1388])
def test_h264_units_survive_the_packets(limit: int) -> None:
    payloads = rtp_send.h264_payloads(H264_UNITS, limit)
    assert max(map(len, payloads)) <= limit
    (access,) = there_and_back(payloads, H264Depacketizer())
    assert access.units == H264_UNITS and access.whole


@pytest.mark.parametrize("limit", [LIMIT, LIMIT + 1, 12, 1388])
def test_h265_units_survive_the_packets(limit: int) -> None:
    payloads = rtp_send.h265_payloads(H265_UNITS, limit)
    assert max(map(len, payloads)) <= limit
    (access,) = there_and_back(payloads, H265Depacketizer())
    assert access.units == H265_UNITS and access.whole


@pytest.mark.parametrize("size", [1, 96, 97, 500])
def test_aac_frames_survive_the_packets(size: int) -> None:
    frame = b"a" * size
    (access,) = there_and_back(rtp_send.aac_payloads(frame, LIMIT), AacDepacketizer(AacHeaders()))
    assert access.units == (frame,)


def test_reports_tie_timestamps_to_the_wall_clock() -> None:
    track = rtp_send.RtpTrack(96, 0xCAFE, 1)
    track.packets_of([b"12345"], 0)
    wall = WallUs(1_795_000_000_250_000)
    report = read_sender_report(track.report(wall, 777))
    assert report is not None
    assert (report.ssrc, report.timestamp) == (0xCAFE, 777)
    assert abs(report.camera_us - wall) <= 1
    assert not says_goodbye(track.report(wall, 777)) and says_goodbye(track.bye())
    assert len(track.report(wall, 777)) % 4 == 0
