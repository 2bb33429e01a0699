"""Opens ``camera://`` addresses: a host without a path, for whoever does not know what a URL is."""

from wachtel.base.clock import Clock
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.generic.device import GenericCamera, GenericPorts
from wachtel.protocols.camera_url import CameraUrl


class GenericDriver:
    """The `CameraDriver` of cameras that answer to no other."""

    schemes = frozenset({"camera"})

    def __init__(self, ports: GenericPorts | None = None) -> None:
        self._ports = ports or GenericPorts()

    def open(self, url: CameraUrl, options: DeviceOptions, clock: Clock) -> GenericCamera:
        """Contacts nobody yet."""
        return GenericCamera(url, options, clock, self._ports)
