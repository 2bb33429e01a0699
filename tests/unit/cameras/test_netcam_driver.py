"""The NetCam driver against the virtual camera in every state; each quirk names the report it comes from."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from quirks import quirk

from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.api import CameraDriver, DeviceOptions, WithMotion, WithSnapshot
from wachtel.cameras.netcam.device import NetCam
from wachtel.cameras.netcam.driver import NetCamDriver
from wachtel.cameras.netcam.ports import NetCamPorts
from wachtel.model.device import Ability, DeviceReport, MotionReport
from wachtel.model.stream import StreamFormat
from wachtel.protocols.camera_url import CameraUrl, parse_camera_url, parse_device_url
from wachtel.protocols.netcam import Verdict
from wachtel.sources.api import SourceOptions
from wachtel.sources.mjpeg import driver as mjpeg
from wachtel.testing.netcam import LogIn, Mode, NetCamOptions, VirtualNetCam
from wachtel.testing.netcam.pictures import Reel

JPEG = bytes.fromhex("ffd8ffc0000b080090010001011100ffda0008010100003f00") + b"\0" * 64 + b"\xff\xd9"
CLOSED = 9
FREE_MODES = (Mode.USTREAMER, Mode.MJPG_STREAMER, Mode.HD)


def virtual(mode: Mode, **options: object) -> VirtualNetCam:
    return VirtualNetCam(NetCamOptions(mode=mode, **options), Reel([JPEG]))  # type: ignore[arg-type]


@contextmanager
def opened(camera: VirtualNetCam, log_in: str = "", allow_local: bool = True) -> Iterator[NetCam]:
    """The driver's view of it. Free images listen at a port of their own, not at the web server's."""
    free = camera.options.mode in FREE_MODES
    sensor = (camera.sensor.port,) if camera.sensor else (CLOSED,)
    ports = NetCamPorts(camera.http_port if free else CLOSED, sensor)
    url = parse_device_url(f"netcam://{log_in}127.0.0.1:{CLOSED if free else camera.http_port}")
    device = NetCamDriver(ports).open(url, DeviceOptions(allow_local=allow_local), SystemClock())
    try:
        yield device
    finally:
        device.close()


def described(camera: VirtualNetCam) -> tuple[DeviceReport, set[str]]:
    with camera, opened(camera) as device:
        report = device.describe()
        assert report.main is None or report.main.url.removesuffix("?wachtel_sound=5000") == camera.stream_url
    return report, {finding.code for finding in report.findings}


def test_it_fits_the_contract() -> None:
    driver: CameraDriver = NetCamDriver()
    device = driver.open(parse_device_url("netcam://192.0.2.1"), DeviceOptions(), SystemClock())
    assert isinstance(device, WithMotion)
    assert isinstance(device, WithSnapshot)


@quirk(
    "netcam: in setup mode everybody knows its log-in, admin with admin",
    "csev1755/openwrt-ncs601W-config README",
)
def test_setup_mode_is_known_by_its_realm() -> None:
    """wemo: admin/admin, realm "Camera Web Server", no UPnP in setup mode."""
    report, codes = described(virtual(Mode.SETUP))
    assert codes == {"netcam_setup", "netcam_once", "netcam_password"}
    assert report.abilities == (Ability.SNAPSHOT,)


@quirk("netcam: a single log-in between two starts, by the strictest reading", "cssev.net, 2024-07-19")
def test_describing_spends_no_log_in() -> None:
    """cssev.net 2024-07-19: a log-in succeeds once per start, so the stream must be the one to use it."""
    with virtual(Mode.SETUP, log_in=LogIn.ONCE) as camera:
        with opened(camera, "admin:admin@") as device:
            report = device.describe()
        assert report.main is not None
        public = parse_camera_url(report.main.url)
        url = CameraUrl(public.scheme, public.host, public.port, public.path, "admin", "admin")
        source = mjpeg.open(url, SourceOptions(allow_local=True), SystemClock())
        assert isinstance(next(iter(source.packets())), StreamFormat)
        source.close()


@quirk(
    "netcam: with the last firmware port 80 answers 404 to everything, and only the sensor lives",
    "bwp91/homebridge-platform-wemo#58",
)
def test_the_lock_is_told_honestly() -> None:
    """404 to everything at port 80 and a living sensor: homebridge-platform-wemo issue 58."""
    report, codes = described(virtual(Mode.LOCKED))
    assert codes == {"netcam_locked", "netcam_motion"}
    assert (report.main, report.snapshot_url) == (None, "")
    assert (report.model, report.name) == ("NetCamHDv1", "Porch")
    assert report.firmware == "WeMo_NetCam_WW_2.00.10684.PVT"
    assert report.findings[0].level == "error"
    assert "free firmware" in report.findings[0].hint


def test_before_the_lock_there_are_pictures_and_a_sensor() -> None:
    report, codes = described(virtual(Mode.BEFORE_LOCK))
    assert codes == {"netcam_before_lock", "netcam_password", "netcam_motion"}
    assert report.abilities == (Ability.SNAPSHOT, Ability.EVENTS)


@quirk(
    "netcam: free images give their pictures in three ways, one of them upside down",
    "csev1755/openwrt-ncs601W-config README",
    "csev1755/openwrt-f7d7602v2 README",
)
@pytest.mark.parametrize(
    ("mode", "codes"),
    [
        (Mode.USTREAMER, {"netcam_free", "netcam_upside_down"}),
        (Mode.MJPG_STREAMER, {"netcam_free"}),
        (Mode.HD, {"netcam_free", "netcam_sample_password"}),
    ],
)
def test_free_images_are_presets(mode: Mode, codes: set[str]) -> None:
    """csev1755/openwrt-ncs601W-config and csev1755/openwrt-f7d7602v2; go2rtc's preset turns the first one's picture."""
    assert described(virtual(mode))[1] == codes


def test_what_is_no_netcam_is_told() -> None:
    """Another web server that answers 404, and nothing at all."""
    with virtual(Mode.MJPG_STREAMER) as camera:
        url = parse_device_url(f"netcam://127.0.0.1:{camera.http_port}")
        device = NetCamDriver(NetCamPorts(CLOSED, (CLOSED,))).open(
            url, DeviceOptions(allow_local=True), SystemClock()
        )
        with pytest.raises(WachtelError) as caught:
            device.describe()
        assert caught.value.code == "no_netcam"
    with pytest.raises(WachtelError) as caught:
        device.describe()
    assert caught.value.code == "port_closed"


def test_an_address_of_this_machine_needs_consent() -> None:
    with virtual(Mode.LOCKED) as camera, opened(camera, allow_local=False) as device:
        with pytest.raises(WachtelError) as caught:
            device.describe()
        assert caught.value.kind is ErrorKind.FORBIDDEN_URL
        assert not camera.state.requests


@pytest.mark.parametrize("mode", [Mode.SETUP, Mode.USTREAMER, Mode.MJPG_STREAMER])
def test_stills(mode: Mode) -> None:
    with virtual(mode) as camera, opened(camera, "admin:admin@") as device:
        assert device.snapshot() == device.snapshot() == JPEG


def test_each_still_has_a_number_of_its_own() -> None:
    """An old number returns the old picture."""
    with virtual(Mode.SETUP) as camera, opened(camera, "admin:admin@") as device:
        device.snapshot()
        device.snapshot()
        asked = [one for one in camera.state.requests if "snapshot" in one]
    assert asked == ["GET /goform/snapshot?n=1", "GET /goform/snapshot?n=2"]


def test_a_wrong_password_is_tried_once() -> None:
    with virtual(Mode.SETUP) as camera, opened(camera, "admin:canary-7@") as device:
        with pytest.raises(WachtelError) as caught:
            device.snapshot()
        assert caught.value.code == "password_wrong"
        assert "canary" not in str(caught.value)
        assert camera.state.gate.refused == 1


@pytest.mark.parametrize("survey", ["lines", "table"])
def test_joining_a_network(survey: str) -> None:
    with virtual(Mode.SETUP, survey=survey) as camera, opened(camera, "admin:admin@") as device:
        seen = device.networks()
        assert [(one.ssid, one.channel, one.is_open) for one in seen] == [
            ("Küche & Flur", 6, False),
            ("guests", 11, True),
        ]
        assert device.join("Küche & Flur", "wrong passphrase") is Verdict.REFUSED
        assert device.join("Küche & Flur", "correct horse: 7 & 8") is Verdict.JOINED
        assert camera.state.joined == "Küche & Flur"
        assert device.join("guests", "") is Verdict.JOINED
        assert not any("correct" in request for request in camera.state.requests), (
            "passphrases are in no path"
        )


@pytest.mark.parametrize(
    ("ssid", "passphrase", "code"),
    [("nowhere", "12345678", "wifi_not_seen"), ("Küche & Flur", "7", "wifi_passphrase")],
)
def test_what_cannot_be_joined_is_not_sent(ssid: str, passphrase: str, code: str) -> None:
    with virtual(Mode.SETUP) as camera, opened(camera, "admin:admin@") as device:
        with pytest.raises(WachtelError) as caught:
            device.join(ssid, passphrase)
        assert caught.value.code == code
        assert not camera.state.wanted


def test_a_locked_camera_joins_nothing() -> None:
    with (
        virtual(Mode.LOCKED) as camera,
        opened(camera, "admin:admin@") as device,
        pytest.raises(WachtelError) as caught,
    ):
        device.networks()
    assert caught.value.kind is ErrorKind.NO_SUCH_STREAM


class Listening:
    """Reads a camera's motion in a thread."""

    def __init__(self, device: NetCam) -> None:
        self.reports: list[bool] = []
        self.came = threading.Condition()
        self._reading = iter(device.motion())
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        for report in self._reading:
            if isinstance(report, MotionReport):
                with self.came:
                    self.reports.append(report.active)
                    self.came.notify_all()

    def wait_for(self, count: int) -> None:
        with self.came:
            assert self.came.wait_for(lambda: len(self.reports) >= count, 30)


