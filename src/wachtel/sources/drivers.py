"""Which driver opens which URL: asked of the installed ones, our own among them."""

from wachtel.base import plugins
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.sources.api import SourceDriver


def driver_for(scheme: str) -> SourceDriver:
    """The source driver that opens URLs of this scheme. Raises `WachtelError` (forbidden_url)."""
    for name in plugins.available("wachtel.sources"):
        driver: SourceDriver = plugins.load("wachtel.sources", name)
        if scheme in driver.schemes:
            return driver
    raise WachtelError(
        ErrorKind.FORBIDDEN_URL,
        f"No installed source can open {scheme} URLs.",
        code="no_source",
        hint="Use the camera's rtsp URL, or install a source that knows this kind.",
        details={"scheme": scheme},
    )
