"""Two clocks of different speed in a camera that sends no reports: sound and pictures stay together for ten minutes."""

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from heapq import merge

import pytest

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.audio_queue import AudioQueue
from wachtel.media.timestamps import Timeline
from wachtel.model.stream import VIDEO_TICKS_PER_S, AudioFormat, Codec, Packet, Track

START = 1_795_000_000_000_000
MINUTES = 10
RATE = 16_000
PIECE_S = 1024 / RATE
PERMITTED_MS = 40.0
PPM = 1e-6

Stamp = Callable[[float], float]
"""From true seconds to those of the sound's clock."""


def came(true_s: Iterator[float], jitter_s: float, seed: int) -> Iterator[tuple[float, float]]:
    """When what was sent at each moment arrives: late by chance, never before what was sent earlier."""
    chance, last = random.Random(seed), 0.0
    for moment in true_s:
        last = max(last, moment + chance.expovariate(1 / jitter_s))
        yield last, moment


def moments(step_s: float) -> Iterator[float]:
    return (n * step_s for n in range(round(MINUTES * 60 / step_s)))


def placed(stamp: Stamp, jitter_s: float, fps: int, seed: int) -> Iterator[tuple[Track, float, int]]:
    """Each packet's track, the true moment of it, and the decode time it got."""
    timeline = Timeline()
    pictures = ((at, Track.VIDEO, moment) for at, moment in came(moments(1 / fps), jitter_s, seed))
    sounds = ((at, Track.AUDIO, moment) for at, moment in came(moments(PIECE_S), jitter_s, seed + 1000))
    for at, track, moment in merge(pictures, sounds):
        own = moment if track is Track.VIDEO else stamp(moment)
        rate = VIDEO_TICKS_PER_S if track is Track.VIDEO else RATE
        pts, arrival = round(own * rate), WallUs(START + round(at * US_PER_S))
        decode = timeline.place(Packet(b"", pts, pts, Fraction(1, rate), True, track, arrival)).decode
        yield track, moment, decode


def apart_ms(found: Iterator[tuple[Track, float, int]]) -> list[float]:
    """By how much the sound in the file is later than the pictures of its moment."""
    queue, apart, video_s = AudioQueue(AudioFormat(Codec.AAC, RATE, 1, b"\x14\x08")), [], 0.0
    for track, moment, decode in found:
        if track is Track.VIDEO:
            video_s = decode / VIDEO_TICKS_PER_S - moment
            continue
        queue.put(b"\0", decode)
        run = queue.take()
        assert run is not None
        apart.append(1000 * (run.decode / RATE - moment - video_s))
    return apart


def skewed(ppm: float) -> Stamp:
    return lambda moment: moment * (1 + ppm * PPM)


@pytest.mark.parametrize(
    ("ppm", "jitter_s", "fps"),
    [(500, 0.03, 10), (-500, 0.03, 10), (500, 0.005, 2), (100, 0.03, 10), (-500, 0.1, 5)],
)
def test_sound_never_leaves_the_pictures(ppm: float, jitter_s: float, fps: int) -> None:
    apart = apart_ms(placed(skewed(ppm), jitter_s, fps, 0))
    assert max(abs(late - apart[0]) for late in apart) <= PERMITTED_MS


def test_clocks_that_agree_are_left_alone() -> None:
    apart = apart_ms(placed(skewed(0), 0.03, 10, 1))
    assert max(abs(late - apart[0]) for late in apart) <= 5


def test_reports_that_put_it_right_step_by_step_are_not_worked_against() -> None:
    def reported(moment: float) -> float:
        ahead = moment * 500 * PPM
        return moment + ahead - ahead // 0.02 * 0.02

    apart = apart_ms(placed(reported, 0.01, 10, 1))
    assert max(abs(late - apart[0]) for late in apart) <= PERMITTED_MS


def test_an_encoder_that_becomes_slower_is_no_drift() -> None:
    """At night pictures take 100 ms longer; their stamps say when they were taken."""

    def delayed() -> Iterator[tuple[Track, float, int]]:
        timeline = Timeline()
        pictures = ((n / 10 + (0.1 if n > 2000 else 0.0), Track.VIDEO, n / 10) for n in range(6000))
        sounds = ((moment, Track.AUDIO, moment) for moment in moments(PIECE_S))
        for at, track, moment in merge(pictures, sounds):
            pts, arrival = round(moment * VIDEO_TICKS_PER_S), WallUs(START + round(at * US_PER_S))
            one = Packet(b"", pts, pts, Fraction(1, VIDEO_TICKS_PER_S), True, track, arrival)
            yield track, moment, timeline.place(one).decode

    apart = apart_ms(delayed())
    assert max(abs(late - apart[0]) for late in apart) <= 10


def test_a_clock_that_is_very_wrong_is_followed() -> None:
    apart = apart_ms(placed(skewed(3000), 0.01, 10, 1))
    assert max(abs(late - apart[0]) for late in apart) <= 120
    assert abs(apart[-1] - apart[len(apart) // 2]) <= 20
