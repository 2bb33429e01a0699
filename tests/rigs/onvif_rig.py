"""Virtual ONVIF devices for tests."""

from dataclasses import replace

from wachtel.base.clock import SystemClock
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.onvif import driver
from wachtel.cameras.onvif.device import OnvifDevice
from wachtel.protocols.camera_url import CameraUrl, parse_device_url
from wachtel.testing.fake_onvif.options import OnvifAuth, OnvifOptions, OnvifStream
from wachtel.testing.fake_onvif.server import FakeOnvif

STREAMS = (
    OnvifStream("main", "rtsp://127.0.0.1:8554/main"),
    OnvifStream("sub", "rtsp://127.0.0.1:8554/sub", width=640, height=360, fps=10, gop=200),
)
JPEG = b"\xff\xd8 a picture \xff\xd9"
PLAIN = OnvifOptions(streams=STREAMS, snapshot=JPEG)
USER, PASSWORD = "admin", "p@:/?#%&ü"
GUARDED = replace(PLAIN, user=USER, password=PASSWORD, auth=OnvifAuth.DIGEST)
OPTIONS = DeviceOptions(allow_local=True)


def address(fake: FakeOnvif, user: str | None = USER, password: str | None = PASSWORD) -> CameraUrl:
    """The device's address with a log-in."""
    return replace(parse_device_url(fake.url), user=user, password=password)


def opened(fake: FakeOnvif, options: DeviceOptions = OPTIONS, **log_in: str | None) -> OnvifDevice:
    """The device as our driver opens it."""
    return driver.open(address(fake, **log_in), options, SystemClock())
