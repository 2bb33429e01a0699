"""Sound rides with the pictures, stays in step with them, and never stops them."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from media_samples import Sample, complaints, encoded, identity, later, sound
from test_clip import after, segments, whole

from wachtel.media import audio
from wachtel.media.clip import plan_clips
from wachtel.media.fmp4 import Muxer
from wachtel.media.fmp4_read import Bytes, read_fragments, read_head, recover
from wachtel.media.mime import mime
from wachtel.media.timestamps import Timeline
from wachtel.model.stream import AudioFormat, Codec, Packet, StreamFormat, Track

CODECS = ["aac", "libopus"]


def sample() -> Sample:
    return encoded(frames=50, gop=10)


def together(encoder: str) -> tuple[StreamFormat, list[Packet]]:
    format, packets = sound(encoder)
    mixed = sorted([*sample().packets, *packets], key=lambda packet: (packet.arrival, packet.track))
    return StreamFormat(sample().video, format), mixed


def file_of(format: StreamFormat, packets: Sequence[Packet]) -> bytes:
    timeline = Timeline()
    muxer = Muxer(format, identity())
    parts = [muxer.head(), *(muxer.add(timeline.place(packet)) for packet in packets)]
    return b"".join([*parts, muxer.tail()])


def heard(data: bytes) -> list[tuple[float, int]]:
    """Time and samples of every decoded piece of sound."""
    with av.open(BytesIO(data), "r") as container:
        return [(frame.time or 0.0, frame.samples) for frame in container.decode(container.streams.audio[0])]


@pytest.mark.parametrize("encoder", CODECS)
def test_ffmpeg_decodes_pictures_and_sound_without_a_complaint(encoder: str, tmp_path: Path) -> None:
    file = tmp_path / "segment.mp4"
    file.write_bytes(file_of(*together(encoder)))
    assert complaints(file) == ""
    assert sum(samples for _, samples in heard(file.read_bytes())) == pytest.approx(96_000, abs=4096)


@pytest.mark.parametrize("encoder", CODECS)
def test_the_format_is_read_back(encoder: str) -> None:
    format, packets = together(encoder)
    assert read_head(Bytes(file_of(format, packets))).format == format


@pytest.mark.parametrize("encoder", CODECS)
def test_sound_goes_on_without_a_break(encoder: str) -> None:
    times = heard(file_of(*together(encoder)))
    for (begin, samples), (following, _) in itertools.pairwise(times):
        assert following == pytest.approx(begin + samples / 48_000, abs=0.0011)


def test_sound_after_a_pause_comes_at_its_time() -> None:
    format, packets = sound()
    mixed = [
        *together("aac")[1],
        *sorted([*later(sample().packets, 5), *later(packets, 5)], key=lambda one: (one.arrival, one.track)),
    ]
    times = [time for time, _ in heard(file_of(StreamFormat(sample().video, format), mixed))]
    assert max(following - time for time, following in itertools.pairwise(times)) == pytest.approx(3, abs=0.1)


TEN_MINUTES_S = 600.0
RATE = 8000
PICTURE_S, PIECE_S = 0.1, 0.128


def ten_minutes(
    sound_speed: float = 1.0, jitter_s: float = 0.0, lag_s: float = 0.15, stamp_jitter_s: float = 0.0
) -> list[Packet]:
    """A camera of 10 pictures and 8 pieces of sound a second; its sound comes ``lag_s`` later than the pictures."""
    randomness = random.Random(1)
    video, tone = Fraction(1, 90_000), Fraction(1, RATE)
    packets = []
    for n in range(round(TEN_MINUTES_S / PICTURE_S)):
        arrival = after(n * PICTURE_S + randomness.uniform(0, jitter_s))
        stamp = n * 9000
        packets.append(Packet(b"\0\0\0\2\x65x", stamp, stamp, video, n % 20 == 0, Track.VIDEO, arrival))
    for n in range(round(TEN_MINUTES_S / PIECE_S)):
        arrival = after(n * PIECE_S + lag_s + randomness.uniform(0, jitter_s))
        stamp = round((n * PIECE_S * sound_speed + randomness.uniform(0, stamp_jitter_s)) * RATE)
        packets.append(Packet(n.to_bytes(4, "big"), stamp, stamp, tone, True, Track.AUDIO, arrival))
    return sorted(in_order(packets), key=lambda one: one.arrival)


def in_order(packets: Sequence[Packet]) -> list[Packet]:
    """No packet overtakes another one of its track."""
    latest = dict.fromkeys(Track, after(0))
    found = []
    for packet in packets:
        latest[packet.track] = max(latest[packet.track], packet.arrival)
        found.append(replace(packet, arrival=latest[packet.track]))
    return found


def sound_errors(packets: Sequence[Packet], rotate_every: int = 600) -> list[float]:
    """By how many seconds each piece of sound in the files is off the moment at which it was recorded."""
    timeline, format = Timeline(), StreamFormat(sample().video, AudioFormat(Codec.AAC, RATE, 1, b"\x15\x88"))
    errors: list[float] = []
    files: list[tuple[float, bytes]] = []
    muxer, data, begun, pictures = None, b"", 0.0, 0
    for packet in packets:
        placed = timeline.place(packet)
        if packet.track is Track.VIDEO:
            if pictures % rotate_every == 0:
                if muxer is not None:
                    files.append((begun, data + muxer.tail()))
                muxer, begun = Muxer(format, identity()), pictures * PICTURE_S
                data = muxer.head()
            pictures += 1
        if muxer is not None:
            data += muxer.add(placed)
    for begun, content in files:
        source = Bytes(content)
        for number, decode in _pieces(source):
            errors.append(begun + decode / RATE - number * PIECE_S)
    return errors


def _pieces(source: Bytes) -> list[tuple[int, int]]:
    """Number and decode time of every piece of sound."""
    found = []
    head = read_head(source)
    for fragment in read_fragments(source, head):
        track = next((one for one in fragment.tracks if one.track == head.audio_track), None)
        if track is not None:
            begin = fragment.payload_offset + 8 + fragment.video_bytes
            pieces = source.read_at(begin, fragment.payload_bytes - 8 - fragment.video_bytes)
            found.append((int.from_bytes(pieces[:4], "big"), track.decode))
    return found


def test_ten_minutes_of_sound_do_not_drift() -> None:
    errors = sound_errors(ten_minutes(jitter_s=0.2))
    assert len(errors) > 2500
    assert max(map(abs, errors)) < 0.001


def test_rough_stamps_of_sound_stay_within_their_own_roughness() -> None:
    errors = sound_errors(ten_minutes(stamp_jitter_s=0.03))
    assert len(errors) > 2500
    assert max(map(abs, errors)) <= 0.035


@pytest.mark.parametrize("speed", [1 - 100e-6, 1 + 100e-6, 1 - 500e-6, 1 + 500e-6])
def test_a_sound_clock_of_another_speed_stays_in_step(speed: float) -> None:
    errors = sound_errors(ten_minutes(speed, jitter_s=0.02))
    assert len(errors) > 2500
    assert max(map(abs, errors)) <= 0.04


def test_sound_waiting_at_the_end_is_kept() -> None:
    format, packets = sound(seconds=3)
    mixed = [*sample().packets, *(packet for packet in packets if packet.arrival >= after(1.9))]
    data = file_of(StreamFormat(sample().video, format), mixed)
    last = list(read_fragments(Bytes(data), read_head(Bytes(data))))[-1]
    assert last.samples == 0
    assert len(heard(data)) == len(mixed) - 50
    assert recover(Bytes(data)).complete
    assert recover(Bytes(data)).frames == 50


def test_a_codec_we_cannot_store_never_stops_the_video() -> None:
    format = StreamFormat(sample().video, AudioFormat(Codec.PCMA, 8000, 1))
    voice = Packet(bytes(160), 0, 0, sample().packets[0].time_base, True, Track.AUDIO, after(0.5))
    data = file_of(format, [*sample().packets[:20], voice, *sample().packets[20:]])
    head = read_head(Bytes(data))
    assert head.format == StreamFormat(sample().video)
    assert len(list(read_fragments(Bytes(data), head))) == 50
    assert mime(format) == f'video/mp4; codecs="{mime(head.format).split(chr(34))[1]}"'


@pytest.mark.parametrize("encoder", CODECS)
def test_a_clip_keeps_sound_and_pictures_together(encoder: str, tmp_path: Path) -> None:
    format, packets = together(encoder)
    cut = next(
        n for n, packet in enumerate(packets) if packet.track is Track.VIDEO and packet.arrival >= after(1.2)
    )
    sources = segments(format, packets[:cut], packets[cut:])
    (plan,) = plan_clips(sources, after(0.5), after(1.8))
    data = whole(plan, sources)
    file = tmp_path / "clip.mp4"
    file.write_bytes(data)
    assert complaints(file) == ""
    times = heard(data)
    assert times[0][0] <= 0.03
    for (begin, samples), (following, _) in itertools.pairwise(times):
        assert begin < following <= begin + samples / 48_000 + 0.03


def test_players_are_told_the_codecs() -> None:
    assert mime(together("aac")[0]).endswith(',mp4a.40.2"')
    assert mime(together("libopus")[0]).endswith(',opus"')


@pytest.mark.parametrize(
    ("first_byte", "rest", "samples"),
    [
        (0x78, b"", 960),
        (0x08, b"", 960),
        (0x18, b"", 2880),
        (0x60, b"", 480),
        (0x80, b"", 120),
        (0xFB, b"\3", 2880),
    ],
)
def test_opus_packets_tell_how_long_they_last(first_byte: int, rest: bytes, samples: int) -> None:
    format = AudioFormat(Codec.OPUS, 48_000, 1)
    assert audio.packet_samples(format, bytes([first_byte]) + rest) == samples


def test_opus_without_a_head_gets_a_plain_one() -> None:
    format = StreamFormat(sample().video, AudioFormat(Codec.OPUS, 48_000, 2))
    found = read_head(Bytes(Muxer(format).head())).format.audio
    assert found is not None
    assert (found.channels, found.config[:8]) == (2, b"OpusHead")


def test_the_tone_is_still_a_tone() -> None:
    with av.open(BytesIO(file_of(*together("aac"))), "r") as container:
        wave = np.concatenate(
            [frame.to_ndarray()[0] for frame in container.decode(container.streams.audio[0])]
        )
    peak = np.argmax(np.abs(np.fft.rfft(wave[4096 : 4096 + 48_000])))
    assert peak == pytest.approx(440, abs=1)
