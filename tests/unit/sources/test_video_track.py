"""RTP packets become our packets; what cannot be decoded is left out."""

from collections.abc import Sequence

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.nal import join_lengths, split_lengths
from wachtel.model.stream import Codec, Packet, VideoFormat
from wachtel.protocols.rtp_send import RtpPacket, h264_payloads
from wachtel.protocols.sdp import Media, format_parameters
from wachtel.sources.rtsp.video_track import VideoTrack

SPS, PPS = bytes.fromhex("674d001f95a814016e40"), bytes.fromhex("68ee3c80")
OTHER_SPS = bytes.fromhex("67640016acb40601bd3506060640000003008000000ca3c58ba8")
IDR, SLICE = b"\x65" + b"i" * 3000, b"\x41" + b"p" * 500
STEP = 3600
Item = VideoFormat | Packet


class Sender:
    """Cuts pictures into RTP as a camera does."""

    def __init__(self, track: VideoTrack) -> None:
        self._track = track
        self._sequence = 65530
        self._timestamp = 2**32 - 2 * STEP

    def send(self, *nals: bytes, lose: int | None = None) -> list[Item]:
        payloads = h264_payloads(nals)
        out: list[Item] = []
        for number, payload in enumerate(payloads):
            marker = number == len(payloads) - 1
            data = RtpPacket(96, self._sequence, self._timestamp, 7, marker, payload).encode()
            self._sequence += 1
            if number != lose:
                out += self._track.feed(data, WallUs(1_000_000))
        self._timestamp += STEP
        return out


def track(sets: Sequence[bytes] = (SPS, PPS)) -> VideoTrack:
    parameters = format_parameters(Codec.H264, tuple(sets))
    return VideoTrack(Media("video", 96, "H264", 90_000, "x", 1, parameters))


def packets(items: list[Item]) -> list[Packet]:
    return [item for item in items if isinstance(item, Packet)]


def test_the_format_comes_first_then_packets_from_zero() -> None:
    sender = Sender(track())
    form, first = sender.send(IDR)
    assert isinstance(form, VideoFormat) and isinstance(first, Packet)
    assert (form.codec, form.width, form.height, form.parameter_sets) == (Codec.H264, 1280, 720, (SPS, PPS))
    assert (first.pts, first.dts, first.key, first.data) == (0, 0, True, join_lengths([IDR]))
    assert [packets(sender.send(SLICE))[0].pts for _ in range(3)] == [STEP, 2 * STEP, 3 * STEP]


def test_parameter_sets_in_band_are_taken_out_and_complete_the_format() -> None:
    sender = Sender(track(()))
    assert sender.send(SLICE) == []
    assert sender.send(IDR) == []
    form, first = sender.send(b"\x09\x10", SPS, PPS, IDR)
    assert isinstance(form, VideoFormat) and isinstance(first, Packet)
    assert split_lengths(first.data) == [IDR]


def test_nothing_before_the_first_key_frame() -> None:
    one = track()
    sender = Sender(one)
    assert sender.send(SLICE) == [] and sender.send(SLICE) == []
    assert one.dropped == 2
    assert packets(sender.send(IDR))[0].pts == 2 * STEP


def test_a_loss_leaves_out_everything_up_to_the_next_key_frame() -> None:
    one = track()
    sender = Sender(one)
    sender.send(IDR)
    assert sender.send(b"\x41" + b"p" * 4000, lose=1) == []
    assert sender.send(SLICE) == []
    assert packets(sender.send(IDR))[0].key
    assert (one.lost, one.dropped) == (1, 2)


def test_a_damaged_key_frame_is_left_out_too() -> None:
    one = track()
    sender = Sender(one)
    sender.send(IDR)
    assert sender.send(IDR, lose=1) == []
    assert sender.send(SLICE) == []


def test_new_parameter_sets_announce_a_new_format_before_their_key_frame() -> None:
    sender = Sender(track())
    sender.send(IDR)
    form, first = sender.send(OTHER_SPS, PPS, IDR)
    assert isinstance(form, VideoFormat) and isinstance(first, Packet)
    assert (form.width, form.height) == (768, 432)


def test_the_same_parameter_sets_again_change_nothing() -> None:
    sender = Sender(track())
    sender.send(IDR)
    assert len(sender.send(SPS, PPS, IDR)) == 1


def test_new_parameter_sets_without_a_key_frame_wait_for_one() -> None:
    sender = Sender(track())
    sender.send(IDR)
    assert sender.send(OTHER_SPS, PPS, SLICE) == []
    assert isinstance(sender.send(IDR)[0], VideoFormat)


def test_start_codes_inside_rtp_are_cut() -> None:
    sender = Sender(track(()))
    found = sender.send(SPS + b"\0\0\0\1" + PPS + b"\0\0\1" + IDR)
    _, first, *_ = found + sender.send(SLICE)
    assert isinstance(first, Packet) and split_lengths(first.data) == [IDR]


def test_packets_of_other_payload_types_and_noise_are_ignored() -> None:
    one = track()
    assert one.feed(RtpPacket(97, 1, 1, 7, True, IDR).encode(), WallUs(0)) == []
    assert one.feed(b"noise", WallUs(0)) == []
    assert Sender(one).send(IDR)


def test_a_codec_we_cannot_store_is_named() -> None:
    with pytest.raises(WachtelError, match="MP4V-ES") as caught:
        VideoTrack(Media("video", 96, "MP4V-ES", 90_000, "x"))
    assert caught.value.kind is ErrorKind.UNSUPPORTED_CODEC
