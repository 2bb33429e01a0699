"""HLS with real players: FFmpeg, GStreamer and VLC."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from running_server import RunningServer, wachtel, wait_until

from wachtel.model.stream import Codec
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

pytestmark = [
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg as the player"),
    pytest.mark.timeout(120),
]


AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
"""VLC refuses to run as root, which tests in a container often are."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("hls")
    film = make_film(folder / "main.mp4", SampleFilm(seconds=6, audio=Codec.AAC, audio_rate=16_000, gop=20))
    with (
        ThreadedFakeCamera(film, options=FakeCameraOptions(loop=True)) as camera,
        RunningServer(folder / "data") as running,
    ):
        wachtel("camera", "add", camera.main_url, "--name", "Garden", "--data", running.data)
        with running.client() as client:
            client.patch("/api/v1/cameras/garden", json={"record_audio": True})
        yield running


def address(server: RunningServer, query: str = "") -> str:
    name = f"tv{datetime.now(UTC):%H%M%S%f}"
    base = server.url.replace("http://", f"http://{name}:{server.token(name)}@")
    return f"{base}api/v1/cameras/garden/hls/index.m3u8{query}"


def decoded(url: str, *options: str) -> "subprocess.CompletedProcess[str]":
    """FFmpeg plays; its complaints are on standard error, the pictures counted on standard output."""
    command = ["ffmpeg", "-hide_banner", "-v", "error", "-nostdin", "-progress", "-", "-i", url, *options]
    return subprocess.run(
        [*command, "-map", "0", "-f", "null", "-"], capture_output=True, text=True, timeout=60
    )


def pictures(run: "subprocess.CompletedProcess[str]") -> int:
    return int([line for line in run.stdout.splitlines() if line.startswith("frame=")][-1].partition("=")[2])


def recorded_range(server: RunningServer) -> str:
    """A range of about eight seconds that has been recorded."""
    with server.client() as client:

        def seconds() -> float:
            end = datetime.now(UTC)
            asked = {"start": (end - timedelta(minutes=5)).isoformat(), "end": end.isoformat()}
            answer = client.get("/api/v1/cameras/garden/recording", params=asked)
            if answer.status_code != 200:
                return 0.0
            part = answer.json()["parts"][-1]
            begin, until = (datetime.fromisoformat(part[name]) for name in ("start", "end"))
            return (until - begin).total_seconds()

        wait_until(lambda: seconds() > 11, 60, "eleven seconds are recorded")
    end = datetime.now(UTC) - timedelta(seconds=2)
    start = end - timedelta(seconds=8)
    return f"?start={start:%Y-%m-%dT%H:%M:%S.%fZ}&end={end:%Y-%m-%dT%H:%M:%S.%fZ}"


def test_ffmpeg_plays_the_live_picture(server: RunningServer) -> None:
    run = decoded(address(server), "-t", "6")
    assert run.stderr == ""
    assert pictures(run) >= 55


def test_ffmpeg_plays_a_recorded_range(server: RunningServer) -> None:
    run = decoded(address(server, recorded_range(server)))
    assert run.stderr == ""
    assert pictures(run) >= 75


@pytest.mark.skipif(shutil.which("gst-launch-1.0") is None, reason="needs gstreamer1.0-tools")
def test_gstreamer_plays_a_recorded_range(server: RunningServer) -> None:
    command = ["gst-launch-1.0", "-q", "playbin3", f"uri={address(server, recorded_range(server))}"]
    command += ["video-sink=fakesink", "audio-sink=fakesink"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.skipif(shutil.which("cvlc") is None, reason="needs vlc-bin")
def test_vlc_plays_the_live_picture(server: RunningServer) -> None:
    """VLC writes down what it plays; FFmpeg counts the pictures in it. Debian's VLC is built without RTSP."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        taken = Path(folder, "taken.ts")
        command = [*AS_NOBODY, "cvlc", "--no-audio", "--run-time=8", "--sout"]
        command += [f"#std{{access=file,mux=ts,dst={taken}}}", address(server), "vlc://quit"]
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=60, env={**os.environ, "HOME": folder}
        )
        assert taken.exists(), run.stderr
        show = [
            "-count_frames",
            "-select_streams",
            "v",
            "-show_entries",
            "stream=nb_read_frames",
            "-of",
            "csv=p=0",
        ]
        counted = subprocess.run(
            ["ffprobe", "-v", "error", *show, taken], capture_output=True, text=True, timeout=60
        )
    assert int(counted.stdout.split()[0].strip(",")) >= 40, (run.stderr, counted.stderr)
