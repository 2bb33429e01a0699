"""What real cameras do to RTSP and SDP, from public reports; recorded exchanges are beside the parsers."""

import pytest
from quirks import quirk

from wachtel.model.stream import AudioFormat, Codec
from wachtel.protocols import rtsp_headers, sdp

SETS = "Z00AH5WoFAFuQA==,aO48gA=="


def description(*lines: str) -> bytes:
    head = ("v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=x", "t=0 0")
    return "\r\n".join((*head, *lines, "")).encode()


@quirk("rtsp: the description has no control line of its own, only its tracks have", "scottlamb/retina#9")
def test_a_session_without_control() -> None:
    video = ("m=video 0 RTP/AVP 96", "b=AS:1536", "a=control:track0", "a=rtpmap:96 H264/90000")
    read = sdp.parse_sdp(description(*video), "rtsp://192.168.1.198/live/")
    assert read.control == "rtsp://192.168.1.198/live/"
    assert read.media[0].control == "rtsp://192.168.1.198/live/track0"


@quirk(
    "rtsp: tracks are named by whole URLs that have nothing to do with the one asked for",
    "ZoneMinder/zoneminder#2029",
)
def test_tracks_with_urls_of_their_own() -> None:
    read = sdp.parse_sdp(
        description(
            "a=control:*", "m=audio 0 RTP/AVP 8", "a=control:rtsp://192.168.0.10:554/audio0",
            "m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=control:rtsp://192.168.0.10:554/video0",
        ),
        "rtsp://192.168.0.10:554/live/av0",
    )  # fmt: skip
    assert [one.control.rpartition("/")[2] for one in read.media] == ["audio0", "video0"]
    assert read.first("video") is not None and read.media[1].control == "rtsp://192.168.0.10:554/video0"


@quirk("rtsp: Content-Base has no slash at its end", "OvenMediaLabs/OvenMediaEngine#1245")
def test_a_base_without_a_slash() -> None:
    assert (
        sdp.resolve_control("rtsp://10.194.0.254/av0_1", "trackID=1") == "rtsp://10.194.0.254/av0_1/trackID=1"
    )


@quirk("rtsp: format parameters end with a semicolon, after which nothing comes", "scottlamb/retina#103")
def test_parameters_that_end_with_a_semicolon() -> None:
    lines = (
        "m=video 0 RTP/AVP 96",
        "a=rtpmap:96 H264/90000",
        f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={SETS};",
    )
    video = sdp.parse_sdp(description(*lines)).media[0]
    assert (video.codec, len(video.parameter_sets())) == (Codec.H264, 2)


@pytest.mark.parametrize(
    ("text", "channels", "ssrc"),
    [
        pytest.param(
            'RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=0x6f7c;mode="PLAY"',
            (0, 1),
            {None, 0x6F7C},
            marks=quirk("rtsp: the sender's number has 0x before it", "scottlamb/retina#138"),
        ),
        pytest.param(
            "RTP/AVP/TCP;ssrc=22345684;interleaved=0-1",
            (0, 1),
            {0x22345684},
            marks=quirk("rtsp: the sender's number stands before the channels", "scottlamb/retina#120"),
        ),
        pytest.param(
            "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc= D6D6627",
            (0, 1),
            {0xD6D6627},
            marks=quirk(
                "rtsp: a blank stands in the sender's number",
                "recorded: scottlamb/retina hikvision_setup_ssrc_space.txt",
            ),
        ),
    ],
)
def test_transports_as_cameras_write_them(
    text: str, channels: tuple[int, int], ssrc: set[int | None]
) -> None:
    (read,) = rtsp_headers.TransportHeader.parse(text)
    assert read.over_tcp and read.interleaved == channels
    assert read.ssrc in ssrc


@quirk("rtsp: RTP-Info tells the sender's number once more, in decimal", "scottlamb/retina#137")
def test_more_in_rtp_info_than_is_needed() -> None:
    (entry,) = rtsp_headers.parse_rtp_info("url=trackID=0;seq=13210;rtptime=1067824145;ssrc=4294962989")
    assert (entry.url, entry.seq, entry.rtptime) == ("trackID=0", 13210, 1067824145)


@quirk("rtsp: sound is announced without its channels, mpeg4-generic/16000", "scottlamb/retina#17")
def test_sound_without_channels() -> None:
    parameters = "a=fmtp:97 streamtype=5;mode=AAC-hbr;sizelength=13;indexlength=3;config=1408"
    lines = ("m=audio 0 RTP/AVP 97", "a=rtpmap:97 MPEG4-GENERIC/16000", parameters)
    sound = sdp.parse_sdp(description(*lines)).media[0].audio_format()
    assert sound == AudioFormat(Codec.AAC, 16000, 1, b"\x14\x08")
