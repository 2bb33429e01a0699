"""Opens ``netcam://`` addresses."""

from wachtel.base.clock import Clock
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.netcam.device import NetCam
from wachtel.cameras.netcam.ports import NetCamPorts
from wachtel.protocols.camera_url import CameraUrl


class NetCamDriver:
    """The `CameraDriver` of Wemo NetCams, whatever state they are in."""

    schemes = frozenset({"netcam"})

    def __init__(self, ports: NetCamPorts | None = None) -> None:
        self._ports = ports or NetCamPorts()

    def open(self, url: CameraUrl, options: DeviceOptions, clock: Clock) -> NetCam:
        """Contacts nobody yet."""
        return NetCam(url, options, clock, self._ports)
