"""Packets of a tap on their way to RTP clients: made once, from the key frame on, by rising time."""

import asyncio
import itertools

import pytest

from wachtel.base.units import WallUs
from wachtel.model.stream import AudioFormat, Codec, StreamFormat, StreamName, Track, VideoFormat
from wachtel.pipeline.gateway.feed import Feed, Piece
from wachtel.pipeline.gateway.listeners import LARGEST_BACKLOG_BYTES, PATIENCE_S, TcpListener
from wachtel.pipeline.gateway.tracks import media_of, pieces_of
from wachtel.pipeline.messages import TapFormat, TapPacket
from wachtel.testing.clock import FakeClock

SETS = (b"\x67\x42\x00\x1e", b"\x68\xce")
VIDEO = VideoFormat(Codec.H264, 320, 180, SETS)
SOUND = AudioFormat(Codec.AAC, 16_000, 1, b"\x14\x08")
FORMAT = StreamFormat(VIDEO, SOUND)
PICTURE_TICKS = 9_000


class Client:
    """Remembers what it got."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.ended = False

    def take(self, piece: Piece) -> None:
        self.pieces.append(piece)

    def end(self) -> None:
        self.ended = True

    def of(self, track: int) -> list[bytes]:
        return [
            packet
            for one in self.pieces
            if one.track == track and not one.is_report
            for packet in one.packets
        ]


def nal(kind: int, size: int = 20) -> bytes:
    return size.to_bytes(4, "big") + bytes([kind]) + b"x" * (size - 1)


def picture(number: int, *, key: bool = False, size: int = 20) -> TapPacket:
    at = WallUs(1_000_000_000 + number * 100_000)
    stamp = number * PICTURE_TICKS
    data = nal(0x65 if key else 0x41, size)
    return TapPacket("c", StreamName.MAIN, data, stamp, stamp, 90_000, key, Track.VIDEO, at, False)


def sound(number: int) -> TapPacket:
    at = WallUs(1_000_000_000 + number * 64_000)
    stamp = number * 1024
    return TapPacket("c", StreamName.MAIN, b"a" * 30, stamp, stamp, 16_000, True, Track.AUDIO, at, False)


def begun(format: StreamFormat = FORMAT) -> Feed:
    feed = Feed(FakeClock())
    feed.take(TapFormat("c", StreamName.MAIN, format))
    return feed


def stamps(packets: list[bytes]) -> list[int]:
    return [int.from_bytes(packet[4:8], "big") for packet in packets]


def numbers(packets: list[bytes]) -> list[int]:
    return [int.from_bytes(packet[2:4], "big") for packet in packets]


def test_a_newcomer_begins_with_reports_and_the_newest_key_frame() -> None:
    feed = begun()
    for number in range(12):
        feed.take(picture(number, key=number % 10 == 0))
    early, late = Client(), Client()
    feed.join(early)
    feed.take(picture(12))
    feed.join(late)
    first = early.pieces[0]
    assert first.is_report
    assert first.packets[0][1] == 200
    packets = early.of(0)
    assert [packet[12] & 0x1F for packet in packets] == [7, 8, 5, 1, 1]
    start = feed.offer().starts[0]
    assert (numbers(packets)[0], stamps(packets)[0]) == (start.sequence, start.timestamp)
    assert late.of(0) == packets
    assert numbers(packets) == [(start.sequence + n) & 0xFFFF for n in range(5)]


def test_pictures_and_sound_keep_their_pace() -> None:
    feed, client = begun(), Client()
    feed.join(client)
    for number in range(5):
        feed.take(picture(number, key=number == 0))
        feed.take(sound(number))
    shown = stamps(client.of(0))
    steps = [(b - a) & 0xFFFFFFFF for a, b in itertools.pairwise(shown)]
    assert steps == [0, 0, 9000, 9000, 9000, 9000]
    heard = stamps(client.of(1))
    assert {(b - a) & 0xFFFFFFFF for a, b in itertools.pairwise(heard)} == {1024}


def test_time_goes_on_over_a_session_of_the_camera() -> None:
    feed, client = begun(), Client()
    feed.join(client)
    feed.take(picture(0, key=True))
    feed.take(TapFormat("c", StreamName.MAIN, FORMAT))
    again = picture(50, key=True)
    feed.take(TapPacket("c", StreamName.MAIN, again.data, 3, 3, 90_000, True, Track.VIDEO, again.at, False))
    first, *_, last = stamps(client.of(0))
    assert (last - first) & 0xFFFFFFFF == 50 * PICTURE_TICKS
    assert not client.ended


def test_who_was_told_of_other_tracks_has_to_ask_again() -> None:
    feed, client = begun(), Client()
    feed.join(client)
    feed.take(TapFormat("c", StreamName.MAIN, StreamFormat(VIDEO)))
    assert client.ended
    assert feed.listeners == []
    assert set(feed.offer().media) == {0}


def test_motion_jpeg_is_not_offered() -> None:
    feed = begun(StreamFormat(VideoFormat(Codec.MJPEG, 320, 180)))
    feed.take(picture(0, key=True))
    assert feed.offer().media == {}


@pytest.mark.parametrize(
    ("audio", "name", "payload_type", "rate", "channels"),
    [
        (SOUND, "MPEG4-GENERIC", 97, 16_000, 1),
        (AudioFormat(Codec.PCMA, 8000, 1), "PCMA", 8, 8000, 1),
        (AudioFormat(Codec.PCMU, 16_000, 1), "PCMU", 97, 16_000, 1),
        (AudioFormat(Codec.OPUS, 48_000, 1), "OPUS", 97, 48_000, 2),
    ],
)
def test_sound_is_described(
    audio: AudioFormat, name: str, payload_type: int, rate: int, channels: int
) -> None:
    media = media_of(StreamFormat(VIDEO, audio))[Track.AUDIO]
    assert (media.encoding, media.payload_type, media.clock_rate, media.channels) == (
        name, payload_type, rate, channels,
    )  # fmt: skip


def test_telephone_sound_goes_in_pieces_of_20_ms() -> None:
    format = StreamFormat(VIDEO, AudioFormat(Codec.PCMA, 8000, 1))
    pieces = pieces_of(format, Track.AUDIO, bytes(400), key=True)
    assert [(after, len(payloads[0])) for after, payloads in pieces] == [(0, 160), (160, 160), (320, 80)]


class Wire(asyncio.WriteTransport):
    """A connection whose other end reads when told."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = 0
        self.written = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.waiting += len(data)
        self.written += 1

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return False


def test_a_slow_client_loses_whole_gops_and_then_the_connection() -> None:
    clock, wire, gone = FakeClock(), Wire(), list[str]()
    client = TcpListener(wire, {0: (0, 1)}, clock, lambda: gone.append("gone"))
    big = LARGEST_BACKLOG_BYTES // 2
    key, other = Piece(0, [bytes(100)], big, key=True), Piece(0, [bytes(100)], big)
    client.take(key)
    wire.waiting = LARGEST_BACKLOG_BYTES + 1
    client.take(other)
    wire.waiting = 0
    client.take(other)
    assert (wire.written, client.lost) == (1, 2)
    client.take(key)
    client.take(other)
    assert wire.written == 3
    wire.waiting = LARGEST_BACKLOG_BYTES + 1
    client.take(key)
    clock.advance(PATIENCE_S + 1)
    client.take(key)
    assert gone == ["gone"]


def test_bytes_are_framed_once_for_all_who_use_a_channel() -> None:
    piece = Piece(0, [b"ab", b"c"], 3)
    assert piece.interleaved(4) == b"$\x04\x00\x02ab$\x04\x00\x01c"
    assert piece.interleaved(4) is piece.interleaved(4)
    assert piece.interleaved(5)[:2] == b"$\x05"
