"""A client that shares no code with us or with FFmpeg's RTSP plays what we serve: GStreamer."""

import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from running_server import RunningServer, wachtel, wait_until

from wachtel.model.stream import Codec
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

pytestmark = pytest.mark.timeout(120)
LOOP = FakeCameraOptions(loop=True)
PICTURES = 40
"""Four seconds of the films below."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A camera of H.264 with sound, and one of H.265."""
    folder = tmp_path_factory.mktemp("clients")
    garden = make_film(folder / "a.mp4", SampleFilm(seconds=4, audio=Codec.AAC, audio_rate=16_000, gop=20))
    hall = make_film(folder / "b.mp4", SampleFilm(seconds=4, codec=Codec.H265))
    with (
        ThreadedFakeCamera(garden, options=LOOP) as first,
        ThreadedFakeCamera(hall, options=LOOP) as second,
        RunningServer(folder / "data") as running,
    ):
        for name, camera in (("Garden", first), ("Hall", second)):
            wachtel("camera", "add", camera.main_url, "--name", name, "--data", running.data)
        with running.client() as client:
            client.patch("/api/v1/cameras/garden", json={"record_audio": True})
            wait_until(
                lambda: str(client.get("/api/v1/cameras").json()).count("'live'") >= 2, 30, "both live"
            )
        yield running


def address(server: RunningServer, camera: str, name: str) -> str:
    return server.rtsp_url.replace("rtsp://", f"rtsp://{name}:{server.token(name)}@") + camera


def gstreamer(url: str, transport: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Decodes some pictures and ends by itself; whatever it warns of is on its standard error."""
    decoder = "rtph265depay ! avdec_h265" if url.endswith("hall") else "rtph264depay ! avdec_h264"
    pipeline = f"rtspsrc location={url} protocols={transport} latency=100 ! {decoder} ! fakesink num-buffers={PICTURES}"
    return subprocess.run(
        ["gst-launch-1.0", "-q", *pipeline.split()],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=folder,
    )


@pytest.mark.skipif(shutil.which("gst-launch-1.0") is None, reason="needs gstreamer1.0-tools")
def test_gstreamer_plays_over_tcp_and_udp(server: RunningServer, tmp_path: Path) -> None:
    asked = [(camera, transport) for camera in ("garden", "hall") for transport in ("tcp", "udp")]
    urls = [(address(server, camera, f"{camera}-{transport}"), transport) for camera, transport in asked]
    with ThreadPoolExecutor() as pool:
        played = list(pool.map(lambda one: gstreamer(one[0], one[1], tmp_path), urls))
    for what, run in zip(asked, played, strict=True):
        assert (what, run.returncode, run.stdout, run.stderr) == (what, 0, "", "")
