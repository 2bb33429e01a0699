"""The demo's camera is a NetCam to our own driver, and its sensor sees whoever walks."""

from pathlib import Path

import pytest

from wachtel.base.clock import SystemClock
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.netcam import driver
from wachtel.media.jpeg import jpeg_size
from wachtel.model.device import Ability
from wachtel.protocols.camera_url import parse_device_url
from wachtel.testing.demo_netcam.camera import somebody_walks
from wachtel.testing.demo_netcam.process import DemoNetCamProcess
from wachtel.testing.sample_film import SampleFilm, make_film


@pytest.mark.parametrize(
    ("at_s", "walks"), [(0.0, False), (12.5, False), (12.8, True), (18.4, True), (18.6, False), (53.0, True)]
)
def test_the_sensor_sees_the_walk_of_every_round(at_s: float, walks: bool) -> None:
    assert somebody_walks(at_s) is walks


def test_it_is_a_netcam_with_its_sensor_where_its_address_says(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", SampleFilm(seconds=2))
    with DemoNetCamProcess(film, film) as camera:
        url = parse_device_url(camera.netcam_url.replace("://", "://admin:admin@"))
        device = driver.open(url, DeviceOptions(allow_local=True), SystemClock())
        report = device.describe()
        assert (report.kind, report.name) == ("netcam", "Garden")
        assert set(report.abilities) == {Ability.SNAPSHOT, Ability.EVENTS}
        assert jpeg_size(device.snapshot()) == (320, 180)
        first = next(iter(device.motion()))
        assert first is not None and first.active is False
        device.close()
        assert camera.main_url.startswith("rtsp://") and camera.sub_url is not None


@pytest.mark.parametrize("path", ["/?wachtel_sensor=0", "/?wachtel_sensor=70000", "/?wachtel_sensor=x", "/"])
def test_an_address_without_a_good_port_means_the_usual_ones(path: str) -> None:
    url = parse_device_url(f"netcam://127.0.0.1:9{path}")
    assert driver.open(url, DeviceOptions(), SystemClock())._ports.sensor[0] == 49153
