"""Opens ``netcam://`` addresses."""

import re
from dataclasses import replace

from wachtel.base.clock import Clock
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.netcam.device import NetCam
from wachtel.cameras.netcam.ports import NetCamPorts
from wachtel.protocols.camera_url import CameraUrl

_SENSOR = re.compile(r"/\?wachtel_sensor=(\d{1,5})")


class NetCamDriver:
    """The `CameraDriver` of Wemo NetCams, whatever state they are in."""

    schemes = frozenset({"netcam"})

    def __init__(self, ports: NetCamPorts | None = None) -> None:
        self._ports = ports or NetCamPorts()

    def open(self, url: CameraUrl, options: DeviceOptions, clock: Clock) -> NetCam:
        """Contacts nobody yet."""
        return NetCam(url, options, clock, _ports_in(url, self._ports))


def _ports_in(url: CameraUrl, usual: NetCamPorts) -> NetCamPorts:
    """``netcam://host/?wachtel_sensor=49160`` is a camera whose sensor stays at one port, as behind a router."""
    match = _SENSOR.fullmatch(url.path)
    port = int(match[1]) if match else 0
    return replace(usual, sensor=(port,)) if 0 < port < 65536 else usual
