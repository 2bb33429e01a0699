"""A virtual Wemo NetCam: its web server, its UPnP sensor and its quirks, in the states in which the cameras are found.

``with VirtualNetCam(NetCamOptions(Mode.LOCKED)) as camera`` is all there is to it; see docs/guide/virtual-devices.md.
Everything was written from public reports (the quirks name theirs); no firmware was looked at.
"""

from typing import TYPE_CHECKING, Any

from wachtel.testing.netcam.options import Boundary, LogIn, Mode, NetCamOptions, WifiNetwork

if TYPE_CHECKING:
    from wachtel.testing.netcam.camera import VirtualNetCam

__all__ = ["Boundary", "LogIn", "Mode", "NetCamOptions", "VirtualNetCam", "WifiNetwork"]


def __getattr__(name: str) -> Any:
    """The camera itself is imported when it is wanted: the command's help need not wait for it."""
    if name == "VirtualNetCam":
        from wachtel.testing.netcam.camera import VirtualNetCam

        return VirtualNetCam
    raise AttributeError(name)
