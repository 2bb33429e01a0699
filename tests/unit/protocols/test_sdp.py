from pathlib import Path

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.stream import AudioFormat, Codec
from wachtel.protocols import sdp
from wachtel.protocols.rtsp import Response, RtspParser

CAPTURES = Path(__file__).parents[4] / "shared" / "footage" / "rtsp"


def described(name: str) -> sdp.SessionDescription:
    path = CAPTURES / name
    if not path.exists():
        pytest.skip(f"the recorded exchange {name} is not beside this checkout")
    (message,) = RtspParser().feed(path.read_bytes())
    assert isinstance(message, Response)
    return sdp.parse_sdp(message.body, message.headers.get("Content-Base") or "")


def test_a_description_round_trip() -> None:
    h264 = (bytes.fromhex("6742c01e9d"), bytes.fromhex("68ce0a"))
    h265 = (b"\x40\x01v", b"\x42\x01s", b"\x44\x01p")
    tracks = (
        sdp.Media("video", 96, "H264", 90000, "t1", 1, sdp.format_parameters(Codec.H264, h264), 12.5),
        sdp.Media("video", 97, "H265", 90000, "t2", 1, sdp.format_parameters(Codec.H265, h265)),
        sdp.Media(
            "audio", 98, "MPEG4-GENERIC", 48000, "t3", 2, sdp.format_parameters(Codec.AAC, (), b"\x11\x90")
        ),
        sdp.Media("audio", 8, "PCMA", 8000, "t4"),
    )
    read = sdp.parse_sdp(sdp.build_sdp("two\r\nlines", tracks), "rtsp://camera/main/")
    first, second, third, fourth = read.media
    assert (read.name, read.control) == ("two lines", "rtsp://camera/main/")
    assert (first.codec, first.parameter_sets(), first.frame_rate) == (Codec.H264, h264, 12.5)
    assert first.control == "rtsp://camera/main/t1"
    assert (second.codec, second.parameter_sets()) == (Codec.H265, h265)
    assert third.audio_format() == AudioFormat(Codec.AAC, 48000, 2, b"\x11\x90")
    assert fourth.audio_format() == AudioFormat(Codec.PCMA, 8000, 1)
    assert first.audio_format() is None and fourth.parameter_sets() == ()


@pytest.mark.parametrize(
    ("base", "control", "url"),
    [
        ("rtsp://c/a/", "t1", "rtsp://c/a/t1"),
        ("rtsp://c/a", "t1", "rtsp://c/a/t1"),
        ("rtsp://c/a?b=1", "t1", "rtsp://c/a?b=1/t1"),
        ("rtsp://c/a", "*", "rtsp://c/a"),
        ("rtsp://c/a", "rtsp://d/x", "rtsp://d/x"),
        ("rtsp://c:55/a/b", "/x", "rtsp://c:55/x"),
    ],
)
def test_control_urls(base: str, control: str, url: str) -> None:
    assert sdp.resolve_control(base, control) == url


@pytest.mark.parametrize(
    "data", [b"", b"<html></html>", b"\0" * 300_000, b"v=0\r\n" + b"m=video 0 RTP/AVP 96\r\n" * 40]
)
def test_what_is_no_description_is_refused(data: bytes) -> None:
    with pytest.raises(WachtelError) as caught:
        sdp.parse_sdp(data)
    assert caught.value.kind is ErrorKind.BAD_DATA


def test_broken_parameter_sets_are_left_out() -> None:
    body = b"v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 h264/90000\na=fmtp:96 sprop-parameter-sets=Z0I,%%%,aM4K"
    (track,) = sdp.parse_sdp(body).media
    assert [one[:1] for one in track.parameter_sets()] == [b"g", b"h"]


@pytest.mark.parametrize(
    ("name", "video", "audio"),
    [
        (
            "bunny_describe.txt",
            (Codec.H264, 2, 24.0),
            AudioFormat(Codec.AAC, 12000, 2, bytes.fromhex("1490")),
        ),
        (
            "dahua_describe_h264_aac_onvif.txt",
            (Codec.H264, 2, 15.0),
            AudioFormat(Codec.AAC, 48000, 1, bytes.fromhex("1188")),
        ),
        ("dahua_describe_h265_pcma.txt", (Codec.H265, 3, 12.0), AudioFormat(Codec.PCMA, 8000, 1)),
        ("foscam_describe.txt", (Codec.H264, 2, None), AudioFormat(Codec.PCMU, 8000, 1)),
        ("hikvision_describe.txt", (Codec.H264, 2, None), None),
        ("reolink_describe.txt", (Codec.H264, 2, None), AudioFormat(Codec.AAC, 16000, 1, b"\x14\x08")),
        (
            "reolink_describe_control_first.txt",
            (Codec.H264, 2, None),
            AudioFormat(Codec.AAC, 16000, 1, b"\x14\x08"),
        ),
    ],
)
def test_descriptions_of_real_cameras(
    name: str, video: tuple[Codec, int, float | None], audio: AudioFormat | None
) -> None:
    read = described(name)
    picture, sound = read.first("video"), read.first("audio")
    assert picture is not None
    assert (picture.codec, len(picture.parameter_sets()), picture.frame_rate) == video
    assert picture.control.startswith("rtsp://") and picture.clock_rate == 90000
    assert (None if sound is None else sound.audio_format()) == audio


def test_absolute_controls_and_blanks_of_a_real_camera() -> None:
    path = CAPTURES / "geovision_sdp.txt"
    if not path.exists():
        pytest.skip("the recorded exchange geovision_sdp.txt is not beside this checkout")
    read = sdp.parse_sdp(path.read_bytes(), "rtsp://192.168.5.237/media/video1")
    assert read.media[0].control == "rtsp://192.168.5.237/media/video1/video"
    assert len(read.media[0].parameter_sets()) == 2
