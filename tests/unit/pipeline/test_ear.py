"""How loud a camera is: real AAC in, edges out; and the state machine behind it."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import cast

import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext
from hypothesis import given, settings
from hypothesis import strategies as st

from wachtel.base.units import WallUs
from wachtel.model.sound import QUIET_US, SILENCE_DB, STALL_US, Loudness, SoundWish
from wachtel.model.stream import AudioFormat, Codec, Packet, StreamFormat, StreamName, Track, VideoFormat
from wachtel.pipeline.ear import Ear
from wachtel.pipeline.messages import TapPacket
from wachtel.pipeline.tap import Consumer, StreamFan

RATE, AT = 16_000, 1_780_000_000_000_000
VIDEO = VideoFormat(Codec.H264, 640, 360)
LOUD = SoundWish(-20.0, 300)


def aac(levels_db: list[float | None]) -> tuple[bytes, list[bytes]]:
    """A tone of 440 Hz whose level changes every half second, None for silence; with its description."""
    encoder = AudioCodecContext.create("aac", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate, encoder.format, encoder.layout = RATE, "fltp", "mono"
    encoder.bit_rate, encoder.time_base = 48_000, Fraction(1, RATE)
    parts = []
    for level in levels_db:
        peak = 0.0 if level is None else math.sqrt(2) * 10 ** (level / 20)
        parts.append(peak * np.sin(2 * np.pi * 440 * np.arange(RATE // 2) / RATE))
    samples = np.concatenate(parts).astype(np.float32)
    packets = []
    for start in range(0, len(samples) - 1023, 1024):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], "fltp", "mono")
        frame.sample_rate, frame.pts = RATE, start
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    packets += [bytes(packet) for packet in encoder.encode(None)]
    return bytes(encoder.extradata or b""), packets


def tapped(packets: list[bytes]) -> Iterator[TapPacket]:
    for number, data in enumerate(packets):
        at = WallUs(AT + number * 1024 * 1_000_000 // RATE)
        yield TapPacket(
            "hall", StreamName.MAIN, data, number * 1024, number * 1024, RATE, True, Track.AUDIO, at, False
        )


def an_ear(config: bytes, *wishes: SoundWish) -> Ear:
    ear = Ear("hall", StreamName.MAIN, wishes)
    ear.format(StreamFormat(VIDEO, AudioFormat(Codec.AAC, RATE, 1, config)))
    return ear


def test_a_shout_is_heard_and_silence_after_it_ends_it() -> None:
    config, packets = aac([-50, -50, -12, -12, *[-50] * 6])
    ear = an_ear(config, LOUD)
    heard = [one for packet in tapped(packets) for one in ear.packet(packet)]
    assert [one.on for one in heard] == [True, False]
    assert heard[0].db == pytest.approx(-12, abs=1.5)
    assert 1.2 <= (heard[0].at - AT) / 1e6 <= 1.6
    assert 3.9 <= (heard[1].at - AT) / 1e6 <= 4.4


def test_each_wish_has_its_own_level() -> None:
    config, packets = aac([-30] * 3)
    ear = an_ear(config, SoundWish(-40, 300), LOUD)
    heard = [one for packet in tapped(packets) for one in ear.packet(packet)]
    assert [(one.wish.level_db, one.on) for one in heard] == [(-40, True)]
    assert [one.on for one in ear.elapsed(WallUs(AT + 60_000_000))] == [False]


def test_damage_other_codecs_and_pictures_are_silence() -> None:
    config, packets = aac([-5] * 2)
    ear = an_ear(config, LOUD)
    assert [one for packet in tapped([b"\xff" * 40] * 20) for one in ear.packet(packet)] == []
    ear.format(StreamFormat(VIDEO, None))
    assert [one for packet in tapped(packets) for one in ear.packet(packet)] == []


LEVELS = st.lists(st.sampled_from([SILENCE_DB, -40.0, -24.0, -20.0, -5.0]), max_size=300)


@settings(max_examples=60, deadline=None)
@given(LEVELS, st.sampled_from([50, 100, 300, 1000]))
def test_loudness_never_flickers_and_always_ends(levels: list[float], for_ms: int) -> None:
    level, edges, at = Loudness(SoundWish(-20, for_ms)), [], AT
    for number, db in enumerate([*levels, *[SILENCE_DB] * 60]):
        at = AT + number * 50_000
        edge = level.hear(WallUs(at), db)
        if edge is not None:
            edges.append((at, edge))
            run = levels[max(0, number + 1 - for_ms // 50) : number + 1]
            assert not edge or all(one >= -20 for one in run)
    assert [edge for _, edge in edges] == [number % 2 == 0 for number in range(len(edges))]
    assert not level.on
    for (on, _), (off, _) in zip(edges[::2], edges[1::2], strict=True):
        assert off - on >= QUIET_US


def test_sound_that_stops_coming_is_over() -> None:
    level = Loudness(SoundWish(-20, 50))
    assert level.hear(WallUs(AT), -3) is True
    assert level.elapsed(WallUs(AT + STALL_US - 1)) is None
    assert level.elapsed(WallUs(AT + STALL_US)) is False


class Reader:
    """Notes what a fan hands it."""

    def __init__(self) -> None:
        self.formats, self.packets = 0, 0

    def put(self, message: object) -> None:
        self.formats += 1

    def put_packet(self, key: object, body: bytes, *, begins_gop: bool) -> bool:
        self.packets += 1
        return True


def test_who_wants_sound_gets_no_picture() -> None:
    fan, ears, eyes = StreamFan("hall", StreamName.MAIN), Reader(), Reader()
    fan.format(StreamFormat(VIDEO, AudioFormat(Codec.AAC, RATE, 1, b"\x14\x08")))
    fan.want(cast(Consumer, ears), "sound")
    fan.want(cast(Consumer, eyes), "keys")
    for track in (Track.VIDEO, Track.AUDIO, Track.AUDIO):
        fan.packet(Packet(b"x", 0, 0, Fraction(1, RATE), True, track, WallUs(AT)), WallUs(AT))
    assert (ears.formats, ears.packets) == (1, 2)
    assert (eyes.formats, eyes.packets) == (1, 1)
    fan.remove(cast(Consumer, ears))
    fan.packet(Packet(b"x", 0, 0, Fraction(1, RATE), True, Track.AUDIO, WallUs(AT)), WallUs(AT))
    assert ears.packets == 2
