"""Clocks of different speed: the camera's reports keep sound and picture together."""

from test_audio_track import PCMA, pair, picture, sender_report, sound

SKEW = 1.0005
"""The sound's clock counts 500 ppm too many."""


def test_every_pair_of_reports_is_heeded() -> None:
    video, audio = pair(PCMA)
    picture(video, 0)
    worst = 0.0
    for second in range(600):
        if second % 5 == 0:
            video.feed_rtcp(sender_report(second, second * 90_000))
            audio.feed_rtcp(sender_report(second, round(second * 8000 * SKEW)))
        (pts,) = sound(audio, round(second * 8000 * SKEW), sequence=second + 1)
        worst = max(worst, abs(pts / 8000 - second))
    assert 0 < worst <= 0.025


def test_a_report_from_before_the_cameras_clock_was_set_moves_nothing() -> None:
    video, audio = pair(PCMA)
    picture(video, 0)
    video.feed_rtcp(sender_report(0, 0))
    audio.feed_rtcp(sender_report(0, 0))
    assert sound(audio, 8000) == [8000]
    audio.feed_rtcp(sender_report(100 + 5, 5 * 8000))
    assert sound(audio, 5 * 8000, sequence=2) == [5 * 8000]
    video.feed_rtcp(sender_report(5, 5 * 90_000))
    assert sound(audio, 6 * 8000, sequence=3) == [6 * 8000]
    video.feed_rtcp(sender_report(100 + 10, 10 * 90_000))
    audio.feed_rtcp(sender_report(100 + 10, 10 * 8000))
    assert sound(audio, 11 * 8000, sequence=4) == [11 * 8000]
