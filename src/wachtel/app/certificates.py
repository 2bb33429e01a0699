"""Which certificates a camera shows at this moment: asked by a handshake, without a word more."""

import asyncio
from collections.abc import Sequence

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.units import MonoS
from wachtel.model.certificate import PinnedCertificate
from wachtel.protocols.camera_url import CameraUrl, is_device_url, parse_camera_url, parse_device_url
from wachtel.sources.address import resolve
from wachtel.sources.connect import connect
from wachtel.sources.trust import TrustFirst

ENCRYPTED = frozenset({"https", "rtsps", "onvifs"})
PATIENCE_S = 4.0


class CertificateLook:
    """Used by the web layer; the asking is done in threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def shown(self, urls: Sequence[str], *, allow_local: bool) -> tuple[PinnedCertificate, ...]:
        """One for each place of these addresses that speaks TLS and answers."""
        doors = {(url.host, url.port): url for url in map(_parsed, urls) if url.scheme in ENCRYPTED}
        looks = (asyncio.to_thread(self._look, url, allow_local) for url in doors.values())
        return tuple(pin for found in await asyncio.gather(*looks) for pin in found)

    def _look(self, url: CameraUrl, allow_local: bool) -> tuple[PinnedCertificate, ...]:
        trust = TrustFirst((), self._clock)
        try:
            endpoint = resolve(url, allow_local=allow_local, timeout_s=PATIENCE_S)
            deadline = MonoS(self._clock.monotonic_s() + PATIENCE_S)
            connect(endpoint, deadline, self._clock, tls=True, trust=trust).close()
        except WachtelError:
            return ()
        return trust.known


def _parsed(url: str) -> CameraUrl:
    return parse_device_url(url) if is_device_url(url) else parse_camera_url(url)
