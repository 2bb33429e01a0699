"""Addresses that a device gives of itself: only ever followed on the device that was asked.

Devices behind a router, or with two networks, name a host that cannot be reached; hostile ones name somebody else's. So
the host is always that of the address a person entered, and what differs is told.
"""

from ipaddress import ip_address

from wachtel.base.errors import WachtelError
from wachtel.protocols.camera_url import DEFAULT_PORTS, CameraUrl, parse_camera_url


def on_device(
    given: str, device: CameraUrl, ip: str, schemes: frozenset[str]
) -> tuple[CameraUrl | None, bool]:
    """The address on the device itself, without credentials, and whether it had named another host.

    ``ip`` is the address that was talked to. None when it is no address of one of these schemes.
    """
    try:
        url = parse_camera_url(given, {name: DEFAULT_PORTS[name] for name in schemes})
    except WachtelError:
        return None, False
    own = {host.partition("%")[0] for host in (device.host, ip)}
    elsewhere = url.host.partition("%")[0] not in own and _is_somewhere(url.host)
    return CameraUrl(url.scheme, device.host, url.port, url.path), elsewhere


def service_on_device(given: str, device: CameraUrl) -> CameraUrl | None:
    """A service's address: on the very port that was entered, whatever the device says."""
    url, _ = on_device(given, device, device.host, frozenset({"http", "https"}))
    if url is None:
        return None
    scheme = "https" if device.scheme in ("onvifs", "https") else "http"
    return CameraUrl(scheme, device.host, device.port, url.path)


def _is_somewhere(host: str) -> bool:
    """True for a numeric address; 0.0.0.0 means the device itself."""
    try:
        return not ip_address(host).is_unspecified
    except ValueError:
        return False
