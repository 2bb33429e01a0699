"""Sound on the picture's line of time."""

import struct

import pytest

from wachtel.base.units import WallUs
from wachtel.model.stream import Codec, Packet
from wachtel.protocols.rtp_send import RtpPacket, aac_payloads, h264_payloads
from wachtel.protocols.sdp import Media, format_parameters
from wachtel.sources.rtsp.audio_track import AudioTrack, audio_format
from wachtel.sources.rtsp.video_track import VideoTrack

SPS, PPS, IDR = bytes.fromhex("674d001f95a814016e40"), bytes.fromhex("68ee3c80"), b"\x65" + b"i" * 300
PCMA = Media("audio", 8, "PCMA", 8000, "a")
AAC_PARAMETERS = format_parameters(Codec.AAC, (), bytes.fromhex("1190"))
AAC = Media("audio", 97, "MPEG4-GENERIC", 48_000, "a", 2, AAC_PARAMETERS)
NTP_S = 3_900_000_000
ARRIVAL = WallUs(1_000_000_000)


def pair(media: Media = PCMA) -> tuple[VideoTrack, AudioTrack]:
    video = VideoTrack(Media("video", 96, "H264", 90_000, "x", 1, format_parameters(Codec.H264, (SPS, PPS))))
    kind = audio_format(media)
    assert kind is not None
    return video, AudioTrack(media, kind, video)


def picture(video: VideoTrack, timestamp: int, arrival: WallUs = ARRIVAL) -> None:
    data = RtpPacket(96, 1, timestamp, 7, True, h264_payloads([IDR])[0]).encode()
    assert video.feed(data, arrival)


def sound(audio: AudioTrack, timestamp: int, sequence: int = 1, arrival: WallUs = ARRIVAL) -> list[int]:
    payload = aac_payloads(b"a" * 100)[0] if audio.format.codec is Codec.AAC else b"a" * 160
    kind = 97 if audio.format.codec is Codec.AAC else 8
    data = RtpPacket(kind, sequence, timestamp, 9, True, payload).encode()
    return [item.pts for item in audio.feed(data, arrival) if isinstance(item, Packet)]


def sender_report(seconds: float, timestamp: int) -> bytes:
    ntp = int((NTP_S + seconds) * 2**32)
    return struct.pack("!BBHIQIII", 0x80, 200, 6, 7, ntp, timestamp, 0, 0)


def test_sound_before_the_first_picture_is_left_out() -> None:
    _, audio = pair()
    assert sound(audio, 100) == []


def test_reports_of_the_camera_decide() -> None:
    """The camera says: video 90000 and sound 5000 are the same moment; sound 5800 is 0.1 s later."""
    video, audio = pair()
    picture(video, 90_000)
    video.feed_rtcp(sender_report(1, 90_000 + 90_000))
    audio.feed_rtcp(sender_report(3, 5000 + 3 * 8000))
    assert sound(audio, 5800) == [800]


def test_without_reports_rtp_info_decides() -> None:
    video, audio = pair()
    audio.announce(5000, 90_000 - 45_000)
    picture(video, 90_000)
    assert sound(audio, 5000 + 4000 + 800) == [800]


def test_nonsense_in_rtp_info_is_ignored() -> None:
    video, audio = pair()
    audio.announce(2_000_000_000, 90_000)
    picture(video, 90_000)
    assert sound(audio, 5000, arrival=WallUs(ARRIVAL + 500_000)) == [4000]


def test_with_nothing_else_the_moment_of_arrival_decides_until_reports_come() -> None:
    video, audio = pair()
    picture(video, 90_000)
    assert sound(audio, 5000, arrival=WallUs(ARRIVAL + 250_000)) == [2000]
    video.feed_rtcp(sender_report(0, 90_000))
    audio.feed_rtcp(sender_report(0, 4000))
    assert sound(audio, 5160, sequence=2) == [1160]


def test_a_difference_nobody_hears_is_no_reason_for_a_jump() -> None:
    video, audio = pair()
    picture(video, 90_000)
    assert sound(audio, 5000) == [0]
    video.feed_rtcp(sender_report(0, 90_000))
    audio.feed_rtcp(sender_report(0, 4900))
    assert sound(audio, 5160, sequence=2) == [160]


def test_aac_keeps_its_clock() -> None:
    video, audio = pair(AAC)
    picture(video, 90_000)
    assert sound(audio, 48_000) == [0]
    assert sound(audio, 49_024, sequence=2) == [1024]
    assert (audio.format.sample_rate, audio.format.channels) == (48_000, 2)


def test_opus_gets_the_header_that_files_want() -> None:
    kind = audio_format(Media("audio", 111, "OPUS", 48_000, "a", 2))
    assert kind is not None and kind.config == b"OpusHead\x01\x02\0\0\x80\xbb\0\0\0\0\0"


@pytest.mark.parametrize("encoding", ["MP4A-LATM", "MPEG4-GENERIC", "L16"])
def test_sound_that_cannot_be_kept(encoding: str) -> None:
    """The middle one because it comes without its configuration."""
    assert audio_format(Media("audio", 97, encoding, 48_000, "a")) is None


def test_a_listener_reports_what_it_got() -> None:
    video, audio = pair()
    assert audio.report() is None
    picture(video, 90_000)
    report = video.report()
    assert report is not None
    assert report[1] == 201 and report[8:12] == (7).to_bytes(4, "big") and len(report) % 4 == 0


def test_a_goodbye_is_heard() -> None:
    video, _ = pair()
    video.feed_rtcp(sender_report(0, 1) + b"\x81\xcb\0\1\0\0\0\7")
    assert video.ended and video.sender_report is not None
