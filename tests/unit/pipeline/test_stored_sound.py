"""Telephone sound becomes AAC; what cannot be stored is left out, and the pictures never stop."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any, cast

import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext

from wachtel.base.units import WallUs
from wachtel.media.g711 import linear
from wachtel.model.stream import AudioFormat, Codec, Packet, StreamFormat, Track, VideoFormat
from wachtel.pipeline.aac_encoder import RATE, AacEncoder
from wachtel.pipeline.sound import StoredSound

VIDEO = VideoFormat(Codec.H264, 640, 360, (b"sps", b"pps"))
NAMES = {Codec.PCMA: "pcm_alaw", Codec.PCMU: "pcm_mulaw"}
PIECE = 160


def decoder(name: str, channels: int = 1) -> AudioCodecContext:
    made = cast(AudioCodecContext, AudioCodecContext.create(name, "r"))
    made.sample_rate, made.layout = 8000, "mono" if channels == 1 else "stereo"
    return made


def tone(codec: Codec, seconds: float, start_s: float = 0.0) -> list[Packet]:
    """440 Hz, 50 packets a second."""
    encoder = cast(AudioCodecContext, AudioCodecContext.create(NAMES[codec], "w"))
    encoder.sample_rate, encoder.layout, encoder.format = 8000, "mono", "s16"
    encoder.time_base = Fraction(1, 8000)
    packets = []
    for n in range(round(seconds * 50)):
        wave = np.sin((np.arange(PIECE) + n * PIECE) * 2 * np.pi * 440 / 8000) * 16_000
        frame = av.AudioFrame.from_ndarray(wave.astype(np.int16)[None, :], "s16", "mono")
        frame.sample_rate, frame.pts = 8000, n * PIECE
        stamp = round(start_s * 8000) + n * PIECE
        data = b"".join(bytes(packet) for packet in encoder.encode(frame))
        packets.append(_sound(data, stamp))
    return packets


def _sound(data: bytes, stamp: int) -> Packet:
    arrival = WallUs(stamp * 125)
    return Packet(data, stamp, stamp, Fraction(1, 8000), True, Track.AUDIO, arrival)


def picture(number: int) -> Packet:
    return Packet(b"\0\0\0\2\x65x", number, number, Fraction(1, 25), True, Track.VIDEO, WallUs(number))


def heard(format: AudioFormat, packets: list[Packet]) -> list[tuple[float, Any]]:
    """Time and samples of what a player decodes."""
    aac = AudioCodecContext.create("aac", "r")
    aac.extradata = format.config
    found = []
    for packet in packets:
        encoded = av.Packet(packet.data)
        encoded.pts, encoded.time_base = packet.pts, packet.time_base
        found += [
            (float(packet.pts * packet.time_base), frame.to_ndarray()[0]) for frame in aac.decode(encoded)
        ]
    return found


@pytest.mark.parametrize("codec", NAMES)
def test_samples_are_those_of_ffmpeg(codec: Codec) -> None:
    every = bytes(range(256))
    (frame,) = decoder(NAMES[codec]).decode(av.Packet(every))
    assert linear(codec, every) == frame.to_ndarray().astype("<i2").tobytes()


@pytest.mark.parametrize("codec", NAMES)
def test_the_tone_is_still_there_and_at_its_time(codec: Codec) -> None:
    encoder = AacEncoder(AudioFormat(codec, 8000, 1))
    packets = [out for packet in tone(codec, 3.0, start_s=7.0) for out in encoder.encode(packet)]
    assert encoder.format.sample_rate == RATE
    assert packets[0].pts <= 7.0 * RATE <= packets[1].pts + 1024
    steps = {two.pts - one.pts for one, two in pairwise(packets)}
    assert steps == {1024}
    wave = np.concatenate([samples for time, samples in heard(encoder.format, packets) if time >= 7.2])
    second = wave[:RATE]
    assert np.argmax(np.abs(np.fft.rfft(second))) == pytest.approx(440, abs=1)
    assert np.abs(second).max() == pytest.approx(16_000 / 32_768, rel=0.2)


def test_a_click_is_heard_when_it_happened() -> None:
    silence, click = bytes([0xD5]) * PIECE, bytes([0xAA, 0x2A]) * (PIECE // 2)
    encoder = AacEncoder(AudioFormat(Codec.PCMA, 8000, 1))
    stream = [_sound(click if n == 100 else silence, n * PIECE) for n in range(150)]
    packets = [out for packet in stream for out in encoder.encode(packet)]
    found = heard(encoder.format, packets)
    loudest = max(found, key=lambda piece: float(np.abs(piece[1]).max()))
    at = loudest[0] + int(np.abs(loudest[1]).argmax()) / RATE
    assert at == pytest.approx(100 * PIECE / 8000 + 0.01, abs=0.02)


def test_sound_after_a_gap_has_its_own_time() -> None:
    encoder = AacEncoder(AudioFormat(Codec.PCMA, 8000, 1))
    stream = [*tone(Codec.PCMA, 1.0), *tone(Codec.PCMA, 1.0, start_s=5.0)]
    packets = [out for packet in stream for out in encoder.encode(packet)]
    assert packets[-1].pts / RATE == pytest.approx(6.0, abs=0.25)


def test_arrivals_are_those_of_what_completed_a_packet() -> None:
    encoder = AacEncoder(AudioFormat(Codec.PCMA, 8000, 1))
    packets = [out for packet in tone(Codec.PCMA, 1.0) for out in encoder.encode(packet)]
    lags = [packet.arrival / 1e6 - packet.pts / RATE for packet in packets]
    assert max(lags) < 0.2


def test_stereo_and_odd_ends_are_taken() -> None:
    encoder = AacEncoder(AudioFormat(Codec.PCMU, 8000, 2))
    packets = [out for n in range(60) for out in encoder.encode(_sound(bytes(321), n * PIECE))]
    assert len(packets) > 10
    assert encoder.format.channels == 2


def through(audio: AudioFormat | None, packets: list[Packet]) -> tuple[StreamFormat, list[Packet]]:
    items: Iterator[StreamFormat | Packet] = iter([StreamFormat(VIDEO, audio), *packets])
    format, *rest = StoredSound("tor/main").through(items)
    assert isinstance(format, StreamFormat)
    return format, [packet for packet in rest if isinstance(packet, Packet)]


def test_aac_and_pictures_pass_untouched() -> None:
    aac = AudioFormat(Codec.AAC, 48_000, 1, b"\x11\x88")
    packets = [picture(0), _sound(b"aac", 0), picture(1)]
    assert through(aac, packets) == (StreamFormat(VIDEO, aac), packets)
    assert through(None, packets[:1]) == (StreamFormat(VIDEO), packets[:1])


@pytest.mark.parametrize(
    "audio",
    [AudioFormat(Codec.PCMA, 8000, 6), AudioFormat(Codec.AAC, 48_000, 1), AudioFormat(Codec.PCMA, 8000, 0)],
)
def test_sound_that_cannot_be_stored_is_left_out_and_said_so(audio: AudioFormat) -> None:
    format, packets = through(audio, [picture(0), _sound(bytes(PIECE), 0), picture(1)])
    assert format == StreamFormat(VIDEO)
    assert packets == [picture(0), picture(1)]


def test_an_encoder_that_fails_never_stops_the_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object, data: bytes) -> None:
        raise av.FFmpegError(1, "no")

    monkeypatch.setattr(AacEncoder, "_frame", fail)
    format, packets = through(AudioFormat(Codec.PCMA, 8000, 1), [_sound(bytes(PIECE), 0), picture(0)] * 3)
    assert format.audio is not None
    assert packets == [picture(0)] * 3
