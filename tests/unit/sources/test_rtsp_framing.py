"""Pictures, embedded packets and messages out of one connection, however the bytes come."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.base.units import WallUs
from wachtel.media import h264, h265
from wachtel.media.nal import split_lengths
from wachtel.model.stream import Codec
from wachtel.protocols.rtp_receive.access_unit import AccessUnit
from wachtel.protocols.rtp_receive.nal import H264Depacketizer, H265Depacketizer
from wachtel.protocols.rtp_send import h264_payloads, h265_payloads
from wachtel.protocols.rtsp import Headers, Interleaved, Response
from wachtel.protocols.sdp import Media
from wachtel.sources.rtsp.framing import Embedded, Framer, Received
from wachtel.sources.rtsp.native import compiled
from wachtel.sources.rtsp.pictures import LARGEST_RUN_BYTES, Picture, PictureAt, picture_at
from wachtel.sources.rtsp.rtp_track import RtpTrack

Readers = Callable[[], PictureAt]

PACKET = st.builds(Interleaved, st.integers(0, 3), st.binary(max_size=80))
ANSWER = st.builds(
    lambda number, body: Response(200, "OK", Headers.of(("CSeq", str(number))), body),
    st.integers(1, 99),
    st.sampled_from([b"", b"$inside", b"body: with\r\n\r\nlines"]),
)
FRAGMENT = {Codec.H264: b"\x7c", Codec.H265: b"\x62\x01"}
WHOLE = {
    Codec.H264: [b"\x65", b"\x41", b"\x67", b"\x09", b"\x78", b"\x00"],
    Codec.H265: [b"\x26\x01", b"\x02\x01", b"\x40\x01", b"\x46\x01", b"\x60\x01"],
}
CODECS = pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])


def python_reader() -> PictureAt:
    return picture_at


def compiled_reader() -> PictureAt:
    reader = compiled()
    if reader is None:
        pytest.skip("not compiled here")
    return reader


READERS = pytest.mark.parametrize("reader", [python_reader, compiled_reader])


def rtp(sequence: int, moment: int, payload: bytes, marker: int = 0, first: int = 0x80) -> bytes:
    """An RTP packet."""
    return (
        bytes((first, marker | 96))
        + (sequence & 0xFFFF).to_bytes(2, "big")
        + bytes((0, 0, 0, moment, 1, 2, 3, 4))
        + payload
    )


@st.composite
def payloads(draw: st.DrawFn, codec: Codec) -> bytes:
    """A fragment, a unit, or what only looks like one; some with a start code inside."""
    inside = draw(st.sampled_from([b"", b"\x88", b"\x88\0\0\1\x41\x9a", b"\0\1\x88\xff", b"\x05\0"]))
    if draw(st.integers(0, 3)):
        flags = draw(st.sampled_from([0x05, 0x05, 0x05, 0x85, 0x85, 0x45, 0xC5, 0x98]))
        return FRAGMENT[codec] + bytes((flags,)) + inside
    return draw(st.sampled_from(WHOLE[codec])) + inside


@st.composite
def streams(draw: st.DrawFn, codec: Codec) -> bytes:
    """Pictures as a camera sends them, with all that may stand between and inside."""
    out, number = b"", 65_530
    for moment in range(draw(st.integers(1, 4))):
        for _ in range(draw(st.integers(1, 6))):
            number += draw(st.sampled_from([1, 1, 1, 1, 1, 1, 2, 0]))
            marker = draw(st.sampled_from([0, 0, 0x80]))
            first = draw(st.sampled_from([0x80] * 7 + [0x90]))
            packet = rtp(number, moment, draw(payloads(codec)), marker, first)
            out += Interleaved(draw(st.sampled_from([0] * 9 + [1])), packet).encode()
        if draw(st.booleans()):
            number += 1
            packet = rtp(number, moment, FRAGMENT[codec] + b"\x45\x12", 0x80)
            out += Interleaved(0, packet).encode()
    return out


def of_a_camera(codec: Codec, sizes: list[int], lost: set[int]) -> bytes:
    """What a camera sends of pictures of so many bytes when some packets are lost."""
    h264 = codec is Codec.H264
    data, number = b"", 65_530
    for moment, size in enumerate(sizes):
        kind = b"\x65\x88" if h264 else b"\x26\x01\x88"
        split = (h264_payloads if h264 else h265_payloads)([kind + bytes(range(1, 200)) * size], 60)
        for place, payload in enumerate(split):
            marker = 0x80 * (place == len(split) - 1)
            number += 1
            if number - 65_531 not in lost:
                data += Interleaved(0, rtp(number, moment, payload, marker)).encode()
    return data


class Units(RtpTrack):
    """What the depacketizer makes of a track."""

    def __init__(self, codec: Codec) -> None:
        media = Media("video", 96, codec.value.upper(), 90_000, "x", 1, {})
        super().__init__(media, H264Depacketizer() if codec is Codec.H264 else H265Depacketizer(), 0)
        self.at_once, self._nal_type = 0, (h264 if codec is Codec.H264 else h265).nal_type

    def take(self, message: Received) -> list[Any]:
        assert isinstance(message, Embedded | Picture)
        if message.channel:
            return []
        if isinstance(message, Picture):
            return self.feed_picture(message, WallUs(1))
        return self.feed(message.payload, WallUs(1))

    def _accept(self, unit: AccessUnit, time: int, arrival: WallUs) -> list[Any]:
        units = [part for whole in unit.units for part in whole.split(b"\0\0\1")]
        return [(units, unit.whole, time, arrival)]

    def _accept_picture(self, picture: Picture, time: int, arrival: WallUs) -> list[Any]:
        self.at_once += 1
        units = split_lengths(picture.units)
        kinds = {self._nal_type(unit[0]) for unit in units}
        assert picture.kinds == sum(1 << kind for kind in kinds)
        return [(units, True, time, arrival)]


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, start = [], 0
    for size in sizes:
        pieces.append(data[start : start + size])
        start += size
    return [*pieces, data[start:]]


def seen(framer: Framer, track: Units, pieces: Sequence[bytes]) -> list[Any]:
    """The access units of the track."""
    return [item for piece in pieces for message in framer.feed(piece) for item in track.take(message)]


def both_ways(codec: Codec, data: bytes, sizes: list[int], reader: Readers) -> Units:
    """Pictures at once give what packets give one by one, at the latest when something else has come."""
    data += Interleaved(0, rtp(0, 200, b"\x90\x90", 0x80, 0x90)).encode()
    framer, at_once, single = Framer(reader()), Units(codec), Units(codec)
    framer.expect_pictures(0, codec)
    assert seen(framer, at_once, cut(data, sizes)) == seen(Framer(), single, cut(data, sizes))
    return at_once


@READERS
@CODECS
@given(data=st.data())
def test_pictures_are_what_their_packets_are(codec: Codec, reader: Readers, data: st.DataObject) -> None:
    stream = data.draw(streams(codec))
    both_ways(codec, stream, data.draw(st.lists(st.integers(1, 60), max_size=8)), reader)


@READERS
@CODECS
@given(
    sizes=st.lists(st.integers(0, 3), max_size=6),
    lost=st.sets(st.integers(0, 40), max_size=2),
    cuts=st.lists(st.integers(1, 400), max_size=6),
)
def test_whatever_is_lost(
    codec: Codec, reader: Readers, sizes: list[int], lost: set[int], cuts: list[int]
) -> None:
    track = both_ways(codec, of_a_camera(codec, sizes, lost), cuts, reader)
    # The first picture tells who sends, and from which number on.
    assert lost or track.at_once == max(0, len(sizes) - 1)


@CODECS
@given(data=st.data())
def test_compiled_it_says_the_same(codec: Codec, data: st.DataObject) -> None:
    stream = data.draw(streams(codec))
    start = data.draw(st.sampled_from([at for at in range(len(stream) - 4) if stream[at : at + 1] == b"$"]))
    stream = stream[: data.draw(st.integers(start + 4, len(stream)))]
    assert compiled_reader()(stream, start, codec) == picture_at(stream, start, codec)


@READERS
def test_a_picture_in_many_fragments_comes_in_one_piece(reader: Readers) -> None:
    data = of_a_camera(Codec.H264, [3], set())
    framer = Framer(reader())
    framer.expect_pictures(0, Codec.H264)
    assert framer.feed(data[:-1]) == []
    (picture,) = framer.feed(data[-1:])
    assert isinstance(picture, Picture)
    assert picture.units[4:] == b"\x65\x88" + bytes(range(1, 200)) * 3 and picture.kinds == 1 << 5
    assert b"".join(Interleaved(0, packet).encode() for packet in picture.packets()) == data


@READERS
def test_a_picture_without_end_is_not_waited_for(reader: Readers) -> None:
    framer = Framer(reader())
    framer.expect_pictures(0, Codec.H264)
    count = LARGEST_RUN_BYTES // 60_000 + 3
    packets = [rtp(n, 1, b"\x7c" + (b"\x05" if n else b"\x85") + bytes(60_000)) for n in range(count)]
    found = [message for packet in packets for message in framer.feed(Interleaved(0, packet).encode())]
    assert found == [Embedded(0, packet) for packet in packets]


@READERS
@CODECS
@given(st.lists(PACKET | ANSWER, max_size=12), st.lists(st.integers(1, 60), max_size=20))
def test_however_the_bytes_are_cut(
    codec: Codec, reader: Readers, messages: list[Interleaved | Response], sizes: list[int]
) -> None:
    framer = Framer(reader())
    framer.expect_pictures(2, codec)
    found: list[Received] = []
    # A last packet that is no picture lets go of what waits.
    sent = [*messages, Interleaved(2, b"")]
    for piece in cut(b"".join(message.encode() for message in sent), sizes):
        for message in framer.feed(piece):
            found += (
                [Embedded(2, packet) for packet in message.packets()]
                if isinstance(message, Picture)
                else [message]
            )
    assert len(found) == len(sent)
    for got, original in zip(found, sent, strict=True):
        if isinstance(original, Interleaved):
            assert got == Embedded(original.channel, original.payload)
        else:
            assert isinstance(got, Response) and (got.cseq, got.body) == (original.cseq, original.body)


@READERS
@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_at_all(reader: Readers, pieces: list[bytes]) -> None:
    framer = Framer(reader())
    framer.expect_pictures(0x30, Codec.H264)
    try:
        for piece in pieces:
            framer.feed(piece)
    except WachtelError:
        return
