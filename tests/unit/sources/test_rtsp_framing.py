"""Embedded packets and messages out of one connection, however the bytes come."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.base.units import WallUs
from wachtel.model.stream import Codec
from wachtel.protocols.rtp_receive.access_unit import AccessUnit
from wachtel.protocols.rtp_receive.nal import H264Depacketizer, H265Depacketizer
from wachtel.protocols.rtp_send import h264_payloads, h265_payloads
from wachtel.protocols.rtsp import Headers, Interleaved, Response
from wachtel.protocols.sdp import Media
from wachtel.sources.rtsp.framing import Alike, Embedded, Framer, Received
from wachtel.sources.rtsp.rtp_track import RtpTrack

PACKET = st.builds(Interleaved, st.integers(0, 3), st.binary(max_size=80))
ANSWER = st.builds(
    lambda number, body: Response(200, "OK", Headers.of(("CSeq", str(number))), body),
    st.integers(1, 99),
    st.sampled_from([b"", b"$inside", b"body: with\r\n\r\nlines"]),
)


def rtp(sequence: int, moment: int, payload: bytes, marker: int = 0) -> bytes:
    """An RTP packet with one of two timestamps."""
    return (
        bytes((0x80, marker | 96))
        + sequence.to_bytes(2, "big")
        + bytes((0, 0, 0, moment, 1, 2, 3, 4))
        + payload
    )


FRAGMENTS = st.tuples(
    st.integers(0, 0xFFFF), st.integers(0, 1), st.sampled_from([0x05, 0x85, 0x45]), st.integers(1, 4)
)


@st.composite
def streams(draw: st.DrawFn) -> list[Interleaved]:
    """Runs of fragments as a camera sends them, and such as only look like it."""
    packets: list[bytes] = []
    for first, moment, flags, size in draw(st.lists(FRAGMENTS, max_size=4)):
        for number in range(draw(st.integers(1, 5))):
            step = draw(st.sampled_from([0, 0, 0, 0, 1]))
            payload = bytes((0x7C, flags)) + draw(st.binary(min_size=size, max_size=size))
            packets.append(rtp(first + number + step & 0xFFFF, moment, payload))
    return [Interleaved(0, packet) for packet in packets]


def one_by_one(received: Iterable[Received]) -> list[Received]:
    """Each packet for itself."""
    out: list[Received] = []
    for one in received:
        out += [Embedded(one.channel, data) for data in one.packets()] if isinstance(one, Alike) else [one]
    return out


def pictures(codec: Codec, sizes: list[int], lost: set[int]) -> bytes:
    """What a camera sends of pictures of so many bytes when some packets are lost."""
    h264 = codec is Codec.H264
    data, number = b"", 65_530
    for moment, size in enumerate(sizes):
        kind = b"\x65\x88" if h264 else b"\x26\x01\x88"
        payloads = (h264_payloads if h264 else h265_payloads)([kind + bytes(range(1, 200)) * size], 60)
        for place, payload in enumerate(payloads):
            marker = 0x80 * (place == len(payloads) - 1)
            number += 1
            if number - 65_531 not in lost:
                data += Interleaved(0, rtp(number & 0xFFFF, moment, payload, marker)).encode()
    return data


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
@given(
    sizes=st.lists(st.integers(0, 3), max_size=6),
    lost=st.sets(st.integers(0, 40), max_size=2),
    cuts=st.lists(st.integers(1, 400), max_size=6),
)
def test_many_at_once_give_what_they_give_one_by_one(
    codec: Codec, sizes: list[int], lost: set[int], cuts: list[int]
) -> None:
    framer, at_once, single = Framer(), track_of(codec), track_of(codec)
    for piece in cut(pictures(codec, sizes, lost), cuts):
        for message in framer.feed(piece):
            assert isinstance(message, Embedded | Alike)
            expected = [item for data in message.packets() for item in single.feed(data, WallUs(1))]
            found = (
                at_once.feed_alike(message, WallUs(1))
                if isinstance(message, Alike)
                else at_once.feed(message.payload, WallUs(1))
            )
            assert found == expected
    assert at_once.lost == single.lost


class Units(RtpTrack):
    """What the depacketizer makes of a track."""

    def _accept(self, unit: AccessUnit, time: int, arrival: WallUs) -> list[Any]:
        return [(unit, time, arrival)]


def track_of(codec: Codec) -> Units:
    h264 = codec is Codec.H264
    media = Media("video", 96, codec.value.upper(), 90_000, "x", 1, {})
    return Units(media, H264Depacketizer() if h264 else H265Depacketizer(), 0)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, start = [], 0
    for size in sizes:
        pieces.append(data[start : start + size])
        start += size
    return [*pieces, data[start:]]


@given(st.lists(PACKET | ANSWER, max_size=12), st.lists(st.integers(1, 60), max_size=20))
def test_however_the_bytes_are_cut(messages: list[Interleaved | Response], sizes: list[int]) -> None:
    framer = Framer()
    found: list[Received] = []
    for piece in cut(b"".join(message.encode() for message in messages), sizes):
        found += one_by_one(framer.feed(piece))
    assert len(found) == len(messages)
    for got, sent in zip(found, messages, strict=True):
        if isinstance(sent, Interleaved):
            assert got == Embedded(sent.channel, sent.payload)
        else:
            assert isinstance(got, Response) and (got.cseq, got.body) == (sent.cseq, sent.body)


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_at_all(pieces: list[bytes]) -> None:
    framer = Framer()
    try:
        for piece in pieces:
            framer.feed(piece)
    except WachtelError:
        return


@given(streams(), st.lists(st.integers(1, 60), max_size=20))
def test_what_is_alike_is_the_same_packets(packets: list[Interleaved], sizes: list[int]) -> None:
    framer = Framer()
    found: list[Received] = []
    for piece in cut(b"".join(packet.encode() for packet in packets), sizes):
        found += one_by_one(framer.feed(piece))
    assert found == [Embedded(packet.channel, packet.payload) for packet in packets]


def test_a_picture_in_many_fragments_comes_in_one_piece() -> None:
    data = b"".join(
        Interleaved(0, rtp(65_534 + n & 0xFFFF, 0, b"\x7c\x05" + bytes((n,)))).encode() for n in range(5)
    )
    (alike,) = Framer().feed(data)
    assert isinstance(alike, Alike)
    assert alike.parts == [bytes((n,)) for n in range(5)]
