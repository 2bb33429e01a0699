"""Sound rides with the pictures, stays in step with them, and never stops them."""

import itertools
from collections.abc import Sequence
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


def test_a_sound_clock_that_runs_fast_stays_in_step() -> None:
    format, packets = sound(seconds=2)
    timeline, muxer = Timeline(), Muxer(StreamFormat(sample().video, format), identity())
    data = muxer.head()
    for round_ in range(20):
        hurried = later(packets, round_ * 2.0)
        fast = [_at(packet, round_ * 1.8 + n * 1.8 / len(hurried)) for n, packet in enumerate(hurried)]
        pictures = later(sample().packets[:45], round_ * 1.8)
        for packet in sorted([*pictures, *fast], key=lambda one: one.arrival):
            data += muxer.add(timeline.place(packet))
    found = list(read_fragments(Bytes(data), read_head(Bytes(data))))
    ends = [(one.tracks[-1].decode / 48_000, one.decode / 90_000) for one in found if len(one.tracks) == 2]
    assert max(abs(sound_s - picture_s) for sound_s, picture_s in ends) < 0.25


def _at(packet: Packet, seconds: float) -> Packet:
    return Packet(packet.data, packet.pts, packet.dts, packet.time_base, True, Track.AUDIO, after(seconds))


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
