"""The file with the rules that a Wemo device keeps. Imported by the worker only."""

from urllib.parse import urlsplit

from wachtel.actuators.wemo.device import WemoDevice
from wachtel.actuators.wemo.finding import NobodyThere, fetch
from wachtel.base.errors import ErrorKind, WachtelError

LARGEST_BYTES = 4 << 20
FETCH_TIMEOUT_S = 15.0


def fetch_rules(device: WemoDevice) -> bytes:
    """The file as the device gives it: nobody has looked into it. Raises `WachtelError` (not_found, unreachable)."""
    address = device.rules_path()
    try:
        url = urlsplit(address)
        port = url.port or 80
    except ValueError:
        url, port = urlsplit(""), 0
    if url.scheme != "http" or url.hostname != device.place.host:
        raise _none(device)
    target = url.path + (f"?{url.query}" if url.query else "")
    if not target.isascii() or not target.isprintable() or " " in target:
        raise _none(device)
    try:
        content = fetch(device.place.host, port, target or "/", FETCH_TIMEOUT_S, LARGEST_BYTES)
    except NobodyThere:
        content = None
    if content is None:
        raise WachtelError(
            ErrorKind.UNREACHABLE, f"The rules of the Wemo device at {device.place.host} cannot be fetched."
        )
    return content


def _none(device: WemoDevice) -> WachtelError:
    return WachtelError(
        ErrorKind.NOT_FOUND,
        f"The Wemo device at {device.place.host} keeps no rules.",
        hint="Ask another one: every device of a house keeps the same file.",
        code="wemo_no_rules",
        details={"host": device.place.host},
    )
