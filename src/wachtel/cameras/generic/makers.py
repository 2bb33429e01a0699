"""Where makers put their streams, from manuals and from what owners write down.

``signs`` are words in a camera's greeting (the Server header and the realm of its log-in) that give the maker away. The
order is that of how often one meets them, so that few questions are needed.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Maker:
    """``streams`` are pairs of main and sub path, "" where there is no second one."""

    name: str
    signs: str
    streams: tuple[tuple[str, str], ...]


RTSP_MAKERS = (
    Maker(
        "Hikvision",
        r"hikvision|ip camera\(|embedded net dvr|hipcam realserver",
        (
            ("/Streaming/Channels/101", "/Streaming/Channels/102"),
            ("/h264/ch1/main/av_stream", "/h264/ch1/sub/av_stream"),
        ),
    ),
    Maker(
        "Dahua or Amcrest",
        r"login to |dahua|amcrest",
        (("/cam/realmonitor?channel=1&subtype=0", "/cam/realmonitor?channel=1&subtype=1"),),
    ),
    Maker(
        "Reolink",
        r"reolink|bc stream",
        (("/h264Preview_01_main", "/h264Preview_01_sub"), ("/Preview_01_main", "/Preview_01_sub")),
    ),
    Maker("TP-Link", r"tp-?link|tapo|vigi", (("/stream1", "/stream2"),)),
    Maker("Axis", r"axis", (("/axis-media/media.amp", "/axis-media/media.amp?resolution=640x360"),)),
    Maker("Foscam", r"foscam|ipcam living", (("/videoMain", "/videoSub"),)),
    Maker(
        "Uniview",
        r"uniview|unv",
        (("/media/video1", "/media/video2"), ("/unicast/c1/s0/live", "/unicast/c1/s1/live")),
    ),
    Maker("Hanwha", r"ipolis|wisenet|hanwha|samsung", (("/profile2/media.smp", "/profile3/media.smp"),)),
    Maker(
        "Vivotek",
        r"vivotek|streaming_server",
        (("/live.sdp", "/live2.sdp"), ("/live1s1.sdp", "/live1s2.sdp")),
    ),
    Maker("D-Link", r"d-?link|dcs-", (("/live1.sdp", "/live2.sdp"), ("/play1.sdp", "/play2.sdp"))),
    Maker("Panasonic", r"panasonic|i-pro", (("/MediaInput/h264/stream_1", "/MediaInput/h264/stream_2"),)),
    Maker("Bosch", r"bosch", (("/?inst=1", "/?inst=2"),)),
    Maker("Ubiquiti", r"ubnt|ubiquiti|aircam", (("/s0", "/s1"), ("/live/ch00_0", "/live/ch00_1"))),
    Maker("HiSilicon", r"hisilicon|hipcam|h264dvr", (("/11", "/12"), ("/0", "/1"))),
    Maker("Yi", r"yi-hack|yihack", (("/ch0_0.h264", "/ch0_1.h264"),)),
    Maker("Yoosee", r"yoosee|gwell", (("/onvif1", "/onvif2"),)),
    Maker("", r"(?!)", (("/ch0", "/ch1"), ("/main", "/sub"), ("/live", ""), ("/live0", "/live1"), ("/", ""))),
)

MJPEG_MAKERS = (
    Maker("Axis", r"axis", (("/axis-cgi/mjpg/video.cgi", ""),)),
    Maker("Belkin NetCam", r"camera web server", (("/goform/video", ""),)),
    Maker("µStreamer", r"streamer", (("/stream", ""), ("/?action=stream", ""))),
    Maker(
        "Dahua or Amcrest", r"login to |dahua|amcrest", (("/cgi-bin/mjpg/video.cgi?channel=1&subtype=1", ""),)
    ),
    Maker("Hikvision", r"hikvision|app-webs|dnvrs", (("/ISAPI/Streaming/channels/102/httpPreview", ""),)),
    Maker("Foscam", r"foscam|netwave", (("/videostream.cgi", ""),)),
    Maker("D-Link or Trendnet", r"d-?link|dcs-|trendnet", (("/video.cgi", ""), ("/mjpeg.cgi", ""))),
    Maker("Panasonic", r"panasonic", (("/nphMotionJpeg?Resolution=640x480", ""),)),
    Maker("Vivotek", r"vivotek", (("/video.mjpg", ""),)),
    Maker("", r"(?!)", (("/video.mjpeg", ""), ("/mjpg/video.mjpg", ""), ("/video", ""), ("/mjpeg", ""))),
)


def in_order(makers: tuple[Maker, ...], greeting: str) -> list[Maker]:
    """All of them, those whose signs are in the greeting first."""
    return sorted(makers, key=lambda maker: not is_signed(maker, greeting))


def is_signed(maker: Maker, greeting: str) -> bool:
    """True when the greeting gives this maker away."""
    return re.search(maker.signs, greeting, re.IGNORECASE) is not None
