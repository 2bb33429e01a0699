"""Whether the certificate a device shows is the one it has always shown.

Cameras sign their certificates themselves, for no name in particular, so that only their change says anything. It is
looked at right after the handshake, before a password or anything else is sent (the idea is that of SSH's known hosts).
"""

import hashlib
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Protocol

from wachtel.base.address import Endpoint
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S
from wachtel.model.certificate import PinnedCertificate, shown_fingerprint


class Trust(Protocol):
    """Asked once for every encrypted connection."""

    def check(self, endpoint: Endpoint, der: bytes) -> None:
        """Raises `WachtelError` (untrusted) when nothing must be said to whoever shows this certificate."""
        ...


class TrustAnybody:
    """For looks at a device nobody knows yet."""

    def check(self, endpoint: Endpoint, der: bytes) -> None:  # noqa: ARG002 (nothing is known)
        return None


TRUST_ANYBODY = TrustAnybody()


class TrustFirst:
    """Remembers the first certificate of each place and refuses every other one. Any thread may ask.

    ``learnt`` hears of each that was not known before.
    """

    def __init__(
        self,
        known: Iterable[PinnedCertificate],
        clock: Clock,
        learnt: Callable[[PinnedCertificate], None] = lambda _: None,
    ) -> None:
        self._known = {pin.at: pin for pin in known}
        self._clock = clock
        self._learnt = learnt
        self._lock = threading.Lock()

    @property
    def known(self) -> tuple[PinnedCertificate, ...]:
        """Everything remembered, in the order it was learnt."""
        return tuple(self._known.values())

    def check(self, endpoint: Endpoint, der: bytes) -> None:
        at, sha256 = place_of(endpoint.name, endpoint.port), hashlib.sha256(der).hexdigest()
        with self._lock:
            pin = self._known.get(at)
            if pin is None:
                pin = self._known[at] = PinnedCertificate(at, sha256, self._clock.wall_us())
                self._learnt(pin)
        if pin.sha256 != sha256:
            raise _changed(endpoint, pin, sha256)


def place_of(host: str, port: int) -> str:
    """How a place is named in `PinnedCertificate`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _changed(endpoint: Endpoint, pin: PinnedCertificate, sha256: str) -> WachtelError:
    day = datetime.fromtimestamp(pin.since // US_PER_S, UTC).date().isoformat()
    return WachtelError(
        ErrorKind.UNTRUSTED,
        f"{endpoint.name} shows another certificate than on {day}; nothing was sent to it.",
        code="certificate_changed",
        hint="After new firmware or a reset of the camera that is expected: then accept it on the camera's page, "
        "or with `wachtel camera trust`. Otherwise somebody else answers at its address.",
        details={
            "host": endpoint.name,
            "at": pin.at,
            "since": day,
            "before": shown_fingerprint(pin.sha256),
            "now": shown_fingerprint(sha256),
        },
    )