@quirk(
    "netcam: after a restart it has forgotten who subscribed, and answers 412",
    "UPnP Device Architecture 1.1 section 4.1.2",
)
def test_motion_comes_as_events_and_survives_a_restart() -> None:
    """First event at once (UPnP Device Architecture 1.1 section 4.1.2); 412 to a renewal after a restart."""
    with virtual(Mode.LOCKED) as camera, opened(camera) as device:
        assert camera.sensor is not None
        camera.sensor.longest_s = 2
        heard = Listening(device)
        heard.wait_for(1)
        camera.set_motion(True)
        heard.wait_for(2)
        camera.power_cycle()
        heard.wait_for(3)
        device.close()
        heard.thread.join(30)
        assert not heard.thread.is_alive()
    assert heard.reports == [False, True, True]


def test_events_of_somebody_else_count_nothing() -> None:
    import httpx

    with virtual(Mode.LOCKED) as camera, opened(camera) as device:
        assert camera.sensor is not None
        heard = Listening(device)
        heard.wait_for(1)
        (subscriber,) = camera.sensor.subscribers
        body = "<propertyset><property><BinaryState>1</BinaryState></property></propertyset>"
        for path, sid in (("/guessed", subscriber.sid), (None, "uuid:wrong")):
            url = subscriber.callback if path is None else subscriber.callback.rpartition("/")[0] + path
            assert httpx.request("NOTIFY", url, headers={"SID": sid}, content=body).status_code == 412
        camera.set_motion(False)
        heard.wait_for(2)
        device.close()
        heard.thread.join(30)
    assert heard.reports == [False, False]


def test_without_a_sensor_there_is_no_motion() -> None:
    with virtual(Mode.SETUP) as camera, opened(camera) as device, pytest.raises(WachtelError) as caught:
        next(device.motion())
    assert caught.value.code == "netcam_no_sensor"
