"""Our own sources keep the contract, against the fake camera; they are loaded the way strangers' are."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from wachtel.base.plugins import load
from wachtel.sources.api import SourceDriver
from wachtel.testing.contracts.source import CameraUnderTest, SourceContract
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4", SampleFilm(fps=25, gop=10))


@pytest.fixture
def running(film: Path) -> Iterator[tuple[ThreadedFakeCamera, ExitStack]]:
    with ExitStack() as stack:
        yield stack.enter_context(ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True))), stack


class TestRtsp(SourceContract):
    @pytest.fixture
    def driver(self) -> SourceDriver:
        loaded: SourceDriver = load("wachtel.sources", "rtsp")
        return loaded

    @pytest.fixture
    def camera(self, running: tuple[ThreadedFakeCamera, ExitStack]) -> Iterator[CameraUnderTest]:
        yield CameraUnderTest(running[0].main_url, running[1].close)


class TestMjpeg(SourceContract):
    @pytest.fixture
    def driver(self) -> SourceDriver:
        loaded: SourceDriver = load("wachtel.sources", "mjpeg")
        return loaded

    @pytest.fixture
    def camera(self, running: tuple[ThreadedFakeCamera, ExitStack]) -> Iterator[CameraUnderTest]:
        yield CameraUnderTest(running[0].mjpeg_url, running[1].close)
