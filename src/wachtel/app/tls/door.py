"""TLS as one running server takes part in it: what it serves with, and what the web page has to know of it."""

import logging
import ssl
from pathlib import Path

from wachtel.app.tls.care import CertificateCare
from wachtel.app.tls.store import Served, TlsStore, certificate_bytes
from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.web.settings import CertificateEnd, LocalAuthority, WebSettings

log = logging.getLogger(__name__)


class TlsDoor:
    """``names`` are those the owner said besides the certificate's."""

    def __init__(self, store: TlsStore, clock: Clock, *, encrypted: bool, names: frozenset[str]) -> None:
        """Raises `WachtelError` (not_found, bad_data) when it shall be encrypted and cannot."""
        self._store = store
        self._names = names
        self._care = CertificateCare(store, clock) if encrypted else None

    @property
    def context(self) -> ssl.SSLContext | None:
        """None without TLS."""
        return None if self._care is None else self._care.certificate.context

    @property
    def certificate_path(self) -> Path | None:
        """The file with key and chain, None without TLS."""
        return None if self._care is None else self._store.served_path

    def start(self, tasks: TaskSupervisor) -> None:
        """Keeps the certificate valid from now on."""
        if self._care is not None:
            tasks.keep("tls certificate", self._care.run)

    def settings(self) -> WebSettings:
        """For the web application: the names of the certificate are names of the page."""
        if self._care is None:
            return WebSettings(hosts=self._names)
        served = self._store.served()
        named = () if served is None else served.names.names
        hosts = self._names | {name for name in named if "*" not in name}
        for name in self._names:
            if served is not None and not served.names.covers(name):
                log.warning("browsers will warn: the certificate does not name %s", name)
        return WebSettings(
            hosts=hosts,
            authority=self._authority,
            always_encrypted=self._always(served),
            certificates=self.certificates,
        )

    def certificates(self) -> list[CertificateEnd]:
        """When the certificates end that visitors are shown; [] without TLS, or while they cannot be read."""
        if self._care is None:
            return []
        try:
            served, authority = self._store.served(), self._store.authority()
        except WachtelError:
            return []
        if served is None:
            return []
        owned = served.source is not None
        found = [CertificateEnd("server", owned, served.certificate.not_valid_after_utc)]
        if authority is not None and not owned:
            found.append(CertificateEnd("authority", False, authority.certificate.not_valid_after_utc))
        return found

    def _always(self, served: Served | None) -> frozenset[str]:
        """The owner's public names, if everybody trusts their certificate: a browser that has learnt to insist on TLS
        lets nobody past a warning.
        """
        if served is None or served.source is None:
            return frozenset()
        return frozenset(name for name in self._names if served.names.covers(name))

    def _authority(self) -> LocalAuthority | None:
        try:
            served, authority = self._store.served(), self._store.authority()
        except WachtelError:
            return None
        if served is None or served.source is not None or authority is None:
            return None
        name = authority.certificate.subject.rfc4514_string().removeprefix("CN=")
        return LocalAuthority(certificate_bytes(authority), name, authority.certificate.not_valid_after_utc)
