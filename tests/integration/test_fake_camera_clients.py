"""Real clients against the fake camera, in real time: two or three seconds each."""

import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from wachtel.model.stream import Codec
from wachtel.protocols.http_auth import AuthScheme
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.process import FakeCameraProcess
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film
from wachtel.testing.scene.frame_number import read_frame_number

FILMS = {
    "h264.mp4": SampleFilm(seconds=2),
    "h264-b-frames.mp4": SampleFilm(seconds=2, b_frames=2),
    "h265.mp4": SampleFilm(seconds=2, codec=Codec.H265),
    "aac.mp4": SampleFilm(seconds=2, audio=Codec.AAC, audio_rate=16000),
    "pcma.mov": SampleFilm(seconds=2, audio=Codec.PCMA),
    "pcmu.mov": SampleFilm(seconds=2, audio=Codec.PCMU),
}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {name: make_film(folder / name, film) for name, film in FILMS.items()}


def ffmpeg(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed, so it cannot be the client here")
    command = [program, "-hide_banner", "-v", "error", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("name", FILMS)
def test_ffmpeg_decodes_every_kind_without_a_word(films: dict[str, Path], name: str) -> None:
    with ThreadedFakeCamera(films[name]) as camera:
        done = ffmpeg("-rtsp_transport", "tcp", "-i", camera.main_url, "-f", "null", "-")
    assert (done.returncode, done.stderr) == (0, "")


def test_ffmpeg_over_udp_through_the_end_of_a_loop(films: dict[str, Path]) -> None:
    with ThreadedFakeCamera(films["aac.mp4"], options=FakeCameraOptions(loop=True)) as camera:
        done = ffmpeg("-rtsp_transport", "udp", "-i", camera.main_url, "-t", "3", "-f", "null", "-")
        assert camera.state.sessions[0].transport == "udp"
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("auth", AuthScheme)
def test_ffmpeg_logs_in(films: dict[str, Path], auth: AuthScheme) -> None:
    options = FakeCameraOptions(user="ada", password='p"w:/@', auth=auth)
    with ThreadedFakeCamera(films["h264.mp4"], options=options) as camera:
        right = camera.url_with_credentials(camera.main_url)
        assert ffmpeg("-rtsp_transport", "tcp", "-i", right, "-t", "0.5", "-f", "null", "-").stderr == ""
        wrong = ffmpeg("-rtsp_transport", "tcp", "-i", camera.main_url, "-t", "0.5", "-f", "null", "-")
        assert "401" in wrong.stderr


def test_pyav_gets_every_picture_in_order(films: dict[str, Path]) -> None:
    with (
        FakeCameraProcess(films["h264.mp4"], films["h265.mp4"]) as camera,
        av.open(camera.main_url, options={"rtsp_transport": "tcp"}) as container,
    ):
        assert camera.sub_url is not None and camera.pid > 0
        pictures = [
            np.asarray(frame.to_ndarray(format="gray8"), np.uint8) for frame in container.decode(video=0)
        ]
    assert [read_frame_number(picture) for picture in pictures] == list(range(20))
