"""Where a camera URL really leads; the rules are those of `wachtel.base.address`."""

from wachtel.base.address import Endpoint as Endpoint
from wachtel.base.address import check_address as check_address
from wachtel.base.address import resolve_host
from wachtel.protocols.camera_url import CameraUrl


def resolve(url: CameraUrl, *, allow_local: bool, timeout_s: float) -> Endpoint:
    """The first address of the URL's host that may be contacted.

    Raises `WachtelError`: unreachable, timeout, forbidden_url; see `resolve_host`.
    """
    return resolve_host(url.host, url.port, allow_local=allow_local, timeout_s=timeout_s)
