"""What can be wrong with an ONVIF device, in words."""

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.onvif.device import shown
from wachtel.protocols.onvif.envelope import Fault
from wachtel.sources.address import Endpoint
from wachtel.sources.answers import locked as locked


def refused(fault: Fault, endpoint: Endpoint) -> WachtelError:
    """The device says no to a question."""
    said = shown(fault.reason) or ", ".join(fault.codes)
    return WachtelError(
        ErrorKind.BUSY,
        f"{endpoint.name} refuses: {said or 'without a reason'}.",
        code="onvif_refuses",
        hint="It may be starting, or not offer this.",
        details={"host": endpoint.name, "said": said},
    )


def no_onvif(endpoint: Endpoint) -> WachtelError:
    """A web server without the device service."""
    return WachtelError(
        ErrorKind.NOT_A_CAMERA,
        f"{endpoint.name} port {endpoint.port} does not speak ONVIF.",
        code="no_onvif_here",
        hint="Switch ONVIF on in the camera's own settings, try port 80, 8000, 8080 or 8899, or use its rtsp address.",
        details={"host": endpoint.name, "port": str(endpoint.port)},
    )


def too_large(endpoint: Endpoint) -> WachtelError:
    """An answer without an end."""
    return WachtelError(
        ErrorKind.BAD_DATA,
        f"{endpoint.name} sends an answer larger than a megabyte; it is not read.",
        code="answer_too_large",
        hint="Use the camera's rtsp address, or look for new firmware.",
        details={"host": endpoint.name},
    )


def no_streams(endpoint: Endpoint) -> WachtelError:
    """A device without pictures."""
    return WachtelError(
        ErrorKind.NO_SUCH_STREAM,
        f"{endpoint.name} speaks ONVIF but offers no stream.",
        code="no_profiles",
        hint="Make a profile in the device's own settings, or use its rtsp address.",
        details={"host": endpoint.name},
    )
