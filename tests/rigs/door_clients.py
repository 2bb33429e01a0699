"""Other people's programs at our doors for a minute: what they complain of, and how many pictures they decode."""

import os
import re
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from page_rig import House, without_webrtc
from playwright.sync_api import Browser
from running_server import RunningServer

PATIENCE_S = 60.0
"""For starting, and for HLS, whose first picture is some groups old."""

AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
"""VLC refuses to run as root."""

_FFMPEG = ["ffmpeg", "-hide_banner", "-v", "error", "-nostdin", "-progress", "-"]
_DECODE = ["-an", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-"]

_PICTURES = """() => {
  const all = [...document.querySelectorAll("video")];
  const sum = (name) => all.reduce((total, one) => total + one.getVideoPlaybackQuality()[name], 0);
  const shown = document.querySelector("video[data-shown]");
  return {
    pictures: sum("totalVideoFrames"), corrupted: sum("corruptedVideoFrames"),
    way: shown?.srcObject ? "webrtc" : "websocket",
  };
}"""


@dataclass(frozen=True, slots=True)
class Played:
    """``complaints``: lines of a program that was told to be quiet unless something is wrong."""

    client: str
    pictures: int
    complaints: tuple[str, ...]
    status: int = 0


class Clients:
    """Those that want to look at the cameras of a server, each with a token of its own."""

    def __init__(self, server: RunningServer, seconds: float, fps: int) -> None:
        self._server = server
        self._seconds = seconds
        self._wanted = round(seconds * fps)

    def run(self, h264: str, h265: str) -> list[Played]:
        """All at once: FFmpeg and GStreamer by RTSP and HLS, VLC by HLS (Debian's has no RTSP)."""
        jobs: list[tuple[Any, ...]] = [
            (program, camera, codec, transport)
            for program in (self.ffmpeg, self.gstreamer)
            for camera, codec in ((h264, "h264"), (h265, "h265"))
            for transport in ("tcp", "udp")
        ]
        jobs += [(self.ffmpeg_hls, h264), (self.gstreamer_hls, h264), (self.vlc, h264)]
        with ThreadPoolExecutor(len(jobs)) as pool:
            return list(pool.map(lambda job: job[0](*job[1:]), jobs))

    def ffmpeg(self, camera: str, codec: str, transport: str) -> Played:
        """By RTSP."""
        url = self._rtsp(camera, f"ffmpeg-{codec}-{transport}")
        command = [*_FFMPEG, "-rtsp_transport", transport, "-i", url, "-t", str(self._seconds), *_DECODE]
        return _counted_by_ffmpeg(f"FFmpeg {codec} {transport}", self._run(command))

    def gstreamer(self, camera: str, codec: str, transport: str) -> Played:
        """By RTSP; it ends by itself when it has decoded all the pictures it was to."""
        url = self._rtsp(camera, f"gst-{codec}-{transport}")
        decoder = f"rtp{codec}depay ! avdec_{codec} ! fakesink num-buffers={self._wanted}"
        pipeline = f"rtspsrc location={url} protocols={transport} latency=200 ! {decoder}"
        return self._counted_by_itself(f"GStreamer {codec} {transport}", pipeline.split())

    def ffmpeg_hls(self, camera: str) -> Played:
        """By HLS."""
        url = self._hls(camera, "ffmpeg-hls")
        return _counted_by_ffmpeg(
            "FFmpeg HLS", self._run([*_FFMPEG, "-i", url, "-t", str(self._seconds), *_DECODE])
        )

    def gstreamer_hls(self, camera: str) -> Played:
        """By HLS, the pictures alone."""
        sink = f"! video/x-raw ! fakesink num-buffers={self._wanted}"
        source = ["uridecodebin3", f"uri={self._hls(camera, 'gst-hls')}"]
        return self._counted_by_itself("GStreamer HLS", [*source, *sink.split()])

    def vlc(self, camera: str) -> Played:
        """It writes down what it plays, and FFmpeg counts."""
        with TemporaryDirectory() as folder:
            Path(folder).chmod(0o777)
            taken = Path(folder, "taken.ts")
            command = [*AS_NOBODY, "cvlc", "--no-audio", f"--run-time={self._seconds:.0f}", "--sout"]
            command += [f"#std{{access=file,mux=ts,dst={taken}}}", self._hls(camera, "vlc"), "vlc://quit"]
            run = self._run(command, HOME=folder)
            show = ["-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames"]
            counted = self._run(["ffprobe", "-v", "error", *show, "-of", "csv=p=0", str(taken)])
        pictures = re.search(r"\d+", counted.stdout)
        return Played("VLC HLS", int(pictures.group()) if pictures else 0, (), run.returncode)

    def _run(self, command: Sequence[str], **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, capture_output=True, text=True, timeout=self._seconds + PATIENCE_S, check=False,
            env={**os.environ, **environment},
        )  # fmt: skip

    def _counted_by_itself(self, client: str, pipeline: Sequence[str]) -> Played:
        try:
            run = self._run(["gst-launch-1.0", "-q", *pipeline])
        except subprocess.TimeoutExpired:
            return Played(client, 0, ("It did not get all its pictures.",), 1)
        complaints = tuple((run.stdout + run.stderr).splitlines())
        return Played(client, 0 if run.returncode else self._wanted, complaints, run.returncode)

    def _token(self, name: str) -> str:
        return f"{name}:{self._server.token(name)}@"

    def _rtsp(self, camera: str, name: str) -> str:
        return self._server.rtsp_url.replace("rtsp://", f"rtsp://{self._token(name)}") + camera

    def _hls(self, camera: str, name: str) -> str:
        base = self._server.url.replace("http://", f"http://{self._token(name)}")
        return f"{base}api/v1/cameras/{camera}/hls/index.m3u8"


def _counted_by_ffmpeg(client: str, run: "subprocess.CompletedProcess[str]") -> Played:
    frames = re.findall(r"^frame=(\d+)", run.stdout, re.MULTILINE)
    return Played(client, int(frames[-1]) if frames else 0, tuple(run.stderr.splitlines()), run.returncode)


def in_browser(browser: Browser, house: House, camera: str, way: str, seconds: float) -> Played:
    """The camera's page in Chromium, by ``websocket`` alone or by ``webrtc`` as soon as that stands."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    if way == "websocket":
        without_webrtc(page)
    house.log_in(context)
    page.goto(f"{house.origin}/#/camera/{camera}")
    page.wait_for_timeout(1000 * seconds)
    found = page.evaluate(_PICTURES)
    context.close()
    complaints: tuple[str, ...] = () if found["way"] == way else (f"It came by {found['way']}.",)
    if found["corrupted"]:
        complaints += (f"{found['corrupted']} pictures were corrupted.",)
    return Played(f"Chromium {way}", found["pictures"], complaints)
