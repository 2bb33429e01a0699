"""Whatever bytes come, media parsers give a value or `WachtelError` (bad_data), and they end soon."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media import audio, elementary_stream, h264, h265, video
from wachtel.media.boxes import boxes
from wachtel.media.clip import ClipSource, FileRange, GrowingClip, plan_clips
from wachtel.media.fmp4 import Muxer, SegmentIdentity
from wachtel.media.fmp4_read import Bytes, read_fragments, read_head, read_key_frames, recover
from wachtel.media.identity import read_identity
from wachtel.media.nal import join_lengths
from wachtel.media.timestamps import Timeline
from wachtel.model.stream import AudioFormat, Codec, Packet, StreamFormat, StreamName, Track

START = WallUs(1_795_000_000_000_000)
SPS = bytes.fromhex("67640028acd940780227e5c044000003000400000300c83c60c658")
PPS = bytes.fromhex("68ebe3cb22c0")
AAC = AudioFormat(Codec.AAC, 48_000, 1, b"\x11\x88")
VIDEO_CODECS = [Codec.H264, Codec.H265]

anything = st.binary(max_size=300)
damage = st.lists(st.tuples(st.integers(0, 1 << 14), st.integers(0, 255)), min_size=1, max_size=12)


def segment(with_sound: bool, frames: int = 12) -> bytes:
    """A file whose pictures are nonsense, which no parser here looks into."""
    format = StreamFormat(video.video_format(Codec.H264, (SPS, PPS)), AAC if with_sound else None)
    muxer = Muxer(format, SegmentIdentity("volume", "home", "door", StreamName.MAIN, "run", 0, START))
    timeline, data = Timeline(), muxer.head()
    for number in range(frames):
        picture = join_lengths([(b"\x65" if number % 4 == 0 else b"\x41") + bytes([number] * 60)])
        at = WallUs(START + number * 40_000)
        base = Fraction(1, 25)
        packet = Packet(picture, number, number, base, number % 4 == 0, Track.VIDEO, at)
        voice = Packet(b"\x21" * 20, number, number, base, True, Track.AUDIO, at)
        data += muxer.add(timeline.place(packet)) + muxer.add(timeline.place(voice))
    return data + muxer.tail()


SEGMENTS = [segment(False), segment(True)]


def spoilt(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    result = bytearray(data)
    for position, value in changes:
        result[position % len(result)] = value
    return bytes(result)


def survives(parse: Callable[[], object]) -> None:
    """Runs a parser; the only error it may raise is bad_data."""
    try:
        parse()
    except WachtelError as error:
        assert error.kind is ErrorKind.BAD_DATA


@pytest.mark.parametrize("codec", VIDEO_CODECS)
@given(data=anything, length_size=st.sampled_from([0, 1, 2, 3, 4]))
def test_packets(codec: Codec, data: bytes, length_size: int) -> None:
    survives(lambda: video.normalise(codec, data, length_size))
    survives(lambda: video.is_key(codec, data))
    survives(lambda: video.read_extradata(codec, data))


@pytest.mark.parametrize("codec", VIDEO_CODECS)
@given(data=anything)
def test_what_normalising_gives_is_in_the_form_of_packets(codec: Codec, data: bytes) -> None:
    normal, found = video.normalise(codec, b"\0\0\1" + data)
    assert video.normalise(codec, normal, 4) == (normal, ())
    assert all(found)


@pytest.mark.parametrize("codec", VIDEO_CODECS)
@given(sets=st.lists(st.binary(max_size=80), max_size=4))
def test_parameter_sets(codec: Codec, sets: list[bytes]) -> None:
    survives(lambda: video.video_format(codec, sets))
    video.merge_parameter_sets(codec, (), sets)


@given(data=st.binary(min_size=1, max_size=120))
def test_sequence_parameter_sets(data: bytes) -> None:
    survives(lambda: h264.parse_sps(data))
    survives(lambda: h265.parse_sps(data))


@given(changes=damage)
def test_a_damaged_sequence_parameter_set(changes: list[tuple[int, int]]) -> None:
    damaged = spoilt(SPS, changes)
    survives(lambda: video.video_format(Codec.H264, (b"\x67" + damaged[1:], PPS)))


@given(data=anything)
def test_boxes_and_descriptions(data: bytes) -> None:
    survives(lambda: list(boxes(data)))
    survives(lambda: read_identity(data))
    survives(lambda: read_identity(bytes.fromhex("3e9956b35e764c0281cbac9a5694941c") + data))
    survives(lambda: elementary_stream.decoder_specific(data))
    survives(lambda: elementary_stream.object_type(data))
    survives(lambda: audio.opus_head(data))
    survives(lambda: audio.packet_samples(AudioFormat(Codec.OPUS, 48_000, 1), data))
    survives(lambda: audio.packet_samples(AudioFormat(Codec.AAC, 48_000, 1, data), data))


def use(data: bytes) -> None:
    """Everything a file goes through."""
    source = Bytes(data)
    survives(lambda: recover(source))
    survives(lambda: read_key_frames(source))
    survives(lambda: list(read_fragments(source, read_head(source))))
    survives(lambda: cut(source))
    survives(lambda: GrowingClip(START).extend("one", source))


def cut(source: Bytes) -> None:
    segments = [ClipSource(source, START, WallUs(START + 480_000))] * 2
    for plan in plan_clips(segments, WallUs(START + 200_000), WallUs(START + 400_000)):
        sizes = [piece.size if isinstance(piece, FileRange) else len(piece) for piece in plan.pieces()]
        assert sum(sizes) == plan.size_bytes


@given(data=anything)
def test_files_of_anything(data: bytes) -> None:
    use(data)


@settings(max_examples=300)
@given(data=st.sampled_from(SEGMENTS), changes=damage)
def test_damaged_files(data: bytes, changes: list[tuple[int, int]]) -> None:
    use(spoilt(data, changes))


@given(data=st.sampled_from(SEGMENTS), start=st.integers(0, 1 << 14), size=st.integers(0, 500))
def test_files_with_a_piece_missing(data: bytes, start: int, size: int) -> None:
    start %= len(data)
    use(data[:start] + data[start + size :])


@given(data=st.sampled_from(SEGMENTS), length=st.integers(0, 1 << 14), rest=st.binary(max_size=200))
def test_torn_files_with_rubbish_behind(data: bytes, length: int, rest: bytes) -> None:
    use(data[: length % len(data)] + rest)


@given(
    data=st.sampled_from(SEGMENTS),
    name=st.sampled_from([b"moov", b"trak", b"stsd", b"moof", b"traf", b"trun", b"mfra", b"mdat"]),
    to=st.binary(min_size=4, max_size=4),
)
def test_files_with_other_boxes_in_the_place_of_known_ones(data: bytes, name: bytes, to: bytes) -> None:
    use(data.replace(name, to))
    use(data.replace(name, to, 1))
