"""The contract of sources, run on the template against the fake camera's still picture."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from wachtel_still import driver

from wachtel.sources.api import SourceDriver
from wachtel.testing.contracts.source import CameraUnderTest, SourceContract
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4", SampleFilm(seconds=2.0))


class TestStill(SourceContract):
    @pytest.fixture
    def driver(self) -> SourceDriver:
        return driver

    @pytest.fixture
    def camera(self, film: Path) -> Iterator[CameraUnderTest]:
        with ExitStack() as stack:
            camera = stack.enter_context(ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True)))
            yield CameraUnderTest(camera.snapshot_url, stack.close)
