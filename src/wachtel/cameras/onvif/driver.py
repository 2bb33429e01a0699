"""Opens ``onvif://`` and ``onvifs://`` addresses."""

from wachtel.base.clock import Clock
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.onvif.device import OnvifDevice
from wachtel.protocols.camera_url import CameraUrl


class OnvifDriver:
    """ONVIF over HTTP, or over HTTPS with ``onvifs``."""

    schemes = frozenset({"onvif", "onvifs"})

    def open(self, url: CameraUrl, options: DeviceOptions, clock: Clock) -> OnvifDevice:
        """Contacts nobody yet."""
        return OnvifDevice(url, options, clock)
