"""Our own camera drivers keep the contract, against the virtual devices; they are loaded the way strangers' are."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from onvif_rig import GUARDED

from wachtel.base.plugins import load
from wachtel.cameras.api import CameraDriver
from wachtel.protocols.http_auth import AuthScheme
from wachtel.testing.contracts.camera import CameraContract, DeviceUnderTest
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.fake_onvif.options import OnvifAuth
from wachtel.testing.fake_onvif.server import FakeOnvif
from wachtel.testing.netcam import Mode, NetCamOptions, VirtualNetCam
from wachtel.testing.netcam.pictures import Reel
from wachtel.testing.sample_film import SampleFilm, make_film
from wachtel.testing.tiny_jpeg import TINY_JPEG


def loaded(name: str) -> CameraDriver:
    driver: CameraDriver = load("wachtel.cameras", name)
    return driver


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4", SampleFilm(seconds=2))


class TestGeneric(CameraContract):
    @pytest.fixture
    def driver(self) -> CameraDriver:
        return loaded("generic")

    @pytest.fixture
    def device(self, film: Path) -> Iterator[DeviceUnderTest]:
        options = FakeCameraOptions(user="anna", password="garden", auth=AuthScheme.DIGEST, loop=True)
        with ThreadedFakeCamera(film, film, options) as camera:
            port = camera.main_url.rpartition(":")[2].partition("/")[0]
            url = f"camera://anna:garden@127.0.0.1:{port}"
            yield DeviceUnderTest(url, lambda: camera.state.wrong_passwords)


class TestOnvif(CameraContract):
    auth = OnvifAuth.DIGEST

    @pytest.fixture
    def driver(self) -> CameraDriver:
        return loaded("onvif")

    @pytest.fixture
    def device(self) -> Iterator[DeviceUnderTest]:
        options = replace(GUARDED, auth=self.auth, snapshot=TINY_JPEG, user="anna", password="garden")
        with FakeOnvif(options) as fake:
            url = fake.url.replace("://", "://anna:garden@")
            yield DeviceUnderTest(url, lambda: fake.state.wrong_tries, fake.set_motion)


class TestOnvifWithTokens(TestOnvif):
    auth = OnvifAuth.TOKEN


class TestNetCam(CameraContract):
    @pytest.fixture
    def driver(self) -> CameraDriver:
        return loaded("netcam")

    @pytest.fixture
    def device(self) -> Iterator[DeviceUnderTest]:
        options = NetCamOptions(Mode.BEFORE_LOCK, user="anna", password="garden")
        with VirtualNetCam(options, Reel([TINY_JPEG])) as camera:
            assert camera.sensor is not None
            door = f"127.0.0.1:{camera.http_port}/?wachtel_sensor={camera.sensor.port}"
            yield DeviceUnderTest(f"netcam://anna:garden@{door}", None, camera.set_motion)
