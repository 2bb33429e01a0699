"""Which camera driver opens which URL: asked of the installed ones, our own among them."""

from wachtel.base import plugins
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.api import CameraDriver


def driver_for(scheme: str) -> CameraDriver:
    """The camera driver that opens URLs of this scheme. Raises `WachtelError` (forbidden_url)."""
    for name in plugins.available("wachtel.cameras"):
        driver: CameraDriver = plugins.load("wachtel.cameras", name)
        if scheme in driver.schemes:
            return driver
    raise WachtelError(
        ErrorKind.FORBIDDEN_URL,
        f"No installed camera driver can open {scheme} URLs.",
        code="no_source",
        hint="Use the camera's rtsp URL, or install a driver that knows this kind.",
        details={"scheme": scheme},
    )
