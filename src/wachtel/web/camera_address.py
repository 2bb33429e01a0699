"""Rules for the address of a camera that comes in by the API."""

from ipaddress import IPv6Address

from wachtel.base.address import in_numbers
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.camera_url import CameraUrl, is_device_url, parse_camera_url, parse_device_url
from wachtel.storage.state.cameras import shown_url


def checked_url(url: str, *, allow_local: bool) -> str:
    """The address with its credentials, written anew. Raises `WachtelError` (forbidden_url).

    What a host name leads to is known only when connecting; the source looks again there.
    """
    parsed = parse_device_url(url) if is_device_url(url) else parse_camera_url(url)
    if not allow_local and _is_local(parsed.host):
        raise WachtelError(
            ErrorKind.FORBIDDEN_URL,
            f"The address {parsed.host} is this machine or its own link, not a camera's.",
            hint="If that is meant, say so with allow_local.",
        )
    return parsed.full()


def changed_url(url: str, stored: str | None, *, allow_local: bool) -> str:
    """A new address, with the stored credentials when it has none and leads to the same host and port."""
    if stored is None:
        return checked_url(url, allow_local=allow_local)
    before = parse_camera_url(stored)
    if url == shown_url(stored):
        return checked_url(stored, allow_local=allow_local)
    after = parse_camera_url(url)
    if after.user is None and _door(after) == _door(before):
        after = CameraUrl(after.scheme, after.host, after.port, after.path, before.user, before.password)
    return checked_url(after.full(), allow_local=allow_local)


def _door(url: CameraUrl) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port


def _is_local(host: str) -> bool:
    name = host.removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = in_numbers(name)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address is None:
        return False
    return address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
