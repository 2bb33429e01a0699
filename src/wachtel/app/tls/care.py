"""Keeps what a running server presents valid: renews its own certificate, and takes what others renewed."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

from wachtel.app.tls.authority import moment
from wachtel.app.tls.store import Source, TlsStore
from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.tls import ServedCertificate
from wachtel.base.units import MonoS, WallUs

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
ENDS_SOON = timedelta(days=14)
_SAY_AGAIN_AFTER_S = 24 * 3600.0


class CertificateCare:
    """One for a running server. ``certificate.context`` is what it serves with."""

    def __init__(self, store: TlsStore, clock: Clock) -> None:
        """Raises `WachtelError` (not_found, bad_data) when there is nothing to serve with."""
        self._store = store
        self._clock = clock
        self._owned = _versions(store)
        self._said: dict[str, MonoS] = {}
        self.certificate = ServedCertificate(store.served_path)

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.to_thread(self.look_again)
            await self._clock.sleep(LOOK_EVERY_S)

    def look_again(self) -> None:
        """One look; what cannot be done is logged once a day, and what was there is served on."""
        now = self._clock.wall_us()
        for step in (self._renew, self._take_owned, self._warn):
            try:
                step(now)
            except WachtelError as error:
                self._say(str(error))
        try:
            if self.certificate.look_again():
                log.info("another certificate is served from now on")
        except WachtelError as error:
            self._say(str(error))

    def _renew(self, now: WallUs) -> None:
        if self._store.renew(now):
            log.info("the certificate was renewed")

    def _take_owned(self, now: WallUs) -> None:
        versions = _versions(self._store)
        if versions == self._owned:
            return
        source, _ = self._owned = versions
        if source is not None:
            self._store.take_again(source, now)

    def _warn(self, now: WallUs) -> None:
        served = self._store.served()
        if served is not None and served.certificate.not_valid_after_utc - moment(now) < ENDS_SOON:
            self._say(
                f"the certificate is valid until {served.certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
            )

    def _say(self, text: str) -> None:
        now = self._clock.monotonic_s()
        last = self._said.get(text)
        if last is None or now - last >= _SAY_AGAIN_AFTER_S:
            self._said[text] = now
            log.warning("TLS: %s", text)


Versions = tuple[Source | None, tuple[tuple[int, int] | None, ...]]


def _versions(store: TlsStore) -> Versions:
    """Which files of the owner's are served, and how old they are."""
    served = store.served()
    source = None if served is None else served.source
    paths = () if source is None else (source.certificate, source.key)
    return source, tuple(_version(Path(path)) for path in paths)


def _version(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
